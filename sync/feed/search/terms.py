"""Terms: what is indexed and looked up. Folded text is split into words, and scripts without spaces into pairs.

A term's first character says where it comes from, so that one list of numbers per term is all that has to be stored:

    gatsby 红楼    in a title            @fitzgerald @曹雪   of an author         #history #历史   in a subject
    .g .ga .gat .红  a title's word begins so, a title has this character   @.f  an author's word begins so
    ^红 ^红楼 ^h ^ho … ^honglou ^hl ^hlm %hlmy       a title begins so: in characters, pinyin, initials
    ~hong-lou ~hong  a title's pinyin    !cao-xue !cao !cxq  an author's pinyin and initials
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

AUTHOR, SUBJECT, BEGINS, OPENS, INITIALS, TITLE_SPELT, AUTHOR_SPELT = "@", "#", ".", "^", "%", "~", "!"

MARKS = AUTHOR + SUBJECT + BEGINS + OPENS + INITIALS + TITLE_SPELT + AUTHOR_SPELT
"""First characters of terms that are not plain words; no word begins with one."""

HYPHEN = "-"
"""Between two syllables of pinyin: xi-an is not xian."""

SHORT = 3
SHORT_INITIALS = 3
"""Letters: beginnings of words and of initials up to this length are terms of their own, so that what begins with them
need not be gathered."""

LONGEST_INITIALS = 12

LONGEST = 40
"""Letters of a word that count."""

LONGEST_BEGINNING = 64
"""Characters of a title that are compared when its beginning is typed."""

_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
    "\uac00-\ud7a3"  # Hangul: has spaces, but what follows a noun is written onto it
)
_INDIC = "\u0900-\u0dff"  # vowels there are marks, which \w leaves out
_RUN = re.compile(rf"[{_DENSE}]+|(?:[^\W_{_DENSE}]|[{_INDIC}])+[+#]{{0,2}}")
_FIRST_DENSE = re.compile(f"[{_DENSE}]")

_ARABIC_ONTO = re.compile("و?(?P<article>ال)")


class Run(NamedTuple):
    """A word, or a stretch of a script that is written without spaces (`dense`)."""

    text: str
    dense: bool


def runs(folded: str) -> list[Run]:
    """The words and stretches of a folded text, in order; what is no letter and no digit divides them."""
    return [
        Run(found if dense else found[:LONGEST], dense)
        for found in _RUN.findall(folded)
        for dense in (bool(_FIRST_DENSE.match(found)),)
    ]


def connected(parts: Iterable[Run]) -> list[Run]:
    """The same with dense stretches in one where only punctuation was between them: a reader may leave it out."""
    return [
        whole
        for dense, several in groupby(parts, key=lambda run: run.dense)
        for whole in ([Run("".join(run.text for run in several), dense=True)] if dense else several)
    ]


def joined(parts: Sequence[Run]) -> str:
    """The text that is left of a title to compare its beginning by: words divided by one space, the rest by nothing."""
    return "".join(
        f"{' ' if index and not run.dense and not parts[index - 1].dense else ''}{run.text}"
        for index, run in enumerate(parts)
    )


def pairs(units: Sequence[str], between: str = "") -> list[str]:
    """Each unit with its right neighbour."""
    return [f"{left}{between}{right}" for left, right in pairwise(units)]


def title_terms(parts: Iterable[Run]) -> Iterator[str]:
    """Terms of a title."""
    for text, dense in parts:
        if dense:
            yield from pairs(text)
            yield from (BEGINS + character for character in text)
            continue
        for word in _forms(text):
            yield word
            yield from begun(word)


def begun(word: str) -> Iterator[str]:
    """Terms of how a word begins."""
    yield from (BEGINS + word[:letters] for letters in range(1, SHORT + 1))


def field_terms(mark: str, parts: Iterable[Run]) -> Iterator[str]:
    """Terms of authors and subjects, marked."""
    for text, dense in parts:
        if dense:
            yield from (mark + pair for pair in pairs(text))
        if not dense or len(text) == 1:
            yield from (mark + word for word in _forms(text))


def spelt_terms(mark: str, syllables: Sequence[str]) -> Iterator[str]:
    """Terms of one stretch of pinyin."""
    yield from (mark + pair for pair in pairs(syllables, HYPHEN))
    yield from (mark + syllable for syllable in syllables)


def opening_terms(parts: Sequence[Run]) -> Iterator[str]:
    """Terms of how a title begins that is written without spaces; other titles are compared as texts."""
    if parts and parts[0].dense:
        yield OPENS + parts[0].text[:1]
        yield OPENS + parts[0].text[:2]


def spelt_opening_terms(units: Sequence[str]) -> Iterator[str]:
    """Terms of how a title's pinyin and its initials begin. `units`: syllables, and words that are none."""
    spelt, short = "".join(units[:2])[:LONGEST], initials(units)[:LONGEST_INITIALS]
    yield from (OPENS + spelt[:letters] for letters in range(1, len(spelt) + 1))
    yield from (OPENS + short[:letters] for letters in range(1, SHORT_INITIALS + 1))
    if len(short) > SHORT_INITIALS:
        yield INITIALS + short


def initials(syllables: Iterable[str]) -> str:
    """The first letter of each."""
    return "".join(syllable[0] for syllable in syllables)


def _forms(word: str) -> tuple[str, ...]:
    """The word, and an Arabic noun without what is written onto it: the article, 'and'."""
    onto = _ARABIC_ONTO.match(word)
    if onto is None or len(word) - onto.end() < 3:
        return (word,)
    return tuple(dict.fromkeys((word, word[onto.start("article") :], word[onto.end() :])))
