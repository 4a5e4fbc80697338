"""What it costs to have an act on the disk: the journal beside sqlite3 and beside a bare append and fsync.

The three take turns in short rounds, so that a busy machine hits all alike; figures are medians of the rounds. The peer
writes the same columns with the same statements into the same tables (WAL, synchronous=FULL, foreign keys on), and
reckons no hash. The floor appends as many bytes as SQLite writes to its log for an act, and syncs them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ulid import ULID

from benchmarks.report import Figure, median, percentile
from kiosk.clock import SystemClock
from kiosk.store.journal import Journal
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from sync.catalogue import Item, Outcome, Verdict

ROUNDS = 60
ACTS = 20  # in a round
GROUP_S = 1.0  # each
CALLERS = (1, 4, 16, 64)
CLOCK = SystemClock(ZoneInfo("UTC"))
ITEM, PATRON = "31234000456789", "01JKQ5Z0T3V7XA9N4B2C8D6EFG"
LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30), item=Item(barcode=ITEM, title="The Origin of Species"))


@dataclass
class Runner:
    """One of those that take turns. `ms`: of every act; `rounds_s`: of every round."""

    write: Callable[[], object]
    ms: list[float] = field(default_factory=list)
    rounds_s: list[float] = field(default_factory=list)

    def run(self, acts: int) -> None:
        """A round."""
        began_ns = time.monotonic_ns()
        for _ in range(acts):
            started_ns = time.monotonic_ns()
            self.write()
            self.ms.append((time.monotonic_ns() - started_ns) / 1e6)
        self.rounds_s.append((time.monotonic_ns() - began_ns) / 1e9)

    def per_s(self, acts: int) -> float:
        """Acts in a second, in the middle one of the rounds."""
        return acts / median(self.rounds_s)


def measure(short: bool) -> list[Figure]:
    """Acts on the disk one by one, then with others who wait for the same commit."""
    rounds, acts = (6, 10) if short else (ROUNDS, ACTS)
    with _folder() as folder:
        runners = _take_turns(folder, rounds, acts)
        groups = {callers: _group_per_s(folder / f"{callers}", callers, short) for callers in CALLERS}
    record, moved, peer, peer_moved, floor = runners
    return [
        Figure("record_p50_ms", median(record.ms)),
        Figure("record_p99_ms", percentile(record.ms, 99)),
        Figure("per_s", record.per_s(acts)),
        Figure("sqlite3_per_s", peer.per_s(acts), "peer: the same rows by sqlite3"),
        Figure("fsync_per_s", floor.per_s(acts), "floor: as many bytes appended and synced"),
        Figure("ratio_to_sqlite3", _ratio(record, peer), "limit: at least 0.7"),
        Figure("ratio_to_fsync", _ratio(record, floor)),
        Figure("record_move_per_s", moved.per_s(acts), "an act and the catalogue's yes: two commits"),
        Figure("record_move_ratio_to_sqlite3", _ratio(moved, peer_moved), "limit: at least 0.7"),
        *(Figure(f"group_{callers}_per_s", per_s, "callers who wait together") for callers, per_s in groups.items()),
    ]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ratio(ours: Runner, theirs: Runner) -> float:
    """How fast we are beside them: the middle one of the rounds' ratios."""
    return median([their_s / our_s for our_s, their_s in zip(ours.rounds_s, theirs.rounds_s, strict=True)])


# ── one by one ──


def _take_turns(folder: Path, rounds: int, acts: int) -> Sequence[Runner]:
    with closing(_new_journal(folder / "ours")) as journal, _peer(folder / "theirs") as peer:
        act_bytes = _bytes_of_an_act(folder / "bytes")
        fd = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        runners = (
            Runner(partial(_record, journal)),
            Runner(partial(_record_and_move, journal)),
            Runner(peer.record),
            Runner(peer.record_and_move),
            Runner(partial(_append, fd, act_bytes)),
        )
        for number in range(rounds):
            for turn in range(len(runners)):  # another one begins each time
                runners[(number + turn) % len(runners)].run(acts)
        os.close(fd)
    return runners


def _new_journal(folder: Path) -> Journal:
    return Journal(folder / "journal.db", "station-1", CLOCK)


def _record(journal: Journal) -> Act:
    return journal.record(ActKind.CHECKOUT, ITEM, PATRON, ActState.PROPOSED)


def _record_and_move(journal: Journal) -> None:
    if not journal.move(_record(journal).key, ActState.PROPOSED, ActState.CONFIRMED, LENT):
        raise RuntimeError("an act was not where it was put")


def _append(fd: int, size: int) -> None:
    os.write(fd, b"\xa5" * size)
    os.fsync(fd)


def _bytes_of_an_act(folder: Path) -> int:
    """What the write-ahead log grows by: whole pages, as many as an act touches."""
    with closing(_new_journal(folder)) as journal:
        log = folder / "journal.db-wal"
        _record(journal)
        before = log.stat().st_size
        for _ in range(10):
            _record(journal)
        return (log.stat().st_size - before) // 10


class _Peer:
    """Writes what the journal has written, by sqlite3 alone. The rows are those of a real act; only its key, which is
    new, and its number are put in."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows = {table: _insert_like(db, table) for table in ("acts", "act_patrons", "delivery", "stream")}
        self._transition, self._to_confirmed = _transitions(db)
        self._seq = 1000

    def record(self) -> None:
        self._begin_act()

    def record_and_move(self) -> None:
        key = self._begin_act()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "UPDATE delivery SET state = ?, tries = ?, next_at = ?, last_error = ? WHERE key = ? AND state = ?",
            ("confirmed", 0, "", "", key, "proposed"),
        )
        self._insert_transition(key, self._to_confirmed)
        self._db.execute("SELECT hash FROM acts WHERE key = ?", (key,)).fetchone()
        self._insert("stream", key=key, position=self._seq)
        self._db.execute("COMMIT")

    def _begin_act(self) -> str:
        key = str(ULID())
        self._seq += 1
        self._db.execute("BEGIN IMMEDIATE")
        self._insert("acts", key=key, seq=self._seq)
        self._insert("act_patrons", key=key)
        self._insert("delivery", key=key)
        self._insert_transition(key, self._transition)
        self._db.execute("COMMIT")
        return key

    def _insert(self, table: str, **own: str | int) -> None:
        statement, row = self._rows[table]
        self._db.execute(statement, row | own)

    def _insert_transition(self, key: str, row: dict[str, object]) -> None:
        self._db.execute(INSERT_TRANSITION, row | {"key": key})


INSERT_TRANSITION = (
    "INSERT INTO transitions (key, from_state, to_state, at, verdict, previous, hash)"
    " VALUES (:key, :from_state, :to_state, :at, :verdict, :previous, :hash)"
)


@contextmanager
def _peer(folder: Path) -> Iterator[_Peer]:
    with closing(_new_journal(folder)) as journal:  # makes the tables, and a row of each kind to copy
        _record_and_move(journal)
        _record(journal)
    with closing(sqlite3.connect(folder / "journal.db", isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        yield _Peer(db)


def _insert_like(db: sqlite3.Connection, table: str) -> tuple[str, dict[str, object]]:
    row = dict(db.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone())  # noqa: S608
    names = ", ".join(f":{name}" for name in row)
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({names})", row  # noqa: S608


def _transitions(db: sqlite3.Connection) -> tuple[dict[str, object], dict[str, object]]:
    first, second, *_ = db.execute("SELECT * FROM transitions ORDER BY id").fetchall()
    return dict(first), dict(second)


# ── together ──


def _group_per_s(folder: Path, callers: int, short: bool) -> float:
    with closing(_new_journal(folder)) as journal, ThreadPoolExecutor(max_workers=1) as executor:
        return asyncio.run(_write_together(journal, StoreThread(executor), callers, GROUP_S / 4 if short else GROUP_S))


async def _write_together(journal: Journal, store: StoreThread, callers: int, seconds: float) -> float:
    """Acts in a second, where so many callers ask for the next one as soon as they have the last."""
    began_s = time.monotonic()

    async def call() -> int:
        done = 0
        while time.monotonic() - began_s < seconds:
            await store.write(journal.together, _record, journal)
            done += 1
        return done

    acts = sum(await asyncio.gather(*(call() for _ in range(callers))))
    return acts / (time.monotonic() - began_s)
