"""The station's clock, handed in wherever time is asked for, so that tests can move it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What can be asked of a clock."""

    def now(self) -> datetime:
        """UTC."""

    def boot_ns(self) -> int:
        """Nanoseconds since boot, sleep included: CLOCK_BOOTTIME, which no one can set."""

    def boot_id(self) -> str:
        """Which boot `boot_ns` counts from."""

    def today(self) -> date:
        """The library's local date."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock. `zone`: the library's time zone."""

    zone: ZoneInfo

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"

    def today(self) -> date:
        return datetime.now(self.zone).date()
