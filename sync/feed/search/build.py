"""Makes an index and keeps it up to date. Runs in the process that feeds the mirror: it loads the dictionaries."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from sync.batches import in_batches
from sync.feed.records import TitleRecord
from sync.feed.search import chinese, schema
from sync.feed.search.entry import Entry, Indexer, digest
from sync.feed.search.folding import Folding
from sync.feed.search.origin import Origin, keep_origin
from sync.feed.search.vocabulary import collect, learn

T = TypeVar("T")

BATCH = 5_000
"""Titles that are in memory at a time."""

_CACHE_KB = 32_000
_GATHERED_BYTES = 16_000_000  # terms that FTS5 gathers before it writes a segment


@dataclass(frozen=True, slots=True)
class Progress:
    """How far building has come: titles are read, then indexed; then the whole is put in order."""

    step: Literal["read", "index", "order"]
    titles: int


@dataclass(frozen=True, slots=True)
class Applied:
    """What changes came to. `living`: titles that are in the index now. `stale`: the share of it (0 to 1) that leads
    nowhere any more: build it anew at a quarter or so."""

    added: int
    changed: int
    removed: int
    unchanged: int
    living: int
    stale: float


def build(
    path: Path,
    titles: Iterable[TitleRecord],
    progress: Callable[[Progress], None] = lambda _: None,
    origin: Origin | None = None,
) -> None:
    """Make the index of these titles, whole or not at all; only its owner may read it. To use it: `swap_in`.

    Takes about as much room again beside it while it works, and some 250 MB of memory whatever the number of titles.

    Args:
        path: where no index is in use.
        titles: of the whole catalogue, each once.
        progress: is called every few thousand titles.
        origin: where the titles come from; kept in the index.

    Raises:
        OSError, sqlite3.Error: no room, or no right to write there; two titles with the same id.
    """
    _remove(path)
    try:
        path.touch(mode=0o600)
        with _beside(path) as staging, closing(sqlite3.connect(path, isolation_level=None)) as db:
            _prepare(db, staging)
            indexer = _start(db)
            count = _read(db, titles, indexer, progress)
            _index(db, indexer, progress)
            progress(Progress("order", count))
            _order(db)
            schema.keep(db, "numbered", count)
            keep_origin(db, origin or Origin())
            db.execute("COMMIT")
        _sync(path)
    except BaseException:
        _remove(path)
        raise


def swap_in(fresh: Path, path: Path) -> None:
    """Put a new index in the place of the one in use; whoever searches it takes the new one at the next search.

    Raises:
        OSError: that is not possible; the old one stays.
    """
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():  # changes to the old one were cut off: their journal must never meet the new one
        path.unlink(missing_ok=True)
        journal.unlink()
    fresh.replace(path)
    _sync(path.parent)


def apply(
    path: Path, changed: Iterable[TitleRecord], removed: Iterable[str] = (), origin: Origin | None = None
) -> Applied:
    """Bring new and changed titles into an index that may be searched meanwhile, and take ids out; all or nothing.

    A title that is the same as before costs a look and no room, an unknown id to remove nothing. `origin`: how far the
    index has come with these; None leaves what it says.

    Raises:
        schema.NotCurrent: there is no index of this format, or it has no room left for changes.
        OSError, sqlite3.Error: it cannot be written.
    """
    if not path.exists():
        raise schema.NotCurrent("there is none")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        schema.check(db)
        db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")  # nothing spills, so readers wait for the commit alone
        db.execute("BEGIN IMMEDIATE")
        indexer = Indexer(schema.folding(db))
        tally = _Tally(numbered=int(schema.fact(db, "numbered")))
        tally.removed = sum(_take_out(db, id_) for id_ in removed)
        for batch in in_batches(changed, BATCH):
            _bring_in(db, indexer, {record.id: record for record in batch}, tally)
        schema.keep(db, "numbered", tally.numbered)
        if origin is not None:
            keep_origin(db, origin)
        living = db.execute("SELECT count(*) FROM titles").fetchone()[0]
        db.execute("COMMIT")
    stale = 1 - living / tally.numbered if tally.numbered else 0.0
    return Applied(tally.added, tally.changed, tally.removed, tally.unchanged, living, stale)


# ── building ──


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    staging = path.with_name(f"{path.name}.staging")
    staging.unlink(missing_ok=True)
    try:
        yield staging
    finally:
        staging.unlink(missing_ok=True)


def _prepare(db: sqlite3.Connection, staging: Path) -> None:
    db.execute("ATTACH ? AS staging", (str(staging),))
    for name in ("main", "staging"):  # a build that is cut off is thrown away
        db.execute(f"PRAGMA {name}.journal_mode = OFF")
        db.execute(f"PRAGMA {name}.synchronous = OFF")
    db.execute(f"PRAGMA main.cache_size = -{_CACHE_KB}")
    schema.create(db)
    db.execute("CREATE TABLE staging.records(doc INTEGER PRIMARY KEY, record BLOB NOT NULL)")
    db.execute("CREATE TABLE staging.beginnings(text TEXT, doc INTEGER)")
    db.execute("CREATE TABLE staging.isbns(number INTEGER, doc INTEGER)")
    db.execute("INSERT INTO terms(terms, rank) VALUES ('hashsize', ?)", (_GATHERED_BYTES,))
    db.execute("BEGIN")


def _start(db: sqlite3.Connection) -> Indexer:
    han = chinese.simplified()
    schema.keep_folding(db, han)
    schema.keep(db, "syllables", " ".join(sorted(chinese.all_syllables())))
    return Indexer(Folding(han))


def _read(
    db: sqlite3.Connection, titles: Iterable[TitleRecord], indexer: Indexer, progress: Callable[[Progress], None]
) -> int:
    """Write the records down in the order of their numbers. Returns how many there are."""
    encode = msgspec.msgpack.Encoder().encode
    count = 0
    for batch in in_batches(titles, BATCH):
        rows = [
            (schema.numbered(indexer.width(record), number), encode(record))
            for number, record in enumerate(batch, start=count)
        ]
        db.executemany("INSERT INTO staging.records VALUES (?, ?)", rows)
        count += len(batch)
        progress(Progress("read", count))
    return count


def _index(db: sqlite3.Connection, indexer: Indexer, progress: Callable[[Progress], None]) -> None:
    decode = msgspec.msgpack.Decoder(TitleRecord).decode
    rows = db.execute("SELECT doc, record FROM staging.records ORDER BY doc")
    count = 0
    for batch in in_batches(rows, BATCH):
        records = [(doc, decode(record)) for doc, record in batch]
        entries = [(doc, indexer.entry(record)) for doc, record in records]
        _insert(db, records, entries, into="staging")
        count += len(batch)
        progress(Progress("index", count))


def _order(db: sqlite3.Connection) -> None:
    """Merge what FTS5 wrote in pieces; then fill the room that it leaves with the sorted tables."""
    db.execute("INSERT INTO terms(terms) VALUES ('optimize')")
    db.execute("INSERT OR IGNORE INTO main.beginnings SELECT text, doc FROM staging.beginnings ORDER BY text, doc")
    db.execute("INSERT OR IGNORE INTO main.isbns SELECT number, doc FROM staging.isbns ORDER BY number, doc")
    schema.index_ids(db)
    collect(db)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for part in ("", "-journal"):
        path.with_name(path.name + part).unlink(missing_ok=True)


# ── changes ──


@dataclass(slots=True)
class _Tally:
    numbered: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


def _take_out(db: sqlite3.Connection, id_: str) -> int:
    return db.execute("DELETE FROM titles WHERE id = ?", (id_,)).rowcount


def _bring_in(db: sqlite3.Connection, indexer: Indexer, records: dict[str, TitleRecord], tally: _Tally) -> None:
    fresh = []
    for id_, record in records.items():
        before = db.execute("SELECT digest FROM titles WHERE id = ?", (id_,)).fetchone()
        if before is not None and before[0] == digest(record):
            tally.unchanged += 1
            continue
        tally.changed += _take_out(db, id_)
        tally.added += before is None
        fresh.append((schema.numbered(indexer.width(record), tally.numbered), record))
        tally.numbered += 1
    fresh.sort(key=lambda row: row[0])  # FTS5 writes a segment whenever a number is lower than the last
    entries = [(doc, indexer.entry(record)) for doc, record in fresh]
    _insert(db, fresh, entries, into="main")
    learn(db, (entry.terms for _, entry in entries))


# ── both ──


def _insert(
    db: sqlite3.Connection,
    records: list[tuple[int, TitleRecord]],
    entries: list[tuple[int, Entry]],
    *,
    into: Literal["main", "staging"],
) -> None:
    """Store entries; what a new index keeps sorted waits in the staging file."""
    rows = [(doc, record.id, digest(record)) for doc, record in records]
    db.executemany("INSERT INTO titles VALUES (?, ?, ?)", rows)
    db.executemany("INSERT INTO terms(rowid, entry) VALUES (?, ?)", [(doc, entry.terms) for doc, entry in entries])
    beginnings = [(entry.beginning, doc) for doc, entry in entries if entry.beginning]
    db.executemany(f"INSERT INTO {into}.beginnings VALUES (?, ?)", beginnings)  # noqa: S608
    isbns = [(number, doc) for doc, entry in entries for number in entry.isbns]
    db.executemany(f"INSERT INTO {into}.isbns VALUES (?, ?)", isbns)  # noqa: S608
