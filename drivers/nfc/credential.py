"""From what lies on the reader to whom it says it is. Pure: the records are fetched by whoever calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drivers.events import CardFault, Credential, CredentialKind
from drivers.nfc.settings import IdmWay, NdefTextWay, NdefUriWay, UidWay, Way

LONGEST_VALUE = 128
"""Characters; no library numbers its readers longer than this."""


class Technology(StrEnum):
    """Bit rate and modulation, as nfcpy names them."""

    A = "106A"
    B = "106B"
    F = "212F"


@dataclass(frozen=True, slots=True)
class Card:
    """A card as anticollision showed it. `number`: UID, PUPI or IDm."""

    technology: Technology
    number: bytes

    @property
    def is_random(self) -> bool:
        """Whether the number is drawn anew each time the card enters a field.

        Type A: four bytes beginning 08 (ISO/IEC 14443-3, 6.5.4). Type B: a PUPI is pseudo-unique, and identity
        cards draw it. FeliCa: an IDm beginning 01FE belongs to a phone in peer mode (NFC Forum Digital, NFCID2).
        """
        match self.technology:
            case Technology.A:
                return len(self.number) == 4 and self.number[0] == 0x08
            case Technology.B:
                return True
            case Technology.F:
                return self.number[:2] == b"\x01\xfe"

    @property
    def key(self) -> tuple[Technology, bytes]:
        """The same for as long as one card lies there: a drawn number changes with every look, so it is left out."""
        return (self.technology, b"" if self.is_random else self.number)


@dataclass(frozen=True, slots=True)
class Record:
    """A text or URI record of a whole, decoded NDEF message."""

    kind: CredentialKind
    text: str


class HalfRead(Exception):
    """The card left before all of its records were read."""


ReadRecords = Callable[[], Sequence[Record]]
"""Reads the card's records, none where it has none. Raises `HalfRead`."""


def identify(card: Card, ways: Sequence[Way], read_records: ReadRecords) -> Credential | CardFault:
    """Who the card says it is.

    `ways` are tried in order; records are read at most once, and only when a way asks for them. A card that
    leaves meanwhile is nobody, even where a later way would have had a value: the ways' order is the library's.
    """
    records: Sequence[Record] | None = None
    for way in ways:
        if isinstance(way, NdefTextWay | NdefUriWay) and records is None:
            try:
                records = read_records()
            except HalfRead:
                return CardFault.HALF_READ
        found = _by(way, card, records or ())
        if found is not None:
            return found
    return CardFault.RANDOM_UID if card.is_random else CardFault.NO_CREDENTIAL


def _by(way: Way, card: Card, records: Sequence[Record]) -> Credential | None:
    match way:
        case UidWay():
            return _number(CredentialKind.UID, way, card) if card.technology is Technology.A else None
        case IdmWay():
            return _number(CredentialKind.IDM, way, card) if card.technology is Technology.F else None
        case NdefTextWay():
            return _text(CredentialKind.NDEF_TEXT, way.prefix, records)
        case NdefUriWay():
            return _text(CredentialKind.NDEF_URI, way.prefix, records)


def _number(kind: CredentialKind, way: UidWay | IdmWay, card: Card) -> Credential | None:
    return None if card.is_random else Credential(kind, way.write(card.number))


def _text(kind: CredentialKind, prefix: str, records: Sequence[Record]) -> Credential | None:
    for record in records:
        value = _after(prefix, record.text) if record.kind is kind else ""
        if value and value.isprintable() and len(value) <= LONGEST_VALUE:
            return Credential(kind, value)
    return None


def _after(prefix: str, text: str) -> str:
    begins = re.match(prefix, text)
    return text[begins.end() :].strip() if begins else ""
