"""When something happened, as well as the clocks of station and centre tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.acts import Act, ClockReading

OLDEST_FACT = timedelta(days=400)
"""Returns work without a catalogue for a year (ARCHITECTURE.md)."""

ROUND_TRIP = timedelta(seconds=5)
"""The longest that a reading of a station's clocks may be under way."""

WELL_KNOWN = timedelta(minutes=1)
"""A time that is known as well as this is believed: books are not carried about faster."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by the centre's clock, give or take `error`."""

    at: datetime
    error: timedelta = timedelta(0)


def when(act: Act, clock: ClockReading | None, now: datetime) -> Moment:
    """When an act happened, by the centre's clock: never later than now.

    A station's clock may be off by years, the time since its boot is not: within one boot the act's age is exact. From
    an earlier boot the two clocks' difference is taken off, and may be wrong by as much. What is older than anything a
    station keeps undelivered comes from a clock that stood still, and counts as now.
    """
    if clock is None:
        at, error = act.at, timedelta(0)
    elif clock.boot_id == act.boot_id:
        at, error = now - timedelta(microseconds=(clock.boot_ns - act.mono_ns) // 1000), ROUND_TRIP
    else:
        at, error = act.at + (now - clock.now), abs(now - clock.now) + ROUND_TRIP
    if now - at >= OLDEST_FACT:
        return Moment(now, now - at)
    return Moment(min(at, now), error)
