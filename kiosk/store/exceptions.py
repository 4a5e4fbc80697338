"""The exceptions that the station keeps by itself, in the journal's file: what no centre can know of."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from kiosk.store.faults import as_our_errors, as_written
from kiosk.store.journal import Journal
from kiosk.store.schema import exceptions
from sync.conflicts import CLASSES, Believed, Conflict, ExceptionView, Resolution

BY_ITSELF = "station"
"""Who resolved what nobody had to resolve."""


def open_once(journal: Journal, conflict: Conflict) -> None:
    """Put it on the desk, unless it is there. It happened when the oldest act that waits did.

    Raises:
        JournalUnwritable: it could not be written.
    """
    now = journal.now()
    happened_at = now - timedelta(seconds=journal.waiting_s())
    with journal.transaction() as db:
        row = {"conflict": conflict, "happened_at": happened_at.isoformat(), "opened_at": now.isoformat()}
        db.execute(insert(exceptions).values(row).on_conflict_do_nothing())


def close_by_itself(journal: Journal, conflict: Conflict) -> None:
    """What it was about is over, where it was open. Raises `JournalUnwritable`."""
    with journal.transaction() as db:
        db.execute(
            update(exceptions)
            .where(exceptions.c.conflict == conflict, exceptions.c.resolution == "")
            .values(
                resolution=Resolution.ACCEPT,
                resolved_at=journal.now().isoformat(),
                resolved_by=BY_ITSELF,
                why="the catalogue was told",
            )
        )


def own_exceptions(engine: Engine, station: str) -> tuple[ExceptionView, ...]:
    """All that the station ever had, oldest first. Raises `JournalUnreadable` or `JournalCorrupt`."""
    with as_our_errors(), engine.connect() as db:
        rows = db.execute(select(exceptions).order_by(exceptions.c.id)).mappings().all()
    with as_written():
        return tuple(_view(row, station) for row in rows)


def _view(row: RowMapping, station: str) -> ExceptionView:
    resolved = row["resolved_at"]
    return ExceptionView(
        id=row["id"],
        conflict=row["conflict"],
        severity=CLASSES[Conflict(row["conflict"])].severity,
        station=station,
        item="",
        state="resolved" if resolved else "open",
        act=None,
        believed=Believed(),
        effects=(),
        happened_at=datetime.fromisoformat(row["happened_at"]),
        opened_at=datetime.fromisoformat(row["opened_at"]),
        suggested="",
        possible=(),
        resolution=row["resolution"],
        resolved_at=datetime.fromisoformat(resolved) if resolved else None,
        resolved_by=row["resolved_by"],
        why=row["why"],
    )
