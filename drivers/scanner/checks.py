"""Check characters of library labels. Each function takes the characters before the check character."""

from __future__ import annotations

CODE39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""The 43 characters of Code 39 in the order of their values (ISO/IEC 16388, 4.2 and annex A)."""


def codabar_mod10(digits: str) -> str:
    """The library check digit that follows `digits` (13 for the usual 14-digit label).

    Weights 2, 1, 2 … from the left; the digits of each product are added up; the sum is filled to a multiple of
    ten. Raises ValueError for anything but digits.
    """
    products = (digit * (2 - place % 2) for place, digit in enumerate(_values(digits)))
    return str(-sum(product // 10 + product % 10 for product in products) % 10)


def ean_check(digits: str) -> str:
    """The check digit that follows `digits` (12 for EAN-13, 7 for EAN-8, 11 for UPC-A).

    Weights 3, 1, 3 … from the right (GS1 General Specifications, 7.9). Raises ValueError for anything but digits.
    """
    return str(-sum(digit * (3 - 2 * (place % 2)) for place, digit in enumerate(reversed(_values(digits)))) % 10)


def code39_mod43(text: str) -> str:
    """The check character that follows `text` (ISO/IEC 16388, annex A). Raises ValueError for a character that
    Code 39 does not have, lower case included."""
    return CODE39[sum(CODE39.index(character) for character in _not_empty(text)) % 43]


def _values(digits: str) -> list[int]:
    if not (_not_empty(digits).isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r} is not all digits")
    return [int(digit) for digit in digits]


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("nothing to compute a check character of")
    return text
