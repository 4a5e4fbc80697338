"""The words of an index, to find the one that was meant.

One typing error (a letter wrong, missing, too many, or two exchanged: Damerau's four) leaves the first or the last half
of a word as it was. So whoever may be meant begins or ends like what was typed, and is found by a look at each.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from sync.feed.search.terms import AUTHOR, MARKS, SUBJECT

SHORTEST = 4
"""Letters: in a shorter word every error makes another word."""

_HIGHEST = "\U0010ffff"


def collect(db: sqlite3.Connection) -> None:
    """Fill the vocabulary of a new index from its terms."""
    db.create_function("word_of", 1, _word_of, deterministic=True)
    db.create_function("backwards", 1, _backwards, deterministic=True)
    db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'terms', 'row')")
    db.execute(
        "INSERT INTO words SELECT length(word), word, sum(doc)"
        " FROM (SELECT word_of(term) AS word, doc FROM temp.vocabulary) WHERE word IS NOT NULL GROUP BY 1, 2"
    )
    db.execute("INSERT INTO reversed SELECT size, backwards(word) FROM words ORDER BY 1, 2")
    db.execute("DROP TABLE temp.vocabulary")


def learn(db: sqlite3.Connection, terms: Iterable[str]) -> None:
    """Take in the words of titles that came later. `terms` divided by spaces, a title each."""
    found = Counter(word for title in terms for word in set(map(_word_of, title.split())) if word is not None)
    db.executemany(
        "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET titles = titles + excluded.titles",
        [(len(word), word, titles) for word, titles in found.items()],
    )
    rows = [(len(word), _backwards(word)) for word in found]
    db.executemany("INSERT OR IGNORE INTO reversed VALUES (?, ?)", rows)


def neighbours(db: sqlite3.Connection, word: str, limit: int) -> list[str]:
    """Words that differ from `word` by one typing error, those in most titles first."""
    if len(word) < SHORTEST:
        return []
    similar = [near for near in _half_alike(db, word) if OSA.distance(word, near, score_cutoff=1) == 1]
    counted = [(-_titles(db, near), near) for near in similar]
    return [near for _, near in sorted(counted)[:limit]]


def _half_alike(db: sqlite3.Connection, word: str) -> set[str]:
    half = (len(word) - 1) // 2  # a letter in the middle belongs to neither half: two exchanged ones stay in one
    head, tail = word[:half], _backwards(word)[: len(word) - 1 - half]
    found = set()
    for size in (len(word) - 1, len(word), len(word) + 1):
        found |= {row[0] for row in _starting(db, "words", size, head)}
        found |= {_backwards(row[0]) for row in _starting(db, "reversed", size, tail)}
    return found


def _starting(db: sqlite3.Connection, table: str, size: int, head: str) -> list[tuple[str]]:
    statement = f"SELECT word FROM {table} WHERE size = ? AND word >= ? AND word < ?"  # noqa: S608
    return db.execute(statement, (size, head, head + _HIGHEST)).fetchall()


def _titles(db: sqlite3.Connection, word: str) -> int:
    row = db.execute("SELECT titles FROM words WHERE size = ? AND word = ?", (len(word), word)).fetchone()
    return int(row[0]) if row else 0


def _word_of(term: str) -> str | None:
    """The word that a term stands for; None: it stands for none, or for one that is too short or a number."""
    word = term[1:] if term[0] in (AUTHOR, SUBJECT) else term
    return word if len(word) >= SHORTEST and word[0] not in MARKS and word.isalpha() else None


def _backwards(word: str) -> str:
    return word[::-1]
