"""Which catalogue an index was made from, and how much of it is in. Loads no dictionary: this is asked often."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sync.feed.search import schema


@dataclass(frozen=True, slots=True)
class Origin:
    """`source`: a name of the catalogue that no other one has. `position`: the number of the last of its changes that
    the index holds; none before it is missing."""

    source: str = ""
    position: int = 0


def keep_origin(db: sqlite3.Connection, origin: Origin) -> None:
    """Write it down, in the transaction that makes it true."""
    schema.keep(db, "source", origin.source)
    schema.keep(db, "position", origin.position)


def origin_of(path: Path) -> Origin:
    """What was written down.

    Raises:
        schema.NotCurrent: there is no index of this format.
        sqlite3.Error: it cannot be read.
    """
    with closing(_opened(path)) as db:
        return Origin(schema.fact(db, "source"), int(schema.fact(db, "position")))


def check_whole(path: Path) -> None:
    """Read the whole index through. Minutes of reading for a million titles on a slow disk.

    Raises:
        schema.NotCurrent: there is none of this format, or what it holds is not what was written.
        sqlite3.Error: it cannot be read.
    """
    with closing(_opened(path)) as db:
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise schema.NotCurrent(f"damaged: {found.splitlines()[-1]}")
        db.execute("BEGIN IMMEDIATE")  # FTS5 takes its question as an insertion; nothing is written
        db.execute("INSERT INTO terms(terms) VALUES ('integrity-check')")
        db.execute("ROLLBACK")


def _opened(path: Path) -> sqlite3.Connection:
    """Not read-only: what a power cut left half-written must be taken back by whoever opens the file first."""
    if not path.exists():
        raise schema.NotCurrent("there is none")
    db = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=10.0, isolation_level=None)
    try:
        schema.check(db)
    except BaseException:
        db.close()
        raise
    return db
