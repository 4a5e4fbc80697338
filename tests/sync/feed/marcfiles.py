"""MARC files written by hand: any characters, and any damage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pymarc import MARCReader, record_to_xml

from sync.feed.marc import Catalogued, ImportReport, MarcOptions, Problem, read_catalogue

Text = str | bytes
Spec = tuple[str, str] | tuple[str, str, tuple[tuple[str, Text], ...]]
"""A control field (tag, text), or a data field (tag, indicators, subfields)."""

FIXED = "240101s2008    enka   j      000 1 {} d"  # 008 of a book for children


def data(tag: str, indicators: str, *subfields: tuple[str, Text]) -> Spec:
    """A data field."""
    return tag, indicators, subfields


def iso2709(fields: Iterable[Spec], charset: str = "utf-8", leader: str = "nam a22 i 4500") -> bytes:
    """A record with right lengths. `leader`: positions 5 to 11 and 17 to 23; between them is the base address."""
    directory = contents = b""
    for tag, *rest in fields:
        content = _content(rest, charset) + b"\x1e"
        directory += f"{tag}{len(content):04}{len(contents):05}".encode()
        contents += content
    base = 24 + len(directory) + 1
    length = base + len(contents) + 1
    head = f"{min(length, 99999):05}{leader[:7]}{base:05}{leader[-7:]}"
    return head.encode() + directory + b"\x1e" + contents + b"\x1d"


def _content(rest: Sequence[object], charset: str) -> bytes:
    if len(rest) == 1:
        return _bytes(rest[0], charset)
    indicators, subfields = rest
    assert isinstance(subfields, tuple)
    return _bytes(indicators, charset) + b"".join(
        b"\x1f" + code.encode() + _bytes(text, charset) for code, text in subfields
    )


def _bytes(text: object, charset: str) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode(charset)


def book(
    number: str = "b1", title: Text = "Emma /", *more: Spec, language: str = "eng", barcode: str = ""
) -> list[Spec]:
    """The fields of a MARC 21 record of a book, with a copy as Koha writes it where there is a barcode."""
    copy = [data("952", "  ", ("a", "main"), ("o", "E 101"), ("p", barcode))] if barcode else []
    fixed: list[Spec] = [("001", number), ("008", FIXED.format(language)), data("245", "10", ("a", title))]
    return [*fixed, *more, *copy]


def shu(number: str = "c1", *more: Spec) -> list[Spec]:
    """The fields of a CNMARC record."""
    return [
        ("001", number),
        data("010", "  ", ("a", "7-02-000220-X"), ("d", "CNY59.70")),
        data("100", "  ", ("a", "20080512d2008    em y0chiy50      ea")),
        data("101", "0 ", ("a", "chi")),
        data("200", "1 ", ("a", "红楼梦"), ("9", "hong lou meng"), ("e", "校注本"), ("f", "曹雪芹, 高鹗著")),
        data("606", "0 ", ("a", "章回小说"), ("y", "中国"), ("z", "清代")),
        data("701", " 0", ("a", "曹雪芹"), ("9", "cao xue qin"), ("4", "著")),
        *more,
    ]


CNMARC_LEADER = "nam0 22   450 "


def as_xml(*records: bytes) -> bytes:
    """The same as MARCXML, made by pymarc."""
    read = MARCReader(b"".join(records), force_utf8=True)
    elements = [record_to_xml(record) for record in read]  # type: ignore[no-untyped-call]
    start = b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
    return start + b"\n".join(elements) + b"\n</collection>\n"


class Read:
    """What a file was read into."""

    def __init__(self, folder: Path, content: bytes, options: MarcOptions | None = None, name: str = "f.mrc") -> None:
        path = folder / name
        path.write_bytes(content)
        self.report = ImportReport()
        self.problems: list[Problem] = []
        self.all: list[Catalogued] = list(
            read_catalogue([path], options or MarcOptions(), self.report, self.problems.append)
        )
        self.numbers = [one.title.id for one in self.all]

    @property
    def one(self) -> Catalogued:
        """The only title, about which nothing is wrong."""
        assert [str(problem) for problem in self.problems] == []
        (one,) = self.all
        return one
