"""A journal as a file to keep or to carry: written beside a running station, taken in by a stopped one.

JSON lines, compressed with zstandard. The first line says what it is; then come incarnations, acts with their patrons
and transitions, and the streams; the last line holds the SHA-256 of all before it, so that a file that was cut is
noticed.
It holds whose acts they are: keep it as the journal itself.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard
from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, func, literal_column, select

from kiosk.errors import KioskError
from kiosk.store.faults import as_our_errors
from kiosk.store.schema import act_patrons, acts, incarnations, stream, transitions

VERSION = 1
ROWS_AT_A_TIME = 500
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes. Whatever is longer was not written here."""


class ArchiveRefused(KioskError):
    """The file cannot be taken in; the message says why. Nothing of it was."""

    code = "archive"


class Header(msgspec.Struct, frozen=True, tag="header"):
    """What the file is: whose journal, as of when, and how much is in it."""

    format: str
    version: int
    station: str
    made_at: datetime
    counts: dict[str, int]


class Incarnation(msgspec.Struct, frozen=True, tag="incarnation"):
    """A process that wrote acts."""

    id: str
    station: str
    started_at: str
    forked: int


class Move(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transition of an act, with its place in the chain of all of them."""

    id: int
    from_state: str
    to_state: str
    at: str
    previous: str
    hash: str
    verdict: str | None = None


class ArchivedAct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="act"):
    """An act as its row has it, with whose it is and what became of it."""

    key: str
    kind: str
    station: str
    incarnation: str
    seq: int
    item: str
    at: str
    mono_ns: int
    boot_id: str
    clock: str
    undoes: str | None = None
    due_before: str | None = None
    v: int
    commitment: str
    previous: str
    hash: str
    emptied_at: str = ""
    patron: str | None = None
    salt: str | None = None
    moves: tuple[Move, ...] = ()


class ArchivedFact(msgspec.Struct, frozen=True, tag="fact"):
    """A place in a stream."""

    incarnation: str
    position: int
    key: str
    link: str


class Trailer(msgspec.Struct, frozen=True, tag="trailer"):
    """The end: the SHA-256 (hex) of all lines before this one."""

    sha256: str


Line = Header | Incarnation | ArchivedAct | ArchivedFact | Trailer

NAME = "kiosk-journal"


# ── writing ──


def export(engine: Engine, file: Path, station: str, now: datetime) -> Header:
    """Write the journal as it stands into `file`, readable by its owner alone; what was there is replaced once the new
    one is whole and on the disk. Returns what was written.

    Args:
        engine: as `open_reading` opens it. The station may go on working.
        file: where to.
        station: whose journal it is.
        now: the time.

    Raises:
        JournalUnwritable, JournalCorrupt: the journal cannot be read, or the file cannot be written.
    """
    with as_our_errors(), engine.connect() as connection, _replacing(file) as raw:
        db = connection.execution_options(yield_per=ROWS_AT_A_TIME)
        header = Header(NAME, VERSION, station, now, _counts(db))
        with zstandard.ZstdCompressor().stream_writer(raw, closefd=False) as packed:
            digest = hashlib.sha256()
            for line in _lines(db, header):
                body = msgspec.json.encode(line) + b"\n"
                digest.update(body)
                packed.write(body)
            packed.write(msgspec.json.encode(Trailer(digest.hexdigest())) + b"\n")
    return header


@contextmanager
def _replacing(file: Path) -> Iterator[BinaryIO]:
    """A new file under a name of its own, which takes the name of `file` once it is whole and synced."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _counts(db: Connection) -> dict[str, int]:
    tables = (incarnations, acts, act_patrons, transitions, stream)
    return {table.name: int(db.execute(select(func.count()).select_from(table)).scalar_one()) for table in tables}


def _lines(db: Connection, header: Header) -> Iterator[Line]:
    yield header
    written: ColumnElement[int] = literal_column(
        "incarnations.rowid"
    )  # in the order of writing: the clock may have been set back
    for row in db.execute(select(incarnations).order_by(written)).mappings():
        yield Incarnation(row["id"], row["station"], row["started_at"], row["forked"])
    yield from _archived_acts(db)
    facts = select(stream).join(incarnations, incarnations.c.id == stream.c.incarnation)
    for row in db.execute(facts.order_by(written, stream.c.position)).mappings():
        yield ArchivedFact(row["incarnation"], row["position"], row["key"], row["link"])


def _archived_acts(db: Connection) -> Iterator[ArchivedAct]:
    first = select(func.min(transitions.c.id)).where(transitions.c.key == acts.c.key).scalar_subquery()
    query = (
        select(acts, act_patrons.c.patron, act_patrons.c.salt)
        .outerjoin(act_patrons, act_patrons.c.key == acts.c.key)
        .order_by(func.coalesce(first, 0), acts.c.incarnation, acts.c.seq)
    )
    for some in db.execute(query).mappings().partitions():
        moves = _moves(db, [row["key"] for row in some])
        for row in some:
            yield ArchivedAct(**row, moves=tuple(moves.get(row["key"], ())))


def _moves(db: Connection, keys: list[str]) -> dict[str, list[Move]]:
    moves: dict[str, list[Move]] = {}
    for row in db.execute(select(transitions).where(transitions.c.key.in_(keys)).order_by(transitions.c.id)).mappings():
        moves.setdefault(row["key"], []).append(_move(row))
    return moves


def _move(row: RowMapping) -> Move:
    return Move(**{name: row[name] for name in Move.__struct_fields__})


# ── reading ──


def checked(file: Path, station: str) -> Header:
    """The header of a whole and undamaged file that is this station's.

    Raises:
        ArchiveRefused: it is none.
    """
    lines = read(file)
    header = next(lines, None)
    if not isinstance(header, Header) or header.format != NAME:
        raise ArchiveRefused(f"{file}: no journal that was exported here")
    if header.version != VERSION:
        raise ArchiveRefused(f"{file}: of version {header.version}; this program reads version {VERSION}")
    if header.station != station:
        raise ArchiveRefused(f"{file}: the journal of station {header.station!r}, and this is {station!r}")
    for _ in lines:  # to its end, where it proves to be whole
        pass
    return header


def read(file: Path) -> Iterator[Line]:
    """The lines but for the trailer, which is held against them at the end.

    Raises:
        ArchiveRefused: the file cannot be read, was cut, or is damaged.
    """
    digest, trailer = hashlib.sha256(), None
    try:
        for body in _unpacked(file):
            if trailer is not None:
                raise ArchiveRefused(f"{file}: damaged: it goes on after its end")
            line: Line = msgspec.json.decode(body, type=Line)
            if isinstance(line, Trailer):
                trailer = line
            else:
                digest.update(body)
                yield line
    except (OSError, zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveRefused(f"{file}: cannot be read, or is damaged: {error}") from error
    if trailer is None or trailer.sha256 != digest.hexdigest():
        raise ArchiveRefused(f"{file}: damaged: its end is missing, or something in it was changed")


def _unpacked(file: Path) -> Iterator[bytes]:
    with file.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as packed:
        unpacked = io.BufferedReader(packed)
        while line := unpacked.readline(LONGEST_LINE):
            yield line
