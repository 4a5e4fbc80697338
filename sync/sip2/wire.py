"""A message in bytes: its text, sequence number and checksum (SIP 2.00, section 'Error detection').

    <command><body>[AY<sequence>][AZ<checksum>]

The checksum is the two's complement of the sum of all *bytes* from the first one to the letters AZ, in four hexadecimal
digits.
"""

from __future__ import annotations

import logging
import re
from enum import Enum

import msgspec

from sync.sip2.errors import ProtocolError
from sync.sip2.profile import ChecksumPolicy, Profile

log = logging.getLogger(__name__)

_LONGEST_TAIL = 16  # AY1AZFCA0, a delimiter and blanks
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
    return -sum(data) & 0xFFFF


def checksum_of_characters(text: str) -> int:
    """What systems reckon that sum characters instead of bytes. Other than `checksum` only beyond ASCII."""
    return -sum(map(ord, text)) & 0xFFFF


class Wire:
    """Bytes ↔ frames, for one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._policy = profile.checksums
        self._delimiter = profile.delimiter
        # Three or fewer digits come from systems that do not fill up with zeros.
        self._tail = re.compile(rf"(?:AY([0-9]))?(?:AZ([0-9A-Fa-f]{{1,4}}))?{re.escape(self._delimiter)}? *$")

    def open(self, line: bytes) -> Frame:
        """Take a message apart. Decodes before anything else: in GB 18030 the delimiter can be half of a character.

        Raises:
            ProtocolError: it does not begin with a command.
        """
        text = line.decode(self._profile.encoding, "replace")
        code = text[:2]
        if not (len(code) == 2 and code.isascii() and code.isdigit()):
            raise ProtocolError("no SIP message: it does not begin with two digits")
        end, sequence, stated, after = self._split_tail(text)
        if stated is None:
            return Frame(code, text[2:end], sequence, Checksum.MISSING, sound=True)
        found = self._check(text[: len(text) - after], line[: len(line) - after], int(stated, 16))
        if found is Checksum.WRONG and self._policy is ChecksumPolicy.WARN:
            log.warning("the checksum of a message %s is wrong; taken all the same", code)
        sound = found is not Checksum.WRONG or self._policy is ChecksumPolicy.WARN
        return Frame(code, text[2:end], sequence, found, sound)

    def _split_tail(self, text: str) -> tuple[int, int | None, str | None, int]:
        """Where the body ends, sequence number and checksum as stated, and how many characters follow the letters AZ.

        A field that only looks like a tail stands behind something else than a delimiter. Fixed fields may precede one
        directly, and so may the command."""
        start = max(2, len(text) - _LONGEST_TAIL)
        match = self._tail.search(text, start)
        if match is None or (match[1] is None and match[2] is None):
            return len(text), None, None, 0
        end = match.start()
        if text[end - 1] != self._delimiter and self._delimiter in text[:end]:
            return len(text), None, None, 0
        sequence = None if match[1] is None else int(match[1])
        return end, sequence, match[2], 0 if match[2] is None else len(text) - match.start(2)

    def _check(self, text: str, data: bytes, stated: int) -> Checksum:
        if self._policy is ChecksumPolicy.OFF:
            return Checksum.UNCHECKED
        if checksum(data) == stated:
            return Checksum.RIGHT
        by_characters = self._policy is ChecksumPolicy.CODE_POINTS and checksum_of_characters(text) == stated
        return Checksum.RIGHT if by_characters else Checksum.WRONG

    def seal(self, text: str, sequence: int | None, *, errors: str) -> bytes:
        """The bytes of a message, with its terminator.

        Args:
            text: command and body.
            sequence: 0 to 9, with which error detection is on. The requests to send again (96, 97) show none.
            errors: what to do with characters that the encoding has not, as for `str.encode`.

        Raises:
            UnicodeEncodeError: `errors` is strict, and there are such characters.
        """
        encoding = self._profile.encoding
        if sequence is None:
            return (text + self._profile.terminator).encode(encoding, errors)
        text += "AZ" if text[:2] in _UNNUMBERED else f"AY{sequence % 10}AZ"
        data = text.encode(encoding, errors)
        by_characters = self._policy is ChecksumPolicy.CODE_POINTS
        stated = checksum_of_characters(data.decode(encoding)) if by_characters else checksum(data)
        return data + f"{stated:04X}{self._profile.terminator}".encode("ascii")
