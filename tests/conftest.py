"""What all tests share."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """No event loop stands ready in the main thread: the plugin that moves time would make one, and leave it open."""
    asyncio.set_event_loop(None)
    config.addinivalue_line(
        "markers", "logs(pattern): warnings and errors that the test provokes and expects in the log"
    )


@pytest.fixture(autouse=True)
def nothing_unexpected_is_logged(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or an error in the log fails the test, unless its marker `logs` expects it."""
    yield
    expected = [re.compile(marker.args[0]) for marker in request.node.iter_markers("logs")]
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    said = [f"{record.name}: {record.getMessage()}" for record in records if record.levelno >= logging.WARNING]
    unexpected = [line for line in said if not any(pattern.search(line) for pattern in expected)]
    assert not unexpected, f"logged: {unexpected}"
