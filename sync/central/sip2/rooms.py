"""What the answers are made from: the rooms of the centre, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.catalogue import Verdict
from sync.central.circulation import Circulation
from sync.central.models import Setting, reading, utc_now
from sync.central.people import People
from sync.central.sip2.accounts import Account
from sync.central.sip2.desk import Desk
from sync.central.sip2.settings import Sip2Settings
from sync.central.sip2.words import of_verdict, say
from sync.rules import LendingRules

LONGEST_BARCODE = 64
"""Characters, as the centre keeps them."""

END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True)
class Rooms:
    """The centre, as far as machines have to do with it."""

    engine: Engine
    reads: Engine  # the same database, for looking things up: in no writer's way
    desk: Desk
    people: People
    rules: LendingRules
    zone: ZoneInfo
    library: str  # its name
    settings: Sip2Settings
    now: Callable[[], datetime]


def open_rooms(engine: Engine, settings: Sip2Settings, now: Callable[[], datetime] = utc_now) -> Rooms:
    """The rooms over a database that holds a library.

    Raises:
        LookupError: it holds none yet.
    """
    with Session(reading(engine)) as db:
        rules, zone, name = (db.get(Setting, key) for key in ("rules", "time_zone", "name"))
    if rules is None or zone is None:
        raise LookupError("this database holds no library yet")
    lending, where = msgspec.json.decode(rules.body, type=LendingRules), ZoneInfo(zone.body)
    return Rooms(
        engine=engine,
        reads=reading(engine),
        desk=Desk(engine, Circulation(engine, lending, where, now), now),
        people=People(engine, lending, where, now),
        rules=lending,
        zone=where,
        library=name.body if name else "",
        settings=settings,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One request being answered: where, and for whom."""

    rooms: Rooms
    account: Account

    @property
    def now(self) -> datetime:
        """The centre's clock."""
        return self.rooms.now()

    @property
    def today(self) -> date:
        """The library's day."""
        return self.now.astimezone(self.rooms.zone).date()

    def say(self, key: str) -> tuple[str, ...]:
        """A screen message in the account's language."""
        return (say(self.account.settings.language, key),)

    def of_verdict(self, verdict: Verdict) -> tuple[str, ...]:
        """What is said of an act."""
        return of_verdict(self.account.settings.language, verdict)

    def due(self, day: date | None) -> datetime | None:
        """A due date as a moment: the last minute of its day, in the library's zone."""
        return None if day is None else datetime.combine(day, END_OF_DAY, self.rooms.zone)

    def institution(self, asked: str | None) -> str:
        """AO: what was asked under, or the library's own."""
        return asked or self.rooms.settings.institution


def barcode(text: str | None) -> str | None:
    """A barcode that can be one of an item; None for anything else."""
    stripped = (text or "").strip()
    return stripped if 0 < len(stripped) <= LONGEST_BARCODE and stripped.isprintable() else None
