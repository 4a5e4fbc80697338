"""Folding, splitting, spelling and ISBNs: what must hold for every text."""

from __future__ import annotations

import sqlite3
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from sync.feed.search import chinese, isbn, schema
from sync.feed.search.folding import Folding
from sync.feed.search.query import Reader
from sync.feed.search.terms import MARKS, connected, field_terms, joined, runs, title_terms
from sync.feed.search.vocabulary import learn, neighbours

TEXT = st.text(st.characters()) | st.text("éÉßøœŁıIİ̈がｶﾞぱＡ①ﬁ图圖図着著أإىـِ١कि์ёй각ᄀ", max_size=20)


@cache
def folding() -> Folding:
    return Folding(chinese.simplified())


@cache
def reader() -> Reader:
    return Reader(folding(), chinese.all_syllables())


@given(TEXT)
@settings(max_examples=500, deadline=None)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = folding().fold(text)
    assert folding().fold(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("É", "e\u0301"),
        ("ß", "SS"),
        ("Øre", "ore"),
        ("ＡＢＣ", "abc"),
        ("ﾊﾟ", "ぱ"),
        ("圖", "图"),
        ("図", "圖"),
        ("أ", "ا"),
    ],
)
def test_folded_alike(one: str, other: str) -> None:
    assert folding().fold(one) == folding().fold(other)


@pytest.mark.parametrize(("one", "other"), [("は", "ば"), ("は", "ぱ"), ("क", "कि"), ("a", "b"), ("未", "末")])
def test_folded_apart(one: str, other: str) -> None:
    assert folding().fold(one) != folding().fold(other)


@given(TEXT)
@settings(deadline=None)
def test_terms_are_words_for_fts5(text: str) -> None:
    parts = runs(folding().fold(text))
    for term in [*title_terms(connected(parts)), *field_terms("@", parts)]:
        bare = term.lstrip(MARKS)
        assert bare
        assert not set(bare) - {"#"} & {*MARKS, '"', " ", "\0"}
        term.encode()


@given(TEXT)
@settings(deadline=None)
def test_joining_keeps_the_words(text: str) -> None:
    parts = runs(folding().fold(text))
    assert runs(joined(parts)) == connected(parts)


@given(st.lists(st.sampled_from(sorted(chinese.all_syllables())), max_size=6).map("".join), st.booleans())
@settings(deadline=None)
def test_every_way_to_split_is_the_word(word: str, typing: bool) -> None:
    for way in reader().split(word, typing=typing):
        assert "".join(way) == word


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("hongloumeng", {("hong", "lou", "meng")}),
        ("xian", {("xian",), ("xi", "an")}),
        ("guo", {("guo",)}),
        ("jie", {("jie",)}),
        ("ekou", {("e", "kou")}),
        ("gatsby", set()),
        ("hm", set()),
    ],
)
def test_ways_to_split(typed: str, ways: set[tuple[str, ...]]) -> None:
    assert set(reader().split(typed, typing=False)) == ways


def test_the_last_syllable_may_be_incomplete_while_typing() -> None:
    assert reader().split("honglo", typing=True)[0] == ("hong", "lo")
    assert reader().split("honglzz", typing=True) == []
    assert reader().split("hongl", typing=False) == []


def test_phrases_are_spelt_as_phrases() -> None:
    assert chinese.syllables("银行长征") == ["yin", "hang", "chang", "zheng"]
    assert chinese.syllables("绿女略") == ["lu", "nu", "lue"]


def test_no_character_is_folded_on() -> None:
    simplified = chinese.simplified()
    assert not set(simplified.values()) & set(simplified)
    assert len(simplified) > 3000


@given(st.integers(0, 10**9 - 1))
def test_both_forms_of_an_isbn_are_one_number(nine: int) -> None:
    digits = f"{nine:09d}"
    check = -sum((10 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    old = f"{digits}{'X' if check == 10 else check}"
    number = isbn.number(old)
    assert number is not None
    assert number == isbn.number(str(number))
    for typed in (old.lower(), f"{old[0]}-{old[1:5]}-{old[5:9]}-{old[9]}".lower(), str(number), str(number)[:9]):
        assert any(lowest <= number <= highest for lowest, highest in isbn.ranges(typed)), typed


@pytest.mark.parametrize("printed", ["", "978", "x", "97870200022071", "12345678x0", "٩٧٨٧٠٢٠٠٠٢٢٠٧"])
def test_no_isbn(printed: str) -> None:
    assert isbn.number(printed) is None


WORDS = ("gatsby", "great", "gravity", "nacht", "macht", "nachtigall", "année", "преступление", "abcd", "abdc")


@given(
    st.sampled_from(WORDS), st.integers(0, 12), st.sampled_from("aetxп"), st.sampled_from(["cut", "add", "put", "swap"])
)
def test_neighbours_are_all_words_at_one_error(word: str, place: int, letter: str, kind: str) -> None:
    at = min(place, len(word) - 2)
    typed = {
        "cut": word[:at] + word[at + 1 :],
        "add": word[:at] + letter + word[at:],
        "put": word[:at] + letter + word[at + 1 :],
        "swap": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }[kind]
    db = sqlite3.connect(":memory:")
    schema.create(db)
    learn(db, [" ".join(WORDS)])
    near = set(neighbours(db, typed, len(WORDS)))
    db.close()
    assert near == {other for other in WORDS if len(typed) >= 4 and OSA.distance(typed, other) == 1}
