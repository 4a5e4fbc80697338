"""The exceptions that the station keeps by itself, in the journal's file: what no centre can know of, and all there are
where the catalogue is a library system, which keeps none."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Engine, RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from kiosk.clock import Clock
from kiosk.store.faults import as_our_errors, as_written
from kiosk.store.journal import Journal
from kiosk.store.reading import Entry, JournalReader
from kiosk.store.schema import exceptions
from sync.acts import Act
from sync.catalogue import Verdict
from sync.conflicts import CLASSES, Believed, Conflict, Decision, ExceptionView, Resolution

BY_ITSELF = "station"
"""Who resolved what nobody had to resolve."""

OPEN = exceptions.c.resolution == ""


class CannotBe(Exception):
    """It is not there, somebody was first, or it cannot be resolved in this way."""


# ── of the station ──


def open_once(journal: Journal, conflict: Conflict) -> None:
    """Put it on the desk, unless it is there. It happened when the oldest act that waits did.

    Raises:
        JournalUnwritable: it could not be written.
    """
    now = journal.now()
    happened_at = now - timedelta(seconds=journal.waiting_s())
    with journal.transaction() as db:
        _insert(db, conflict, happened_at, now)


def close_by_itself(journal: Journal, conflict: Conflict) -> None:
    """What it was about is over, where it was open. Raises `JournalUnwritable`."""
    decision = Decision(resolution=Resolution.ACCEPT, who=BY_ITSELF, why="the catalogue was told")
    with journal.transaction() as db:
        db.execute(
            update(exceptions).where(exceptions.c.conflict == conflict, OPEN).values(_resolved(decision, journal))
        )


# ── of an act ──


def open_for(db: Connection, act: Act, verdict: Verdict, now: datetime) -> None:
    """What a library system made of a fact is not what happened: staff have to look. In the transaction of `db`. Where
    it is on the desk already, what was said last counts."""
    said = msgspec.json.encode(verdict).decode()
    again = update(exceptions).where(exceptions.c.key == act.key, OPEN)
    if db.execute(again.values(conflict=verdict.conflict, said=said, wanted="")).rowcount == 0:
        _insert(db, verdict.conflict or "", act.at, now, key=act.key, said=said)


def close_for(db: Connection, act: Act, now: datetime) -> None:
    """It was sent again, as staff had decided, and taken. In the transaction of `db`."""
    sent = update(exceptions).where(exceptions.c.key == act.key, OPEN)
    db.execute(sent.values(resolution=exceptions.c.wanted, wanted="", resolved_at=now.isoformat()))


def resolve(journal: Journal, number: int, decision: Decision) -> None:
    """Resolve one, once. What is to be sent again is resolved when it has been taken.

    Raises:
        CannotBe: there is no such exception, somebody was first, or not in this way.
        JournalUnwritable: the decision could not be written.
    """
    wanted = {"wanted": decision.resolution, "resolved_by": decision.who, "why": decision.why}
    with journal.transaction() as db:
        row = db.execute(select(exceptions).where(exceptions.c.id == number)).mappings().first()
        if row is None or decision.resolution not in _possible(row):
            raise CannotBe(number)
        values = wanted if decision.resolution is Resolution.AGAIN else _resolved(decision, journal)
        claimed = db.execute(update(exceptions).where(exceptions.c.id == number, OPEN).values(values))
        if claimed.rowcount != 1:
            raise CannotBe(number)


def wanted_again(journal: JournalReader) -> tuple[Entry, ...]:
    """Acts that staff want to have sent again, in the order in which they decided on them."""
    query = select(exceptions.c.key).where(exceptions.c.wanted == Resolution.AGAIN, OPEN).order_by(exceptions.c.id)
    with as_our_errors(), journal.engine.connect() as db:
        keys = db.execute(query).scalars().all()
    return tuple(entry for key in keys if (entry := journal.entry(key)) is not None)


# ── looked at ──


def own_exceptions(engine: Engine, station: str, clock: Clock) -> tuple[ExceptionView, ...]:
    """All that the station ever had, oldest first. Raises `JournalUnreadable` or `JournalCorrupt`."""
    reader = JournalReader(engine, clock)
    with as_our_errors(), engine.connect() as db:
        rows = db.execute(select(exceptions).order_by(exceptions.c.id)).mappings().all()
    with as_written():
        return tuple(_view(row, station, reader.entry(row["key"]) if row["key"] else None) for row in rows)


def _view(row: RowMapping, station: str, entry: Entry | None) -> ExceptionView:
    resolved = row["resolved_at"]
    possible = _possible(row)
    return ExceptionView(
        id=row["id"],
        conflict=row["conflict"],
        severity=CLASSES[Conflict(row["conflict"])].severity,
        station=station,
        item=entry.act.item if entry is not None else "",
        state="resolved" if resolved else "sending" if row["wanted"] else "suggested" if possible else "open",
        act=entry.act if entry is not None else None,
        believed=Believed(would_say=msgspec.json.decode(row["said"], type=Verdict) if row["said"] else None),
        effects=(),
        happened_at=datetime.fromisoformat(row["happened_at"]),
        opened_at=datetime.fromisoformat(row["opened_at"]),
        suggested=possible[0] if possible else "",
        possible=possible,
        resolution=row["resolution"],
        resolved_at=datetime.fromisoformat(resolved) if resolved else None,
        resolved_by=row["resolved_by"],
        why=row["why"],
    )


def _possible(row: RowMapping) -> tuple[Resolution, ...]:
    if row["resolution"] or row["wanted"]:
        return ()
    return CLASSES[Conflict(row["conflict"])].resolutions


def _resolved(decision: Decision, journal: Journal) -> dict[str, str]:
    return {
        "resolution": decision.resolution,
        "resolved_at": journal.now().isoformat(),
        "resolved_by": decision.who,
        "why": decision.why,
    }


def _insert(
    db: Connection, conflict: str, happened_at: datetime, now: datetime, *, key: str = "", said: str | None = None
) -> None:
    row = {"conflict": conflict, "key": key, "said": said}
    row |= {"happened_at": happened_at.isoformat(), "opened_at": now.isoformat()}
    db.execute(insert(exceptions).values(row).on_conflict_do_nothing())
