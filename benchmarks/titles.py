"""A made-up catalogue of any size, the same in every run: what a library in China might hold.

Chinese titles are made of the words of pypinyin's dictionary, so that pairs of characters are as common and as rare as
in real ones; names in other languages of syllables, so that the vocabulary is as large as a library's.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from opencc import OpenCC
from pypinyin.phrases_dict import phrases_dict

from sync.feed.records import TitleRecord
from sync.feed.search.isbn import checked

_NAMES = 8000
"""Names in each language, some of them the same."""

Draw = Callable[[], str]


def titles(count: int, seed: int = 1) -> Iterator[TitleRecord]:
    """That many titles with authors, subjects and ISBNs, made as they are asked for."""
    luck = random.Random(seed)
    made_of = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    shares, subject = made_of.pop("shares"), _subjects(luck, made_of.pop("subjects")["all"].split())
    authors, makers = _authors(luck, made_of), _makers(luck, made_of)
    languages, weights = list(shares), list(accumulate(shares.values()))
    for number in range(count):
        language = luck.choices(languages, cum_weights=weights)[0]
        yield TitleRecord(
            id=f"b{number:07d}",
            title=makers[language](),
            author=authors[language](),
            subjects=tuple(subject() for _ in range(luck.randrange(1, 3))),
            isbn=(_isbn(luck),) if luck.random() < 0.8 else (),
            language=language,
            year=str(luck.randrange(1950, 2026)),
        )


def _drawn(luck: random.Random, words: Sequence[str], skew: float = 0.8) -> Draw:
    """Draws words of which the first are far more common than the last (Zipf)."""
    weights = list(accumulate(1 / (rank**skew) for rank in range(2, len(words) + 2)))
    heap: list[str] = []

    def draw() -> str:
        if not heap:
            heap.extend(luck.choices(words, cum_weights=weights, k=4096))
        return heap.pop()

    return draw


def _subjects(luck: random.Random, fields: Sequence[str]) -> Draw:
    return _drawn(luck, [*fields, *(f"{one}-{other}" for one in fields[:40] for other in fields[:40])])


def _makers(luck: random.Random, made_of: dict[str, Any]) -> dict[str, Draw]:
    makers = {language: _made(luck, language, of) for language, of in made_of.items() if language != "zh"}
    makers["zh"] = _chinese(luck, made_of["zh"]["patterns"])
    traditional = OpenCC("s2t")
    makers["zh-Hant"] = lambda: traditional.convert(makers["zh"]())
    return makers


def _chinese(luck: random.Random, patterns: Sequence[str]) -> Draw:
    words = sorted(word for word in phrases_dict if 2 <= len(word) <= 3)
    words += sorted(word for word in phrases_dict if len(word) == 4)[::8]
    luck.shuffle(words)
    word, pattern = _drawn(luck, words, 0.6), _drawn(luck, patterns, 0.5)

    def make() -> str:
        form = pattern()
        title = form.format(*(word() for _ in range(form.count("{}"))))
        return f"{title} 第{luck.randrange(1, 30)}卷" if luck.random() < 0.04 else title

    return make


def _made(luck: random.Random, language: str, of: dict[str, Any]) -> Draw:
    word, name = _drawn(luck, of["words"].split()), _drawn(luck, _names(luck, of["syllables"], _NAMES), 0.5)
    pattern = _drawn(luck, of["patterns"], 0.3)

    def make() -> str:
        form = pattern()
        title = form.format(*(word() for _ in range(form.count("{}"))), N=name())
        if luck.random() < 0.5 and language not in ("ja", "ko"):
            title = f"{title} {name()}"  # few real titles are made of common words alone
        return title[:1].upper() + title[1:]

    return make


def _names(luck: random.Random, syllables: str, count: int) -> list[str]:
    several = syllables.split()
    made = ("".join(luck.choices(several, k=luck.randrange(2, 4))).capitalize() for _ in range(count))
    return list(dict.fromkeys(made))


def _authors(luck: random.Random, made_of: dict[str, Any]) -> dict[str, Draw]:
    authors = {language: _foreigner(luck, of["syllables"]) for language, of in made_of.items() if language != "zh"}
    surnames, given = ("".join(made_of["zh"][name].split()) for name in ("surnames", "given"))
    surname, part = _drawn(luck, surnames), _drawn(luck, given, 0.3)
    authors["zh"] = authors["zh-Hant"] = lambda: surname() + part() + (part() if luck.random() < 0.7 else "")
    return authors


def _foreigner(luck: random.Random, syllables: str) -> Draw:
    first, last = (_drawn(luck, _names(luck, syllables, count), 0.5) for count in (300, _NAMES))
    return lambda: f"{first()} {last()}"


def _isbn(luck: random.Random) -> str:
    group = luck.choice("77770134")  # most of China
    return checked(f"978{group}{luck.randrange(10**8):08d}")
