"""What is stored of a title to find it by."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import msgspec

from sync.feed.records import TitleRecord
from sync.feed.search import chinese, isbn
from sync.feed.search.folding import Folding
from sync.feed.search.terms import (
    AUTHOR,
    AUTHOR_SPELT,
    LONGEST_BEGINNING,
    SUBJECT,
    TITLE_SPELT,
    Run,
    begun,
    connected,
    field_terms,
    initials,
    joined,
    opening_terms,
    runs,
    spelt_opening_terms,
    spelt_terms,
    title_terms,
)

_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
_KNOWN = 20_000  # authors and subjects that are remembered while building: they repeat


Spelt = str | tuple[str, ...]
"""A word as it is, or the syllables of a stretch of Chinese."""


class Entry(NamedTuple):
    """`terms` divided by spaces. `beginning`: the title where it begins with a word, to be compared as a text."""

    terms: str
    beginning: str
    isbns: frozenset[int]


class Indexer:
    """Takes titles apart. Remembers authors and subjects: they come again."""

    def __init__(self, folding: Folding) -> None:
        self._folding = folding
        self._printed = Folding({})  # folded characters are not spelt as printed ones
        self._author = lru_cache(_KNOWN)(self._author_terms)
        self._subject = lru_cache(_KNOWN)(self._subject_terms)

    def width(self, record: TitleRecord) -> int:
        """How much of a line its title takes: a character of a dense script is as wide as two letters."""
        return sum(len(run.text) * (2 if run.dense else 1) + (not run.dense) for run in self._runs(record.title))

    def entry(self, record: TitleRecord) -> Entry:
        """What is stored of a title."""
        parts = self._runs(record.title)
        spelt = self._spelt(record.title, parts, record.language)
        terms = chain(
            title_terms(parts),
            opening_terms(parts),
            *(spelt_terms(TITLE_SPELT, syllables) for syllables in spelt if isinstance(syllables, tuple)),
            spelt_opening_terms(_units(spelt)) if spelt else (),
            *(self._other_form(form, record.language) for form in record.also),
            self._author(record.author),
            *(self._subject(subject) for subject in record.subjects),
        )
        numbers = frozenset(found for printed in record.isbn if (found := isbn.number(printed)) is not None)
        return Entry(" ".join(frozenset(terms)), _beginning(parts), numbers)

    def _runs(self, text: str) -> list[Run]:
        return connected(runs(self._folding.fold(text)))

    def _other_form(self, printed: str, language: str) -> Iterator[str]:
        """Terms of another form of the title or of a name: its words count as the title's, how it begins does not. What
        readers see begins otherwise, and stands behind what does begin as they type."""
        parts = self._runs(printed)
        yield from title_terms(parts)
        for syllables in self._spelt(printed, parts, language):
            if isinstance(syllables, tuple):
                yield from spelt_terms(TITLE_SPELT, syllables)

    def _author_terms(self, printed: str) -> tuple[str, ...]:
        return tuple(chain.from_iterable(map(self._name_terms, printed.split(";"))))

    def _name_terms(self, name: str) -> Iterator[str]:
        parts = self._runs(name)
        yield from field_terms(AUTHOR, parts)
        yield from (AUTHOR + term for text, dense in parts if not dense for term in begun(text))
        for syllables in self._spelt(name, parts):
            if isinstance(syllables, tuple):
                yield from spelt_terms(AUTHOR_SPELT, syllables)
                yield AUTHOR_SPELT + initials(syllables)

    def _spelt(self, text: str, parts: Sequence[Run], language: str = "") -> tuple[Spelt, ...]:
        """Its words, and the syllables of its Chinese; empty where there is none, or another language's."""
        dense = "".join(run.text for run in parts if run.dense)
        if language.startswith(("ja", "ko")) or not _HAN.fullmatch(dense):
            return ()
        printed = connected(runs(self._printed.fold(text)))
        return tuple(tuple(chinese.syllables(run.text)) if run.dense else run.text for run in printed)

    def _subject_terms(self, subject: str) -> tuple[str, ...]:
        return tuple(field_terms(SUBJECT, self._runs(subject)))


def digest(record: TitleRecord) -> int:
    """32 bits by which a record is known to be the same as before."""
    return zlib.crc32(msgspec.msgpack.encode(record))


def _units(spelt: Sequence[Spelt]) -> list[str]:
    return [unit for part in spelt for unit in ((part,) if isinstance(part, str) else part)]


def _beginning(parts: Sequence[Run]) -> str:
    return joined(parts)[:LONGEST_BEGINNING] if parts and not parts[0].dense else ""
