"""Any message, drawn from its own declaration."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from sync.sip2 import Message, Profile
from sync.sip2.answers import ANSWERS
from sync.sip2.compiling import layout
from sync.sip2.fields import Extension, Fixed, Variable
from sync.sip2.kinds import DATE
from sync.sip2.requests import REQUESTS

M = TypeVar("M", bound=Message)
Spec = Fixed | Variable | Extension

MESSAGES: tuple[type[Message], ...] = (*REQUESTS, *ANSWERS)
ZONE = "Europe/Berlin"
WIDE = Profile(
    zone=ZONE,
    longest_request=65536,
    extensions={
        message.code: {f"Z{chr(ord('A') + at)}": name for at, name in enumerate(layout(message).extensions)}
        for message in MESSAGES
    },
)
"""A profile in which every extension has an id."""

_UNKNOWN_IDS = ("X1", "XA", "QQ")


def _meant(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("&#124;", "")


signs = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="|")
texts = st.text(signs, max_size=40).map(_meant)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(ZoneInfo(ZONE))).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
amounts = st.decimals(Decimal(-9999), Decimal(9999), places=2)


def fixed_texts(spec: Fixed) -> st.SearchStrategy[str]:
    """A fixed field with something in it that is in no list; in a date's place at least a digit."""
    width = spec.width - (spec.kind is DATE)
    letters = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="|")
    found = st.text(letters, min_size=width, max_size=width)
    return found.map("2".__add__) if spec.kind is DATE else found


def messages(message: type[M], profile: Profile = WIDE) -> st.SearchStrategy[M]:
    """Any message of this type that can be said."""
    hints = get_type_hints(message, include_extras=True)
    values = {
        field.name: _values(*get_args(hints[field.name])[:2], required=field.default is not None, profile=profile)
        for field in msgspec.structs.fields(message)
        if field.name != "extra"
    }
    extra = st.lists(st.tuples(st.sampled_from(_UNKNOWN_IDS), texts), max_size=3).map(tuple)
    return st.builds(message, extra=extra, **values)


def _values(
    kind: Any, spec: Fixed | Variable | Extension, *, required: bool, profile: Profile
) -> st.SearchStrategy[Any]:
    if get_origin(kind) is tuple:
        return st.lists(texts, max_size=4).map(tuple)
    if get_origin(kind) is frozenset:
        return st.frozensets(st.sampled_from(get_args(kind)[0]))
    alternatives = get_args(kind) or (kind,)
    if required and not isinstance(spec, Fixed):
        alternatives = tuple(one for one in alternatives if one is not NoneType)
    return st.one_of([_one(one, spec, profile) for one in alternatives])


def _one(kind: Any, spec: Spec, profile: Profile) -> st.SearchStrategy[Any]:
    if get_origin(kind) is frozenset:
        return st.frozensets(st.sampled_from(get_args(kind)[0]))
    if kind is str:
        plain = fixed_texts(spec) if isinstance(spec, Fixed) else texts
        return plain.filter(_stays_text(spec, profile))
    if kind is int:
        largest = 998 if isinstance(spec, Fixed) and spec.width == 3 else 9999
        return st.integers(0, largest)
    if isinstance(kind, type) and issubclass(kind, StrEnum | IntEnum):
        return st.sampled_from(kind)
    return {NoneType: st.none(), bool: st.booleans(), datetime: moments, Decimal: amounts}[kind]


def _stays_text(spec: Spec, profile: Profile) -> Callable[[str], bool]:
    """A text that says 17 is read as the number, and one that says Y as yes."""
    read = spec.kind.reader(profile)
    return lambda text: read is None or isinstance(read(text), str)
