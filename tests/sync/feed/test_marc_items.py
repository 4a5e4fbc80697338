"""Copies, as the systems of libraries write them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sync.catalogue import ItemStatus
from sync.feed.marc import PROFILES, MarcOptions, Reason, profile
from sync.feed.records import ItemRecord
from tests.sync.feed.marcfiles import CNMARC_LEADER, Read, Spec, book, data, iso2709, shu


def items(tmp_path: Path, fields: list[Spec], name: str, **changes: str) -> list[tuple[str, str, str, str]]:
    options = MarcOptions(profile=profile(name, changes))
    leader = CNMARC_LEADER if fields[-1][0] in ("905", "906", "995") else "nam a22 i 4500"
    read = Read(tmp_path, iso2709(fields, leader=leader), options)
    return [(item.barcode, item.branch, item.shelf, item.status.value) for item in read.one.items]


@pytest.mark.parametrize(
    ("subfields", "status"),
    [
        ((), "available"),
        ((("7", "0"), ("1", "0"), ("0", "0")), "available"),
        ((("7", "1"),), "not_for_loan"),
        ((("7", "-1"),), "not_for_loan"),  # ordered
        ((("0", "1"),), "not_for_loan"),  # withdrawn
        ((("1", "4"), ("7", "1")), "lost"),
    ],
)
def test_koha(tmp_path: Path, subfields: tuple[tuple[str, str], ...], status: str) -> None:
    copy = data("952", "  ", *subfields, ("a", "CPL"), ("b", "FFL"), ("o", "E 101 "), ("p", " 301"), ("y", "BK"))
    assert items(tmp_path, book("b1", "Emma", copy), "koha") == [("301", "CPL", "E 101", status)]


def test_koha_goes_by_its_own_number_where_it_is_there(tmp_path: Path) -> None:
    record = iso2709(book("ocm123", "Emma", data("999", "  ", ("c", "42"), ("d", "42")), barcode="301"))
    one = Read(tmp_path, record).one
    assert (one.title.id, one.items[0].title) == ("42", "42")


@pytest.mark.parametrize(
    ("name", "fields", "copy"),
    [
        ("852", [data("852", "0 ", ("a", "LIB"), ("b", "main"), ("h", "823.7"), ("i", "AUS"), ("p", "301"))],
         ("301", "main", "823.7 AUS", "available")),
        ("876", [
            data("852", "0 ", ("8", "1"), ("b", "main"), ("h", "823.7")),
            data("852", "0 ", ("8", "2"), ("b", "east"), ("h", "J 823")),
            data("876", "  ", ("8", "2.1"), ("a", "i9"), ("h", "no restrictions"), ("p", "301")),
         ], ("301", "east", "J 823", "available")),
        ("949", [data("949", " 1", ("a", "823.7"), ("i", "301"), ("l", "main"), ("s", "m"), ("t", "1"))],
         ("301", "main", "823.7", "lost")),
        ("945", [data("945", "  ", ("a", "823"), ("b", "AUS"), ("i", "301"), ("l", "main"), ("s", "-"))],
         ("301", "main", "823 AUS", "available")),
        ("999", [data("999", "  ", ("a", "823.7 AUS"), ("i", "301"), ("l", "STACKS"), ("m", "MAIN"))],
         ("301", "MAIN", "823.7 AUS", "available")),
        ("999", [data("999", "  ", ("a", "823.7 AUS"), ("i", "301"), ("l", "MISSING"), ("m", "MAIN"))],
         ("301", "MAIN", "823.7 AUS", "lost")),
    ],
)  # fmt: skip
def test_other_systems(tmp_path: Path, name: str, fields: list[Spec], copy: tuple[str, str, str, str]) -> None:
    assert items(tmp_path, book("b1", "Emma", *fields), name) == [copy]


@pytest.mark.parametrize(
    ("name", "fields", "copies"),
    [
        ("unimarc995", [data("995", "  ", ("b", "BM"), ("f", "301"), ("k", "R CAM"), ("o", "1"), ("r", "LIV"))],
         [("301", "BM", "R CAM", "not_for_loan")]),
        ("905", [data("905", "  ", ("a", "总馆"), ("b", "301"), ("b", "302"), ("d", "I242.4"), ("e", "123"))],
         [("301", "总馆", "I242.4/123", "available"), ("302", "总馆", "I242.4/123", "available")]),
        ("906", [data("905", "  ", ("a", "总馆"), ("f", "I242.4/9")), data("906", "  ", ("a", "1"), ("h", "301"))],
         [("301", "总馆", "I242.4/9", "available")]),
    ],
)  # fmt: skip
def test_unimarc_systems(
    tmp_path: Path, name: str, fields: list[Spec], copies: list[tuple[str, str, str, str]]
) -> None:
    assert items(tmp_path, shu("c1", *fields), name) == copies


@pytest.mark.parametrize("barcode", ["", "  ", "3" * 65, b"\xb7\xb7\xff30"])
def test_a_copy_without_a_usable_barcode_is_told(tmp_path: Path, barcode: str | bytes) -> None:
    copies = [data("952", "  ", ("a", "main"), ("p", barcode)), data("952", "  ", ("a", "main"), ("p", "302"))]
    record = iso2709(book("b1", "Ein schöner Tag mit Wörtern", *copies))
    read = Read(tmp_path, record)
    assert [item.barcode for item in read.all[0].items] == ["302"]
    assert [(one.record, one.control_number, one.reason) for one in read.problems] == [(1, "b1", Reason.NO_BARCODE)]


def test_a_profile_can_be_changed(tmp_path: Path) -> None:
    copy = data("970", "  ", ("x", "301"), ("y", "north"), ("z", "DISC"), ("s", "GONE"))
    changes = {
        "tag": "970", "barcode": "x", "branch": "y", "type": "z", "status": "s",
        "statuses.GONE": "lost", "media.DISC": "dvd", "numbers": "970y,001",
    }  # fmt: skip
    options = MarcOptions(profile=profile("koha", changes))
    one = Read(tmp_path, iso2709(book("b1", "Emma", copy)), options).one
    assert one.items == (ItemRecord(barcode="301", title="north", branch="north", status=ItemStatus.LOST),)
    assert (one.title.id, one.title.media) == ("north", "dvd")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"barcod": "x"}, "unknown field `barcod`"),
        ({"statuses.GONE": "vanished"}, r"Invalid enum value 'vanished' - at `\$.statuses\[...\]`"),
    ],
)
def test_a_change_that_cannot_be(changes: dict[str, str], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        profile("koha", changes)


def test_every_shipped_profile_names_its_field() -> None:
    for name, shipped in PROFILES.items():
        assert len(shipped.tag) == 3, name
        assert shipped.barcode, name
        assert shipped.shelf, name
        assert profile(name, {}) == shipped
