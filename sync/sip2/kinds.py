"""How one value stands on the wire, in either direction: a reader and a writer for each kind.

Readers never fail: systems send what they like, and what has no meaning of its kind stays the text that it is (or None
in a fixed field that has no room for a doubt). Writers raise `Unsendable`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sync.sip2.dates import WIDTH, date_reader, date_writer, free_date_reader
from sync.sip2.errors import Unsendable

if TYPE_CHECKING:
    from sync.sip2.profile import Profile

# What a reader gives and a writer takes is the type of the field that is annotated with the kind, one for each kind.
Reader = Callable[[str], Any]
Writer = Callable[[Any], str]

_YES = "Yy1"  # of both alphabets: systems mix them up
_NO = "Nn0"
_REMEMBERED = 512  # texts of a kind of which few occur, again and again: all that is lent on a day is due on one day
_LONGEST_NUMBER = 18  # digits; longer ones are none that anybody means


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to write a value. It may depend on the profile. A reader of None leaves the text alone."""

    reader: Callable[[Profile], Reader | None]
    writer: Callable[[Profile], Writer | None]


def _always(read: Reader | None, write: Writer | None) -> Kind:
    return Kind(lambda _profile: read, lambda _profile: write)


TEXT = _always(None, None)


# ── yes and no ───────────────────────────────────────────────────────────────────────────────────────────


def flag(yes: str, no: str) -> Kind:
    """A fixed field of one character. What is not yes is no."""
    return _always(frozenset(_YES).__contains__, lambda value: yes if value else no)


_MEANT = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}

MAYBE = _always(
    lambda text: _MEANT.get(text, text), lambda value: value if isinstance(value, str) else "Y" if value else "N"
)
"""A variable field: True, False, or the text that is neither."""

UNSURE = _always(
    _MEANT.get,
    {True: "Y", False: "N", None: "U"}.__getitem__,
)
"""A fixed field: Y, N, or U for what the library system does not know."""


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────


def _is_number(text: str) -> bool:
    return len(text) <= _LONGEST_NUMBER and text.isascii() and text.isdigit()


def counted(width: int, unknown: str) -> Kind:
    """A fixed field of digits, however padded. None: not said, written as `unknown`."""
    none = None if not unknown.strip() else int(unknown)

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> int | None:
        stripped = text.strip()
        number = int(stripped) if _is_number(stripped) else None
        return None if number == none else number

    @lru_cache(maxsize=_REMEMBERED)
    def write(value: int | None) -> str:
        if value is None:
            return unknown
        if not 0 <= value < 10**width or value == none:
            raise Unsendable(f"a number that does not fit into {width} digits")
        return f"{value:0{width}d}"

    return _always(read, write)


def number(width: int = 1) -> Kind:
    """A variable field: a whole number of at least so many digits, or the text that is none."""

    def write(value: int | str) -> str:
        if isinstance(value, str):
            return value
        if not 0 <= value < 10**_LONGEST_NUMBER:
            raise Unsendable("a number below zero, or far too large")
        return f"{value:0{width}d}"

    return _always(lambda text: int(text) if _is_number(text) else text, write)


def _read_amount(text: str) -> Decimal | str:
    whole, _, part = text.removeprefix("-").partition(".")
    if not (_is_number(whole) and (_is_number(part) or not part)):
        return text
    try:
        return Decimal(text)
    except InvalidOperation:  # no digits at all
        return text


def _write_amount(value: Decimal | str) -> str:
    if isinstance(value, str):
        return value
    if not value.is_finite():
        raise Unsendable("an amount that is no number")
    return f"{value:f}"


AMOUNT = _always(_read_amount, _write_amount)
"""BV and CC: money with a point, or the text that is none. Systems write 15.5 and 15.50."""


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────


def coded(codes: type[StrEnum]) -> Kind:
    """A code of a list, or the text that is none of it."""
    known: dict[str, str] = {code.value: code for code in codes}
    return _always(lambda text: known.get(text, text), str)


def marks(positions: type[IntEnum], blank: str) -> Kind:
    """A set of positions that say Y; the others say `blank`."""
    members = tuple(positions)

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> frozenset[IntEnum]:
        return frozenset(member for member, sign in zip(members, text, strict=False) if sign in _YES)

    @lru_cache(maxsize=_REMEMBERED)
    def write(value: frozenset[IntEnum]) -> str:
        return "".join("Y" if member in value else blank for member in members)

    return _always(read, write)


def position(positions: type[IntEnum], width: int) -> Kind:
    """The first position that says Y, in a field that is blank elsewhere; None for a blank one."""
    members = tuple(positions)

    def read(text: str) -> IntEnum | None:
        return next((member for member, sign in zip(members, text, strict=False) if sign in _YES), None)

    def write(value: IntEnum | None) -> str:
        return (" " * value + "Y" if value is not None else "").ljust(width)

    return _always(read, write)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────


def _write_date(profile: Profile) -> Writer:
    write = date_writer(None if profile.universal_time else profile.tzinfo)

    def written(value: datetime | str | None) -> str:
        if value is None:
            return " " * WIDTH
        if isinstance(value, str):
            return value
        try:
            return write(value)
        except (ValueError, OverflowError) as error:
            raise Unsendable("a date that cannot be written: it needs a zone, and a year from 1 to 9999") from error

    return written


def _read_fixed_date(profile: Profile) -> Reader:
    read = date_reader(profile.tzinfo)
    return lru_cache(maxsize=_REMEMBERED)(lambda text: read(text) or (text if text.strip() else None))


def _read_free_date(profile: Profile) -> Reader:
    read = free_date_reader(profile.tzinfo, profile.due_formats)
    return lru_cache(maxsize=_REMEMBERED)(lambda text: read(text) or text)


DATE = Kind(_read_fixed_date, _write_date)
"""A fixed field: a date, None for blanks, or the text that is none."""

FREE_DATE = Kind(_read_free_date, _write_date)
"""A variable field: a date in the protocol's or the profile's way, or the text that is none."""
