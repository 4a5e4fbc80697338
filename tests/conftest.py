"""What all tests share."""

from __future__ import annotations

import asyncio


def pytest_configure() -> None:
    """No event loop stands ready in the main thread: the plugin that moves time would make one, and leave it open."""
    asyncio.set_event_loop(None)
