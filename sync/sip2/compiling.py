"""From the declaration of a message to what reads and writes it.

    struct (`requests`, `answers`) ─► Layout ─┬─► decoder(profile): body ─► message
                                              └─► encoder(profile): message ─► text

Made once for each message and profile, so that nothing is looked up in declarations while messages run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from sync.sip2.errors import ProfileError, ProtocolError, Unsendable
from sync.sip2.fields import Extension, Fixed, Variable
from sync.sip2.kinds import Kind
from sync.sip2.message import Message, Request
from sync.sip2.profile import NoBlockDueDate, Profile
from sync.sip2.quirks import REPAIRS

M = TypeVar("M", bound=Message)
Decoder = Callable[[str], M]
Encoder = Callable[[M], str]

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIELD_ID = re.compile("[A-Z][A-Z0-9]")


@dataclass(frozen=True, slots=True)
class VariableField:
    """A variable field of one message under one profile. `many`: its value is a tuple of texts."""

    id: str
    name: str
    kind: Kind
    many: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How a message stands on the wire, as declared. Extensions: by struct field."""

    fixed: tuple[tuple[str, Fixed], ...]
    variable: tuple[VariableField, ...]
    extensions: dict[str, Extension]

    def fields(self, message: type[Message], profile: Profile) -> tuple[VariableField, ...]:
        """The variable fields, with those extensions to which the profile gives an id.

        Raises:
            ProfileError: it gives a meaning that the message does not have, or to an id that has one.
        """
        known = {field.id for field in self.variable}
        found = []
        for key, name in profile.meanings(message.code).items():
            extension = self.extensions.get(name)
            if extension is None or key in known:
                raise ProfileError(
                    f"SIP2 profile {profile.name!r}: extensions.{message.code}: {key} cannot be {name!r}"
                )
            found.append(VariableField(key, name, extension.kind, extension.many, required=False))
        return (*self.variable, *found)


@cache
def layout(message: type[Message]) -> Layout:
    """The layout that a message declares."""
    hints = get_type_hints(message, include_extras=True)
    fixed, variable, extensions = [], [], {}
    for field in msgspec.structs.fields(message):
        match next(iter(get_args(hints[field.name])[1:]), None):
            case Fixed() as spec:
                fixed.append((field.name, spec))
            case Variable() as spec:
                required = field.default is not None and not spec.many
                variable.append(VariableField(spec.id, field.name, spec.kind, spec.many, required))
            case Extension() as spec:
                extensions[field.name] = spec
    return Layout(tuple(fixed), tuple(variable), extensions)


def fixed_fields(message: type[Message], profile: Profile) -> tuple[tuple[str, Fixed], ...]:
    """The fixed fields in the order in which they stand under this profile."""
    fixed = layout(message).fixed
    return fixed[::-1] if message.code == "38" and profile.fee_paid_swapped else fixed


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────


def decoder(message: type[M], profile: Profile) -> Decoder[M]:
    """What reads the body of this message. It raises `ProtocolError` where the fixed fields are not all there."""
    delimiter = profile.delimiter
    repair = REPAIRS.get(message.code)
    fixed, width = [], 0
    for name, spec in fixed_fields(message, profile):
        fixed.append((name, slice(width, width + spec.width), spec.kind.reader(profile)))
        width += spec.width
    fields = layout(message).fields(message, profile)
    nothing = {name: () if spec.many else None for name, spec in layout(message).extensions.items()}
    nothing |= {field.name: () if field.many else None for field in fields}
    known = {field.id: (field.name, field.many, field.kind.reader(profile)) for field in fields}
    tidy = _tidier(delimiter)

    def decode(body: str) -> M:
        if repair:
            body = repair(body)
        if len(body) < width or delimiter in body[:width]:
            raise ProtocolError(f"message {message.code}: its fixed fields are not all there")
        values: dict[str, Any] = nothing.copy()
        for name, place, read in fixed:
            values[name] = read(body[place]) if read else body[place]
        lists: dict[str, list[str]] = {}
        extra = []
        for piece in tidy(body[width:].split(delimiter)):
            name, many, read = known.get(piece[:2], _UNKNOWN)
            if many:
                lists.setdefault(name, []).append(piece[2:])
            elif name and values[name] is None:
                values[name] = read(piece[2:]) if read else piece[2:]
            elif piece:
                extra.append((piece[:2], piece[2:]) if _FIELD_ID.match(piece) else ("", piece))
        for name, texts in lists.items():
            values[name] = tuple(texts)
        return message(extra=tuple(extra), **values)

    return decode


_UNKNOWN: tuple[str, bool, None] = ("", False, None)


def _tidier(delimiter: str) -> Callable[[list[str]], list[str]]:
    """What gives the fields' texts as they were meant: the delimiter where its entity stands, and letters with their
    marks as one character (NFC). Field by field, for a mark at the beginning of a value is none of the id's."""
    entity = f"&#{ord(delimiter)};"

    def tidy_one(piece: str) -> str:
        value = piece[2:].replace(entity, delimiter)
        return piece[:2] + (value if value.isascii() else unicodedata.normalize("NFC", value))

    def tidy(pieces: list[str]) -> list[str]:
        if all(map(str.isascii, pieces)) and not any("&#" in piece for piece in pieces):
            return pieces
        return list(map(tidy_one, pieces))

    return tidy


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────


def encoder(message: type[M], profile: Profile) -> Encoder[M]:
    """What writes this message: its command and body. It raises `Unsendable` rather than send anything that would be
    read as something else."""
    fixed = fixed_fields(message, profile)
    fields = layout(message).fields(message, profile)
    nameless = tuple(layout(message).extensions.keys() - {field.name for field in fields})
    fixed_of = _getter(name for name, _ in fixed)
    fields_of = _getter(field.name for field in fields)
    fixed_writers = [spec.kind.writer(profile) for _, spec in fixed]
    width = sum(spec.width for _, spec in fixed)
    writers = [(field, field.kind.writer(profile)) for field in fields]
    limit = _limiter(profile, cut=not issubclass(message, Request))
    copies_date = hasattr(message, "nb_due_date") and profile.nb_due_date is NoBlockDueDate.COPY

    def encode(value: M) -> str:
        if copies_date and value.nb_due_date is None:  # type: ignore[attr-defined]
            value = msgspec.structs.replace(value, nb_due_date=value.transaction_date)  # type: ignore[attr-defined]
        head = "".join(
            [write(one) if write else one for write, one in zip(fixed_writers, fixed_of(value), strict=True)]
        )
        if len(head) != width:
            raise Unsendable(f"message {message.code}: a fixed field has not the width that it must have")
        pieces: list[str] = []
        for (field, write), one in zip(writers, fields_of(value), strict=True):
            if one is None:
                if field.required:
                    raise Unsendable(f"message {message.code}: {field.id} must be there")
            elif field.many:
                pieces += [field.id + limit(text) for text in one]
            else:
                pieces.append(field.id + limit(write(one) if write else one))
        pieces += _extra(value, fields, nameless)
        return _safe(message.code + head, pieces, profile.delimiter)

    return encode


def _getter(names: Iterable[str]) -> Callable[[Message], tuple[Any, ...]]:
    """The values of these fields. `attrgetter` gives no tuple for fewer than two."""
    wanted = tuple(names)
    if len(wanted) > 1:
        return attrgetter(*wanted)
    return lambda message: tuple(getattr(message, name) for name in wanted)


def _limiter(profile: Profile, *, cut: bool) -> Callable[[str], str]:
    """What keeps a value within its length: an answer's is cut, a request's is refused."""
    longest, encoding = profile.longest_value, profile.encoding
    surely_fits = longest // 4  # characters: no encoding that we speak takes more than four bytes for one

    def limit(text: str) -> str:
        if len(text) <= surely_fits or len(data := text.encode(encoding, "replace")) <= longest:
            return text
        if not cut:
            raise Unsendable(f"a value of more than {longest} bytes")
        return data[:longest].decode(encoding, "ignore")

    return limit


def _extra(value: Message, fields: Iterable[VariableField], nameless: Iterable[str]) -> list[str]:
    """What the message has beyond its fields. An extension that the profile gives no id cannot be said."""
    for name in nameless:
        if getattr(value, name) not in (None, ()):
            raise Unsendable(f"message {value.code}: {name} has no id in this profile")
    if not value.extra:
        return []
    known = {field.id for field in fields}
    for key, _ in value.extra:
        if not _FIELD_ID.fullmatch(key) or key in known or key in ("AY", "AZ"):
            raise Unsendable(f"message {value.code}: {key!r} is no id for something extra")
    return [key + text for key, text in value.extra]


def _safe(head: str, pieces: list[str], delimiter: str) -> str:
    """The message in one. Nothing in a value may end its field or its message: that would be somebody else's field."""
    text = head + "".join([piece + delimiter for piece in pieces])
    if text.count(delimiter) != len(pieces) or _CONTROL.search(text):
        unsafe = [piece[:2] for piece in pieces if delimiter in piece or _CONTROL.search(piece)]
        raise Unsendable(
            f"message {head[:2]}: a delimiter or control character in {', '.join(unsafe) or 'a fixed field'}"
        )
    return text
