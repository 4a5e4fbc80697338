"""Which label is whose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import CodeKind, ScanFault
from drivers.scanner.checks import codabar_mod10, code39_mod43, ean_check
from drivers.scanner.framing import RawCode
from drivers.scanner.rules import Sorted, sort_code
from drivers.scanner.settings import Rule, ScannerSettings, Symbology

PATRON = "2177900000137"
ITEM = "3177900000137"
RULES = (
    Rule("patron", "2#############", check="codabar_mod10"),
    Rule("item", "3#############", check="codabar_mod10"),
    Rule("item", "B@####*", (Symbology.CODE39,), check="code39_mod43", strip_check=True),
    Rule("item", "^OLD-[0-9]{3,5}$"),
)


def sort_text(text: str, symbology: Symbology | None = None) -> Sorted | ScanFault:
    return sort_code(RawCode(text, symbology), RULES)


def right(digits: str) -> str:
    return digits + codabar_mod10(digits)


def test_cards_and_items_are_told_apart() -> None:
    assert sort_text(right(PATRON)) == Sorted(CodeKind.PATRON, right(PATRON), None)
    assert sort_text(right(ITEM)) == Sorted(CodeKind.ITEM, right(ITEM), None)
    assert sort_text("OLD-123") == Sorted(CodeKind.ITEM, "OLD-123", None)


@pytest.mark.parametrize("letters", ["AA", "AB", "dc"])
@pytest.mark.parametrize("symbology", [None, Symbology.CODABAR])
def test_start_and_stop_letters_are_taken_off(letters: str, symbology: Symbology | None) -> None:
    found = sort_text(letters[0] + right(ITEM) + letters[1], symbology)
    assert found == Sorted(CodeKind.ITEM, right(ITEM), symbology)


def test_letters_of_another_symbology_stay() -> None:
    assert sort_text("A123B", Symbology.CODE39) == Sorted(CodeKind.FOREIGN, "A123B", Symbology.CODE39)


def test_a_rule_sees_the_code_as_it_came_first() -> None:
    assert sort_code(RawCode("A123B"), [Rule("item", "A###B")]) == Sorted(CodeKind.ITEM, "A123B", None)


@given(digits=st.text("0123456789", min_size=12, max_size=12), wrong=st.integers(1, 9))
def test_a_wrong_check_digit_is_no_item(digits: str, wrong: int) -> None:
    label = right("3" + digits)
    bad = label[:-1] + str((int(label[-1]) + wrong) % 10)
    assert sort_text(label) == Sorted(CodeKind.ITEM, label, None)
    assert sort_text(bad) is ScanFault.BAD_CHECK


def test_code39_check_is_taken_off_where_the_catalogue_knows_the_code_without() -> None:
    code = "BX1234"
    assert sort_text(code + code39_mod43(code)) == Sorted(CodeKind.ITEM, code, None)


def test_another_symbology_is_not_wanted() -> None:
    code = "BX1234"
    label = code + code39_mod43(code)
    assert sort_text(label, Symbology.CODE39) == Sorted(CodeKind.ITEM, code, Symbology.CODE39)
    assert sort_text(label, Symbology.QR) == Sorted(CodeKind.FOREIGN, label, Symbology.QR)


@given(
    digits=st.text("0123456789", min_size=9, max_size=9),
    head=st.sampled_from(["978", "979"]),
    add_on=st.sampled_from(["", "12", "51299", " 12", " 51299"]),
)
def test_an_isbn_is_known_with_and_without_add_on(digits: str, head: str, add_on: str) -> None:
    isbn = head + digits + ean_check(head + digits)
    assert sort_text(isbn + add_on) == Sorted(CodeKind.ISBN, isbn, None)
    assert sort_text(isbn + add_on, Symbology.EAN13) == Sorted(CodeKind.ISBN, isbn, Symbology.EAN13)


@pytest.mark.parametrize(
    "text", ["9780306406158", "978030640615", "97803064061571", "4006381333931", "97803064061575129"]
)
def test_what_only_looks_like_an_isbn_is_foreign(text: str) -> None:
    assert sort_text(text) == Sorted(CodeKind.FOREIGN, text, None)


def test_an_isbn_in_a_qr_code_is_foreign() -> None:
    assert sort_text("9780306406157", Symbology.QR) == Sorted(CodeKind.FOREIGN, "9780306406157", Symbology.QR)


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_every_code_is_something(text: str) -> None:
    assert isinstance(sort_text(text), Sorted | ScanFault)


@given(text=st.text(min_size=1, max_size=12))
def test_a_mask_of_question_marks_takes_anything_of_its_length(text: str) -> None:
    rules = [Rule("item", "?" * len(text))]
    found = sort_code(RawCode(text), rules)
    assert ("\n" in text) or found == Sorted(CodeKind.ITEM, text, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rule("item", "^("), "regular expression"),
        (lambda: Rule("item", "###", strip_check=True), "strip_check"),
        (lambda: ScannerSettings("s", ""), "path"),
        (lambda: ScannerSettings("s", "x", gap_ms=5), "gap_ms"),
        (lambda: ScannerSettings("s", "x", baud=0), "baud"),
    ],
)
def test_wrong_settings_are_refused(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=message):
        make()
