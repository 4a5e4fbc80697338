"""What is seen in bytes before anybody believes them (SIP 2.00, sections 'Message format' and 'Error detection')."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from msgspec.structs import replace

from sync.sip2.profile import ChecksumPolicy, Profile
from sync.sip2.wire import Checksum, Frame, Wire

_FULL = re.compile(rb"AZ[0-9A-F]{4}[^0-9A-Za-z]? *$")
_HIGH = re.compile(rb"[\x80-\xff]")
_ENOUGH_CHINESE = 0.7


class Sum(Enum):
    """Over what a checksum was reckoned."""

    NONE = auto()
    BYTES = auto()
    CHARACTERS = auto()  # and not over bytes: only beyond ASCII does it differ
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a message: the number that it repeats, and its checksum. `whole`: four digits in upper case."""

    sequence: int | None
    sum: Sum
    whole: bool


def tail_of(line: bytes, profile: Profile) -> Tail:
    """Look at the end of a message, without its terminator.

    Args:
        profile: its delimiter, and the encoding in which characters are counted where bytes are not what was summed.

    Raises:
        ProtocolError: it is no message.
    """
    frame = _opened(line, profile, ChecksumPolicy.STRICT)
    if frame.checksum is Checksum.MISSING:
        return Tail(frame.sequence, Sum.NONE, whole=False)
    whole = _FULL.search(line) is not None
    if frame.checksum is Checksum.RIGHT:
        return Tail(frame.sequence, Sum.BYTES, whole)
    by_characters = _opened(line, profile, ChecksumPolicy.CODE_POINTS).checksum is Checksum.RIGHT
    return Tail(frame.sequence, Sum.CHARACTERS if by_characters else Sum.WRONG, whole)


def _opened(line: bytes, profile: Profile, policy: ChecksumPolicy) -> Frame:
    return Wire(replace(profile, checksums=policy)).open(line)


class Form(Enum):
    """How letters and their marks stand in Unicode text."""

    COMPOSED = "NFC"
    DECOMPOSED = "NFD"


@dataclass(frozen=True, slots=True)
class Text:
    """In what text came. `encoding` None: all of it was ASCII, and any encoding will do. `sure`: nothing else fits."""

    encoding: str | None
    form: Form = Form.COMPOSED
    sure: bool = False


def text_of(lines: Iterable[bytes]) -> Text:
    """The encoding in which these lines make sense.

    UTF-8 is hardly met by chance. GB 18030 shows by pairs of bytes from GB 2312. Code page 850 has letters where
    Latin-1 has control characters, and frames of boxes where Latin-1 has letters.
    """
    data = b"\n".join(lines)
    high = _HIGH.findall(data)
    if not high:
        return Text(None)
    if _decodes(data, "utf-8"):
        text = data.decode()
        return Text("utf-8", Form.COMPOSED if unicodedata.is_normalized("NFC", text) else Form.DECOMPOSED, sure=True)
    if _decodes(data, "gb18030") and _share_of_common_chinese(data) >= _ENOUGH_CHINESE:
        return Text("gb18030")
    controls = sum(byte < b"\xa0" for byte in high)
    return Text("cp850" if controls * 2 >= len(high) else "latin-1")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share_of_common_chinese(data: bytes) -> float:
    """Of the characters beyond ASCII, those that GB 2312 has. A letter with an accent before one without is a pair of
    bytes too, and a rare character by chance."""
    beyond = [sign for sign in data.decode("gb18030") if not sign.isascii()]
    return sum(_is_in_gb2312(sign) for sign in beyond) / len(beyond)


def _is_in_gb2312(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
