"""The mirror's files, written: a new one beside the one in use, changes into the one in use.

`mirror.db` and `patron.db` are symbolic links. Each snapshot becomes a file with a name of its own, and taking it is
one rename of the link: SQLite keeps its log beside the file that it opened, so that a file put in another's place under
the same name would be read with the other's log.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import msgspec
from ulid import ULID

from kiosk.mirroring.titles import NOTE_TITLES
from kiosk.store.mirror import MIRROR, PATRON
from sync.catalogue import ProtocolFault
from sync.feed.package import Manifest, unpack
from sync.feed.pages import Counts, Page, count
from sync.feed.schema import CREATE_FACTS, SCHEMA, TABLES, Half, Row, Table, table_named
from sync.rules import LendingRules

log = logging.getLogger(__name__)

NAMES = {Half.CATALOGUE: MIRROR, Half.PATRONS: PATRON}

CACHE_KB = 16_384
LOG_BYTES = 8 << 20
"""What is left of SQLite's log after a long feed."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself. `snapshot_at`: when the snapshot was made that it began as; `made_at`: the moment
    that it has been brought up to."""

    snapshot: str
    schema: int
    cursor: str
    made_at: datetime
    snapshot_at: datetime


class MirrorFile:
    """A file of one half, open for writing. Raises `sqlite3.Error` where the disk does not let it."""

    def __init__(self, path: Path, half: Half) -> None:
        self.path = path
        self.half = half
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        try:
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", f"journal_size_limit = {LOG_BYTES}"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            self.facts = self._read_facts()
        except Exception:
            self._db.close()
            raise

    def _read_facts(self) -> Facts:
        said = {name: msgspec.json.decode(body) for name, body in self._db.execute("SELECT name, body FROM facts")}
        return msgspec.convert(said, Facts)

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    def apply(self, page: Page, position: int | None) -> None:
        """Take a page in, whole or not at all. `position`: where the journal stood, if with this page everything is in
        that the centre had settled by then; None: it is not.

        Raises:
            ProtocolFault: the page speaks of something that no such file holds.
        """
        facts: dict[str, object] = {"cursor": page.cursor, "branch": page.branch}
        if position is not None:
            facts |= {"made_at": page.at, "position": position}
        if page.rules is not None:
            facts["rules"] = page.rules
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._take(page)
            values = [(name, msgspec.json.encode(value).decode()) for name, value in facts.items()]
            self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", values)
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self.facts = self._read_facts()

    def _take(self, page: Page) -> None:
        for name, keys in page.gone.items():
            self._db.executemany(self._sql(name, "remove"), [(key,) for key in keys])
        for name, rows in page.upserts.items():
            try:
                self._db.executemany(self._sql(name, "upsert"), rows)
            except (sqlite3.ProgrammingError, sqlite3.IntegrityError) as error:
                raise ProtocolFault(f"rows of {name} cannot be taken: {error}") from error

    def _sql(self, name: str, what: str) -> str:
        table = table_named(self.half, name)
        if table is None:
            raise ProtocolFault(f"there is no table {name!r} here")
        return table.remove() if what == "remove" else table.upsert()

    def number(self, table: Table) -> int:
        """How many rows a table has."""
        (number,) = self._db.execute(f"SELECT count(*) FROM {table.name}").fetchone()  # noqa: S608 — our own names
        return int(number)

    def rules(self) -> LendingRules | None:
        """The lending rules that it holds. Raises `msgspec.MsgspecError` where they cannot be understood."""
        found = self._db.execute("SELECT body FROM facts WHERE name = 'rules'").fetchone()
        return msgspec.json.decode(found[0], type=LendingRules) if found else None

    def counts(self) -> Counts:
        """Count all rows, to be held against the centre's."""
        return Counts(tables=count(self._rows(), [table.name for table in TABLES[self.half]]))

    def _rows(self) -> Iterator[tuple[str, Row]]:
        for table in TABLES[self.half]:
            for row in self._db.execute(f"SELECT {table.names} FROM {table.name}"):  # noqa: S608 — our own names
                yield table.name, row


class MirrorFolder:
    """Where the mirror's files lie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def in_use(self, half: Half) -> MirrorFile | None:
        """The file in use; None where there is none that can be fed: missing, damaged, or of another version."""
        link = self._link(half)
        if not link.exists():
            return None
        try:
            found = MirrorFile(link.resolve(), half)
        except (sqlite3.Error, msgspec.MsgspecError, ValueError) as error:
            log.warning("%s cannot be used any more: %s", link.name, error)
            return None
        if found.facts.schema != SCHEMA or not link.is_symlink():
            found.close()
            return None
        return found

    def package(self, manifest: Manifest) -> Path:
        """Where a snapshot is fetched to. What is left of another one is taken away."""
        path = self._folder / f"{manifest.half}-{manifest.snapshot}.part"
        for other in self._folder.glob(f"{manifest.half}-*.part"):
            if other != path:
                other.unlink()
        return path

    def unpack(self, package: Path, manifest: Manifest) -> MirrorFile:
        """A new file from a snapshot, with its indexes, not in use yet.

        Raises:
            SnapshotRefused: it is not what the manifest says.
            OSError, sqlite3.Error: there is no room.
        """
        return self._new(manifest.half, lambda path: unpack(package, path, manifest))

    def begin(self, half: Half, facts: Facts) -> MirrorFile:
        """A new file without a row, not in use yet, for what comes from no snapshot. Raises `sqlite3.Error`."""
        return self._new(half, lambda path: _make_empty(path, half, facts))

    def _new(self, half: Half, make: Callable[[Path], None]) -> MirrorFile:
        self.tidy(half)
        path = self._folder / f"{self._link(half).stem}-{ULID()}.db"
        path.touch(mode=0o600)
        try:
            make(path)
            _prepare(path, half)
            return MirrorFile(path, half)
        except BaseException:
            _remove(path)
            raise

    def use(self, fresh: MirrorFile) -> None:
        """From now on this file is the mirror. Whoever has the old one open keeps it until the next question."""
        link = self._link(fresh.half)
        beside = link.with_suffix(".link")
        beside.unlink(missing_ok=True)
        beside.symlink_to(fresh.path.name)
        beside.replace(link)
        self.tidy(fresh.half)

    def discard(self, fresh: MirrorFile) -> None:
        """Take a file away that never came into use."""
        fresh.close()
        _remove(fresh.path)

    def tidy(self, half: Half) -> None:
        """Take away files that are not in use: old ones, and what a process left that was ended half-way."""
        link = self._link(half)
        used = str(link.readlink()) if link.is_symlink() else ""
        for path in self._folder.glob(f"{link.stem}-*.db"):
            if path.name != used:
                _remove(path)

    def _link(self, half: Half) -> Path:
        return self._folder / NAMES[half]


def _make_empty(path: Path, half: Half, facts: Facts) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in (*(table.create() for table in TABLES[half]), CREATE_FACTS):
            db.execute(statement)
        said = [(name, msgspec.json.encode(value).decode()) for name, value in msgspec.structs.asdict(facts).items()]
        db.executemany("INSERT INTO facts VALUES (?, ?)", said)


def _prepare(path: Path, half: Half) -> None:
    """Make a new file quick to look into, have it note what the search index must hear, and see that it is on the disk.
    Nothing of it is worth a log: should this end half-way, the file is taken away."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KB}"):
            db.execute(f"PRAGMA {pragma}")
        for table in TABLES[half]:
            for statement in table.create_indexes():
                db.execute(statement)
        for statement in NOTE_TITLES if half is Half.CATALOGUE else ():
            db.execute(statement)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
