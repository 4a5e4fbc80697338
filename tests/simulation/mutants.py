"""Each rule of the delivery left out, on purpose: the simulation must notice, or it proves nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from kiosk.store.chain import Chains
from kiosk.store.journal import Journal
from kiosk.store.reading import JournalReader
from sync.acts import MessageKind
from sync.catalogue import Verdict
from sync.central.circulation import Circulation, Moment, stored_verdict
from sync.central.models import VerdictRow
from sync.courier import Courier, KeptStream
from sync.stream import Cursor, Fact, Head
from tests.simulation.machine import CentreMachine
from tests.simulation.time import START


async def _as_told(courier: Courier, stream: KeptStream, _cursor: Cursor | None) -> Head:
    return Head(stream.told, await courier._outbox.link(stream.incarnation, stream.told) or "")


@contextmanager
def no_cursor() -> Iterator[None]:
    """The station believes itself how far the centre has its streams."""
    with patch.object(Courier, "_note", _as_told), patch.object(Courier, "_is_forked", _never):
        yield


async def _never(_courier: Courier, _stream: KeptStream, _cursor: Cursor | None) -> bool:
    return False


@contextmanager
def no_incarnation() -> Iterator[None]:
    """A process goes on in the incarnation of the one before it."""
    begin = Journal.begin_incarnation

    def go_on(journal: Journal) -> None:
        kept = journal.streams()
        begin(journal)
        if kept:
            last = kept[-1]
            with journal._engine.connect() as db:
                row = db.exec_driver_sql(
                    "SELECT seq, hash FROM acts WHERE incarnation = ? ORDER BY seq DESC LIMIT 1", (last.incarnation,)
                ).first()
            seq, digest = row if row else (0, "")
            ends = replace(journal._chains.ends, seq=seq, act=digest, stream=last.head)
            journal.incarnation, journal._chains = last.incarnation, Chains(last.incarnation, ends)

    with patch.object(Journal, "begin_incarnation", go_on):
        yield


@contextmanager
def no_order() -> Iterator[None]:
    """Facts are told in any order."""
    facts_after = JournalReader.facts_after

    def any_order(journal: JournalReader, incarnation: str, position: int, limit: int = 200) -> tuple[Fact, ...]:
        return facts_after(journal, incarnation, position, limit)[::-1]

    with patch.object(JournalReader, "facts_after", any_order):
        yield


@contextmanager
def no_fsync() -> Iterator[None]:
    """What was written is not on the disk yet when the power goes: the last commits are lost."""
    crash, record = CentreMachine.crash, Journal.record

    def record_later(journal: Journal, *args: Any, **more: Any) -> Any:
        act = record(journal, *args, **more)
        path = _path(journal)
        older = path.with_suffix(".synced")
        if act.seq % 3 == 1 or not older.exists():
            _copy(journal, older)
        return act

    def crash_and_lose(machine: CentreMachine) -> None:
        crash(machine)
        older = machine.folder / "journal.synced"
        if older.exists():
            for suffix in ("", "-wal", "-shm"):
                (machine.folder / f"journal.db{suffix}").unlink(missing_ok=True)
            shutil.copy(older, machine.folder / "journal.db")

    with patch.object(CentreMachine, "crash", crash_and_lose), patch.object(Journal, "record", record_later):
        yield


def _path(journal: Journal) -> Path:
    return Path(str(journal._engine.url.database))


def _copy(journal: Journal, goal: Path) -> None:
    goal.unlink(missing_ok=True)
    with closing(sqlite3.connect(_path(journal))) as source, closing(sqlite3.connect(goal)) as to:
        source.backup(to)


@contextmanager
def a_fact_refused_after_its_proposal() -> Iterator[None]:
    """The centre answers a fact as it answered its proposal, also where that was a no."""
    apply = Circulation.apply

    def refuse(centre: Circulation, db: Any, fact: Fact, moment: Moment) -> Verdict:
        stored = stored_verdict(db, fact.act.key, MessageKind.PROPOSAL)
        if stored is not None:
            verdict = _apply_nothing(db, fact, stored.body)
            return msgspec.json.decode(verdict, type=Verdict)
        return apply(centre, db, fact, moment)

    with patch.object(Circulation, "apply", refuse):
        yield


def _apply_nothing(db: Any, fact: Fact, body: str) -> str:
    """Store the verdict and do nothing."""
    if stored_verdict(db, fact.act.key, MessageKind.FACT) is None:
        db.add(VerdictRow(key=fact.act.key, kind=MessageKind.FACT, act=fact.hash, body=body, at=START))
    return body


MUTANTS: dict[str, Callable[[], Any]] = {
    rule.__name__: rule for rule in (no_cursor, no_incarnation, no_order, no_fsync, a_fact_refused_after_its_proposal)
}
