"""What can be asked of a journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Engine, RowMapping, and_, func, literal_column, or_, select

from kiosk.clock import Clock
from kiosk.store.faults import as_our_errors, as_written
from kiosk.store.schema import act_patrons, acts, delivery, incarnations, stream, transitions
from sync.acts import Act, ActKind, ActState, ClockQuality
from sync.catalogue import Verdict
from sync.stream import Fact, Head


@dataclass(frozen=True, slots=True)
class Entry:
    """An act with where it stands. `verdict` is the last one, from the catalogue or from the station itself."""

    act: Act
    state: ActState
    verdict: Verdict | None = None
    tries: int = 0
    next_at: str = ""


@dataclass(frozen=True, slots=True)
class OwnStream:
    """A stream as this journal has it. `told`: how far the centre said last that it has it."""

    incarnation: str
    head: Head
    told: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How the delivery stands.

    `waiting`: acts that the catalogue does not know, the oldest for `waiting_s` seconds; `asked`: those of them whose
    outcome has to be asked for. `told`: when the centre said last that it has something; None: never.
    """

    waiting: int
    asked: int
    waiting_s: float
    told: datetime | None


UNRESOLVED_REST_S = 60.0
"""Seconds before an act of this process with an unknown outcome is looked up: longer than any request lives, for a
look-up that overtakes its proposal would find nothing."""

SETTLED_FACTS = (ActState.CONFIRMED, ActState.EXCEPTION)
"""States of an act that has happened and that the catalogue knows of."""

UNKNOWN = (ActState.EXECUTED, ActState.PROPOSED, ActState.ABANDONED)
"""States of an act that the catalogue may not know of."""

LONGEST_PUT_OFF_S = 86_400.0
"""Seconds. A next try that lies further ahead was set by a clock that has been set back since: it is due."""


_FIRST = transitions.alias()  # in the order of writing; keys and incarnations sort by a clock that may be behind
_ENTRIES = (
    select(
        acts,
        act_patrons.c.patron,
        delivery.c.state,
        delivery.c.tries,
        delivery.c.next_at,
        select(transitions.c.verdict)
        .where(transitions.c.key == acts.c.key)
        .order_by(transitions.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("last_verdict"),
    )
    .outerjoin(act_patrons, act_patrons.c.key == acts.c.key)
    .join(delivery, delivery.c.key == acts.c.key)
    .join(_FIRST, and_(_FIRST.c.key == acts.c.key, _FIRST.c.from_state == ""))
)
_FACT = stream.alias()
_END = select(func.max(_FACT.c.position)).where(_FACT.c.incarnation == incarnations.c.id).scalar_subquery()
_STREAMS = (  # asked twice for each act: it looks at each stream's end, not at the stream
    select(incarnations.c.id, incarnations.c.told, stream.c.position, stream.c.link)
    .select_from(incarnations)
    .join(stream, and_(stream.c.incarnation == incarnations.c.id, stream.c.position == _END))
    .where(incarnations.c.forked == 0)
    .order_by(literal_column("incarnations.rowid"))  # of writing: the clock may have been set back
)


class JournalReader:
    """Reads a journal over `engine`, as the process `incarnation` that writes it, or as none ('')."""

    def __init__(self, engine: Engine, clock: Clock, incarnation: str = "") -> None:
        self._engine = engine
        self._clock = clock
        self.incarnation = incarnation
        self._owed: dict[str, tuple[ActState, ActState, Verdict]] = {}

    @property
    def engine(self) -> Engine:
        """The database, to be read."""
        return self._engine

    def now(self) -> datetime:
        """What time it is here, UTC."""
        return self._clock.now()

    def long_ago(self, act: Act, seconds: float) -> bool:
        """Whether an act is so old: by the time since boot, which no one can set; after another boot by the clock."""
        if act.boot_id == self._clock.boot_id():
            return self._clock.boot_ns() - act.mono_ns >= seconds * 1_000_000_000
        age_s = (self.now() - act.at).total_seconds()
        return not 0.0 <= age_s < seconds

    # ── acts ──

    def entry(self, key: str) -> Entry | None:
        """An act by its key."""
        return next(self._entries(acts.c.key == key), None)

    def in_state(self, *states: ActState) -> tuple[Entry, ...]:
        """All acts in these states, oldest first."""
        return tuple(self._entries(delivery.c.state.in_(states)))

    def unresolved(self) -> tuple[Entry, ...]:
        """Acts whose outcome at the catalogue is unknown and may be asked for now, oldest first."""
        return tuple(
            entry
            for entry in self.in_state(ActState.PROPOSED, ActState.ABANDONED)
            if not self.put_off(entry) and self._rested(entry.act) and entry.act.key not in self._owed
        )

    def unknown_of(self, item: str) -> tuple[Entry, ...]:
        """Acts about an item whose outcome at the catalogue is unknown, oldest first."""
        unknown = delivery.c.state.in_((ActState.PROPOSED, ActState.ABANDONED))
        return tuple(self._entries(acts.c.item == item, unknown))

    def position(self) -> int:
        """Where the journal stands: the number of its last transition. Not a time: clocks are set."""
        with as_our_errors(), self._engine.connect() as db:
            return int(db.execute(select(func.coalesce(func.max(transitions.c.id), 0))).scalar_one())

    def facts_of(self, item: str, since: int | None = None) -> tuple[Entry, ...]:
        """Facts about an item that the catalogue does not know yet, oldest first. With `since`, a `position`, also
        those that it has learned of after that."""
        return tuple(self._entries(acts.c.item == item, self._unknown_or_settled(since)))

    def facts_of_patron(self, patron: str, since: int | None = None) -> tuple[Entry, ...]:
        """The same about any item that a patron ever had. What others did with these items is among them, for it says
        who has an item now."""
        items = (
            select(acts.c.item).join(act_patrons, act_patrons.c.key == acts.c.key).where(act_patrons.c.patron == patron)
        )
        return tuple(self._entries(acts.c.item.in_(items), self._unknown_or_settled(since)))

    def waiting(self) -> int:
        """How many acts the catalogue does not know yet."""
        return len(self.in_state(*UNKNOWN))

    def waiting_s(self) -> float:
        """Seconds since the oldest of them happened, by this station's clock; 0 where none waits."""
        oldest = select(func.min(acts.c.at)).join(delivery, delivery.c.key == acts.c.key)
        with as_our_errors(), self._engine.connect() as db:
            at = db.execute(oldest.where(delivery.c.state.in_(UNKNOWN))).scalar()
        with as_written():
            return max(0.0, (self._clock.now() - datetime.fromisoformat(at)).total_seconds()) if at else 0.0

    def progress(self) -> Progress:
        """How the delivery stands: four looks at indexes, however long the journal is."""
        states = select(delivery.c.state, func.count()).where(delivery.c.state.in_(UNKNOWN)).group_by(delivery.c.state)
        with as_our_errors(), self._engine.connect() as db:
            counts: dict[str, int] = {state: number for state, number in db.execute(states)}  # noqa: C416
            told_at = db.execute(select(func.max(incarnations.c.told_at))).scalar()
        with as_written():
            told = datetime.fromisoformat(told_at) if told_at else None
        waiting = sum(counts.values())
        return Progress(waiting, waiting - counts.get(ActState.EXECUTED, 0), self.waiting_s(), told)

    # ── streams ──

    def streams(self) -> tuple[OwnStream, ...]:
        """Every stream that is told, oldest first."""
        with as_our_errors(), self._engine.connect() as db:
            return tuple(OwnStream(name, Head(end, link), told) for name, told, end, link in db.execute(_STREAMS))

    def link(self, incarnation: str, position: int) -> str | None:
        """The link of a stream at a position ('' at 0), None where that is not kept."""
        if position == 0:
            return ""
        at = and_(stream.c.incarnation == incarnation, stream.c.position == position)
        with as_our_errors(), self._engine.connect() as db:
            return db.execute(select(stream.c.link).where(at)).scalar()

    def facts_after(self, incarnation: str, position: int, limit: int = 200) -> tuple[Fact, ...]:
        """Facts of a stream, from the one after `position` on, at most `limit`."""
        keys = (
            select(stream.c.key)
            .where(stream.c.incarnation == incarnation, stream.c.position > position)
            .order_by(stream.c.position)
            .limit(limit)
        )
        with as_our_errors(), self._engine.connect() as db:
            wanted = list(db.execute(keys).scalars())
            hashes = dict(db.execute(select(acts.c.key, acts.c.hash).where(acts.c.key.in_(wanted))).all())
        entries = {entry.act.key: entry.act for entry in self._entries(acts.c.key.in_(wanted))}
        return tuple(Fact(entries[key], hashes[key]) for key in wanted)

    def untold(self) -> int:
        """How many facts the centre has not said that it has."""
        return sum(stream.head.position - stream.told for stream in self.streams())

    # ── inside ──

    def _unknown_or_settled(self, since: int | None) -> ColumnElement[bool]:
        unknown = delivery.c.state == ActState.EXECUTED
        if since is None:
            return unknown
        settled = select(transitions.c.key).where(transitions.c.id > since, transitions.c.to_state.in_(SETTLED_FACTS))
        return or_(unknown, and_(delivery.c.state.in_(SETTLED_FACTS), acts.c.key.in_(settled)))

    def put_off(self, entry: Entry) -> bool:
        """Whether it was put off, and its time has not come."""
        now = self._clock.now()
        return now.isoformat() < entry.next_at <= (now + timedelta(seconds=LONGEST_PUT_OFF_S)).isoformat()

    def _rested(self, act: Act) -> bool:
        """Time since boot, which no one can set: the clock is often set right while a station starts."""
        return (
            act.incarnation != self.incarnation
            or self._clock.boot_ns() - act.mono_ns >= UNRESOLVED_REST_S * 1_000_000_000
        )

    def _entries(self, *where: object) -> Iterator[Entry]:
        query = _ENTRIES.where(*where).order_by(_FIRST.c.id)  # type: ignore[arg-type]
        with as_our_errors(), self._engine.connect() as db:
            rows = db.execute(query).mappings().all()
        with as_written():
            return iter([_entry(row) for row in rows])


def act_of(values: Mapping[str, Any] | RowMapping, patron: str | None) -> Act:
    """The act of a row of `acts`. Raises `ValueError` where it cannot be understood."""
    return Act(
        key=values["key"],
        kind=ActKind(values["kind"]),
        station=values["station"],
        incarnation=values["incarnation"],
        seq=values["seq"],
        item=values["item"],
        patron=patron,
        at=datetime.fromisoformat(values["at"]),
        mono_ns=values["mono_ns"],
        boot_id=values["boot_id"],
        clock=ClockQuality(values["clock"]),
        undoes=values["undoes"],
        due_before=date.fromisoformat(values["due_before"]) if values["due_before"] else None,
        v=values["v"],
    )


def _entry(values: RowMapping) -> Entry:
    verdict = values["last_verdict"]
    return Entry(
        act=act_of(values, values["patron"]),
        state=ActState(values["state"]),
        verdict=msgspec.json.decode(verdict, type=Verdict) if verdict else None,
        tries=values["tries"],
        next_at=values["next_at"],
    )
