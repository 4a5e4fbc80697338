"""Reading catalogue files: which form, characters and flavour; then titles and copies, one record at a time."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import msgspec

from sync.batches import in_batches
from sync.feed.marc import iso2709, marc21, marcxml, unimarc
from sync.feed.marc.charset import Charset, charset_of, guess
from sync.feed.marc.items import PROFILES, ItemProfile, items_of, media_of, number_of
from sync.feed.marc.record import Broken, Flavour, MarcRecord, Reason
from sync.feed.marc.unpacking import opened
from sync.feed.records import ItemRecord, TitleRecord

SAMPLE = 500
"""Records of a file that are looked at to find out its characters."""
SAMPLE_BYTES = 4 << 20
CONTROL_NUMBER = 64
"""Characters that a title's number may have."""

_ABOUT_TITLES = frozenset(" abcdefghijklmnoprt")  # leader/06 of bibliographic records; blank where no leader came
_MARKUP = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarcOptions:
    """How files are read. What is None is found out: the characters per file, the flavour per record."""

    profile: ItemProfile = PROFILES["koha"]
    charset: Charset | None = None
    flavour: Flavour | None = None
    original_script: bool = True  # Chinese, Arabic … titles as they are written; the romanised form is searched


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a record that somebody should know. `record` counts from 1 in the file; 0: the file itself."""

    file: str
    record: int
    control_number: str
    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        number = f" ({self.control_number})" if self.control_number else ""
        detail = f" - {self.detail}" if self.detail else ""
        where = f", record {self.record}{number}" if self.record else ""
        return f"{self.file}{where}: {self.reason}{detail}"


@dataclass(slots=True)
class ImportReport:
    """What came of reading. Every record is either a title or counted under a reason."""

    records: int = 0
    titles: int = 0
    items: int = 0
    problems: Counter[Reason] = field(default_factory=Counter)
    charsets: dict[str, Charset] = field(default_factory=dict)  # by file; XML says its own


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A title with its copies."""

    title: TitleRecord
    items: tuple[ItemRecord, ...]


Tell = Callable[[Problem], None]


def read_catalogue(
    files: Iterable[Path], options: MarcOptions, report: ImportReport, tell: Tell
) -> Iterator[Catalogued]:
    """Titles and copies of MARC files, in their order; a title that comes twice is given twice.

    A record that cannot be used is left out, counted and told; it never ends a file. Holds one record at a time, beside
    the sample at the file's start.

    Args:
        files: ISO 2709 or MARCXML, each also compressed by gzip.
        options: how they are read.
        report: is counted up.
        tell: hears of each problem as it is met.

    Raises:
        OSError: a file cannot be opened or read.
    """
    for path in files:
        yield from _File(path, options, report, tell).titles()


class _File:
    def __init__(self, path: Path, options: MarcOptions, report: ImportReport, tell: Tell) -> None:
        self._path = path
        self._options = options
        self._report = report
        self._tell = tell
        self._number = 0
        self._found = False
        items = options.profile.tags
        self._wanted = {Flavour.MARC21: marc21.TAGS | items, Flavour.UNIMARC: unimarc.TAGS | items}

    def titles(self) -> Iterator[Catalogued]:
        with ExitStack() as stack:
            stream = opened(self._path, stack, lambda why: self._say_of_file(Reason.FILE_ENDS, why))
            try:
                for read in self._records(stream):
                    self._number += 1
                    self._report.records += 1
                    try:
                        catalogued = self._catalogued(read())
                    except Broken as broken:
                        self._say(broken.reason, broken.control_number, broken.detail)
                        continue
                    self._report.titles += 1
                    self._report.items += len(catalogued.items)
                    yield catalogued
            except UnicodeError as error:  # a codec that cannot go on, whatever it is asked to do with errors
                self._say_of_file(Reason.BROKEN, str(error))
            if not self._found:
                self._say_of_file(Reason.NOT_MARC)

    def _records(self, stream: io.BufferedReader) -> Iterator[Callable[[], tuple[MarcRecord, Flavour]]]:
        """Each record as something that reads it, or raises `Broken`."""
        start = stream.peek(512)[:512]
        if start.lstrip().startswith(_MARKUP):
            return self._from_xml(stream, start)
        return self._from_binary(stream)

    def _from_xml(self, stream: io.BufferedReader, start: bytes) -> Iterator[Callable[[], tuple[MarcRecord, Flavour]]]:
        encoding = self._options.charset or marcxml.encoding_of(start)
        try:
            text = io.TextIOWrapper(stream, encoding, errors="replace")
        except LookupError:
            self._say_of_file(Reason.BROKEN, f"no encoding '{encoding}'")
            self._found = True
            return
        with text:
            for element in marcxml.split(text):
                yield lambda element=element: self._read_xml(element)  # type: ignore[misc]

    def _read_xml(self, element: str) -> tuple[MarcRecord, Flavour]:
        record = marcxml.parse(element)
        self._found = True
        return record, self._flavour(record.fields.keys())

    def _from_binary(self, stream: io.BufferedReader) -> Iterator[Callable[[], tuple[MarcRecord, Flavour]]]:
        pieces = iso2709.split(stream)
        sample = _sample(pieces)
        of_file = self._options.charset or _guess(sample, self._flavour)
        self._report.charsets[str(self._path)] = of_file
        for piece in chain(sample, pieces):
            yield lambda piece=piece: self._read_binary(piece, of_file)  # type: ignore[misc]

    def _read_binary(self, piece: bytes, of_file: Charset) -> tuple[MarcRecord, Flavour]:
        raw = iso2709.parse(piece)
        self._found = True
        flavour = self._flavour(tag for tag, _ in raw.fields)
        charset = self._options.charset or charset_of(
            piece, of_file, says_utf8=raw.leader[9] == "a", unimarc=flavour is Flavour.UNIMARC
        )
        return iso2709.to_text(raw, charset, self._wanted[flavour]), flavour

    def _flavour(self, tags: Iterable[str]) -> Flavour:
        """UNIMARC has its title in 200, which MARC 21 does not know, and MARC 21 in 245, which UNIMARC does not."""
        if self._options.flavour is not None:
            return self._options.flavour
        there = set(tags)
        return Flavour.UNIMARC if "200" in there and "245" not in there else Flavour.MARC21

    def _catalogued(self, read: tuple[MarcRecord, Flavour]) -> Catalogued:
        record, flavour = read
        profile = self._options.profile
        number = number_of(record, profile)
        if record.leader[5] == "d":
            raise Broken(Reason.DELETED, "", number)
        if record.leader[6] not in _ABOUT_TITLES:
            raise Broken(Reason.NOT_A_TITLE, f"leader/06 is '{record.leader[6]}'", number)
        if not number or len(number) > CONTROL_NUMBER or "\ufffd" in number:
            raise Broken(Reason.NO_NUMBER, "", number[:CONTROL_NUMBER])
        title = self._title(record, flavour, number)
        if title is None:
            raise Broken(Reason.NO_TITLE, "", number)
        return Catalogued(title, tuple(self._items(record, title)))

    def _title(self, record: MarcRecord, flavour: Flavour, number: str) -> TitleRecord | None:
        title_of = unimarc.title_of if flavour is Flavour.UNIMARC else marc21.title_of
        title = title_of(record, number, original_script=self._options.original_script)
        if title is None:
            return None
        if any("\ufffd" in text for text in (title.title, title.author, *title.subjects, *title.also)):
            self._say(Reason.DAMAGED_TEXT, number)
        return _with(title, media_of(record, self._options.profile))

    def _items(self, record: MarcRecord, title: TitleRecord) -> Iterator[ItemRecord]:
        for item in items_of(record, title.id, self._options.profile):
            if item is None:
                self._say(Reason.NO_BARCODE, title.id)
            else:
                yield item

    def _say(self, reason: Reason, control_number: str = "", detail: str = "") -> None:
        self._report.problems[reason] += 1
        self._tell(Problem(self._path.name, self._number, control_number, reason, detail))

    def _say_of_file(self, reason: Reason, detail: str = "") -> None:
        self._report.problems[reason] += 1
        self._tell(Problem(self._path.name, 0, "", reason, detail))


def _with(title: TitleRecord, media: str) -> TitleRecord:
    return msgspec.structs.replace(title, media=media) if media else title


def _sample(pieces: Iterator[bytes]) -> list[bytes]:
    sample: list[bytes] = []
    size = 0
    for piece in islice(pieces, SAMPLE):
        sample.append(piece)
        size += len(piece)
        if size > SAMPLE_BYTES:
            break
    return sample


def _guess(sample: list[bytes], flavour_of: Callable[[Iterable[str]], Flavour]) -> Charset:
    """The file's characters. Its flavour is that of the first record that can be read."""
    for piece in sample:
        try:
            raw = iso2709.parse(piece)
        except Broken:
            continue
        return guess(sample, unimarc=flavour_of(tag for tag, _ in raw.fields) is Flavour.UNIMARC)
    return Charset.UTF_8


BATCH = 500
"""Titles that are written at once."""

Write = Callable[[list[TitleRecord], list[ItemRecord]], None]


def import_files(
    files: Iterable[Path], options: MarcOptions, write: Write, tell: Tell = lambda _problem: None
) -> ImportReport:
    """Read catalogue files and hand titles and copies on, `BATCH` titles at a time.

    Args:
        files: as for `read_catalogue`.
        options: how they are read.
        write: takes one batch; the copies' titles are in the same one.
        tell: hears of each problem as it is met.

    Raises:
        OSError: a file cannot be opened or read. What was written before stays.
    """
    report = ImportReport()
    catalogue = read_catalogue(files, options, report, tell)
    for batch in in_batches(catalogue, BATCH):
        write([one.title for one in batch], [item for one in batch for item in one.items])
    return report
