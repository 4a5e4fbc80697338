"""What every driver offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from drivers.events import DriverEvent

Post = Callable[[DriverEvent], None]
"""Takes an event from any thread, at once and without blocking."""


class Driver(Protocol):
    """One device and the one thread that owns it.

    Opening, reading, losing and finding the device again happen in that thread; the owner hears of it by
    events only. A driver never raises into its owner after `start`.
    """

    @property
    def name(self) -> str:
        """The device's name in the configuration, unique in a station."""

    def start(self, post: Post) -> None:
        """Start the thread. Returns at once; `DeviceUp` or `DeviceDown` follows."""

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the thread and close the device. Returns False where it did not end in `timeout_s` seconds."""

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the thread's last turn. Waiting to reopen an unplugged device is progress."""
