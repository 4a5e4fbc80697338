"""What dictionaries know of Chinese: how it is spelt, and which characters are written in two ways.

Only building loads them (60 MB); what searching needs of them is stored in the index.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.mmseg import seg
from pypinyin.pinyin_dict import pinyin_dict
from pypinyin.style import convert

_SIMPLIFIED = OpenCC("t2s")  # of traditional characters no phrases are known

_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))


def simplified() -> dict[str, str]:
    """Which character stands for which other: traditional ones, also as Taiwan and Hong Kong write them, and those of
    Japan for the simplified.

    Character by character, not word by word as one would translate: texts and queries only have to come out alike.
    """
    from_tradition, from_japan = OpenCC("t2s"), OpenCC("jp2t")

    def from_japan_on(text: str) -> str:
        return str(from_tradition.convert(from_japan.convert(text)))

    ways = (from_tradition.convert, OpenCC("tw2s").convert, OpenCC("hk2s").convert, from_japan_on)
    steps = {old: next((new for way in ways if (new := way(old)) != old), old) for old in _han()}
    steps = {old: new for old, new in steps.items() if new != old and len(new) == 1}
    return {old: end for old in steps if (end := _follow(steps, old)) != old}


def syllables(text: str) -> list[str]:
    """The pinyin of a stretch of Chinese characters as they are printed, without tones; by phrases where one is known;
    ü is u. A character that nobody can spell is left out.
    """
    return [syllable for word in seg.cut(_SIMPLIFIED.convert(text)) for syllable in _of_word(word)]


def all_syllables() -> frozenset[str]:
    """Every syllable that a character can have."""
    readings = {reading for several in pinyin_dict.values() for reading in several.split(",")}
    plain = {_plain(convert(reading, Style.NORMAL, strict=False)) for reading in readings}
    return frozenset(syllable for syllable in plain if syllable.isascii() and syllable.isalpha())


@lru_cache(100_000)  # words repeat, and their lookup is what building waits for
def _of_word(word: str) -> tuple[str, ...]:
    return tuple(_plain(syllable) for syllable in lazy_pinyin(word, errors="ignore"))


def _plain(syllable: str) -> str:
    return syllable.replace("ü", "u").replace("v", "u").replace("ê", "e")


def _han() -> Iterator[str]:
    for first, end in _BLOCKS:
        yield from map(chr, range(first, end))


def _follow(steps: dict[str, str], start: str) -> str:
    """The end of a chain of replacements; the first character that comes twice where it is a ring."""
    seen = [start]
    while (following := steps.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]
