"""Titles and copies from MARC files into the centre's tables.

A title is known by its control number, a copy by its barcode: what is there is changed, what is new is added, and
nothing is taken away. So a library can import its whole catalogue every night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Engine, func, insert, inspect, select
from sqlalchemy.orm import Session

from sync.batches import in_batches
from sync.catalogue import ItemStatus
from sync.central.models import Branch, ItemRow, Title, again_after_collision
from sync.feed.marc import ImportReport, MarcOptions, import_files
from sync.feed.marc.reading import Tell
from sync.feed.records import ItemRecord, TitleRecord

AT_ONCE = 1000
ANY = "*"
"""In a table of branches: all codes that are not named."""


@dataclass(slots=True)
class Changes:
    """What happened to the rows of one table."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def add(self, other: Changes) -> None:
        """Count on."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged"


@dataclass(slots=True)
class ImportSummary:
    """What came of an import; `read`: of the files. `unknown_branches`: copies left out, by the code they have."""

    titles: Changes = field(default_factory=Changes)
    items: Changes = field(default_factory=Changes)
    unknown_branches: Counter[str] = field(default_factory=Counter)
    read: ImportReport = field(default_factory=ImportReport)

    def __str__(self) -> str:
        lines = [f"{self.read.records} records", f"titles: {self.titles}", f"copies: {self.items}"]
        lines += [f"{count} × {reason}" for reason, count in self.read.problems.most_common()]
        lines += [
            f"{count} × a copy at branch '{code}', which the centre does not know (--branch {code or ANY}=…)"
            for code, count in self.unknown_branches.most_common()
        ]
        lines += [f"{file}: {charset}" for file, charset in self.read.charsets.items()]
        return "\n".join(lines)


def import_catalogue(
    engine: Engine, files: Iterable[Path], options: MarcOptions, branches: Mapping[str, str], tell: Tell
) -> ImportSummary:
    """Bring the centre's titles and copies up to the files. Batch by batch, each one transaction: stations go on
    meanwhile, and an import that was interrupted is simply begun again.

    Args:
        engine: of a centre that has its branches.
        files: as for `sync.feed.marc.read_catalogue`.
        options: how they are read.
        branches: the centre's branch by the code in the files; `*` for all that are not named. Without an entry the
            code itself is taken.
        tell: hears of each record that was left out.

    Raises:
        LookupError: the database is no centre's, or `branches` names one that it does not have.
        OSError: a file cannot be read; what was imported before stays.
    """
    importer = _Importer(engine, branches)
    importer.summary.read = import_files(files, options, importer.write, tell)
    return importer.summary


class _Importer:
    def __init__(self, engine: Engine, branches: Mapping[str, str]) -> None:
        self._engine = engine
        self._branches = branches
        self._known = _branches_of(engine)
        self.summary = ImportSummary()
        for branch in branches.values():
            if branch not in self._known:
                raise LookupError(f"no branch {branch!r}")

    def write(self, titles: list[TitleRecord], items: list[ItemRecord]) -> None:
        """One batch. Of what comes twice in it, the last counts."""
        by_barcode = {item.barcode: item for item in map(self._at_branch, items) if item is not None}
        shelves = {item.title: item.shelf for item in reversed(items) if item.shelf}
        wanted = {title.id: _values(title, shelves.get(title.id, "")) for title in titles}
        changed_titles, changed_items = _write(self._engine, wanted, by_barcode)
        self.summary.titles.add(changed_titles)
        self.summary.items.add(changed_items)

    def _at_branch(self, item: ItemRecord) -> ItemRecord | None:
        branch = self._branches.get(item.branch) or (
            item.branch if item.branch in self._known else self._branches.get(ANY, "")
        )
        if not branch:
            self.summary.unknown_branches[item.branch] += 1
            return None
        return msgspec.structs.replace(item, branch=branch)


def _branches_of(engine: Engine) -> frozenset[str]:
    if not inspect(engine).has_table(Branch.__tablename__):
        raise LookupError("this database is not a centre's: run `init` first")
    with Session(engine) as db:
        return frozenset(db.scalars(select(Branch.code)))


def _values(title: TitleRecord, shelf: str) -> dict[str, str]:
    """The columns of a title; the centre has one shelf for all copies, and one ISBN: that of thirteen digits."""
    return {
        "title": title.title,
        "author": title.author,
        "language": title.language,
        "year": title.year,
        "isbn": max(title.isbn, key=len, default=""),
        "media": title.media[:16],
        "audience": title.audience,
        "shelf": shelf,
    }


@again_after_collision
def _write(engine: Engine, titles: dict[str, dict[str, str]], items: dict[str, ItemRecord]) -> tuple[Changes, Changes]:
    with Session(engine) as db, db.begin():
        changed_titles, ids = _write_titles(db, titles)
        changed_items = _write_items(db, items, ids)
    return changed_titles, changed_items


def _write_titles(db: Session, wanted: dict[str, dict[str, str]]) -> tuple[Changes, dict[str | None, int]]:
    """Returns also the ids. New ones follow the highest: PostgreSQL's own counter knows nothing of titles that came
    with their ids (`sync.central.sample`)."""
    changes = Changes()
    free = (db.scalar(select(func.max(Title.id))) or 0) + 1
    there = {row.control_number: row for row in db.scalars(select(Title).where(Title.control_number.in_(wanted)))}
    ids = {number: row.id for number, row in there.items()}
    fresh: list[dict[str, str | int]] = []
    for number, values in wanted.items():
        row = there.get(number)
        if row is None:
            ids[number] = free + len(fresh)
            fresh.append({"id": ids[number], "control_number": number, **values})
        else:
            _count(changes, changed=_set(row, values))
    if fresh:
        db.execute(insert(Title), fresh)
    changes.new = len(fresh)
    return changes, ids


def _write_items(db: Session, wanted: dict[str, ItemRecord], ids: Mapping[str | None, int]) -> Changes:
    changes = Changes()
    there = _items_there(db, list(wanted))
    fresh = []
    for barcode, item in wanted.items():
        values: dict[str, object] = {"title_id": ids[item.title], "branch": item.branch, "status": item.status.value}
        row = there.get(barcode)
        if row is None:
            fresh.append({"barcode": barcode, **values})
            continue
        if row.status == ItemStatus.IN_TRANSIT and item.status is ItemStatus.AVAILABLE:
            del values["status"]  # the centre has sent it on its way; the file does not know
        _count(changes, changed=_set(row, values))
    if fresh:
        db.execute(insert(ItemRow), fresh)
    changes.new = len(fresh)
    return changes


def _items_there(db: Session, barcodes: list[str]) -> dict[str, ItemRow]:
    """By barcode. In parts: a journal has thousands of copies, and databases limit how much one question names."""
    parts = in_batches(barcodes, AT_ONCE)
    rows = (row for part in parts for row in db.scalars(select(ItemRow).where(ItemRow.barcode.in_(part))))
    return {row.barcode: row for row in rows}


def _set(row: Title | ItemRow, values: Mapping[str, object]) -> bool:
    """Set what differs; whether anything did."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


def _count(changes: Changes, *, changed: bool) -> None:
    changes.changed += changed
    changes.unchanged += not changed
