"""From the declaration of a message to what reads and writes it.

    struct (`requests`, `answers`) ─► Layout ─┬─► decoder(profile): body ─► message
                                              └─► encoder(profile): message ─► text

Made once for each message and profile, so that nothing is looked up in declarations while messages run.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, get_args, get_type_hints

import msgspec

from sync.sip2.errors import ProfileError, ProtocolError, Unsendable
from sync.sip2.fields import Extension, Fixed, Variable
from sync.sip2.generating import function
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
    width = sum(spec.width for _, spec in layout(message).fixed)
    names: dict[str, Any] = {
        "delimiter": profile.delimiter,
        "message": message,
        "repair": REPAIRS.get(message.code),
        "too_short": _too_short,
        "read_fields": _fields_reader(message, profile),
    }
    values, start = [], 0
    for name, spec in fixed_fields(message, profile):
        text = f"body[{start}:{start + spec.width}]"
        names[f"read_{name}"] = read = spec.kind.reader(profile)
        values.append(f"{name!r}: {f'read_{name}({text})' if read else text}")
        start += spec.width
    # A field that is required and does not come is nothing; the others are nothing by themselves.
    values += [f"{field.name!r}: None" for field in layout(message).variable if field.required]
    lines = [
        "def decode(body):",
        *(["    body = repair(body)"] if message.code in REPAIRS else []),
        f"    if len(body) < {width} or delimiter in body[:{width}]:",
        f"        too_short({message.code!r})",
        f"    values = {{{', '.join(values)}}}",
        f"    read_fields(body[{width}:], values)",
        "    return message(**values)",
    ]
    return function(f"sip2 {message.code} decoder", lines, names)


def _too_short(code: str) -> NoReturn:
    raise ProtocolError(f"message {code}: its fixed fields are not all there")


def _fields_reader(message: type[Message], profile: Profile) -> Callable[[str, dict[str, Any]], None]:
    """What reads the variable fields into the values of a message. What comes twice and may not, is something extra."""
    fields = layout(message).fields(message, profile)
    known = {field.id: (field.name, field.many, field.kind.reader(profile)) for field in fields}
    delimiter, tidy = profile.delimiter, _tidier(profile.delimiter)

    def read_fields(text: str, values: dict[str, Any]) -> None:
        lists: defaultdict[str, list[Any]] = defaultdict(list)
        plain = text.isascii() and "&#" not in text
        for piece in text.split(delimiter) if plain else map(tidy, text.split(delimiter)):
            name, many, read = known.get(piece[:2], _UNKNOWN)
            if many:
                lists[name].append(piece[2:])
            elif name and values.get(name) is None:
                values[name] = read(piece[2:]) if read else piece[2:]
            elif piece:
                lists["extra"].append((piece[:2], piece[2:]) if _FIELD_ID.match(piece) else ("", piece))
        for name, texts in lists.items():
            values[name] = tuple(texts)

    return read_fields


_UNKNOWN: tuple[str, bool, None] = ("", False, None)


def _tidier(delimiter: str) -> Callable[[str], str]:
    """What gives a field's text as it was meant: the delimiter where its entity stands, and letters with their
    marks as one character (NFC). Field by field, for a mark at the beginning of a value is none of the id's."""
    entity = f"&#{ord(delimiter)};"

    def tidy(piece: str) -> str:
        value = piece[2:].replace(entity, delimiter)
        return piece[:2] + (value if value.isascii() else unicodedata.normalize("NFC", value))

    return tidy


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────


def encoder(message: type[M], profile: Profile) -> Encoder[M]:
    """What writes this message: its command and body. It raises `Unsendable` rather than send anything that would be
    read as something else."""
    fixed = fixed_fields(message, profile)
    fields = layout(message).fields(message, profile)
    width = len(message.code) + sum(spec.width for _, spec in fixed)
    names: dict[str, Any] = {"finish": _finisher(message, fields, profile), "refuse": _refuser(message)}
    names |= {f"write_{name}": spec.kind.writer(profile) for name, spec in fixed}
    names |= {f"write_{field.name}": field.kind.writer(profile) for field in fields}
    names |= {f"id_{field.name}": field.id for field in fields}

    def written(name: str, value: str) -> str:
        return f"write_{name}({value})" if names[f"write_{name}"] else value

    head = "".join(f"{{{written(name, f'message.{name}')}}}" for name, _ in fixed)
    lines = ["def encode(message):"]
    if hasattr(message, "nb_due_date") and profile.nb_due_date is NoBlockDueDate.COPY:
        names["replace"] = msgspec.structs.replace
        lines += ["    if message.nb_due_date is None:"]
        lines += ["        message = replace(message, nb_due_date=message.transaction_date)"]
    lines += [f"    head = f'{message.code}{head}'", f"    if len(head) != {width}:"]
    lines += ["        refuse('a fixed field has not the width that it must have')", "    pieces = []"]
    for field in fields:
        add = f"pieces.append(id_{field.name} + {written(field.name, 'one')})"
        if field.many:
            lines += [f"    for one in message.{field.name}:", f"        {add}"]
        else:
            lines += [f"    if (one := message.{field.name}) is not None:", f"        {add}"]
        if field.required:
            lines += ["    else:", f"        refuse(id_{field.name} + ' must be there')"]
    lines += ["    return finish(message, head, pieces)"]
    return function(f"sip2 {message.code} encoder", lines, names)


def _refuser(message: type[Message]) -> Callable[[str], NoReturn]:
    def refuse(why: str) -> NoReturn:
        raise Unsendable(f"message {message.code}: {why}")

    return refuse


def _finisher(
    message: type[Message], fields: tuple[VariableField, ...], profile: Profile
) -> Callable[[M, str, list[str]], str]:
    """What makes a message of its parts, and lets nothing pass that would be read as something else."""
    limit = _limiter(profile, cut=not issubclass(message, Request))
    extra_of = _extra_getter(message, fields)
    delimiter, longest = profile.delimiter, profile.longest_value

    def finish(value: M, head: str, pieces: list[str]) -> str:
        pieces += extra_of(value)
        text = head + delimiter.join([*pieces, ""])
        if len(text) > longest or not text.isascii():  # else no value can be too long
            fitting = limit(pieces)
            if fitting is not pieces:
                pieces, text = fitting, head + delimiter.join([*fitting, ""])
        if text.count(delimiter) != len(pieces) or (not text.isprintable() and _CONTROL.search(text)):
            raise _unsafe(head, pieces, delimiter)
        return text

    return finish


def _getter(names: Iterable[str]) -> Callable[[Message], tuple[Any, ...]]:
    """The values of these fields. `attrgetter` gives no tuple for fewer than two."""
    wanted = tuple(names)
    if len(wanted) > 1:
        return attrgetter(*wanted)
    return lambda message: tuple(getattr(message, name) for name in wanted)


def _limiter(profile: Profile, *, cut: bool) -> Callable[[list[str]], list[str]]:
    """What keeps values within their length: an answer's are cut, a request's are refused."""
    longest, encoding = profile.longest_value, profile.encoding
    surely_fits = longest // 4  # characters: no encoding that we speak takes more than four bytes for one

    def limit_one(piece: str) -> str:
        data = piece[2:].encode(encoding, "replace")
        if len(data) <= longest:
            return piece
        if not cut:
            raise Unsendable(f"a value of more than {longest} bytes")
        return piece[:2] + data[:longest].decode(encoding, "ignore")

    def limit(pieces: list[str]) -> list[str]:
        return list(map(limit_one, pieces)) if max(map(len, pieces), default=0) > surely_fits else pieces

    return limit


def _extra_getter(message: type[Message], fields: Iterable[VariableField]) -> Callable[[Message], list[str]]:
    """What the message has beyond its fields. An extension that the profile gives no id cannot be said."""
    known = {field.id for field in fields} | {"AY", "AZ"}
    extensions = layout(message).extensions
    nameless = sorted(extensions.keys() - {field.name for field in fields})
    nameless_of = _getter(nameless)
    nothing = tuple(() if extensions[name].many else None for name in nameless)

    def extra_of(value: Message) -> list[str]:
        if nameless_of(value) != nothing:
            named = [name for name, one in zip(nameless, nameless_of(value), strict=True) if one not in (None, ())]
            raise Unsendable(f"message {message.code}: {named[0]} has no id in this profile")
        for key, _ in value.extra:
            if not _FIELD_ID.fullmatch(key) or key in known:
                raise Unsendable(f"message {message.code}: {key!r} is no id for something extra")
        return [key + text for key, text in value.extra]

    return extra_of


def _unsafe(head: str, pieces: list[str], delimiter: str) -> Unsendable:
    """Nothing in a value may end its field or its message: that would be somebody else's field."""
    unsafe = [piece[:2] for piece in pieces if delimiter in piece or _CONTROL.search(piece)]
    return Unsendable(f"message {head[:2]}: a delimiter or control character in {', '.join(unsafe) or 'a fixed field'}")
