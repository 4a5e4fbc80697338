"""A journal with something of everything in it, and hands that change its file from outside."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from kiosk.store.journal import Journal
from kiosk.store.verification import Finding, verify
from sync.acts import ActKind, ActState
from sync.catalogue import Outcome, Verdict
from tests.fakes.clock import MovableClock
from tests.kiosk.store.conftest import OpenJournal

LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30))
RETURNED = Verdict(outcome=Outcome.RETURNED)
TAKEN = Verdict(outcome=Outcome.RETURNED, conflict="OTHER-OLD")

A_DAY_S = 86_400.0


def lent(journal: Journal, item: str, patron: str = "p-anna", *, state: ActState = ActState.CONFIRMED) -> str:
    """A loan that came to this state."""
    key = journal.record(ActKind.CHECKOUT, item, patron, ActState.PROPOSED).key
    if state is not ActState.PROPOSED:
        assert journal.move(key, ActState.PROPOSED, state, LENT)
    return key


def returned(journal: Journal, item: str) -> str:
    """A return that nobody has been told of."""
    return journal.record(ActKind.CHECKIN, item, None, ActState.EXECUTED).key


def tell(journal: Journal, verdict: Verdict = RETURNED, state: ActState = ActState.CONFIRMED) -> None:
    """The centre has every fact now, and says this of all that are open."""
    for stream in journal.streams():
        facts = journal.facts_after(stream.incarnation, stream.told, 1000)
        if facts:
            told = [(fact.act.key, state, verdict) for fact in facts]
            journal.settle(stream.incarnation, stream.head.position, told)


def of_everything(restart: OpenJournal, clock: MovableClock) -> Journal:
    """Three processes: acts in every state, told and not told."""
    journal = restart()
    lent(journal, "301")
    returned(journal, "302")
    tell(journal)
    returned(journal, "303")
    tell(journal, TAKEN, ActState.EXCEPTION)
    lent(journal, "304", state=ActState.REFUSED)
    clock.advance(60)
    journal = restart()
    lent(journal, "305", "p-ben", state=ActState.ABANDONED)
    lent(journal, "306", "p-ben", state=ActState.EXECUTED)
    clock.advance(60)
    journal = restart()
    returned(journal, "306")
    lent(journal, "307", state=ActState.PROPOSED)
    lent(journal, "308")
    return journal


def copy_of(path: Path, goal: Path) -> Path:
    """The file as it is now, whole, at another place."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(goal)) as copy:
        source.backup(copy)
    return goal


def put_back(backup: Path, path: Path) -> None:
    """What a restore does: the file, and nothing beside it."""
    for rest in ("-wal", "-shm"):
        path.with_name(path.name + rest).unlink(missing_ok=True)
    shutil.copy(backup, path)


def found_in(journal: Journal, clock: MovableClock) -> tuple[Finding, ...]:
    return verify(journal._engine, clock.now())
