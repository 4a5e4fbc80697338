"""Check characters, against published labels and against what they are there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.checks import CODE39, codabar_mod10, code39_mod43, ean_check

DIGITS = st.text("0123456789", min_size=2, max_size=20)


@pytest.mark.parametrize(
    ("check", "before", "expected"),
    [
        (codabar_mod10, "2177900000137", "4"),  # 4+1+5+7+9+2+3+5 = 36, reckoned by hand
        (codabar_mod10, "3056930902590", "4"),  # published 14-digit numbers of the same scheme
        (codabar_mod10, "3852000002323", "7"),
        (codabar_mod10, "0000000000000", "0"),
        (codabar_mod10, "0000000000001", "8"),  # weight 2 stands on the last of 13
        (codabar_mod10, "5000000000000", "9"),  # 2 x 5 = 10 counts as 1 + 0
        (ean_check, "978030640615", "7"),  # the example of the ISBN manual
        (ean_check, "400638133393", "1"),
        (ean_check, "9638507", "4"),
        (ean_check, "03600029145", "2"),
        (code39_mod43, "CODE39", "W"),  # 12+24+13+14+3+9 = 75; 75 - 43 = 32
        (code39_mod43, "12345ABCDE/", "T"),
    ],
)
def test_known_labels(check: Callable[[str], str], before: str, expected: str) -> None:
    assert check(before) == expected


@pytest.mark.parametrize("check", [codabar_mod10, ean_check])
@given(digits=DIGITS, data=st.data())
def test_one_wrong_digit_is_always_found(check: Callable[[str], str], digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert check(digits[:place] + wrong + digits[place + 1 :]) != check(digits)


@given(digits=DIGITS, place=st.integers(0, 18))
def test_codabar_finds_neighbours_swapped_but_for_0_and_9(digits: str, place: int) -> None:
    place %= len(digits) - 1
    one, other = digits[place], digits[place + 1]
    swapped = digits[:place] + other + one + digits[place + 2 :]
    same = one == other or {one, other} == {"0", "9"}
    assert (codabar_mod10(swapped) == codabar_mod10(digits)) == same


@given(text=st.text(CODE39, min_size=1), data=st.data())
def test_code39_finds_one_wrong_character(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from([character for character in CODE39 if character != text[place]]))
    assert code39_mod43(text[:place] + wrong + text[place + 1 :]) != code39_mod43(text)


@pytest.mark.parametrize("check", [codabar_mod10, ean_check, code39_mod43])
@pytest.mark.parametrize("text", ["", "12a", "¹²", "三"])
def test_what_cannot_be_computed_is_refused(check: Callable[[str], str], text: str) -> None:
    with pytest.raises(ValueError, match=r"not all digits|nothing to compute|substring not found"):
        check(text)
