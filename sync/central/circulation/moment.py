"""When something happened, as well as the clocks of station and centre tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sync.acts import Act, ClockReading
from sync.central.models import BootRow

OLDEST_FACT = timedelta(days=400)
"""Returns work without a catalogue for a year (ARCHITECTURE.md)."""

ROUND_TRIP = timedelta(seconds=5)
"""The longest that the quickest of some readings of a station's clocks is under way."""

WELL_KNOWN = timedelta(minutes=1)
"""A time that is known as well as this is believed: books are not carried about faster."""

STALE = timedelta(hours=1)
"""After which a boot's start is reckoned anew: two clocks run apart, or one of them is set."""


LONGEST_ID = 64
"""Characters of a boot id; Linux has 36."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by the centre's clock, give or take `error`."""

    at: datetime
    error: timedelta = timedelta(0)

    @property
    def earliest(self) -> datetime:
        """Before this it cannot have been."""
        return self.at - self._doubt

    @property
    def latest(self) -> datetime:
        """After this it cannot have been."""
        return self.at + self._doubt

    @property
    def _doubt(self) -> timedelta:
        return self.error if self.error > WELL_KNOWN else timedelta(0)


class StationClock:
    """A station's clocks, by the centre's.

    A reading says when the station was booted: now, less the time since. One that was held up on its way says so too
    late; the earliest that was heard lately is taken.

    Args:
        db: the transaction.
        station: whose.
        reading: what the station says of its clocks, sent with a message; None where it says nothing.
        now: the centre's clock, UTC.
    """

    def __init__(self, db: Session, station: str, reading: ClockReading | None, now: datetime) -> None:
        self._db = db
        self._station = station
        self._reading = reading
        self._now = now

    def note(self) -> None:
        """Remember what the reading says."""
        if self._reading is None:
            return
        started_at = self._now - timedelta(microseconds=self._reading.boot_ns // 1000)
        row = self._boot(self._reading.boot_id)
        if row is None:
            boot_id = self._reading.boot_id[:LONGEST_ID]
            self._db.add(BootRow(station=self._station, boot_id=boot_id, started_at=started_at, noted_at=self._now))
        elif started_at < row.started_at or self._now - row.noted_at > STALE:
            row.started_at, row.noted_at = started_at, self._now
        self._db.flush()

    def when(self, act: Act) -> Moment:
        """When an act happened, by the centre's clock: never later than now.

        A station's clock may be off by years, the time since its boot is not: of a boot that was heard of, the act's
        age is exact. From another one the two clocks' difference is taken off, and may be wrong by as much. What is
        older than anything a station keeps undelivered comes from a clock that stood still, and counts as now.
        """
        boot = self._boot(act.boot_id)
        if boot is not None:
            at, error = boot.started_at + timedelta(microseconds=act.mono_ns // 1000), ROUND_TRIP
        elif self._reading is None:
            at, error = act.at, timedelta(0)
        else:
            difference = self._now - self._reading.now
            at, error = act.at + difference, abs(difference) + ROUND_TRIP
        if self._now - at >= OLDEST_FACT:
            return Moment(self._now, self._now - at)
        return Moment(min(at, self._now), error)

    def _boot(self, boot_id: str) -> BootRow | None:
        return self._db.get(BootRow, (self._station, boot_id[:LONGEST_ID]))
