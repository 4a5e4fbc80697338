"""Snapshots as files: made from one moment of the database, signed, kept in a folder of the centre."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import msgspec
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session
from ulid import ULID

from sync.batches import in_batches
from sync.central.changes import Cursor, begin_new_history, card_key, end, history, prepare, prune, went_backwards
from sync.central.mirroring import catalogue_rows, patron_rows, rules_of
from sync.central.models import again_after_collision, reading, utc_now
from sync.feed.package import Manifest, Signed, SigningKey, pack
from sync.feed.schema import CREATE_FACTS, SCHEMA, TABLES, Half, Row

log = logging.getLogger(__name__)

LASTS = timedelta(days=30)
"""How long a snapshot may be taken after it was made. The feed reaches back further."""

MIN_APP = "0.1.0"
"""The oldest station that understands what is made here."""

KEPT = 2
"""Snapshots of a kind: a station may be fetching the last but one."""

BATCH = 5000


def default_folder(database: str) -> Path:
    """Where a centre keeps its snapshots and its signing key: beside an SQLite database, else in the working folder."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().parent / "snapshots"
    return Path("snapshots").absolute()


def signing_key(folder: Path) -> SigningKey:
    """The key in a centre's folder, drawn at the first call."""
    return SigningKey.open(folder / "signing.key")


class Snapshots:
    """The snapshots in a folder.

    Args:
        engine: the database they are made from.
        folder: theirs alone; made where it is missing.
        now: the centre's clock, UTC.
    """

    def __init__(self, engine: Engine, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._folder = folder
        self._now = now
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = signing_key(folder)
        self._begin()

    @again_after_collision
    def _begin(self) -> None:
        """Give the database what it lacks. Where it is an older state of itself, no station's cursor holds any more."""
        furthest = [manifest.cursor for manifest, _ in self._all()]
        with Session(self._engine) as db, db.begin():
            prepare(db)
            if any(went_backwards(db, cursor) for cursor in [None, *furthest]):
                log.warning("the database went back to an earlier state: stations take new snapshots")
                begin_new_history(db)

    def newest(self, half: Half, branch: str) -> tuple[Manifest, Signed] | None:
        """The newest that can still be used, and fed from."""
        with Session(reading(self._engine)) as db:
            current = history(db)
        fitting = [
            (manifest, signed)
            for manifest, signed in self._all()
            if (manifest.half, manifest.branch, manifest.schema) == (half, branch, SCHEMA)
            and Cursor.read(manifest.cursor).history == current
            and manifest.expires > self._now()
        ]
        return max(fitting, key=lambda found: found[0].made_at, default=None)

    def file(self, half: Half, branch: str, snapshot: str) -> tuple[Path, Manifest] | None:
        """A snapshot's file, if it is this half's and this branch's."""
        for manifest, _ in self._all():
            if (manifest.snapshot, manifest.half, manifest.branch) == (snapshot, half, branch):
                return self._folder / f"{snapshot}.zst", manifest
        return None

    def make(self, half: Half, branch: str) -> Signed:
        """Make one of this moment. Takes a second for some 50,000 items, and memory that does not grow with them."""
        name = str(ULID.from_datetime(self._now()))
        plain, packed = self._folder / f"{name}.db", self._folder / f"{name}.zst"
        try:
            cursor, made_at, rows = self._write(plain, half, branch, name)
            plain_sha256, sha256 = pack(plain, packed)
            manifest = Manifest(
                snapshot=name,
                half=half,
                branch=branch,
                schema=SCHEMA,
                rows=rows,
                cursor=cursor,
                made_at=made_at,
                expires=made_at + LASTS,
                min_app=MIN_APP,
                size=packed.stat().st_size,
                sha256=sha256,
                plain_size=plain.stat().st_size,
                plain_sha256=plain_sha256,
            )
        finally:
            plain.unlink(missing_ok=True)
        signed = self._key.sign(manifest)
        self._publish(name, signed)
        self._tidy(half, branch)
        prune(lambda: Session(self._engine), self._now())
        return signed

    def _write(self, plain: Path, half: Half, branch: str, name: str) -> tuple[str, datetime, dict[str, int]]:
        plain.touch(mode=0o600)
        with Session(reading(self._engine)) as db, closing(sqlite3.connect(plain, isolation_level=None)) as file:
            cursor = str(Cursor(history(db), branch, end(db)))
            made_at = self._now()
            rows = catalogue_rows(db) if half is Half.CATALOGUE else patron_rows(db, branch)
            facts = {"snapshot": name, "schema": SCHEMA, "cursor": cursor, "made_at": made_at, "snapshot_at": made_at}
            facts |= {"rules": rules_of(db)} if half is Half.CATALOGUE else {"card_key": card_key(db)}
            counts = write_file(file, half, rows, facts)
        return cursor, made_at, counts

    def _publish(self, name: str, signed: Signed) -> None:
        """Only what lies there whole is seen."""
        fresh = self._folder / f"{name}.fresh"
        fresh.write_bytes(msgspec.json.encode(signed))
        fresh.replace(self._folder / f"{name}.json")

    def _all(self) -> list[tuple[Manifest, Signed]]:
        found = []
        for path in self._folder.glob("*.json"):
            with suppress(OSError, msgspec.DecodeError):  # being tidied away, or of another version
                signed = msgspec.json.decode(path.read_bytes(), type=Signed)
                found.append((msgspec.json.decode(signed.manifest, type=Manifest), signed))
        return found

    def _tidy(self, half: Half, branch: str) -> None:
        """Take away what nobody asks for: older ones of this kind, and what was left behind by a making that ended."""
        same = [manifest for manifest, _ in self._all() if (manifest.half, manifest.branch) == (half, branch)]
        for manifest in sorted(same, key=lambda manifest: manifest.made_at)[:-KEPT]:
            for suffix in (".json", ".zst"):
                (self._folder / f"{manifest.snapshot}{suffix}").unlink(missing_ok=True)
        known = {manifest.snapshot for manifest, _ in self._all()}
        for path in self._folder.iterdir():
            if path.suffix in {".db", ".zst", ".fresh"} and path.stem not in known and _is_old(path):
                path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    """By the machine's own clock, as files are: another process may be writing a younger one."""
    with suppress(OSError):
        return utc_now().timestamp() - path.stat().st_mtime > timedelta(days=1).total_seconds()
    return False


def write_file(
    file: sqlite3.Connection, half: Half, rows: Iterable[tuple[str, Row]], facts: dict[str, object]
) -> dict[str, int]:
    """Fill a new SQLite file with half a mirror, without indexes. Returns how many rows each table got."""
    tables = {table.name: table for table in TABLES[half]}
    file.execute("PRAGMA journal_mode = OFF")
    file.execute("PRAGMA synchronous = OFF")
    file.execute("BEGIN")
    for statement in (*(table.create() for table in tables.values()), CREATE_FACTS):
        file.execute(statement)
    counts = Counter(dict.fromkeys(tables, 0))
    for name, some in groupby(rows, key=itemgetter(0)):
        values = (row for _, row in some)
        for batch in in_batches(values, BATCH):
            file.executemany(tables[name].insert(), batch)
            counts[name] += len(batch)
    known = [(name, msgspec.json.encode(value).decode()) for name, value in facts.items()]
    file.executemany("INSERT INTO facts VALUES (?, ?)", known)
    file.execute("COMMIT")
    return dict(counts)
