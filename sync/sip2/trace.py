"""What passes on the wire, readable and without secrets, for whoever has to find out why two systems do not get along.

    2026-11-25 09:30:01.250 > 11 Checkout AY3: renewal_policy='N' … patron=****52 item='39990001' patron_password=****

Each field stands by its name and with its text as it came. Shown is what is known to be harmless, all else is masked:
an extension is anything at all, and so is text that is no message.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from msgspec.structs import replace

from sync.sip2.answers import ANSWERS
from sync.sip2.compiling import fixed_fields, layout
from sync.sip2.connection import Direction
from sync.sip2.errors import ProtocolError
from sync.sip2.message import Message
from sync.sip2.profile import ChecksumPolicy, Profile
from sync.sip2.requests import REQUESTS
from sync.sip2.wire import Checksum, Frame, Wire

MASK = "****"

_MESSAGES: dict[str, type[Message]] = {message.code: message for message in (*REQUESTS, *ANSWERS)}

_CARDS = frozenset({"patron", "hold_patron"})
"""Shown by their last two signs, so that two readers can be told apart."""

_HARMLESS = frozenset(
    {
        "alert_type",
        "available",
        "call_number",
        "cancel",
        "charged_items_limit",
        "collection_code",
        "currency",
        "current_location",
        "destination",
        "due_date",
        "end_item",
        "expiration_date",
        "fee_acknowledged",
        "fee_amount",
        "fee_id",
        "fee_limit",
        "fee_type",
        "hold_items_limit",
        "hold_pickup_date",
        "hold_queue_length",
        "hold_type",
        "institution",
        "item",
        "item_properties",
        "library_name",
        "location_code",
        "media_type",
        "overdue_items_limit",
        "owner",
        "permanent_location",
        "pickup_location",
        "queue_position",
        "recall_date",
        "screen_messages",
        "security_inhibit",
        "sort_bin",
        "start_item",
        "supported",
        "terminal_location",
        "title",
        "transaction_id",
        "valid_password",
        "valid_patron",
        "charged_items",
        "fine_items",
        "hold_items",
        "overdue_items",
        "recall_items",
        "renewed_items",
        "unavailable_holds",
        "unrenewed_items",
    }
)
"""Variable fields that say nothing of a person and open no door."""

_SHORT_CARD = 4  # of so few signs, two would be too many
_FIELD_ID = re.compile("[A-Z][A-Z0-9]")
_FIGURES = re.compile("[0-9YNUZ .+*-]*")  # and flags: what fixed fields are made of
_KNOWN_TEXT = re.compile("FAIL|None|Problems handling|ERROR|Error|HTTP/|SSH-")
_ARROWS = {Direction.SENT: ">", Direction.HEARD: "<"}


class Reader:
    """Makes readable lines of those on the wire."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._puts_up = profile.checksums is ChecksumPolicy.WARN
        # Whoever reads the messages has warned already.
        self._wire = Wire(replace(profile, checksums=ChecksumPolicy.STRICT) if self._puts_up else profile)

    def line(self, direction: Direction, line: bytes, at: datetime) -> str:
        """When, which way, which message, and its fields by name; no terminator. Whatever came, it can be told."""
        when = at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        told = self._told(line.rstrip(b"\r\n"))
        return f"{when} {_ARROWS[direction]} {told}"

    def _told(self, line: bytes) -> str:
        try:
            frame = self._wire.open(line)
        except ProtocolError:
            text = _KNOWN_TEXT.match(line.decode("ascii", "replace"))
            begins = f", begins with {text[0]!r}" if text else ""
            return f"no message: {len(line)} bytes{begins}"
        message = _MESSAGES.get(frame.code)
        if message is None:
            return f"{frame.code} unknown message: {len(line)} bytes"
        fields = " ".join(self._fields(message, frame))
        return f"{_head(message, frame)}: {fields}" if fields else _head(message, frame)

    def _fields(self, message: type[Message], frame: Frame) -> Iterator[str]:
        """Fixed fields, then variable ones in the order in which they came."""
        place = 0
        for name, spec in fixed_fields(message, self._profile):
            yield _fixed(name, frame.body[place : place + spec.width])
            place += spec.width
        known = {field.id: field.name for field in layout(message).fields(message, self._profile)}
        pieces = [piece for piece in frame.body[place:].split(self._profile.delimiter) if piece]
        # Where bytes are damaged a delimiter may be, and then a harmless field has a secret one in it.
        harmless = frozenset() if frame.checksum is Checksum.WRONG and not self._puts_up else _HARMLESS
        people = [word for piece in pieces if piece[:2] == "AE" for word in piece[2:].split()]
        for piece in pieces:
            yield _variable(known.get(piece[:2]), piece, harmless, people)


def _head(message: type[Message], frame: Frame) -> str:
    number = "" if frame.sequence is None else f" AY{frame.sequence}"
    wrong = ", wrong checksum" if frame.checksum is Checksum.WRONG else ""
    return f"{message.code} {message.__name__}{number}{wrong}"


def _fixed(name: str, value: str) -> str:
    """In a message that is not whole, anything may stand where a fixed field should."""
    return f"{name}={value!r}" if _FIGURES.fullmatch(value) or name == "currency" else f"{name}={MASK}"


def _variable(name: str | None, piece: str, harmless: frozenset[str], people: Iterable[str]) -> str:
    value = piece[2:]
    if name is None:
        shown = piece[:2] if _FIELD_ID.match(piece) else "text"
        return f"{shown}={MASK}"
    if not value or name in harmless:
        shown = _without(people, value) if name == "screen_messages" else value
        return f"{name}={shown!r}"
    return f"{name}={MASK}{value[-2:] if harmless and name in _CARDS and len(value) > _SHORT_CARD else ''}"


def _without(people: Iterable[str], text: str) -> str:
    """What a system says on the screen, which can be 'Good morning, Anna'."""
    for word in people:
        text = text.replace(word, MASK)
    return text


class TraceFile:
    """Keeps a trace in a file that only its owner can read, and that never grows beyond `most_bytes`. Older ones stand
    beside it (`.1` is the youngest), `older` of them. For a `Link`'s `trace`.

    Raises:
        OSError: the file cannot be opened. Later trouble with it goes to stderr, and the line goes on.
    """

    def __init__(self, path: Path, profile: Profile, *, most_bytes: int = 1_000_000, older: int = 4) -> None:
        self._reader = Reader(profile)
        self._file = _PrivateFile(path, maxBytes=most_bytes, backupCount=older, encoding="utf-8")

    def __call__(self, direction: Direction, line: bytes, at: datetime) -> None:
        """Write a line."""
        self._file.handle(logging.makeLogRecord({"msg": self._reader.line(direction, line, at)}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, mode=0o600)

        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=private)
