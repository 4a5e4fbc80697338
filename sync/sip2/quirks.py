"""Answers that are not whole, and what they mean all the same."""

from __future__ import annotations

from collections.abc import Callable

_DATE = 18
_FEE_PAID_IDS = frozenset({"AA", "AF", "AG", "AO", "BK"})


def _begins_with_date(text: str) -> bool:
    day = text[:8]
    return len(day) == len("YYYYMMDD") and day.isascii() and day.isdigit()


def _hold_without_ok(body: str) -> str:
    """Koha and its relatives print what their hold said, and where it failed that can be nothing: then the one
    character of 'ok' is missing, and all behind it stands one place to the left. A missing yes is a no."""
    if _begins_with_date(body[1:]) and not _begins_with_date(body[2:]):
        return "0" + body
    return body


def _fee_without_date(body: str) -> str:
    """Only the flag of a Fee Paid Response counts. A booked payment is one also where the date behind it is missing:
    to take it for unknown would have it paid twice."""
    dateless = len(body) == 1 or body[1:3] in _FEE_PAID_IDS
    return body[:1] + " " * _DATE + body[1:] if dateless else body


REPAIRS: dict[str, Callable[[str], str]] = {"16": _hold_without_ok, "38": _fee_without_date}
"""By command: what makes a body whole. One that is whole stays as it is."""
