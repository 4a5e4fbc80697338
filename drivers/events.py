"""What a device can say.

Drivers post these to whoever started them; nothing else leaves a driver. Values are plain, frozen and
hold no bytes from the wire that were not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CredentialKind(StrEnum):
    """The way a card told who holds it."""

    UID = "uid"
    NDEF_TEXT = "ndef_text"
    NDEF_URI = "ndef_uri"
    IDM = "idm"
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True)
class Credential:
    """What was read from a card: the kind and its value, ready to be looked up as a patron."""

    kind: CredentialKind
    value: str


class CodeKind(StrEnum):
    """What a scanned code is, by the library's own rules."""

    PATRON = "patron"
    ITEM = "item"
    ISBN = "isbn"
    FOREIGN = "foreign"  # a well-formed code that no rule of this library claims


class CardFault(StrEnum):
    """Why a card in the field is nobody."""

    RANDOM_UID = "random_uid"  # ISO/IEC 14443-3: four bytes beginning 08 are drawn anew each time
    NO_CREDENTIAL = "no_credential"  # read well, but none of the configured ways gave a value
    HALF_READ = "half_read"  # taken away too early


class ScanFault(StrEnum):
    """Why a scan gave no code."""

    BAD_CHECK = "bad_check"  # a check digit that the rule demands is wrong
    TOO_LONG = "too_long"  # more bytes than any label holds, without an end
    GARBAGE = "garbage"  # bytes that no label holds


class DownReason(StrEnum):
    """Why a device does not serve."""

    MISSING = "missing"  # nothing at that path
    UNPLUGGED = "unplugged"  # it was there a moment ago
    DENIED = "denied"  # no permission
    BUSY = "busy"  # another program holds it
    SILENT = "silent"  # there, but it does not answer
    STOPPED = "stopped"  # the station closed it


@dataclass(frozen=True, slots=True)
class DeviceUp:
    """`device` (its name in the configuration) is ready; `detail` is for technicians."""

    device: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeviceDown:
    """`device` stopped serving; posted once per outage, not once per attempt."""

    device: str
    reason: DownReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card was put on the reader: exactly one event until it is lifted."""

    device: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """Something lies on the reader that is nobody's card; one event until it is lifted."""

    device: str
    fault: CardFault


@dataclass(frozen=True, slots=True)
class CardLifted:
    """The card (readable or not) was missed often enough in a row to be gone."""

    device: str


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A label was read. `value` is the code as the catalogue knows it: framing, AIM identifier, start and
    stop characters and add-ons are off. `symbology` is known only where the scanner sends it."""

    device: str
    kind: CodeKind
    value: str
    symbology: str | None = None


@dataclass(frozen=True, slots=True)
class ScanUnreadable:
    """A scan arrived that is no code."""

    device: str
    fault: ScanFault


DriverEvent = DeviceUp | DeviceDown | CardSeen | CardUnreadable | CardLifted | CodeScanned | ScanUnreadable
