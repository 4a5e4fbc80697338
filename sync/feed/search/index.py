"""Searches an index. Belongs to one thread; costs a few megabytes and loads no dictionary."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice, product
from pathlib import Path
from urllib.parse import quote

from sync.feed.search import schema
from sync.feed.search.query import Query, Reader
from sync.feed.search.terms import LONGEST_BEGINNING, Run
from sync.feed.search.vocabulary import neighbours

log = logging.getLogger(__name__)

_CACHE_KB = 8_000
_SAME_BEGINNING = 300  # titles beginning alike that are put in order; of more, the first in the alphabet
_MEANT = 3  # words that each word may have been meant to be
_RESPELT = 12  # respellings of a query that are tried
_HIGHEST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was typed and as it was searched for, both folded."""

    typed: str
    meant: str


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids of titles, best first. `more`: there are others. `corrected`: nothing was found until that was changed."""

    titles: tuple[str, ...] = ()
    more: bool = False
    corrected: tuple[Correction, ...] = ()


class SearchIndex:
    """The index at a path, in whatever file stands there: one that is swapped in by a rename is used from the next
    search on. While there is none, or a damaged one, nothing is found; the log says so once for each.

    Changes that `sync.feed.search.build.apply` makes meanwhile are seen. A search waits up to `wait_s` seconds while
    one is being committed.
    """

    def __init__(self, path: Path, *, wait_s: float = 1.0) -> None:
        self._path = path
        self._wait_s = wait_s
        self._file: tuple[int, int] | None = None  # device and inode that were opened or found to be unusable
        self._opened: _Opened | None = None
        self._missed = False

    def search(self, text: str, limit: int = 20) -> Hits:
        """What the text, typed so far, may mean; at most `limit` titles."""
        try:
            opened = self._current()
            return opened.search(text, limit) if opened is not None else Hits()
        except (sqlite3.Error, schema.NotCurrent) as error:
            self._unusable(error)
            return Hits()

    def close(self) -> None:
        """Let go of the file; a later search opens it again."""
        if self._opened is not None:
            self._opened.close()
        self._opened, self._file = None, None

    def _current(self) -> _Opened | None:
        try:
            status = self._path.stat()
        except OSError as error:
            self.close()
            if not self._missed:
                log.warning("no search index at %s: %s", self._path, error)
            self._missed = True
            return None
        self._missed = False
        if self._file != (status.st_dev, status.st_ino):
            self.close()
            self._file = status.st_dev, status.st_ino
            self._opened = _Opened(self._path, self._wait_s)
        return self._opened

    def _unusable(self, error: Exception) -> None:
        """Nothing more is asked of that file, unless it was only locked for too long."""
        log.warning("the search index at %s cannot be used: %s", self._path, error)
        file = self._file
        self.close()
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
            self._file = file


class _Opened:
    def __init__(self, path: Path, wait_s: float) -> None:
        # Not `mode=ro`: a change that was cut off by a power cut must be rolled back by whoever opens the file first.
        self._db = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=wait_s, isolation_level=None)
        try:
            self._db.execute("PRAGMA query_only = ON")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            schema.check(self._db)
            self._reader = Reader(schema.folding(self._db), schema.fact(self._db, "syllables").split())
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def search(self, text: str, limit: int) -> Hits:
        query = self._reader.read(text)
        found = self._first(self._answers(query), limit + 1)
        if found or not query.words:
            return Hits(tuple(found[:limit]), more=len(found) > limit)
        return self._corrected(query.words, limit)

    # ── answers: numbers of titles, best first, looked for as they are asked for ──

    def _answers(self, query: Query) -> Iterator[int]:
        same, longer = self._beginning(query.beginnings)
        yield from same
        yield from merge(longer, self._matching([query.opening] if query.opening else []))
        for lowest, highest in query.isbns:
            rows = self._db.execute("SELECT doc FROM isbns WHERE number BETWEEN ? AND ?", (lowest, highest))
            yield from (doc for (doc,) in rows)
        yield from self._matching(query.matches)

    def _beginning(self, texts: Sequence[str]) -> tuple[list[int], list[int]]:
        """Titles that are one of the texts, and those that begin so, short ones first."""
        same: list[int] = []
        longer: list[int] = []
        for text in (text[:LONGEST_BEGINNING] for text in texts):
            rows = self._db.execute(
                "SELECT text, doc FROM beginnings WHERE text >= ? AND text < ? ORDER BY text, doc LIMIT ?",
                (text, text + _HIGHEST, _SAME_BEGINNING),
            )
            for found, doc in rows:
                (same if found == text else longer).append(doc)
        return sorted(same), sorted(longer)

    def _matching(self, matches: Iterable[str]) -> Iterator[int]:
        for match in matches:
            rows = self._db.execute("SELECT rowid FROM terms WHERE terms MATCH ? ORDER BY rowid", (match,))
            yield from (doc for (doc,) in rows)

    def _first(self, docs: Iterable[int], count: int) -> list[str]:
        """The ids of the first titles that are still there."""
        ids = (self._id(doc) for doc in _once(docs))
        return list(islice((id_ for id_ in ids if id_ is not None), count))

    def _id(self, doc: int) -> str | None:
        row = self._db.execute("SELECT id FROM titles WHERE doc = ?", (doc,)).fetchone()
        return row[0] if row else None

    # ── typing errors ──

    def _corrected(self, words: Sequence[Run], limit: int) -> Hits:
        """What is found when words are taken for their neighbours: those that occur nowhere, or else each in turn."""
        for meant in islice(self._respelt(words), _RESPELT):
            found = self._first(self._matching(self._reader.matches(meant)), limit + 1)
            if found:
                pairs = zip(words, meant, strict=True)
                corrected = tuple(Correction(old.text, new.text) for old, new in pairs if old != new)
                return Hits(tuple(found[:limit]), len(found) > limit, corrected)
        return Hits()

    def _respelt(self, words: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
        known = [self._occurs(word) for word in words]
        if not all(known):
            yield from product(*([word] if old else self._meant(word) for word, old in zip(words, known, strict=True)))
            return
        for place, word in enumerate(words):
            yield from ((*words[:place], meant, *words[place + 1 :]) for meant in self._meant(word))

    def _meant(self, word: Run) -> list[Run]:
        return [] if word.dense else [Run(near, dense=False) for near in neighbours(self._db, word.text, _MEANT)]

    def _occurs(self, word: Run) -> bool:
        """Whether any title is known to have it, or a word that begins so."""
        return any(True for _ in self._matching(self._reader.matches([word])))


def _once(docs: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for doc in docs:
        if doc not in seen:
            seen.add(doc)
            yield doc
