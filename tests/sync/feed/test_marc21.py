"""What readers see of a MARC 21 record."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.feed.marc import MarcOptions
from sync.feed.records import TitleRecord
from tests.sync.feed.marcfiles import Read, Spec, Text, book, data, iso2709


def title_of(tmp_path: Path, fields: list[Spec], leader: str = "nam a22 i 4500") -> TitleRecord:
    return Read(tmp_path, iso2709(fields, leader=leader)).one.title


def test_a_whole_record(tmp_path: Path) -> None:
    fields: list[Spec] = [
        ("001", "ocm00123 "),
        ("008", "970312r19971815enka   j      000 1 eng d"),
        data("020", "  ", ("a", "0-14-143958-0 (pbk.) :"), ("c", "£5.99")),
        data("020", "  ", ("a", "9780141439587 (e-book)"), ("z", "9780000000000")),
        data("020", "  ", ("a", "9780141439580")),
        data("100", "1 ", ("a", "Austen, Jane,"), ("d", "1775-1817,"), ("e", "author.")),
        data("245", "10", ("a", "Emma :"), ("b", "a novel /"), ("c", "Jane Austen ; edited by F. Stafford.")),
        data("246", "3 ", ("a", "Emma Woodhouse.")),
        data("264", " 1", ("a", "London :"), ("b", "Penguin,"), ("c", "1997.")),
        data("600", "10", ("a", "Woodhouse, Emma"), ("c", "(Fictitious character)"), ("v", "Fiction.")),
        data("650", " 0", ("a", "Young women"), ("z", "England"), ("v", "Fiction.")),
        data("650", " 7", ("a", "Young women"), ("z", "England"), ("v", "Fiction"), ("2", "fast")),
        data("651", " 0", ("a", "Surrey (England)")),
        data("700", "1 ", ("a", "Stafford, Fiona J.,"), ("e", "editor.")),
        data("700", "12", ("a", "Sterne, Laurence."), ("t", "Tristram Shandy.")),
    ]
    assert title_of(tmp_path, fields) == TitleRecord(
        id="ocm00123",
        title="Emma: a novel",
        author="Jane Austen; Fiona J. Stafford",
        subjects=(
            "Woodhouse, Emma (Fictitious character) -- Fiction",
            "Young women -- England -- Fiction",
            "Surrey (England)",
        ),
        isbn=("0141439580", "9780141439587"),
        language="en",
        year="1997",
        media="book",
        audience="child",
        also=("Emma Woodhouse",),
    )


@pytest.mark.parametrize(
    ("subfields", "shown"),
    [
        ((("a", "Emma /"), ("c", "Jane Austen.")), "Emma"),
        ((("a", "Emma"), ("b", "a novel"), ("c", "Jane Austen")), "Emma: a novel"),  # without ISBD punctuation
        ((("a", "Metropolis"), ("h", "[videorecording] /"), ("c", "Lang.")), "Metropolis"),
        ((("a", "Faust"), ("h", "[sound recording] ="), ("b", "Fausto /")), "Faust = Fausto"),
        ((("a", "Planets."), ("n", "Part 2,"), ("p", "Giants /")), "Planets. Part 2, Giants"),
        ((("a", "Sense ;"), ("b", "and, Sensibility.")), "Sense; and, Sensibility"),
        ((("a", "The end ..."),), "The end ..."),
        ((("a", "Life in the U.S.A."),), "Life in the U.S.A."),
        ((("a", "\x98The \x9cHobbit /"),), "The Hobbit"),  # the article does not count in sorting
        ((("a", "红楼梦 :"), ("b", "校注本 /")), "红楼梦：校注本"),
    ],
)
def test_titles(tmp_path: Path, subfields: tuple[tuple[str, Text], ...], shown: str) -> None:
    fields: list[Spec] = [("001", "b1"), data("245", "10", *subfields)]
    assert title_of(tmp_path, fields).title == shown


CHINESE = [
    ("001", "b1"),
    data("100", "1 ", ("6", "880-01"), ("a", "Cao, Xueqin,"), ("d", "1715-1763.")),
    data("245", "10", ("6", "880-02"), ("a", "Hong lou meng /"), ("c", "Cao Xueqin.")),
    data("650", " 0", ("6", "880-03"), ("a", "Families.")),
    data("700", "1 ", ("a", "Gao, E,"), ("d", "-1815.")),
    data("880", "1 ", ("6", "100-01/$1"), ("a", "曹雪芹,"), ("d", "1715-1763.")),
    data("880", "10", ("6", "245-02/$1"), ("a", "红楼梦 /"), ("c", "曹雪芹.")),
    data("880", " 0", ("6", "650-03/$1"), ("a", "家庭.")),
]


def test_the_original_script_is_shown_and_the_romanised_one_searched(tmp_path: Path) -> None:
    title = title_of(tmp_path, CHINESE)
    assert (title.title, title.author) == ("红楼梦", "曹雪芹; E Gao")
    assert title.also == ("Hong lou meng", "Cao, Xueqin")
    assert title.subjects == ("Families", "家庭")


def test_or_the_other_way_round(tmp_path: Path) -> None:
    title = Read(tmp_path, iso2709(CHINESE), MarcOptions(original_script=False)).one.title
    assert (title.title, title.author) == ("Hong lou meng", "Xueqin Cao; E Gao")
    assert title.also == ("红楼梦", "曹雪芹")


@pytest.mark.parametrize(
    ("script", "romanised", "original", "name", "shown"),
    [
        ("(3/r", "Thulāthīyah /", "ثلاثية /", "محفوظ، نجيب،", "نجيب محفوظ"),
        ("(N", "Voĭna i mir /", "Война и мир /", "Толстой, Лев,", "Лев Толстой"),
    ],
    ids=["Arabic", "Cyrillic"],
)
def test_other_scripts(tmp_path: Path, script: str, romanised: str, original: str, name: str, shown: str) -> None:
    fields: list[Spec] = [
        ("001", "b1"),
        data("100", "1 ", ("6", "880-02"), ("a", "X, Y,")),
        data("245", "10", ("6", "880-01"), ("a", romanised)),
        data("880", "10", ("6", f"245-01/{script}"), ("a", original)),
        data("880", "1 ", ("6", f"100-02/{script}"), ("a", name)),
    ]
    title = title_of(tmp_path, fields)
    assert (title.title, title.author) == (original.removesuffix(" /"), shown)
    assert romanised.removesuffix(" /") in title.also


def test_an_original_without_a_romanised_form(tmp_path: Path) -> None:
    fields: list[Spec] = [("001", "b1"), data("880", "10", ("6", "245-00/$1"), ("a", "平凡的世界"))]
    assert title_of(tmp_path, fields).title == "平凡的世界"


@pytest.mark.parametrize(
    ("field", "author"),
    [
        (data("100", "0 ", ("a", "John Paul"), ("b", "II,"), ("c", "Pope,"), ("d", "1920-2005.")), "John Paul II"),
        (data("100", "1 ", ("a", "King, Martin Luther,"), ("c", "Jr.,")), "Martin Luther King"),
        (data("100", "1 ", ("a", "García Márquez, Gabriel.")), "Gabriel García Márquez"),
        (data("110", "1 ", ("a", "France."), ("b", "Ministère de la culture.")), "France. Ministère de la culture"),
        (data("111", "2 ", ("a", "Olympic Games"), ("d", "(2008).")), "Olympic Games"),
    ],
)
def test_names(tmp_path: Path, field: Spec, author: str) -> None:
    assert title_of(tmp_path, book("b1", "A title", field)).author == author


@pytest.mark.parametrize(
    ("kind", "fixed", "form", "media"),
    [
        ("am", {}, "", "book"),
        ("as", {21: "p"}, "", "magazine"),
        ("as", {21: "n"}, "", "newspaper"),
        ("gm", {33: "v"}, "vd cvaizq", "dvd"),
        ("gm", {33: "v"}, "vd csaizq", "bluray"),
        ("im", {}, "", "audiobook"),
        ("jm", {}, "", "cd"),
        ("mm", {26: "g"}, "", "game"),
        ("mm", {26: "b"}, "", "software"),
        ("rm", {33: "g"}, "", "game"),
        ("rm", {33: "w"}, "", "toy"),
        ("cm", {}, "", "score"),
        ("em", {}, "", "map"),
        ("om", {}, "", "kit"),
    ],
)
def test_media(tmp_path: Path, kind: str, fixed: dict[int, str], form: str, media: str) -> None:
    coded = "".join(fixed.get(place, sign) for place, sign in enumerate("240101s2008    enk".ljust(40)))
    fields: list[Spec] = [("001", "b1"), ("008", coded), data("245", "00", ("a", "A title"))]
    if form:
        fields.insert(1, ("007", form))
    assert title_of(tmp_path, fields, f"n{kind} a22 i 4500").media == media


@pytest.mark.parametrize(("code", "audience"), [("a", "child"), ("j", "child"), ("d", "youth"), ("e", "adult")])
def test_audience(tmp_path: Path, code: str, audience: str) -> None:
    fields: list[Spec] = [("001", "b1"), ("008", " " * 22 + code), data("245", "00", ("a", "A title"))]
    assert title_of(tmp_path, fields).audience == audience
    assert title_of(tmp_path, fields, "nas a22 i 4500").audience == audience
    assert title_of(tmp_path, fields, "nem a22 i 4500").audience == "adult", "on a map 008/22 is the projection"


@pytest.mark.parametrize(
    ("fixed", "coded", "language"),
    [
        ("chi", "", "zh"),
        ("zho", "", "zh"),
        ("ger", "", "de"),
        ("grc", "", "grc"),
        ("scr", "", "hr"),  # the code of old records
        ("mul", "eng", "en"),
        ("   ", "freger", "fr"),
        ("zxx", "", ""),
        ("qqq", "", ""),
    ],
)
def test_language(tmp_path: Path, fixed: str, coded: str, language: str) -> None:
    more = [data("041", "0 ", ("a", coded))] if coded else []
    assert title_of(tmp_path, book("b1", "A title", *more, language=fixed)).language == language


@pytest.mark.parametrize(
    ("fixed", "fields", "year"),
    [
        ("2008", [], "2008"),
        ("19uu", [data("264", " 4", ("c", "©1990")), data("264", " 1", ("c", "[1987?]"))], "1987"),
        ("    ", [data("260", "  ", ("c", "c2001."))], "2001"),
        ("||||", [data("260", "  ", ("c", "[n.d.]"))], ""),
    ],
)
def test_year(tmp_path: Path, fixed: str, fields: list[Spec], year: str) -> None:
    whole: list[Spec] = [("001", "b1"), ("008", f"240101s{fixed}"), data("245", "00", ("a", "A title")), *fields]
    assert title_of(tmp_path, whole).year == year
