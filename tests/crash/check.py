"""What the station finds after a power cut, held against what it had promised before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from kiosk.errors import KioskError
from kiosk.store.journal import Journal
from kiosk.store.verification import verify
from sync.acts import ActKind, ActState
from tests.crash.disk import Files
from tests.crash.workload import JOURNAL, STATION, Contents, Shift, contents, looked_at
from tests.fakes.clock import MovableClock

LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
"""After everything that the journals here went through."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`lost`: how many acknowledged calls left no trace. `broken`: what is wrong with the journal, '' if nothing is."""

    lost: int = 0
    broken: str = ""


def examine(folder: Path, shift: Shift, steps: int) -> Finding:
    """Start the station on what is in `folder` after a power cut that came `steps` steps into the shift.

    The rows found must be those after the last call that had returned, or after the one that was under way: the
    tables stand as they did then, to the letter.
    """
    path = folder / JOURNAL
    try:
        with closing(Journal(path, STATION, MovableClock())) as journal:
            found = _without(contents(path), journal.incarnation)
            journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)  # and the station goes on
            broken = faults(journal, path)
    except (KioskError, SQLAlchemyError, sqlite3.Error) as error:
        return Finding(broken=f"{type(error).__name__}: {error}")
    owed = sum(1 for call in shift.history if call.steps <= steps) - 1
    reached = [number for number, call in enumerate(shift.history) if call.contents == found]
    if broken or not reached or min(reached) > owed + 1:
        return Finding(broken=broken or "rows that never stood there together")
    return Finding(lost=max(0, owed - max(reached)))


def faults(journal: Journal, path: Path) -> str:
    """What is wrong with an open journal: its pages, its references, its chains, acts that are half there. '' if
    nothing is."""
    with looked_at(path) as db:
        wrong = [said for (said,) in db.execute("PRAGMA integrity_check") if said != "ok"]
        wrong += [f"row of {table} without its {of}" for table, _, of, _ in db.execute("PRAGMA foreign_key_check")]
    wrong += [f"{found.fault} at {found.where}: {found.why}" for found in verify(journal._engine, LONG_AFTER)]
    return "; ".join(wrong)


def put(files: Files, folder: Path) -> None:
    """These files, and nothing else, into `folder`."""
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _without(found: Contents, incarnation: str) -> Contents:
    """The rows that were there before this process began."""
    return found | {"incarnations": [row for row in found["incarnations"] if row[0] != incarnation]}
