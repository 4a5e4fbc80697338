"""What a reader typed, as questions to an index, best first. Pure.

Of each question the answers come in the order of the titles' numbers, and no further question is asked once there are
enough. So the order of the questions is the ranking: the beginning of the title, all words in it, its pinyin, words in
it that are still being typed, the author, anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product

from sync.feed.search import isbn
from sync.feed.search.folding import Folding
from sync.feed.search.terms import (
    AUTHOR,
    AUTHOR_SPELT,
    BEGINS,
    HYPHEN,
    INITIALS,
    OPENS,
    SHORT,
    SHORT_INITIALS,
    SUBJECT,
    TITLE_SPELT,
    Run,
    joined,
    pairs,
    runs,
)

LONGEST = 120
"""Characters of a query that count."""
MOST_WORDS = 8
_SPLITS = 4  # ways to read one word as pinyin that are tried: xian is xi'an too
_VOWEL = re.compile("[aeiou]")
_VOWELS = {"a", "e", "o"}


@dataclass(frozen=True, slots=True)
class Query:
    """`beginnings` of titles as texts, `isbns` from–to. Expressions of FTS5: `opening` for titles that begin so in
    characters, pinyin or initials (empty: none can), and `matches`."""

    words: tuple[Run, ...]
    beginnings: tuple[str, ...]
    opening: str
    isbns: tuple[tuple[int, int], ...]
    matches: tuple[str, ...]


class Reader:
    """Reads queries. `syllables`: of pinyin."""

    def __init__(self, folding: Folding, syllables: Iterable[str]) -> None:
        self._folding = folding
        self._syllables = frozenset(filter(_VOWEL.search, syllables))
        self._openings = frozenset(one[:end] for one in self._syllables for end in range(1, len(one)))
        self._longest = max(map(len, self._syllables), default=0)

    def read(self, typed: str) -> Query:
        """Any text makes a query; one without letters or digits asks nothing."""
        folded = self._folding.fold(typed[:LONGEST])
        words = tuple(runs(folded)[:MOST_WORDS])
        return Query(words, _beginnings(words), self._opening(words), tuple(isbn.ranges(folded)), self.matches(words))

    def matches(self, words: Sequence[Run]) -> tuple[str, ...]:
        """The questions to FTS5, the last word being typed still."""
        if not words:
            return ()
        *done, last = words
        in_author = _all([*(self._in_author(word) for word in done), self._in_author(last, typing=True)])
        questions = [
            _all(_exactly(word) for word in words),
            self._spelt(TITLE_SPELT, words),
            self._spelt(TITLE_SPELT, words, typing=True) if done else "",
            _all([*(self._in_title(word) for word in done), self._in_title(last, typing=True)]),
            _any([in_author, self._spelt(AUTHOR_SPELT, words, typing=True) if done else ""]),
            _all([*(self._somewhere(word) for word in done), self._somewhere(last, typing=True)])
            if done
            else _in_field(SUBJECT, last, typing=True),
        ]
        return tuple(dict.fromkeys(filter(None, questions)))

    def _opening(self, words: Sequence[Run]) -> str:
        if not words:
            return ""
        if words[0].dense:
            return _all([_term(OPENS + words[0].text[:2]), *map(_exactly, words)])
        letters = "".join(map(_typed_pinyin, words))
        short = _beginning(INITIALS + letters) if len(letters) > SHORT_INITIALS else ""
        stretches = [stretch for stretch in self._stretches(words, typing=True) if len(stretch) > 2]
        return _any([_term(OPENS + letters), short, self._read(TITLE_SPELT, stretches, typing=True, opening=True)])

    # ── one word ──

    def _in_title(self, word: Run, *, typing: bool = False) -> str:
        if word.dense:
            return _exactly(word)
        if not typing:
            return _any([_term(word.text), self._spelt(TITLE_SPELT, [word])])
        return _any([_begun("", word), self._spelt(TITLE_SPELT, [word], typing=True)])

    def _in_author(self, word: Run, *, typing: bool = False) -> str:
        if word.dense:
            return _in_field(AUTHOR, word)
        named = _begun(AUTHOR, word) if typing else _term(AUTHOR + word.text)
        return _any([named, _term(AUTHOR_SPELT + word.text), self._spelt(AUTHOR_SPELT, [word], typing=typing)])

    def _somewhere(self, word: Run, *, typing: bool = False) -> str:
        subject = _in_field(SUBJECT, word, typing=typing)
        return _any([self._in_title(word, typing=typing), self._in_author(word, typing=typing), subject])

    # ── pinyin ──

    def _spelt(self, mark: str, words: Sequence[Run], *, typing: bool = False) -> str:
        """The words as one stretch of pinyin; empty: they are none. `typing`: the last syllable may be incomplete."""
        return self._read(mark, self._stretches(words, typing=typing), typing=typing)

    def _read(self, mark: str, stretches: Iterable[Sequence[str]], *, typing: bool, opening: bool = False) -> str:
        """One of the stretches of syllables. `opening`: and the title begins so."""
        before: dict[str, list[str]] = {}  # what ends alike is asked for once: gathering open ends is dear
        for syllables in stretches:
            *done, end = map(_term, (mark + pair for pair in pairs(syllables, HYPHEN) or syllables))
            last = syllables[-1]
            if typing and len(syllables) > 1 and last in self._openings:
                end = f"{end} *"
            elif last not in self._syllables:
                continue
            first = [_term(f"{OPENS}{syllables[0]}{syllables[1]}")] if opening else []
            before.setdefault(end, []).append(_all(first + done))
        return _any(_all([_any(done), end]) if all(done) else end for end, done in before.items())

    def _stretches(self, words: Sequence[Run], *, typing: bool) -> list[tuple[str, ...]]:
        if any(word.dense for word in words):
            return []
        readings = [self.split(_typed_pinyin(word), typing=typing and word is words[-1]) for word in words]
        return [tuple(chain.from_iterable(reading)) for reading in islice(product(*readings), _SPLITS)]

    def split(self, word: str, *, typing: bool) -> list[tuple[str, ...]]:
        """The ways to read a word as syllables, those with long ones first. `typing`: where there is none, the last may
        be incomplete."""
        return self._ways(word, typing=False) or (self._ways(word, typing=True) if typing else [])

    def _ways(self, word: str, *, typing: bool) -> list[tuple[str, ...]]:
        ends = self._ends(word, typing=typing)
        ways: list[tuple[str, ...]] = []

        def walk(start: int, before: tuple[str, ...]) -> None:
            if start == len(word):
                ways.append(before)
            for end in ends[start] if start < len(word) else ():
                if len(ways) < _SPLITS:
                    walk(end, (*before, word[start:end]))

        walk(0, ())
        # 'guo' is guo: gu'o would be written so. Only what cannot be read otherwise has a vowel for a syllable.
        return [way for way in ways if not _VOWELS & {*way}] or ways

    def _ends(self, word: str, *, typing: bool) -> list[list[int]]:
        """For each place where a syllable may begin, the places where it may end so that the rest can be read too."""
        ends: list[list[int]] = [[] for _ in word]
        for start in range(len(word) - 1, -1, -1):
            for end in range(min(len(word), start + self._longest), start, -1):
                whole = end == len(word)
                syllable = word[start:end]
                fits = syllable in self._syllables or (typing and whole and syllable in self._openings)
                if fits and (whole or ends[end]):
                    ends[start].append(end)
        return ends


def _beginnings(words: Sequence[Run]) -> tuple[str, ...]:
    if not words:
        return ()
    spaced = joined(words)
    return tuple(dict.fromkeys([spaced, spaced.replace(" ", "")]))


def _typed_pinyin(word: Run) -> str:
    return word.text.replace("v", "u")  # keyboards for pinyin have ü on the key v


def _exactly(word: Run) -> str:
    if word.dense and len(word.text) == 1:
        return _term(BEGINS + word.text)
    return _all(map(_term, pairs(word.text))) if word.dense else _term(word.text)


def _begun(mark: str, word: Run) -> str:
    return _term(mark + BEGINS + word.text) if len(word.text) <= SHORT else _beginning(mark + word.text)


def _in_field(mark: str, word: Run, *, typing: bool = False) -> str:
    if word.dense and len(word.text) > 1:
        return _all(_term(mark + pair) for pair in pairs(word.text))
    open_ = word.dense or (typing and len(word.text) >= SHORT)
    return _beginning(mark + word.text) if open_ else _term(mark + word.text)


# ── FTS5's expressions (sqlite.org/fts5.html, section 3); a term has no quotation mark in it ──


def _term(term: str) -> str:
    return f'"{term}"'


def _beginning(term: str) -> str:
    return f'"{term}" *'


def _all(parts: Iterable[str]) -> str:
    """Empty where one of them is: then nothing can be found."""
    several = list(parts)
    return _bracketed(" AND ", several) if all(several) else ""


def _any(parts: Iterable[str]) -> str:
    return _bracketed(" OR ", [part for part in parts if part])


def _bracketed(word: str, parts: Sequence[str]) -> str:
    different = list(dict.fromkeys(parts))
    return f"({word.join(different)})" if len(different) > 1 else "".join(different)
