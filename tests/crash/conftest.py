"""The journal's own fixtures, and a folder in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.campaign import scratch_folder
from tests.kiosk.store.conftest import clock, path, restart

__all__ = ["clock", "path", "restart", "scratch"]


@pytest.fixture
def scratch() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder
