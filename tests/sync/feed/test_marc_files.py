"""Files of every form and in every state: what can be read is read, what cannot is told."""

from __future__ import annotations

import gzip
import random
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymarc import Field, Indicators, MARCWriter, Record, Subfield

from sync.feed.marc import Flavour, ImportReport, MarcOptions, Reason, import_files, read_catalogue
from sync.feed.marc import reading as reading_module
from sync.feed.records import ItemRecord, TitleRecord
from tests.sync.feed.marcfiles import CNMARC_LEADER, Read, as_xml, book, data, iso2709, shu

ONE, TWO, THREE = (iso2709(book(f"b{number}", barcode=f"30{number}")) for number in (1, 2, 3))


def test_a_file_as_pymarc_writes_it(tmp_path: Path) -> None:
    title = Field("245", indicators=Indicators("1", "0"), subfields=[Subfield("a", "Émile /")])
    record = Record(fields=[Field("001", data="b7"), title])
    with (tmp_path / "made.mrc").open("wb") as file:
        writer = MARCWriter(file)
        writer.write(record)
        writer.close(close_fh=False)
    assert Read(tmp_path, (tmp_path / "made.mrc").read_bytes()).one.title.title == "Émile"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", [lambda *all_: b"".join(all_), as_xml], ids=["binary", "xml"])
def test_all_forms_give_the_same(tmp_path: Path, form, pack) -> None:  # type: ignore[no-untyped-def]
    read = Read(tmp_path, pack(form(ONE, TWO)))
    assert read.numbers == ["b1", "b2"]
    assert read.all == Read(tmp_path, ONE + TWO).all
    assert read.problems == []


def test_line_breaks_and_padding_between_records(tmp_path: Path) -> None:
    read = Read(tmp_path, b"\r\n" + ONE + b"\r\n" + TWO + b"\n\x00\x00\x1a")
    assert (read.numbers, read.problems) == (["b1", "b2"], [])


def test_a_broken_directory_costs_one_record(tmp_path: Path) -> None:
    broken = TWO[:30] + b"xx" + TWO[32:]
    read = Read(tmp_path, ONE + broken + THREE)
    assert read.numbers == ["b1", "b3"]
    assert [str(problem) for problem in read.problems] == [
        "f.mrc, record 2 (b2): broken: cannot be read as MARC - no usable directory"
    ]
    assert (read.report.records, read.report.titles, read.report.items) == (3, 2, 2)


def test_a_field_too_many_costs_one_record(tmp_path: Path) -> None:
    read = Read(tmp_path, ONE + TWO.replace(b"Emma", b"Em\x1ea") + THREE)
    assert read.numbers == ["b1", "b3"]
    assert read.problems[0].detail == "directory and fields do not fit together"


def test_a_file_that_ends_in_a_record(tmp_path: Path) -> None:
    read = Read(tmp_path, ONE + TWO[:-20])
    assert read.numbers == ["b1"]
    assert [(one.record, one.control_number, one.reason) for one in read.problems] == [(2, "b2", Reason.CUT_OFF)]


def test_a_record_that_breaks_off_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    read = Read(tmp_path, ONE[:-20] + TWO + THREE)
    assert read.numbers == ["b2", "b3"]
    assert [(one.record, one.control_number, one.reason) for one in read.problems] == [(1, "b1", Reason.CUT_OFF)]


def test_lengths_that_count_characters_and_not_bytes(tmp_path: Path) -> None:
    """What systems make that convert a file to UTF-8 and leave its directory as it was."""
    counted = iso2709(book("b1", "O sign"), "utf-8").replace(b"O sign", "红楼梦之梦中".encode())
    assert Read(tmp_path, counted + TWO).numbers == ["b1", "b2"]


def test_fields_that_stand_in_another_order_than_in_the_directory(tmp_path: Path) -> None:
    record = iso2709([("001", "b1"), data("245", "10", ("a", "Emma"))])
    first, second = record[24:36], record[36:48]
    assert Read(tmp_path, record[:24] + second + first + record[48:]).one.title.title == "Emma"


def test_a_record_longer_than_its_leader_can_say(tmp_path: Path) -> None:
    copies = [data("952", "  ", ("a", "main"), ("p", f"{number:014}")) for number in range(3000)]
    long = iso2709(book("b1", "Weekly", *copies))
    assert len(long) > 99_999
    read = Read(tmp_path, ONE + long + TWO)
    assert read.problems == []
    assert read.numbers == ["b1", "b1", "b2"]
    assert len({item.barcode for item in read.all[1].items}) == 3000


def test_what_has_no_end_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.feed.marc.iso2709.LONGEST", 1000)
    monkeypatch.setattr("sync.feed.marc.iso2709.BLOCK", 500)
    read = Read(tmp_path, b"x" * 5000 + b"\x1d" + ONE)
    assert read.numbers == ["b1"]
    assert {problem.reason for problem in read.problems} == {Reason.CUT_OFF, Reason.BROKEN}


def test_xml_that_has_no_end_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.feed.marc.marcxml.LONGEST", 2000)
    monkeypatch.setattr("sync.feed.marc.marcxml.BLOCK", 500)
    read = Read(tmp_path, as_xml(ONE).replace(b"</collection>", b"<record><leader>" + b"x" * 9000) + as_xml(TWO))
    assert read.numbers == ["b1", "b2"]
    assert {problem.reason for problem in read.problems} == {Reason.CUT_OFF}
    assert len(read.problems) > 1, "it was given up several times, and never held whole"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"%PDF-1.7 \x93\x8c no catalogue", b"<html><body>Log in</body></html>", gzip.compress(b"")]
)
def test_a_file_without_records_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    read = Read(tmp_path, content)
    assert read.all == []
    assert str(read.problems[-1]) == "f.mrc: the file holds no MARC records"


def test_a_packed_file_that_was_not_copied_whole(tmp_path: Path) -> None:
    many = b"".join(iso2709(book(f"b{n}", random.Random(n).randbytes(200).hex())) for n in range(500))
    packed = gzip.compress(many)
    read = Read(tmp_path, packed[: len(packed) // 2])
    assert 100 < len(read.all) < 400
    assert {problem.reason for problem in read.problems} == {Reason.FILE_ENDS, Reason.CUT_OFF}


def test_xml_with_prefixes_inside_an_oai_answer(tmp_path: Path) -> None:
    inner = as_xml(ONE, TWO).split(b">\n", 2)[2].replace(b"</collection>", b"")
    inner = inner.replace(b"</", b"</marc:").replace(b"<", b"<marc:").replace(b"<marc:/marc:", b"</marc:")
    wrapped = inner.replace(b"<marc:record>", b"<record><header><identifier>1</identifier></header><marc:record>")
    wrapped = wrapped.replace(b"</marc:record>", b"</marc:record></record>")
    answer = (
        b'<OAI-PMH xmlns:marc="http://www.loc.gov/MARC21/slim"><ListRecords>' + wrapped + b"</ListRecords></OAI-PMH>"
    )
    read = Read(tmp_path, answer)
    assert (read.numbers, read.problems) == (["b1", "b2"], [])


def test_xml_that_is_not_well_formed_costs_one_record(tmp_path: Path) -> None:
    xml = as_xml(ONE, TWO, THREE).replace(b'"001">b2', b'"001">b2 & more')
    read = Read(tmp_path, xml)
    assert read.numbers == ["b1", "b3"]
    assert [(one.record, one.control_number, one.reason) for one in read.problems] == [(2, "b2 & more", Reason.BROKEN)]


def test_xml_that_breaks_off(tmp_path: Path) -> None:
    xml = as_xml(ONE, TWO)
    at_end = Read(tmp_path, xml[:-60])
    assert (at_end.numbers, at_end.problems[0].reason) == (["b1"], Reason.CUT_OFF)
    cut = xml.index(b"Emma")
    in_middle = Read(tmp_path, xml[:cut] + as_xml(THREE).split(b">\n", 2)[2])
    assert (in_middle.numbers, in_middle.problems[0].control_number) == (["b3"], "b1")


def test_no_entity_of_an_xml_file_is_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<!DOCTYPE c [<!ENTITY x SYSTEM "{secret}">]>'.encode()
    xml = as_xml(ONE, TWO).replace(b"<collection", doctype + b"<collection").replace(b"Emma", b"&x;", 1)
    assert Read(tmp_path, xml).numbers == ["b2"]


@pytest.mark.parametrize(("declared", "encoding"), [("GB2312", "gb18030"), ("UTF-16", "utf-16"), ("utf-8", "utf-8")])
def test_xml_in_the_encoding_that_it_declares(tmp_path: Path, declared: str, encoding: str) -> None:
    text = as_xml(iso2709(shu(), leader=CNMARC_LEADER)).decode().replace('"UTF-8"', f'"{declared}"')
    assert Read(tmp_path, text.encode(encoding)).one.title.title == "红楼梦：校注本"


def test_xml_in_an_encoding_that_cannot_be_read(tmp_path: Path) -> None:
    read = Read(tmp_path, as_xml(ONE).replace(b"UTF-8", b"undefined"))
    assert read.problems[0].reason is Reason.BROKEN


def test_xml_in_an_encoding_that_nobody_knows(tmp_path: Path) -> None:
    read = Read(tmp_path, as_xml(ONE).replace(b"UTF-8", b"EBCDIC-9"))
    assert [str(problem) for problem in read.problems] == [
        "f.mrc: broken: cannot be read as MARC - no encoding 'ebcdic-9'"
    ]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (iso2709(book("b9"), leader="dam a22 i 4500"), Reason.DELETED),
        (iso2709(book("b9"), leader="nz  a22 n 4500"), Reason.NOT_A_TITLE),
        (iso2709([("001", "b9"), data("500", "  ", ("a", "A note."))]), Reason.NO_TITLE),
        (iso2709(book("b9", " / ")), Reason.NO_TITLE),
        (iso2709([data("245", "00", ("a", "Emma"))]), Reason.NO_NUMBER),
        (iso2709(book("9" * 65)), Reason.NO_NUMBER),
    ],
)
def test_records_that_are_no_titles(tmp_path: Path, record: bytes, reason: Reason) -> None:
    read = Read(tmp_path, ONE + record + TWO)
    assert read.numbers == ["b1", "b2"]
    assert [(problem.record, problem.reason) for problem in read.problems] == [(2, reason)]
    assert read.report.problems[reason] == 1


def test_the_flavour_is_found_out_per_record_and_can_be_said(tmp_path: Path) -> None:
    mixed = ONE + iso2709(shu(), leader=CNMARC_LEADER)
    assert [one.title.title for one in Read(tmp_path, mixed).all] == ["Emma", "红楼梦：校注本"]
    forced = Read(tmp_path, mixed, MarcOptions(flavour=Flavour.UNIMARC))
    assert (forced.numbers, forced.problems[0].reason) == (["c1"], Reason.NO_TITLE)


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_catalogue([tmp_path / "none.mrc"], MarcOptions(), ImportReport(), print))


def test_batches_hold_titles_with_their_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BATCH", 2)
    (tmp_path / "f.mrc").write_bytes(ONE + TWO + b"junk\x1d" + THREE)
    batches: list[tuple[list[str], list[str]]] = []

    def write(titles: list[TitleRecord], items: list[ItemRecord]) -> None:
        batches.append(([title.id for title in titles], [item.title for item in items]))

    report = import_files([tmp_path / "f.mrc"], MarcOptions(), write)
    assert batches == [(["b1", "b2"], ["b1", "b2"]), (["b3"], ["b3"])]
    assert (report.records, report.titles, sum(report.problems.values())) == (4, 3, 1)


@pytest.mark.parametrize("form", [lambda one: one * 10_000, lambda one: as_xml(one * 5_000)], ids=["binary", "xml"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "f"
    path.write_bytes(form(iso2709(book("b1", "A title", data("500", "  ", ("a", "note " * 40)), barcode="301"))))
    read = read_catalogue([path], MarcOptions(), ImportReport(), print)
    next(read)
    tracemalloc.start()
    count = sum(1 for _ in read)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count >= 4_999
    assert peak < 2_000_000 < path.stat().st_size


SEEDS = [ONE + TWO, as_xml(ONE, TWO), gzip.compress(ONE), iso2709(shu(), "gb18030", CNMARC_LEADER)]
SIGNS = st.sampled_from([b"\x1d", b"\x1e", b"\x1f", b"\x1b", b"\x1b$1", b"\xff", b"<", b"</record>", b"<record>", b"0"])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file in which some bytes are replaced, taken out or put in."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 40))] = draw(st.one_of(SIGNS, st.binary(max_size=8)))
    return bytes(content)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(damaged(), st.binary(max_size=200)))
def test_no_bytes_are_too_much(content: bytes) -> None:
    """Every record becomes a title or a problem, whatever the bytes are."""
    with tempfile.TemporaryDirectory() as folder:
        read = Read(Path(folder), content)
    about_records = {problem.record for problem in read.problems if problem.record}
    assert len(read.all) + len(about_records) >= read.report.records
    assert read.all or read.problems
