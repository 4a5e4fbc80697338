"""What readers see of a UNIMARC or CNMARC record."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.feed.marc import MarcOptions
from sync.feed.records import TitleRecord
from tests.sync.feed.marcfiles import CNMARC_LEADER, Read, Spec, Text, data, iso2709, shu


def title_of(tmp_path: Path, fields: list[Spec], leader: str = CNMARC_LEADER) -> TitleRecord:
    return Read(tmp_path, iso2709(fields, leader=leader)).one.title


def test_a_whole_cnmarc_record(tmp_path: Path) -> None:
    assert title_of(tmp_path, shu()) == TitleRecord(
        id="c1",
        title="红楼梦：校注本",
        author="曹雪芹",
        subjects=("章回小说 -- 中国 -- 清代",),
        isbn=("702000220X",),
        language="zh",
        year="2008",
        media="book",
        audience="adult",
        also=("hong lou meng", "cao xue qin"),
    )


def test_a_whole_french_record(tmp_path: Path) -> None:
    fields: list[Spec] = [
        ("001", "frBN001"),
        data("010", "  ", ("a", "978-2-07-036024-6"), ("b", "br."), ("d", "7 EUR")),
        data("100", "  ", ("a", "19990901d       m  y0frey50      ba")),
        data("101", "1 ", ("a", "fre"), ("c", "eng")),
        data("200", "1 ", ("a", "\x88L'\x89étranger"), ("b", "Texte imprimé"), ("f", "Albert Camus"), ("9", "1234")),
        data("210", "  ", ("a", "Paris"), ("c", "Gallimard"), ("d", "DL 1999")),
        data("606", "  ", ("3", "119"), ("a", "Roman français"), ("y", "Algérie")),
        data("700", " 1", ("a", "Camus"), ("b", "Albert"), ("f", "1913-1960"), ("4", "070")),
        data("702", " 1", ("a", "Dupont"), ("b", "Marie"), ("4", "730")),
    ]
    assert title_of(tmp_path, fields) == TitleRecord(
        id="frBN001",
        title="L'étranger",
        author="Albert Camus",
        subjects=("Roman français -- Algérie",),
        isbn=("9782070360246",),
        language="fr",
        year="1999",
    )


@pytest.mark.parametrize(
    ("subfields", "shown"),
    [
        ((("a", "三体"), ("h", "II"), ("i", "黑暗森林"), ("f", "刘慈欣著")), "三体. II, 黑暗森林"),
        ((("a", "呐喊"), ("a", "彷徨"), ("f", "鲁迅著")), "呐喊; 彷徨"),
        ((("a", "Faust"), ("d", "= Fausto"), ("e", "tragédie")), "Faust = = Fausto: tragédie"),
        ((("a", "红楼梦 :"), ("e", "校注本 /")), "红楼梦：校注本"),
    ],
)
def test_titles(tmp_path: Path, subfields: tuple[tuple[str, Text], ...], shown: str) -> None:
    assert title_of(tmp_path, [("001", "1"), data("200", "1 ", *subfields)]).title == shown


def test_of_a_title_in_two_scripts_the_original_one(tmp_path: Path) -> None:
    fields: list[Spec] = [
        ("001", "1"),
        data("200", "1 ", ("6", "a01"), ("7", "ba"), ("a", "Vojna i mir")),
        data("200", "1 ", ("6", "a01"), ("7", "ca"), ("a", "Война и мир")),
    ]
    title = title_of(tmp_path, fields)
    assert (title.title, title.also) == ("Война и мир", ("Vojna i mir",))
    romanised = Read(tmp_path, iso2709(fields, leader=CNMARC_LEADER), MarcOptions(original_script=False)).one.title
    assert (romanised.title, romanised.also) == ("Vojna i mir", ("Война и мир",))


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ([data("701", " 0", ("c", "(美)"), ("a", "海明威"), ("c", "(Hemingway, Ernest)"), ("4", "著"))], "海明威"),
        ([data("701", " 1", ("a", "鲁"), ("b", "迅"))], "鲁迅"),
        ([data("711", "02", ("a", "中国社会科学院"), ("b", "文学研究所"))], "中国社会科学院. 文学研究所"),
        ([data("702", " 0", ("a", "李文俊"), ("4", "译"))], "李文俊"),
        ([], "佚名编"),
    ],
)
def test_names(tmp_path: Path, fields: list[Spec], author: str) -> None:
    title = data("200", "1 ", ("a", "书"), ("f", "佚名编"))
    assert title_of(tmp_path, [("001", "1"), title, *fields]).author == author


@pytest.mark.parametrize(
    ("kind", "electronic", "media"),
    [
        ("am", "", "book"),
        ("as", "", "magazine"),
        ("gm", "", "dvd"),
        ("im", "", "audiobook"),
        ("jm", "", "cd"),
        ("lm", "g", "game"),
        ("lm", "d", "software"),
        ("em", "", "map"),
        ("cm", "", "score"),
    ],
)
def test_media(tmp_path: Path, kind: str, electronic: str, media: str) -> None:
    fields: list[Spec] = [("001", "1"), data("135", "  ", ("a", electronic or " ")), data("200", "1 ", ("a", "A"))]
    assert title_of(tmp_path, fields, f"n{kind}0 22   450 ").media == media


@pytest.mark.parametrize(
    ("code", "audience"), [("a ", "child"), ("d ", "child"), ("e ", "youth"), ("em", "adult"), ("m ", "adult")]
)
def test_audience(tmp_path: Path, code: str, audience: str) -> None:
    coded = data("100", "  ", ("a", f"20080512d2008    {code} y0chiy50      ea"))
    assert title_of(tmp_path, [("001", "1"), coded, data("200", "1 ", ("a", "A"))]).audience == audience
