"""ISBNs as numbers, so that one typed without its check digit, its first digits or its hyphens is found all the same.

Source: ISO 2108 and the ISBN Users' Manual, 7th edition, section 4 and appendix 1 (13 digits, check digit modulo 10).
"""

from __future__ import annotations

import re

DIGITS = 13
_TYPED = re.compile(r"\d{4,13}|\d{9}[\dx]")
_SPACING = re.compile(r"[\s\u2010-\u2015\u2212-]+")


def number(isbn: str) -> int | None:
    """The thirteen digits of an ISBN of 10 or 13 characters; None: it is neither."""
    plain = _SPACING.sub("", isbn).lower()
    if re.fullmatch(r"[0-9]{13}", plain):
        return int(plain)
    if re.fullmatch(r"[0-9]{9}[0-9x]", plain):
        return int(checked(f"978{plain[:9]}"))
    return None


def ranges(folded: str) -> list[tuple[int, int]]:
    """Between which numbers the ISBNs lie that begin as typed; both ends belong to it. Empty: no ISBN was typed."""
    plain = _SPACING.sub("", folded).removeprefix("isbn").removeprefix(":")
    if not plain.isascii() or not _TYPED.fullmatch(plain):
        return []
    found = [_range(plain)] if plain.isdigit() else []
    if len(plain) == 10:
        found.append(_range(f"978{plain[:9]}"))
    elif 7 <= len(plain) < 10:  # the beginning of an old one; shorter ones fit too much
        found.append(_range(f"978{plain}"))
    return found


def _range(digits: str) -> tuple[int, int]:
    room = 10 ** (DIGITS - len(digits))
    return int(digits) * room, (int(digits) + 1) * room - 1


def checked(twelve: str) -> str:
    """Twelve digits and the check digit that belongs to them."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"
