"""Characters: what the bytes are, whatever the leader says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.feed.marc import Charset, MarcOptions, Reason
from tests.sync.feed.marcfiles import CNMARC_LEADER, Read, Spec, book, data, iso2709, shu

MARC_8_LEADER = "nam  22 i 4500"
FRENCH = "La société à l'été: thèses françaises, né d'une forêt"


def test_utf8_that_its_leader_does_not_admit(tmp_path: Path) -> None:
    read = Read(tmp_path, iso2709(book("b1", "Émile /"), leader=MARC_8_LEADER))
    assert read.one.title.title == "Émile"


def test_letters_that_were_taken_apart_are_put_together(tmp_path: Path) -> None:
    assert Read(tmp_path, iso2709(book("b1", "E\u0301mile"))).one.title.title == "Émile"


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        (b"Les mis\xe2erables", "Les misérables"),  # ANSEL: the mark before its letter
        (b"Stra\xc7e der M\xe8uhlen", "Straße der Mühlen"),
        (b"\x1b(NwOJNA I MIR\x1b(B", "Война и мир"),  # Basic Cyrillic as G0
        (b"\x1b$1!R\x3f\x1b(B", None),  # East Asian, of which something is missing
    ],
)
def test_marc8(tmp_path: Path, title: bytes, read_as: str | None) -> None:
    read = Read(tmp_path, iso2709(book("b1", title), leader=MARC_8_LEADER))
    assert read.report.charsets == {str(tmp_path / "f.mrc"): Charset.MARC_8}
    if read_as is not None:
        assert read.one.title.title == read_as


def test_chinese_in_marc8(tmp_path: Path) -> None:
    """EACC, three bytes each: 中國 as in the code tables of the Library of Congress (213034, 213279…)."""
    read = Read(tmp_path, iso2709(book("b1", b"\x1b$1!0D!7I\x1b(B"), leader=MARC_8_LEADER))
    assert all("\u4e00" <= sign <= "\u9fff" for sign in read.one.title.title)
    assert len(read.one.title.title) == 2


def test_gb18030_in_cnmarc(tmp_path: Path) -> None:
    rare = shu("c2", data("517", "1 ", ("a", "𠀀㐀")))  # two that GBK does not have
    content = b"".join(iso2709(fields, "gb18030", CNMARC_LEADER) for fields in (shu(), rare))
    read = Read(tmp_path, content)
    assert read.report.charsets == {str(tmp_path / "f.mrc"): Charset.GB18030}
    assert [one.title.title for one in read.all] == ["红楼梦：校注本", "红楼梦：校注本"]
    assert "𠀀㐀" in read.all[1].title.also


def test_gbk_in_marc21(tmp_path: Path) -> None:
    fields = book("b1", "平凡的世界 /", data("650", " 4", ("a", "长篇小说")))
    assert Read(tmp_path, iso2709(fields, "gbk", MARC_8_LEADER)).one.title.title == "平凡的世界"


def test_latin1_where_a_system_wrote_what_it_had(tmp_path: Path) -> None:
    french: list[Spec] = [*book("b1", FRENCH)]
    assert Read(tmp_path, iso2709(french, "latin-1", MARC_8_LEADER)).one.title.title == FRENCH
    german = iso2709(book("b1", "Die Bücher der Müller: größte Sätze"), "latin-1", MARC_8_LEADER)
    assert Read(tmp_path, german).one.title.title == "Die Bücher der Müller: größte Sätze"


def test_latin1_in_unimarc(tmp_path: Path) -> None:
    record = iso2709([("001", "1"), data("200", "1 ", ("a", "L'été"))], "latin-1", CNMARC_LEADER)
    assert Read(tmp_path, record).one.title.title == "L'été"


def test_the_file_decides_for_a_record_that_could_be_either(tmp_path: Path) -> None:
    """牛 is C5 A3 in GBK, which is also ţ in UTF-8."""
    short = iso2709([("001", "c9"), data("200", "1 ", ("a", "牛"))], "gbk", CNMARC_LEADER)
    assert short.decode("utf-8")
    read = Read(tmp_path, iso2709(shu(), "gbk", CNMARC_LEADER) + short)
    assert read.all[1].title.title == "牛"


def test_a_file_of_both(tmp_path: Path) -> None:
    gb = iso2709(shu("c1"), "gb18030", CNMARC_LEADER)
    utf8 = iso2709(shu("c2"), "utf-8", "nam a22   450 ")
    other_way = [iso2709(shu(f"c{n}"), "utf-8", CNMARC_LEADER) for n in range(20)]
    for content in (gb * 3 + utf8, b"".join(other_way) + gb):
        assert {one.title.title for one in Read(tmp_path, content).all} == {"红楼梦：校注本"}


def test_it_can_be_said(tmp_path: Path) -> None:
    russian = iso2709([("001", "1"), data("200", "1 ", ("a", "été"))], "latin-1", CNMARC_LEADER)
    forced = Read(tmp_path, russian, MarcOptions(charset=Charset.MARC_8))
    assert forced.all[0].title.title != "été"
    assert forced.report.charsets == {str(tmp_path / "f.mrc"): Charset.MARC_8}


def test_text_that_was_cut_in_a_character_is_taken_and_told(tmp_path: Path) -> None:
    cut = "红楼梦的故事".encode()[:-1]
    read = Read(tmp_path, iso2709([*shu("c1"), data("517", "1 ", ("a", cut))], leader=CNMARC_LEADER))
    assert read.all[0].title.title == "红楼梦：校注本"
    assert [(problem.control_number, problem.reason) for problem in read.problems] == [("c1", Reason.DAMAGED_TEXT)]


def test_damage_in_a_note_that_nobody_reads_does_not_matter(tmp_path: Path) -> None:
    note = data("330", "  ", ("a", "贾宝玉与林黛玉的故事".encode()[:-1]))
    assert Read(tmp_path, iso2709([*shu(), note], leader=CNMARC_LEADER)).one.title.id == "c1"
