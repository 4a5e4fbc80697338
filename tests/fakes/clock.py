"""A clock that tests move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._boot_ns = 0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._boot_ns += int(seconds * 1e9)

    def set_wall(self, now: datetime) -> None:
        """Somebody sets the clock; since boot nothing changes."""
        self._now = now

    def now(self) -> datetime:
        return self._now

    def boot_ns(self) -> int:
        return self._boot_ns

    def boot_id(self) -> str:
        return "boot"

    def today(self) -> date:
        return self._now.date()
