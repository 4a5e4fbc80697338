"""The mirror's tables: what a snapshot's SQLite file holds, what the change feed speaks of, what is counted for drift.

A row is the same everywhere: its columns' values in the table's order, texts and whole numbers only, '' for nothing.
The first column is its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from sync.catalogue import Block, ItemStatus
from sync.feed.records import ItemRecord, TitleRecord
from sync.feed.snapshot import MirrorPatron

SCHEMA = 2
"""Counted up with every change here or in what a row means: a station that has another one takes a new snapshot."""

Row = tuple[str | int, ...]


class Half(StrEnum):
    """The two files of a mirror. What of patrons may be known is decided apart from what everybody may read."""

    CATALOGUE = "catalogue"
    PATRONS = "patrons"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the mirror.

    `columns`: name and SQL type. `is_clustered`: stored in the order of its key, which needs no index beside it; not so
    where rows are to keep a number (rowid) that an index of somebody else's may refer to. `indexes`: made where the
    mirror is used, not sent.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    is_clustered: bool = True
    indexes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The first column."""
        return self.columns[0][0]

    @property
    def names(self) -> str:
        """All columns, as SQL lists them."""
        return ", ".join(name for name, _ in self.columns)

    def create(self) -> str:
        """SQL that makes it, without indexes."""
        columns = [f"{name} {kind} NOT NULL" for name, kind in self.columns]
        if self.is_clustered:
            columns[0] += " PRIMARY KEY"
        return f"CREATE TABLE {self.name} ({', '.join(columns)})" + (" WITHOUT ROWID" if self.is_clustered else "")

    def create_indexes(self) -> tuple[str, ...]:
        """SQL that makes it quick to look into."""
        kinds = dict.fromkeys(self.indexes, "INDEX") | ({} if self.is_clustered else {self.key: "UNIQUE INDEX"})
        return tuple(f"CREATE {kind} {self.name}_{column} ON {self.name} ({column})" for column, kind in kinds.items())

    def insert(self) -> str:
        """SQL that puts a row in."""
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(self.columns))})"  # noqa: S608 — names from here

    def upsert(self) -> str:
        """SQL that puts a row in or in the place of the one with its key, which keeps its number."""
        changes = ", ".join(f"{name} = excluded.{name}" for name, _ in self.columns[1:])
        return f"{self.insert()} ON CONFLICT ({self.key}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")

    def remove(self) -> str:
        """SQL that takes a row out by its key."""
        return f"DELETE FROM {self.name} WHERE {self.key} = ?"  # noqa: S608 — names from here


def _texts(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "TEXT") for name in names)


TITLES = Table(
    "titles",
    _texts("id", "title", "author", "subjects", "isbn", "language", "year", "media", "audience", "also"),
    is_clustered=False,
)
ITEMS = Table(
    "items",
    (*_texts("barcode", "title", "branch", "shelf", "status"), ("recalled", "INTEGER")),
    indexes=("title",),
)
RESERVED = Table("reserved", _texts("barcode"))
BRANCHES = Table("branches", _texts("code", "hold_shelf"))
PATRONS = Table(
    "patrons",
    (
        *_texts("card", "ref", "category", "language", "expires", "overdue_after", "blocks"),
        ("most", "INTEGER"),
        ("borrowed", "INTEGER"),
        ("has_pin", "INTEGER"),
    ),
)
BLOCKED = Table("blocked", _texts("card", "after"))

TABLES: dict[Half, tuple[Table, ...]] = {
    Half.CATALOGUE: (BRANCHES, TITLES, ITEMS, RESERVED),
    Half.PATRONS: (PATRONS, BLOCKED),
}
CREATE_FACTS = "CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID"
"""What is true of the file as a whole, as JSON: snapshot, made_at, rules, card_key, cursor, position, branch …"""


def table_named(half: Half, name: str) -> Table | None:
    """A table of this half."""
    return next((table for table in TABLES[half] if table.name == name), None)


def title_row(title: TitleRecord) -> Row:
    """A title as a row of `titles`."""
    return (
        title.id,
        title.title,
        title.author,
        _list(title.subjects),
        _list(title.isbn),
        title.language,
        title.year,
        title.media,
        title.audience,
        _list(title.also),
    )


def title_of(row: Row) -> TitleRecord:
    """The title that a row of `titles` holds. Raises `msgspec.ValidationError`, `msgspec.DecodeError`."""
    names = [name for name, _ in TITLES.columns]
    values = dict(zip(names, row, strict=True))
    lists = {name: msgspec.json.decode(str(values[name]) or "[]") for name in ("subjects", "isbn", "also")}
    return msgspec.convert(values | lists, TitleRecord)


def item_row(item: ItemRecord) -> Row:
    """A copy as a row of `items`."""
    return (item.barcode, item.title, item.branch, item.shelf, str(item.status), int(item.recalled))


def item_of(row: Row) -> ItemRecord:
    """The copy that a row of `items` holds. Raises `ValueError`."""
    barcode, title, branch, shelf, status, recalled = row
    return ItemRecord(
        barcode=str(barcode),
        title=str(title),
        branch=str(branch),
        shelf=str(shelf),
        status=ItemStatus(str(status)),
        recalled=bool(recalled),
    )


def patron_row(patron: MirrorPatron) -> Row:
    """A patron's card as a row of `patrons`."""
    return (
        patron.card,
        patron.ref,
        patron.category,
        patron.language,
        _day(patron.expires),
        _day(patron.overdue_after),
        _list(patron.blocks),
        patron.limit,
        patron.borrowed,
        int(patron.has_pin),
    )


def patron_of(row: Row) -> MirrorPatron:
    """The patron that a row of `patrons` holds. Raises `ValueError`, `msgspec.DecodeError`."""
    card, ref, category, language, expires, overdue_after, blocks, most, borrowed, has_pin = row
    return MirrorPatron(
        card=str(card),
        ref=str(ref),
        category=str(category),
        language=str(language),
        expires=day_of(str(expires)),
        overdue_after=day_of(str(overdue_after)),
        blocks=msgspec.json.decode(str(blocks) or "[]", type=tuple[Block, ...]),
        limit=int(most),
        borrowed=int(borrowed),
        has_pin=bool(has_pin),
    )


def day_of(text: str) -> date | None:
    """A date as rows hold it. Raises `ValueError`."""
    return date.fromisoformat(text) if text else None


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _list(values: Iterable[object]) -> str:
    kept = tuple(values)
    return msgspec.json.encode(kept).decode() if kept else ""
