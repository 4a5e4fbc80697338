"""Bytes of a scanner to single codes, without I/O and without a clock.

Whole and byte-by-byte feeding agree: feed(a + b) gives what feed(a) and feed(b) give together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.events import ScanFault
from drivers.scanner.settings import ScannerSettings, Symbology

LONGEST_BYTES = 256
"""No label of a library is longer; a QR code on a phone card is well below."""

_STX = b"\x02"
_ENDS = re.compile(rb"[\r\n\t\x03]")

_AIM = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
_SYMBOLOGIES = {
    "A": Symbology.CODE39,
    "C": Symbology.CODE128,
    "C1": Symbology.GS1_128,
    "E": Symbology.EAN13,
    "E4": Symbology.EAN8,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE93,
    "I": Symbology.ITF,
    "L": Symbology.PDF417,
    "d": Symbology.DATAMATRIX,
    "Q": Symbology.QR,
    "X": Symbology.EAN13,  # Bookland, as Symbol and Zebra send it
}
"""By letter, or by letter and modifier where the modifier makes another kind (ISO/IEC 15424)."""


@dataclass(frozen=True, slots=True)
class RawCode:
    """What stood on the label, and of what kind it is where the scanner says so."""

    text: str
    symbology: Symbology | None = None


Framed = RawCode | ScanFault


class Framer:
    """Cuts what a scanner sends into codes. Holds at most `LONGEST_BYTES` bytes, whatever arrives."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._has_suffix = settings.suffix == "any"
        self._buffer = b""
        self._overflowing = False
        self._last_s = 0.0

    @property
    def quiet_limit_s(self) -> float | None:
        """The silence in seconds after which `gap` is worth a call; None where nothing is pending."""
        if not (self._buffer or self._overflowing):
            return None
        return (self._settings.stale_ms if self._has_suffix else self._settings.gap_ms) / 1000

    def feed(self, data: bytes, now_s: float) -> list[Framed]:
        """Take `data`, read at `now_s` (monotonic seconds). Returns what came to an end by it."""
        self._last_s = now_s if data else self._last_s
        found: list[Framed] = []
        *whole, rest = _ENDS.split(data)
        for part in whole:
            found += self._append(part)
            found += self._end()
        return found + self._append(rest)

    def gap(self, now_s: float) -> list[Framed]:
        """Nothing was read up to `now_s`. Ends a code that has no suffix, drops one that lost its suffix.

        Call it only after a read that waited and got nothing: bytes that wait in the kernel are no silence.
        """
        limit_s = self.quiet_limit_s
        if limit_s is None or now_s - self._last_s < limit_s:
            return []
        if self._has_suffix and not self._overflowing:
            self._buffer = b""
            return [ScanFault.GARBAGE]
        return self._end()

    def _append(self, part: bytes) -> list[Framed]:
        if self._overflowing:
            return []
        if len(self._buffer) + len(part) > LONGEST_BYTES:
            self._buffer = b""
            self._overflowing = True
            return [ScanFault.TOO_LONG]
        self._buffer += part
        return []

    def _end(self) -> list[Framed]:
        line, self._buffer = self._buffer, b""
        self._overflowing = False
        lost, _, line = line.rpartition(_STX)
        # What stands before an STX has lost its end, so it may have lost digits too.
        faults: list[Framed] = [ScanFault.GARBAGE] if lost.strip(_STX) else []
        return faults + ([self._code(line)] if line else [])

    def _code(self, line: bytes) -> Framed:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return ScanFault.GARBAGE
        text = text.strip(" ").removeprefix(self._settings.prefix)
        symbology = None
        if self._settings.aim and (identifier := _AIM.match(text)):
            text = text[identifier.end() :]
            letter, modifier = identifier.groups()
            symbology = _SYMBOLOGIES.get(letter + modifier) or _SYMBOLOGIES.get(letter)
        return RawCode(text, symbology) if text and text.isprintable() else ScanFault.GARBAGE
