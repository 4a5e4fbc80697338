"""The titles of a mirror, for the search index: all of them, or those of which it has not heard yet.

Each title that comes, changes or goes is noted in the mirror itself, by a trigger and so in the transaction that does
it. A note is taken away once the index on the disk has what it speaks of. Whichever of the two files a power cut then
puts back a little, nothing is missed: what the mirror has forgotten it is fed again and notes again, and what the index
has already costs it a look. Taking notes away is all that the index's process ever writes into the mirror.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.feed.records import TitleRecord
from sync.feed.schema import TITLES, title_of

NOTE_TITLES = (
    "CREATE TABLE noted (number INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL)",
    *(
        f"CREATE TRIGGER note_{event} AFTER {event} ON {TITLES.name} BEGIN"
        f" INSERT INTO noted (title) VALUES ({row}.{TITLES.key}); END"
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old"))
    ),
)
"""SQL for a new file of the mirror. Numbers are never given twice, so a gap before the first note can be seen."""

# ruff: noqa: S608 — the names are those of our own schema
ALL = f"SELECT {TITLES.names} FROM {TITLES.name} ORDER BY rowid"
ONE = f"SELECT {TITLES.names} FROM {TITLES.name} WHERE {TITLES.key} = ?"


@dataclass(frozen=True, slots=True)
class Noted:
    """What some notes have come to: titles as they are now, and ids of those that are gone. `last`: the last note's
    number."""

    last: int
    changed: tuple[TitleRecord, ...]
    gone: tuple[str, ...]


class MirrorTitles:
    """The titles in a file of the mirror. All calls raise `sqlite3.Error` where it cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self.name = path.name  # no other mirror has it
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        self._db.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    def count(self) -> int:
        """How many there are."""
        return self._number(f"SELECT count(*) FROM {TITLES.name}")

    def all(self) -> Iterator[TitleRecord]:
        """Each of them, as of the moment in which the first is asked for."""
        yield from map(title_of, self._db.execute(ALL))

    def position(self) -> int:
        """The number of the last note that was ever made; 0 before the first."""
        return self._number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'noted'")

    def reach_back_to(self, position: int) -> bool:
        """Whether no note after this one is missing."""
        first = self._number("SELECT coalesce(min(number), 0) FROM noted") or self.position() + 1
        return position >= first - 1

    def any_noted(self) -> bool:
        """Whether there is a note."""
        return bool(self._number("SELECT EXISTS (SELECT 1 FROM noted)"))

    def noted(self, most: int) -> Noted | None:
        """What the first notes speak of, at most so many; None where there are none."""
        notes = self._db.execute("SELECT number, title FROM noted ORDER BY number LIMIT ?", (most,)).fetchall()
        if not notes:
            return None
        ids = dict.fromkeys(title for _, title in notes)
        found = {id_: row for id_ in ids if (row := self._db.execute(ONE, (id_,)).fetchone()) is not None}
        return Noted(notes[-1][0], tuple(map(title_of, found.values())), tuple(id_ for id_ in ids if id_ not in found))

    def forget(self, last: int) -> None:
        """Take the notes away up to this one: whoever wanted to hear of them has."""
        self._db.execute("DELETE FROM noted WHERE number <= ?", (last,))

    def _number(self, question: str) -> int:
        (number,) = self._db.execute(question).fetchone()
        return int(number)
