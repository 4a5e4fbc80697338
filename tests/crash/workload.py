"""Days at a station, through the real journal: readers borrow and give back, answers come or do not, it is restarted.

After every call of the journal that returned, the tables are read from outside: from here on the reader has been told,
and this is what the disk owes.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.store.journal import Journal
from kiosk.store.retention import CONTENT_DAYS, HASH_DAYS, PATRON_DAYS, forget_patrons, retire
from kiosk.store.schema import metadata
from sync.acts import ActKind, ActState
from sync.catalogue import Outcome, Verdict
from tests.crash.disk import Files
from tests.crash.recorder import Recording, recorded
from tests.fakes.clock import MovableClock

STATION = "s1"
JOURNAL = "journal.db"
ITEMS = [str(number) for number in range(301, 313)]
PATRONS = ["p-anna", "p-bert", "p-li"]
LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30))
NOT_LENT = Verdict(outcome=Outcome.RESERVED)
NO_ANSWER = Verdict(outcome=Outcome.NO_ANSWER)
RETURNED = Verdict(outcome=Outcome.RETURNED)
MINDED = Verdict(outcome=Outcome.RETURNED, conflict="LENT-TO-OTHER")
ANSWERS: dict[ActState, tuple[tuple[ActState, Verdict], ...]] = {
    ActState.PROPOSED: (
        (ActState.CONFIRMED, LENT),
        (ActState.REFUSED, NOT_LENT),
        (ActState.ABANDONED, NO_ANSWER),
        (ActState.EXECUTED, LENT),
    ),
    ActState.ABANDONED: ((ActState.CONFIRMED, LENT), (ActState.REFUSED, NOT_LENT)),
    ActState.EXECUTED: ((ActState.CONFIRMED, RETURNED),) * 9 + ((ActState.EXCEPTION, MINDED),),
}
"""What may come of an act, the likely more often."""

Contents = dict[str, list[tuple[Any, ...]]]
"""Rows by table."""


def contents(path: Path) -> Contents:
    """All rows of a journal, as a connection sees them that the journal knows nothing of."""
    with looked_at(path) as db:
        return {table: db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in metadata.tables}  # noqa: S608


@contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """The journal's file, open for reading."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        yield db


EMPTY: Contents = {table: [] for table in metadata.tables}


@dataclass(frozen=True, slots=True)
class Start:
    """What the store finds on the disk, all of it certain, and the rows in it."""

    files: Files
    contents: Contents


NEW_STATION = Start({}, EMPTY)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A call returned when `steps` steps had been recorded, and these were the rows."""

    steps: int
    contents: Contents


@dataclass(frozen=True, slots=True)
class Shift:
    """One working of the store: what it did to the disk, and what it had promised when."""

    name: str
    recording: Recording
    history: list[Acknowledged]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done: so many processes one after the other, with so many calls of the journal each.
    `checkpoint_pages`: None leaves it to SQLite, as a station does."""

    name: str
    lives: int
    calls: int
    checkpoint_pages: int | None = None


def work(
    folder: Path, plan: Plan, luck: random.Random, start: Start = NEW_STATION, synchronous: str | None = None
) -> Shift:
    """Let the store work in the empty `folder`, and record it.

    Args:
        synchronous: how SQLite syncs; None: as at a station.
    """
    for name, data in start.files.items():
        (folder / name).write_bytes(data)
    path, clock = folder / JOURNAL, MovableClock()
    history = [Acknowledged(0, start.contents)]
    with recorded(folder) as recording:
        for _life in range(plan.lives):
            with _at_work(path, clock, plan, synchronous) as journal:
                calls = _Station(journal, clock, luck).works(plan.calls)
                history += [Acknowledged(len(recording.steps), contents(path)) for _call in calls]
    return Shift(plan.name, recording, history)


@contextmanager
def _at_work(path: Path, clock: MovableClock, plan: Plan, synchronous: str | None) -> Iterator[Journal]:
    settings = {} if synchronous is None else {"synchronous": synchronous}
    with closing(Journal(path, STATION, clock, **settings)) as journal:
        if plan.checkpoint_pages is not None:
            with closing(journal._engine.raw_connection()) as connection:
                connection.cursor().execute(f"PRAGMA wal_autocheckpoint = {plan.checkpoint_pages}")
        yield journal


class _Station:
    """Does what comes next, one call that writes after the other. Calls that share a commit are one."""

    def __init__(self, journal: Journal, clock: MovableClock, luck: random.Random) -> None:
        self._journal = journal
        self._clock = clock
        self._luck = luck

    def works(self, calls: int) -> Iterator[None]:
        """Yields once the journal is open, and after each call: readers' acts, answers to them, word from the centre,
        what a station does for itself. In the end all is settled, and let go of when its time has come."""
        yield
        does = (self._begin, self._go_on, self._hear, self._together, self._keep_house)
        for call in self._luck.choices(does, weights=(5, 5, 2, 1, 1), k=calls):
            self._clock.advance(self._luck.uniform(0.1, 90))
            call()
            yield
        yield from self._settle_all()
        self._journal.begin_incarnation()
        yield
        for days in (PATRON_DAYS, CONTENT_DAYS, HASH_DAYS):
            self._clock.advance(days * 86_400 + 1)
            forget_patrons(self._journal, self._clock)
            yield
            retire(self._journal, self._clock)
            yield

    def _settle_all(self) -> Iterator[None]:
        for entry in self._journal.in_state(ActState.PROPOSED, ActState.ABANDONED):
            self._journal.move(entry.act.key, entry.state, ActState.REFUSED, NOT_LENT)
            yield
        for own in self._journal.streams():
            facts = self._journal.facts_after(own.incarnation, own.told)
            verdicts = [(fact.act.key, ActState.CONFIRMED, RETURNED) for fact in facts]
            self._journal.settle(own.incarnation, own.head.position, verdicts)
            yield

    def _begin(self) -> None:
        kind, before, state = self._luck.choice(
            (
                (ActKind.CHECKOUT, None, ActState.PROPOSED),
                (ActKind.RENEW, date(2026, 3, 16), ActState.PROPOSED),
                (ActKind.CHECKIN, None, ActState.EXECUTED),
            )
        )
        patron = self._luck.choice(PATRONS if state is ActState.PROPOSED else [None, *PATRONS])
        self._journal.record(kind, self._luck.choice(ITEMS), patron, state, due_before=before)

    def _go_on(self) -> None:
        if not (waiting := self._journal.in_state(ActState.PROPOSED, ActState.ABANDONED)):
            return self._begin()
        entry = self._luck.choice(waiting)
        if self._luck.random() < 0.1:
            return self._journal.postpone(entry.act.key, "no_answer", self._luck.uniform(1, 300))
        if entry.state is ActState.ABANDONED and self._luck.random() < 0.5:
            assert self._journal.take_back(entry, LENT)
        else:
            assert self._journal.move(entry.act.key, entry.state, *self._luck.choice(ANSWERS[entry.state]))
        return None

    def _hear(self) -> None:
        """What the centre says of the facts that it was told."""
        if not (untold := [own for own in self._journal.streams() if own.told < own.head.position]):
            return self._begin()
        own = self._luck.choice(untold)
        facts = self._journal.facts_after(own.incarnation, own.told, self._luck.randrange(1, 6))
        verdicts = [(fact.act.key, *self._luck.choice(ANSWERS[ActState.EXECUTED])) for fact in facts]
        return self._journal.settle(own.incarnation, own.told + len(facts), verdicts)

    def _together(self) -> None:
        with self._journal.together():
            act = self._journal.record(ActKind.CHECKOUT, self._luck.choice(ITEMS), PATRONS[0], ActState.PROPOSED)
            self._begin()
            assert self._journal.move(act.key, ActState.PROPOSED, *self._luck.choice(ANSWERS[ActState.PROPOSED]))

    def _keep_house(self) -> None:
        self._luck.choice((self._journal.begin_incarnation, self._journal.probe, self._retell))()

    def _retell(self) -> None:
        others = [own for own in self._journal.streams() if own.incarnation != self._journal.incarnation]
        if others:  # the running one's would be two calls: a new incarnation first
            self._journal.retell(self._luck.choice(others).incarnation)
