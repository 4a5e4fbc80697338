"""A mirror with what a test says, made as a snapshot of the centre becomes one."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from ulid import ULID

from kiosk.mirroring.files import MirrorFile, MirrorFolder
from sync.catalogue import Credential
from sync.central.snapshots import Snapshots, write_file
from sync.feed.package import Manifest, pack
from sync.feed.pages import Page
from sync.feed.records import ItemRecord, TitleRecord
from sync.feed.schema import SCHEMA, Half, Row, item_row, patron_row, title_row
from sync.feed.snapshot import MirrorItem, MirrorPatron
from sync.rules import LendingRules

BRANCH = "main"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a mirror is to say. `reserved`: barcodes of items that somebody waits for; `blocked`: rows of that list."""

    made_at: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    rules: LendingRules = LendingRules()
    card_key: str = "00112233445566778899aabbccddeeff"
    items: tuple[MirrorItem, ...] = ()
    reserved: tuple[str, ...] = ()
    hold_shelf: str = ""
    patrons: tuple[MirrorPatron, ...] = ()
    blocked: tuple[Row, ...] = ()

    def rows(self, half: Half) -> list[tuple[str, Row]]:
        """The rows of one half."""
        if half is Half.PATRONS:
            patrons = [("patrons", patron_row(patron)) for patron in self.patrons]
            return patrons + [("blocked", row) for row in self.blocked]
        titles = [
            TitleRecord(id=f"t{item.barcode}", title=item.title, author=item.author, media=item.media)
            for item in self.items
        ]
        copies = [
            ItemRecord(
                barcode=item.barcode,
                title=f"t{item.barcode}",
                branch=item.branch,
                shelf=item.shelf,
                status=item.status,
                recalled=item.recalled,
            )
            for item in self.items
        ]
        return [
            ("branches", (BRANCH, self.hold_shelf)),
            *(("titles", title_row(title)) for title in titles),
            *(("items", item_row(copy)) for copy in copies),
            *(("reserved", (barcode,)) for barcode in self.reserved),
        ]


def fill_mirror(folder: Path, content: Content, position: int = 0) -> None:
    """Let the mirror in a folder say this. `position`: where the journal stood."""
    folder.mkdir(parents=True, exist_ok=True)
    for half in Half:
        fill_half(folder, content, half, position)


def fill_half(folder: Path, content: Content, half: Half, position: int = 0) -> None:
    """One half of it."""
    files = MirrorFolder(folder)
    with tempfile.TemporaryDirectory() as elsewhere:
        package, manifest = package_of(Path(elsewhere), content, half)
        fresh = files.unpack(package, manifest)
    with closing(fresh):
        feed(fresh, content, position)
        files.use(fresh)


def package_of(folder: Path, content: Content, half: Half) -> tuple[Path, Manifest]:
    """The snapshot, as a centre packs it."""
    name = str(ULID())
    plain, packed = folder / f"{name}.db", folder / f"{name}.zst"
    facts: dict[str, object] = {
        "snapshot": name,
        "schema": SCHEMA,
        "cursor": "h.0.0.",
        "made_at": content.made_at,
        "snapshot_at": content.made_at,
    }
    facts |= {"card_key": content.card_key} if half is Half.PATRONS else {"rules": content.rules}
    with closing(sqlite3.connect(plain, isolation_level=None)) as file:
        rows = write_file(file, half, content.rows(half), facts)
    plain_sha256, sha256 = pack(plain, packed)
    manifest = Manifest(
        snapshot=name,
        half=half,
        schema=SCHEMA,
        rows=rows,
        cursor="h.0.0.",
        made_at=content.made_at,
        expires=content.made_at + timedelta(days=30),
        size=packed.stat().st_size,
        sha256=sha256,
        plain_size=plain.stat().st_size,
        plain_sha256=plain_sha256,
    )
    return packed, manifest


def feed(file: MirrorFile, content: Content, position: int) -> None:
    """Nothing has changed since, says the centre."""
    file.apply(Page(cursor="h.0.0.", at=content.made_at, branch=BRANCH, complete=True), position)


def mirror_of(engine: Engine, folder: Path, now: Callable[[], datetime]) -> None:
    """Let the mirror in a folder be a centre's, as it is now."""
    folder.mkdir(parents=True, exist_ok=True)
    files = MirrorFolder(folder)
    with tempfile.TemporaryDirectory() as elsewhere:
        snapshots = Snapshots(engine, Path(elsewhere), now)
        for half in Half:
            branch = BRANCH if half is Half.PATRONS else ""
            manifest = msgspec.json.decode(snapshots.make(half, branch).manifest, type=Manifest)
            found = snapshots.file(half, branch, manifest.snapshot)
            assert found is not None
            with closing(files.unpack(found[0], manifest)) as fresh:
                fresh.apply(Page(cursor=manifest.cursor, at=now(), branch=BRANCH, complete=True), 0)
                files.use(fresh)


class StillMirror:
    """What a desk asks of a mirror, in a library in which nothing is reserved and nobody is blocked."""

    def __init__(self, now: Callable[[], datetime], rules: LendingRules) -> None:
        self._now = now
        self._rules = rules

    def item(self, barcode: str) -> MirrorItem | None:
        return MirrorItem(barcode=barcode, title=f"T{barcode}")

    def is_reserved(self, barcode: str) -> bool:
        return False

    def hold_shelf(self) -> str:
        return ""

    def rules(self) -> LendingRules:
        return self._rules

    def made_at(self) -> datetime:
        return self._now()

    def position(self) -> int:
        return 0

    def patron(self, credential: Credential) -> MirrorPatron | None:
        return None
