"""Which characters a file's bytes are.

MARC 21 says it in the leader (position 9: 'a' is UTF-8, blank is MARC-8), UNIMARC in 100 $a, and neither is to be
trusted: systems convert the text and leave the code, and Chinese libraries write GB 18030 where no code names it. So
the bytes decide, over the file's first records together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from pymarc import marc8_to_unicode


class Charset(StrEnum):
    """How text is written. GB 18030 contains GBK and GB 2312."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    MARC_8 = "marc-8"
    LATIN_1 = "latin-1"


_ESCAPE = re.compile(rb"\x1b[$(),\-bgps1]")  # MARC-8: techniques 1 and 2 of changing the character set
_HIGH = re.compile(rb"[\x80-\xff]")
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_GB_COMMON = re.compile(rb"[\xa1-\xa9\xb0-\xd7][\xa1-\xfe]")  # punctuation and the 3755 most frequent characters
_MARKED = re.compile(
    rb"[\xe0-\xea\xed-\xfe]+[^\x80-\xff]"
)  # ANSEL: marks stand before their letter. Not EB, EC (halves)
_MARKS_LOOKED_AT = 2000
_ENOUGH_COMMON = 0.7
_ENOUGH_MARKED = 0.9
_FEW_DAMAGED = 0.1


def is_utf8(data: bytes) -> bool:
    """Whether these bytes are UTF-8 from end to end; ASCII is."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def guess(samples: Iterable[bytes], *, unimarc: bool) -> Charset:
    """The character set in which these records make the most sense.

    Args:
        samples: whole records.
        unimarc: then MARC-8 is no choice.
    """
    data = b"".join(samples)
    if not unimarc and _ESCAPE.search(data):
        return Charset.MARC_8
    high = len(_HIGH.findall(data))
    if high == 0 or _mostly_utf8(data):
        return Charset.UTF_8
    common = sum(2 for pair in _GB_PAIR.findall(data) if _GB_COMMON.fullmatch(pair))
    if common >= _ENOUGH_COMMON * high:
        return Charset.GB18030
    return Charset.LATIN_1 if unimarc or not _looks_like_marc8(data) else Charset.MARC_8


def charset_of(record: bytes, of_file: Charset, *, says_utf8: bool, unimarc: bool) -> Charset:
    """The character set of one record in a file that is mostly `of_file`: some files are mixed.

    Args:
        record: its bytes.
        of_file: what `guess` found for the file.
        says_utf8: whether its leader says so.
        unimarc: as for `guess`.
    """
    fits = is_utf8(record) and b"\x1b" not in record
    if fits and (says_utf8 or of_file is not Charset.GB18030):
        return Charset.UTF_8
    return guess([record], unimarc=unimarc) if of_file is Charset.UTF_8 else of_file


def decode(data: bytes, charset: Charset) -> str:
    """The text; U+FFFD stands for what is none."""
    if charset is Charset.MARC_8:
        return _from_marc8(data)
    return data.decode(charset, "replace")


def _from_marc8(data: bytes) -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode()
    try:
        return marc8_to_unicode(data, hide_utf8_warnings=True)
    except UnicodeDecodeError:
        return data.decode("ascii", "replace")


def _mostly_utf8(data: bytes) -> bool:
    """A file of UTF-8 in which some text was cut in the middle of a character is still one."""
    text = data.decode(errors="replace")
    damaged = text.count("\ufffd")
    return damaged <= _FEW_DAMAGED * (sum(1 for sign in text if sign > "\x7f") - damaged)


def _looks_like_marc8(data: bytes) -> bool:
    """Marks of ANSEL come before their letter, so each makes one letter together with what follows. Latin-1 read in
    this way leaves marks that fit nothing ('société ' has one before a space)."""
    marked = _MARKED.findall(data)[:_MARKS_LOOKED_AT]
    return sum(map(_composes, marked)) >= _ENOUGH_MARKED * len(marked)


def _composes(marked: bytes) -> bool:
    text = unicodedata.normalize("NFC", _from_marc8(marked))
    return text.strip().isalpha() and len(text) == 1
