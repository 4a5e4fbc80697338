"""What differs from one library system to the next, as data.

Systems keep SIP 2.00 each in its own way. The shipped profiles (`profiles/*.toml`) say how, by name; a library
overrides any value of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from sync.sip2.errors import ProfileError

_SAMPLE = datetime(2026, 3, 2, 9, 5, 7)  # noqa: DTZ001  only its text matters
_PRINTABLE = bytes(range(0x20, 0x7F))
_SHIPPED = files("sync.sip2.profiles")
_SUFFIX = ".toml"

Seconds = Annotated[int, Meta(ge=1, le=3600)]
FieldId = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]$")]
Command = Annotated[str, Meta(pattern="^[0-9]{2}$")]
Meanings = dict[FieldId, str]


class ErrorDetection(StrEnum):
    """Whether messages carry a sequence number and a checksum."""

    AUTO = "auto"  # they do, until the library system answers without
    ON = "on"
    OFF = "off"


class ChecksumPolicy(StrEnum):
    """What a wrong checksum means."""

    STRICT = "strict"  # the message came broken
    WARN = "warn"  # it is logged, and the message taken
    OFF = "off"  # nobody looks
    CODE_POINTS = "code_points"  # the system sums characters, not bytes; so do we. Either sum is right


class NoBlockDueDate(StrEnum):
    """What stands in 'nb due date' where there is none."""

    BLANK = "blank"
    COPY = "copy"  # of the transaction date, for systems that cannot read blanks


class NoBlock(StrEnum):
    """What a system makes of 'no block', by which a station tells of a loan that has happened."""

    UNKNOWN = "unknown"
    IGNORED = "ignored"  # an ordinary checkout, which may be refused and is dated now
    AS_ISSUE_DATE = "as_issue_date"  # forced; 'nb due date' becomes the day of the checkout
    AS_DUE_DATE = "as_due_date"  # forced; lent now, due on 'nb due date'


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a library system speaks SIP 2.00. Every value stands in the profile's file or is the default here.

    `extensions`: for each message (its command) the ids beyond SIP 2.00 and the struct field that they mean; '' takes a
    meaning away. `due_formats`: how the site writes due dates, as for `strptime`, beside the protocol's own way.
    `zone`: of dates without one, an IANA name; where no file names one, the library's own.
    """

    name: str = "generic"

    encoding: str = "utf-8"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = "|"
    terminator: Annotated[str, Meta(pattern="^[\r\n]{1,2}$")] = "\r"  # of what we send
    lf_terminates: bool = True  # what comes ends with LF too; False: only with CR, and LF may stand in a value

    error_detection: ErrorDetection = ErrorDetection.AUTO
    checksums: ChecksumPolicy = ChecksumPolicy.STRICT

    zone: str = "UTC"
    universal_time: bool = False  # our dates go out in UTC with a Z, not in local time with blanks
    due_formats: tuple[str, ...] = ()
    nb_due_date: NoBlockDueDate = NoBlockDueDate.BLANK
    no_block: NoBlock = NoBlock.UNKNOWN

    login: bool = True  # by 93, before anything else
    location_code: str = ""  # CP of the login
    heartbeat_s: Seconds = 30  # between two 99 on an idle line; systems hang up after 60 to 600 s
    send_pin: bool = True

    extended_fees: bool = False  # lists single fees (`extended_fees`)
    fee_paid_swapped: bool = False  # 38 with its date before its flag
    longest_request: Annotated[int, Meta(ge=128, le=65536)] = 1024  # bytes, with the terminator
    longest_value: Annotated[int, Meta(ge=32, le=65536)] = 255  # bytes of a variable field

    extensions: dict[Command, Meanings] = {}

    def __post_init__(self) -> None:
        _refuse_encoding(self.encoding)
        if not self.delimiter.isascii() or not self.delimiter.isprintable() or self.delimiter.isalnum():
            raise ValueError(f"delimiter {self.delimiter!r}: one printable ASCII sign, neither letter nor digit")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"zone {self.zone!r}: no such time zone") from error
        for form in self.due_formats:
            _refuse_format(form)

    @property
    def tzinfo(self) -> tzinfo:
        """The zone of dates without one."""
        return ZoneInfo(self.zone)

    def meanings(self, command: str) -> dict[str, str]:
        """The extensions of a message: id and struct field."""
        return {key: meaning for key, meaning in self.extensions.get(command, {}).items() if meaning}


def _refuse_encoding(encoding: str) -> None:
    """Commands, ids and checksums are ASCII in every message, so the encoding must leave ASCII as it is."""
    try:
        transparent = (
            _PRINTABLE.decode("ascii").encode(encoding) == _PRINTABLE == _PRINTABLE.decode(encoding).encode("ascii")
        )
    except (LookupError, UnicodeError):
        transparent = False
    if not transparent:
        raise ValueError(f"encoding {encoding!r}: unknown, or not ASCII where ASCII is meant")


def _refuse_format(form: str) -> None:
    try:
        datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007
    except ValueError as error:
        raise ValueError(f"due_formats: {form!r} is no format of dates") from error


def profile_names() -> tuple[str, ...]:
    """The shipped profiles."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def profile(
    name: str, overrides: Mapping[str, object] | None = None, defaults: Mapping[str, object] | None = None
) -> Profile:
    """A profile, with these values in place of its own (tables are merged).

    Args:
        name: of a shipped profile, or the path of a file, which ends in '.toml'.
        overrides: values that hold whatever the profile says.
        defaults: values that hold where the profile says nothing.

    Raises:
        ProfileError: there is none of this name, it cannot be read, or a value cannot be.
    """
    values = _merge(_merge(defaults or {}, _values(name, ())), overrides or {})
    try:
        return msgspec.convert(values | {"name": name}, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(f"SIP2 profile {name!r}: {error}") from error


def _values(name: str, extended_by: tuple[str, ...]) -> dict[str, object]:
    """The values of a file, over those of the profile that it extends: a shipped one, or one beside it."""
    if name in extended_by:
        raise ProfileError(f"SIP2 profile {name!r}: it extends itself")
    values = _own_file(name) if name.endswith(_SUFFIX) else _shipped(name)
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if str(parent).endswith(_SUFFIX):
        parent = str(Path(name).parent / str(parent))
    return _merge(_values(str(parent), (*extended_by, name)), values)


def _shipped(name: str) -> dict[str, object]:
    if name not in profile_names():
        names = ", ".join(profile_names())
        raise ProfileError(f"SIP2 profile {name!r}: there is none; one of {names}, or the path of a {_SUFFIX} file")
    return _decoded((_SHIPPED / f"{name}{_SUFFIX}").read_bytes())


def _own_file(path: str) -> dict[str, object]:
    try:
        return _decoded(Path(path).read_bytes())
    except OSError as error:
        raise ProfileError(f"SIP2 profile {path!r}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"SIP2 profile {path!r}: no TOML: {error}") from error


def _decoded(toml: bytes) -> dict[str, object]:
    return cast("dict[str, object]", msgspec.toml.decode(toml))


def _merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    merged = dict(under)
    for key, value in over.items():
        before = merged.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[key] = (
            _merge(cast("Mapping[str, object]", before), cast("Mapping[str, object]", value)) if both else value
        )
    return merged
