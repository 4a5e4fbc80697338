"""The binary form: ISO 2709 (MARC 21 Specifications for Record Structure; UNIMARC Manual, section 'Format').

A record ends with 0x1D, a field with 0x1E, a subfield begins with 0x1F: these bytes occur in no text of any of our
character sets. So a file is cut at them, and lengths that the leader and the directory state are used to check and not
to navigate: many systems count characters where bytes are meant, and what is longer than 99 999 bytes cannot be stated
at all. pymarc's own reader goes by the lengths and must stop at the first wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pymarc import Field, Indicators, Subfield

from sync.feed.marc.charset import Charset, decode
from sync.feed.marc.record import Broken, MarcRecord, Reason

RECORD_END = b"\x1d"
FIELD_END = b"\x1e"
SUBFIELD = b"\x1f"
LEADER = 24
ENTRY = 12  # of the directory: tag 3, length 4, start 5
BLOCK = 1 << 16
LONGEST = 8 << 20
"""Bytes after which something that has no end is no record. The longest known ones hold some thousand copies."""

_PADDING = b"\x00\x1a\r\n\t "  # between records, and at the end of files that came from mainframes and DOS
_LEADER = re.compile(rb"[0-9]{5}[\x20-\x7e]{7}[0-9]{5}[\x20-\x7e]{7}")
_ENTRIES = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9})+")


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record in bytes. `fields`: tag and content, without the terminators."""

    leader: str
    fields: tuple[tuple[str, bytes], ...]

    @property
    def control_number(self) -> str:
        """What 001 says; '' without one."""
        return next((printable(data) for tag, data in self.fields if tag == "001"), "")


def printable(data: bytes) -> str:
    """A number of a record, fit for a report."""
    text = data[:64].decode("ascii", "replace").strip()
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def split(stream: BinaryIO) -> Iterator[bytes]:
    """The records of a file, each with its terminator; one without it was cut off. Holds one record at a time."""
    rest = b""
    while block := stream.read(BLOCK):
        *whole, rest = (rest + block).split(RECORD_END)
        for piece in whole:
            yield from _apart(piece.lstrip(_PADDING) + RECORD_END)
        if len(rest) > LONGEST:
            yield rest
            rest = b""
    if rest.strip(_PADDING):
        yield rest.lstrip(_PADDING)


def _apart(piece: bytes) -> Iterator[bytes]:
    """Two pieces where a record breaks off and a sound one follows: that one's leader states its length."""
    if piece[:5] != b"%05d" % min(len(piece), 99999):
        for match in _LEADER.finditer(piece, 1):
            if int(match[0][:5]) == len(piece) - match.start():
                yield piece[: match.start()]
                yield piece[match.start() :]
                return
    yield piece


def parse(piece: bytes) -> RawRecord:
    """Take a record apart.

    Raises:
        Broken: it is cut off, or its directory and its fields do not fit together.
    """
    if not piece.endswith(RECORD_END):
        raise _broken(piece, Reason.CUT_OFF, "no end of record")
    if not _LEADER.match(piece):
        raise _broken(piece, Reason.BROKEN, "no leader")
    end = piece.find(FIELD_END)
    directory = piece[LEADER:end]
    if end < 0 or len(directory) % ENTRY or not _ENTRIES.fullmatch(directory):
        raise _broken(piece, Reason.BROKEN, "no usable directory")
    entries = [directory[at : at + ENTRY] for at in range(0, len(directory), ENTRY)]
    data = piece[end + 1 : -1]
    contents = _by_position(entries, data) or _by_order(entries, data)
    if contents is None:
        raise _broken(piece, Reason.BROKEN, "directory and fields do not fit together")
    tags = (entry[:3].decode() for entry in entries)
    return RawRecord(piece[:LEADER].decode(), tuple(zip(tags, contents, strict=True)))


def _by_position(entries: list[bytes], data: bytes) -> list[bytes] | None:
    """The fields where the directory says; None where one does not begin and end there."""
    contents = []
    for entry in entries:
        start = int(entry[7:12])
        end = start + int(entry[3:7]) - 1
        if end < start or data[end : end + 1] != FIELD_END or data.find(FIELD_END, start, end) >= 0:
            return None
        contents.append(data[start:end])
    return contents


def _by_order(entries: list[bytes], data: bytes) -> list[bytes] | None:
    """The fields as they follow each other; None where there are not as many as in the directory."""
    contents = data.removesuffix(FIELD_END).split(FIELD_END)
    return contents if len(contents) == len(entries) else None


def _broken(piece: bytes, reason: Reason, detail: str) -> Broken:
    fields = piece[: 1 << 12].split(FIELD_END)
    first = fields[1] if len(fields) > 2 and SUBFIELD not in fields[1] else b""  # where 001 stands
    return Broken(reason, detail, printable(first))


def to_text(raw: RawRecord, charset: Charset, wanted: Collection[str]) -> MarcRecord:
    """The record's fields with these tags, decoded."""
    record = MarcRecord(raw.leader)
    for tag, data in raw.fields:
        if tag in wanted:
            record.add(_field(tag, data, charset))
    return record


def _field(tag: str, data: bytes, charset: Charset) -> Field:
    if tag.startswith("00"):
        return Field(tag, data=decode(data, charset))
    indicators, *subfields = data.split(SUBFIELD)
    signs = decode(indicators, Charset.LATIN_1).ljust(2)
    return Field(
        tag,
        indicators=Indicators(signs[0], signs[1]),
        subfields=[Subfield(chr(one[0]), decode(one[1:], charset)) for one in subfields if one],
    )
