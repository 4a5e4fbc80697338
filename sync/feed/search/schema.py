"""The file of an index: its tables, and what is kept beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sync.feed.search.folding import Folding
from sync.feed.search.terms import HYPHEN, MARKS

FORMAT = 2
"""Counts up when terms, tables or their meaning change; a file of another format is built anew, never migrated."""

_TABLES = f"""
CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE titles(doc INTEGER PRIMARY KEY, id TEXT NOT NULL, digest INTEGER NOT NULL);
CREATE TABLE beginnings(text TEXT, doc INTEGER, PRIMARY KEY(text, doc)) WITHOUT ROWID;
CREATE TABLE isbns(number INTEGER, doc INTEGER, PRIMARY KEY(number, doc)) WITHOUT ROWID;
CREATE TABLE words(size INTEGER, word TEXT, titles INTEGER, PRIMARY KEY(size, word)) WITHOUT ROWID;
CREATE TABLE reversed(size INTEGER, word TEXT, PRIMARY KEY(size, word)) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5(
    entry, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '{MARKS}+{HYPHEN}'"
);
"""
# titles: those that are found. One that is changed gets a new number and its old one leaves this table; what else is
#   stored under the old number stays until the index is built anew, and leads nowhere. (SQLite before 3.43 deletes
#   nothing from FTS5 that it is not told word by word.)
# beginnings: folded titles that begin with a word; of others the terms say how they begin.
# words, reversed: the vocabulary, and each word from its end, for typing errors.

_WIDEST = 127
_NUMBERS = 24  # bits: sixteen million titles and changes


def create(db: sqlite3.Connection) -> None:
    """Make the tables, empty. The index over the titles' own ids comes last: `index_ids`."""
    db.executescript(_TABLES)
    db.execute(f"PRAGMA user_version = {FORMAT}")


def index_ids(db: sqlite3.Connection) -> None:
    """Make titles findable by their ids, where a change comes for one.

    Raises:
        sqlite3.IntegrityError: two titles have the same id.
    """
    db.execute("CREATE UNIQUE INDEX titles_id ON titles(id)")


class NotCurrent(Exception):
    """It is no index that can be worked with: build one."""


def check(db: sqlite3.Connection) -> None:
    """See that this code can read the file.

    Raises:
        NotCurrent: it cannot.
    """
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found != FORMAT:
        raise NotCurrent(f"format {found} instead of {FORMAT}")


def numbered(width: int, count: int) -> int:
    """A title's number: short titles come first. `width`: how wide it is printed; `count`: how many were before.

    Raises:
        NotCurrent: so many were before that there is no number left.
    """
    if count >> _NUMBERS:
        raise NotCurrent("it is full of what was changed since it was built")
    return min(width, _WIDEST) << _NUMBERS | count


def fact(db: sqlite3.Connection, name: str) -> str:
    """What was kept with `keep`.

    Raises:
        NotCurrent: nothing was.
    """
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise NotCurrent(f"it does not say its {name}")
    return str(row[0])


def keep(db: sqlite3.Connection, name: str, value: str | int) -> None:
    """Keep a fact about the index."""
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def keep_folding(db: sqlite3.Connection, han: Mapping[str, str]) -> None:
    """Keep how its Chinese characters are folded: queries and later changes are folded alike."""
    keep(db, "han", "".join(old + new for old, new in han.items()))


def folding(db: sqlite3.Connection) -> Folding:
    """How the texts of this index are folded."""
    han = fact(db, "han")
    return Folding(dict(zip(han[::2], han[1::2], strict=False)))
