"""The mark: a small file beside the journal that says where it stood some minutes ago.

A journal that has lost what its mark speaks of was put back from a backup, or taken from another machine.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import Engine, select

from kiosk.store.chain import anchor, last_transition
from kiosk.store.schema import transitions


class Mark(msgspec.Struct, frozen=True):
    """The last transition, by number and hash."""

    id: int
    hash: str


def write_mark(engine: Engine, journal: Path) -> bool:
    """Note where the journal stands, beside it. False where it contradicts the mark that is there: it was put back, and
    that mark stays until somebody has looked into it.

    Raises:
        OSError: it cannot be written.
    """
    if contradicted(engine, journal) is not None:
        return False
    with engine.connect() as db:
        number, digest = last_transition(db)
    goal = journal.with_suffix(".mark")
    fresh = goal.with_suffix(".mark.new")
    fresh.write_bytes(msgspec.json.encode(Mark(number, digest)))
    fresh.replace(goal)  # not synced: a mark that a power cut has torn says nothing, and the next one is soon there
    return True


def contradicted(engine: Engine, journal: Path) -> Mark | None:
    """The mark, where the journal does not have any more what it says."""
    mark = _read(journal.with_suffix(".mark"))
    if mark is None or not mark.id:
        return None
    with engine.connect() as db:
        there = db.execute(select(transitions.c.hash).where(transitions.c.id == mark.id)).scalar()
        let_go, _ = anchor(db)
    return None if there == mark.hash or (there is None and mark.id <= let_go) else mark


def _read(path: Path) -> Mark | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return None
