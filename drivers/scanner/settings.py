"""What a library says about its scanner and its labels."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

import msgspec


class Symbology(StrEnum):
    """What a scanner may tell of the kind of a label (AIM identifiers, ISO/IEC 15424)."""

    CODE39 = "code39"
    CODE93 = "code93"
    CODE128 = "code128"
    GS1_128 = "gs1_128"
    EAN13 = "ean13"
    EAN8 = "ean8"
    CODABAR = "codabar"
    ITF = "itf"
    PDF417 = "pdf417"
    DATAMATRIX = "datamatrix"
    QR = "qr"


Check = Literal["none", "codabar_mod10", "ean", "code39_mod43"]

_MASK = {"#": "[0-9]", "@": "[A-Za-z]", "?": ".", "*": ".*"}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of label that is this library's own.

    `mask`: how the code looks, with `#` for a digit, `@` for a letter, `?` for any character and `*` for any rest;
    or a regular expression where it begins with `^`. `symbologies`: none means any; a scanner that does not tell is
    believed. `check`: the last character must be right; `strip_check`: the catalogue knows the code without it.
    """

    kind: Literal["patron", "item"]
    mask: str
    symbologies: tuple[Symbology, ...] = ()
    check: Check = "none"
    strip_check: bool = False

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"mask {self.mask!r} is no regular expression: {error}") from error
        if self.strip_check and self.check == "none":
            raise ValueError(f"mask {self.mask!r}: strip_check needs a check")

    @property
    def pattern(self) -> str:
        """The mask as a regular expression, to be matched against the whole code."""
        if self.mask.startswith("^"):
            return self.mask
        return "".join(_MASK.get(character, re.escape(character)) for character in self.mask)


class ScannerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One barcode scanner.

    `path`: a serial port (`/dev/serial/by-id/…`) or a pyserial URL (`socket://192.0.2.7:4001`). `suffix`: `any` where
    the scanner ends a code with CR, LF, CRLF, TAB or ETX; `none` where it does not, and `gap_ms` (20 to 1000) of
    silence end it. `stale_ms` (200 to 60 000): with a suffix, an unfinished code is dropped after so long a silence.
    `prefix`: taken off where a code begins with it. `aim`: the scanner sends AIM identifiers. `baud`: RS-232 only.
    """

    name: str
    path: str
    suffix: Literal["any", "none"] = "any"
    gap_ms: int = 80
    stale_ms: int = 2000
    prefix: str = ""
    aim: bool = False
    baud: int = 9600
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if not self.path:
            raise ValueError("a scanner needs a path")
        if not (20 <= self.gap_ms <= 1000 and 200 <= self.stale_ms <= 60_000):
            raise ValueError("gap_ms is 20 to 1000, stale_ms 200 to 60000")
        if self.baud <= 0:
            raise ValueError("baud is above 0")
