"""A message in bytes: its text, sequence number and checksum (SIP 2.00, section 'Error detection').

    <command><body>[AY<sequence>][AZ<checksum>]

The checksum is the two's complement of the sum of all *bytes* from the first one to the letters AZ, in four hexadecimal
digits.
"""

from __future__ import annotations

import logging
import re
from enum import Enum
from zlib import adler32

import msgspec

from sync.sip2.errors import ProtocolError
from sync.sip2.profile import ChecksumPolicy, Profile

log = logging.getLogger(__name__)

_LONGEST_TAIL = 16  # AY1AZFCA0, a delimiter and blanks
_SUMMED_AT_ONCE = 256  # bytes, whose sum is below 65521: the lower 16 bits of adler32 (RFC 1950, section 9), from 0 on
_COMMANDS = frozenset(f"{number:02d}" for number in range(100))
_UNNUMBERED = frozenset({"96", "97"})


class Checksum(Enum):
    """What came of looking at a checksum."""

    MISSING = "missing"
    RIGHT = "right"
    WRONG = "wrong"
    UNCHECKED = "unchecked"


class Frame(msgspec.Struct, frozen=True):
    """A message whose body is not read yet. `sound`: it may be read, as far as the profile's policy goes."""

    code: str
    body: str
    sequence: int | None
    checksum: Checksum
    sound: bool


def checksum(data: bytes) -> int:
    """The checksum of a message, up to and including its letters AZ: 0 to 65535."""
    total = adler32(data[:_SUMMED_AT_ONCE], 0)
    for start in range(_SUMMED_AT_ONCE, len(data), _SUMMED_AT_ONCE):
        total += adler32(data[start : start + _SUMMED_AT_ONCE], 0)
    return -total & 0xFFFF


def checksum_of_characters(text: str) -> int:
    """What systems reckon that sum characters instead of bytes. Other than `checksum` only beyond ASCII."""
    return -sum(map(ord, text)) & 0xFFFF


class Wire:
    """Bytes ↔ frames, for one profile."""

    def __init__(self, profile: Profile) -> None:
        self._encoding = profile.encoding
        self._delimiter = profile.delimiter
        self._terminator = profile.terminator.encode("ascii")
        self._checked = profile.checksums is not ChecksumPolicy.OFF
        self._lenient = profile.checksums is ChecksumPolicy.WARN
        self._by_characters = profile.checksums is ChecksumPolicy.CODE_POINTS
        # Three or fewer digits come from systems that do not fill up with zeros.
        number, stated = "AY([0-9])", "AZ([0-9A-Fa-f]{1,4})"
        self._tail = re.compile(rf"(?=A[YZ])(?:{number})?(?:{stated})?{re.escape(self._delimiter)}? *$")

    def open(self, line: bytes) -> Frame:
        """Take a message apart. Decodes before anything else: in GB 18030 the delimiter can be half of a character.

        Raises:
            ProtocolError: it does not begin with a command.
        """
        text = line.decode(self._encoding, "replace")
        code = text[:2]
        if code not in _COMMANDS:
            raise ProtocolError("no SIP message: it does not begin with two digits")
        tail = self._find_tail(text)
        if tail is None:
            return Frame(code, text[2:], None, Checksum.MISSING, sound=True)
        body, (number, stated) = text[2 : tail.start()], tail.groups()
        sequence = None if number is None else int(number)
        if stated is None:
            return Frame(code, body, sequence, Checksum.MISSING, sound=True)
        found = self._check(text, line, len(text) - tail.start(2), int(stated, 16))
        wrong = found is Checksum.WRONG
        if wrong and self._lenient:
            log.warning("the checksum of a message %s is wrong; taken all the same", code)
        return Frame(code, body, sequence, found, sound=not wrong or self._lenient)

    def _find_tail(self, text: str) -> re.Match[str] | None:
        """Sequence number and checksum as stated, and where they begin.

        A field that only looks like a tail stands behind something else than a delimiter. Fixed fields may precede one
        directly, and so may the command."""
        tail = self._tail.search(text, max(2, len(text) - _LONGEST_TAIL))
        if tail is None:
            return None
        end = tail.start()
        return tail if text[end - 1] == self._delimiter or self._delimiter not in text[:end] else None

    def _check(self, text: str, line: bytes, after: int, stated: int) -> Checksum:
        """`after`: how many characters follow the letters AZ. All of them are ASCII."""
        if not self._checked:
            return Checksum.UNCHECKED
        if checksum(line[:-after]) == stated:
            return Checksum.RIGHT
        right = self._by_characters and checksum_of_characters(text[:-after]) == stated
        return Checksum.RIGHT if right else Checksum.WRONG

    def seal(self, text: str, sequence: int | None, *, errors: str) -> bytes:
        """The bytes of a message, with its terminator.

        Args:
            text: command and body.
            sequence: 0 to 9, with which error detection is on. The requests to send again (96, 97) show none.
            errors: what to do with characters that the encoding has not, as for `str.encode`.

        Raises:
            UnicodeEncodeError: `errors` is strict, and there are such characters.
        """
        if sequence is None:
            return text.encode(self._encoding, errors) + self._terminator
        text += "AZ" if text[:2] in _UNNUMBERED else f"AY{sequence % 10}AZ"
        data = text.encode(self._encoding, errors)
        stated = checksum_of_characters(data.decode(self._encoding)) if self._by_characters else checksum(data)
        return b"%b%04X%b" % (data, stated, self._terminator)
