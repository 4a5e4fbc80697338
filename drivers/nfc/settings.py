"""What a library says about its NFC reader."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

NumberFormat = Literal["hex", "hex_upper", "dec"]


class _Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a card's number is written in the library's accounts.

    `order`: `msb` as the card sends it, `lsb` with the bytes turned round (many old readers count that way).
    `digits`: a `dec` number is filled with zeros to this length (0 to 20).
    """

    order: Literal["msb", "lsb"] = "msb"
    format: NumberFormat = "hex"
    digits: int = 0

    def write(self, number: bytes) -> str:
        """`number` in this format, for instance `04A1B2C3` or `0077705923`."""
        number = number if self.order == "msb" else number[::-1]
        if self.format == "dec":
            return str(int.from_bytes(number, "big")).zfill(self.digits)
        return number.hex().upper() if self.format == "hex_upper" else number.hex()


class UidWay(_Number, frozen=True, tag="uid", tag_field="way"):
    """The UID of an ISO/IEC 14443 type A card."""


class IdmWay(_Number, frozen=True, tag="idm", tag_field="way"):
    """The manufacture ID of a FeliCa card (JIS X 6319-4)."""


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record on the card. `prefix` is a regular expression that its text must begin with; the value follows it."""

    prefix: str = ""

    def __post_init__(self) -> None:
        try:
            re.compile(self.prefix)
        except re.error as error:
            raise ValueError(f"prefix {self.prefix!r} is no regular expression: {error}") from error


class NdefTextWay(_Text, frozen=True, tag="ndef_text", tag_field="way"):
    """The first NDEF text record that fits."""


class NdefUriWay(_Text, frozen=True, tag="ndef_uri", tag_field="way"):
    """The first NDEF URI record that fits."""


Way = UidWay | NdefTextWay | NdefUriWay | IdmWay

# nfcpy hands a serial port's name to a shell (`stty -F NAME`), so nothing that a shell would understand.
_SAFE_PORT = re.compile(r"pn532:[A-Za-z0-9_./:+@,=-]+")


class NfcSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One NFC reader.

    `path`: `pn532:/dev/ttyKIOSKNFC` for a PN532 on any serial port, or whatever nfcpy understands (`usb`,
    `usb:054c:06c3`, `tty:USB0:pn532`). `ways`: tried in order, the first that gives a value wins.
    `pause_ms` (0 to 400): rest between two looks for a card; 60 makes about 12 looks a second.
    `misses_until_lifted` (1 to 20): so many looks without the card, and it has been lifted.
    """

    name: str
    path: str
    ways: tuple[Way, ...] = (UidWay(), IdmWay())
    pause_ms: int = 60
    misses_until_lifted: int = 3

    def __post_init__(self) -> None:
        if self.path.startswith("pn532:") and not _SAFE_PORT.fullmatch(self.path):
            raise ValueError(f"{self.path!r}: a port's name may hold letters, digits and _./:+@,=- only")
        if not self.path or not self.ways:
            raise ValueError("an NFC reader needs a path and at least one way")
        if not (0 <= self.pause_ms <= 400 and 1 <= self.misses_until_lifted <= 20):
            raise ValueError("pause_ms is 0 to 400, misses_until_lifted 1 to 20")
