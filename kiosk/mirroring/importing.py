"""A mirror from catalogue files: for a station whose catalogue has no centre that could feed it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.mirroring.files import Facts, MirrorFile, MirrorFolder
from kiosk.mirroring.room import free_on, make_sure
from sync.feed.marc import ImportReport, MarcOptions, import_files
from sync.feed.marc.reading import Tell
from sync.feed.pages import Page
from sync.feed.records import ItemRecord, TitleRecord
from sync.feed.schema import ITEMS, SCHEMA, TITLES, Half, item_row, title_row
from sync.rules import LendingRules

NO_CURSOR = ""
"""Of a mirror that nobody feeds."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""When the snapshot was made that it began as: any centre's is newer."""

POSITION = 0
"""Where the journal stood. Files know of no loans, so what the station has done itself is laid over all of it."""


class FedByCentre(KioskError):
    """The mirror here is a centre's, which would put its own in the place of another."""

    code = "fed_by_centre"


class NothingRead(KioskError):
    """The files hold no title."""

    code = "nothing_read"


@dataclass(frozen=True, slots=True)
class MirrorImport:
    """What came of an import. `titles`, `items`: in the new mirror; `before`: titles in the old one. `has_rules`: the
    station may lend by itself."""

    titles: int
    items: int
    before: int
    has_rules: bool
    read: ImportReport

    def __str__(self) -> str:
        lines = [
            f"{self.read.records} records",
            f"titles: {self.titles}, before: {self.before}",
            f"copies: {self.items}",
        ]
        lines += [f"{count} × {reason}" for reason, count in self.read.problems.most_common()]
        lines += [f"{file}: {charset}" for file, charset in self.read.charsets.items()]
        if not self.has_rules:
            lines.append("no lending rules (--rules): while its catalogue is away the station takes returns only")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported. `rules`: None keeps those of the mirror in use. `tell` hears of each record that was left
    out."""

    files: tuple[Path, ...]
    options: MarcOptions
    rules: LendingRules | None = None
    tell: Tell = lambda _problem: None


def import_mirror(
    folder: Path,
    wanted: Wanted,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    free: Callable[[Path], int] = free_on,
) -> MirrorImport:
    """Make the public half of a folder's mirror anew from files, and use it: whole or not at all. Of titles and copies
    that come twice the last counts.

    Whoever calls it holds the mirror's lock, and brings the search index up to date afterwards.

    Args:
        folder: the station's.
        wanted: files, and how they are read.
        now: UTC.
        free: bytes on the disk.

    Raises:
        FedByCentre: the mirror in use is a centre's.
        NothingRead: no title could be read; the mirror in use stays.
        NoRoom, OSError, sqlite3.Error: there is no room, or a file cannot be read; the mirror in use stays.
    """
    files = MirrorFolder(folder)
    _refuse_where_fed(files)
    before, rules = _in_use(files)
    facts = Facts(snapshot="", schema=SCHEMA, cursor=NO_CURSOR, made_at=now(), snapshot_at=NEVER)
    fresh = files.begin(Half.CATALOGUE, facts)
    try:
        with closing(fresh):
            rules = wanted.rules or rules
            read = _fill(fresh, wanted, rules, lambda: make_sure("the import", 0, free(folder)))
            done = MirrorImport(fresh.number(TITLES), fresh.number(ITEMS), before, rules is not None, read)
        files.use(fresh)
    except BaseException:
        files.discard(fresh)
        raise
    return done


def _refuse_where_fed(files: MirrorFolder) -> None:
    for half in Half:
        used = files.in_use(half)
        if used is not None:
            used.close()
            if used.facts.cursor != NO_CURSOR:
                raise FedByCentre("the catalogue here comes from a centre: import the files there")


def _in_use(files: MirrorFolder) -> tuple[int, LendingRules | None]:
    """How many titles the mirror in use has, and its rules."""
    used = files.in_use(Half.CATALOGUE)
    if used is None:
        return 0, None
    with closing(used):
        return used.number(TITLES), used.rules()


def _fill(
    fresh: MirrorFile, wanted: Wanted, rules: LendingRules | None, see_that_there_is_room: Callable[[], None]
) -> ImportReport:
    at = fresh.facts.made_at

    def write(titles: list[TitleRecord], items: list[ItemRecord]) -> None:
        see_that_there_is_room()
        rows = {TITLES.name: [*map(title_row, titles)], ITEMS.name: [*map(item_row, items)]}
        fresh.apply(Page(cursor=NO_CURSOR, at=at, branch="", upserts=rows), None)

    read = import_files(wanted.files, wanted.options, write, wanted.tell)
    if not read.titles:
        raise NothingRead("no title could be read")
    fresh.apply(Page(cursor=NO_CURSOR, at=at, branch="", rules=rules), POSITION)
    return read
