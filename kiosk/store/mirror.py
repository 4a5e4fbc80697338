"""The mirror: what the station must know of the catalogue to work without it. Disposable; made anew as a whole.

Two files: `mirror.db` (items, which are waited for, rules) and `patron.db` (what the library's policy lets the station
know of patrons: no name, cards only as keyed hashes). Each is built beside the one in use and swapped in by a rename.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    NullPool,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from sync.catalogue import Credential
from sync.feed.snapshot import MirrorItem, MirrorPatron, MirrorSnapshot, card_digest
from sync.rules import LendingRules

log = logging.getLogger(__name__)
T = TypeVar("T")

_public = MetaData()
items = Table("items", _public, Column("barcode", String, primary_key=True), Column("body", Text, nullable=False))
reserved = Table("reserved", _public, Column("barcode", String, primary_key=True))
facts = Table("facts", _public, Column("name", String, primary_key=True), Column("body", Text, nullable=False))

_private = MetaData()
patrons = Table("patrons", _private, Column("card", String, primary_key=True), Column("body", Text, nullable=False))
keys = Table("keys", _private, Column("name", String, primary_key=True), Column("body", Text, nullable=False))


class Mirror:
    """The mirror in a folder. Used from the store thread.

    A mirror that is missing or damaged is an empty one: offline the station then takes returns and lends nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._mirror = folder / "mirror.db"
        self._patrons = folder / "patron.db"

    # ── filling ──

    def replace(self, snapshot: MirrorSnapshot, position: int = 0) -> None:
        """Take a new snapshot, whole or not at all. `position`: where the journal stood before it was asked for.

        Raises:
            OSError: there is no room for it; the old one stays.
        """
        fresh_mirror, fresh_patrons = (path.with_suffix(".new") for path in (self._mirror, self._patrons))
        try:
            _build(fresh_mirror, _public, lambda db: _fill_mirror(db, snapshot, position))
            _build(fresh_patrons, _private, lambda db: _fill_patrons(db, snapshot))
            fresh_mirror.replace(self._mirror)
            fresh_patrons.replace(self._patrons)
        finally:
            for half in (fresh_mirror, fresh_patrons):
                with suppress(OSError):
                    half.unlink()  # what did not fit must not fill the disk

    # ── reading ──

    def item(self, barcode: str) -> MirrorItem | None:
        """What is known of an item."""
        return self._known(self._mirror, items, items.c.barcode, barcode, MirrorItem)

    def is_reserved(self, barcode: str) -> bool:
        """Whether somebody waits for this item."""
        return self._read(self._mirror, reserved, reserved.c.barcode, barcode) is not None

    def hold_shelf(self) -> str:
        """Where items somebody waits for are put."""
        return self._known(self._mirror, facts, facts.c.name, "hold_shelf", str) or ""

    def rules(self) -> LendingRules | None:
        """The library's lending rules."""
        return self._known(self._mirror, facts, facts.c.name, "rules", LendingRules)

    def made_at(self) -> datetime | None:
        """How old the mirror is."""
        return self._known(self._mirror, facts, facts.c.name, "made_at", datetime)

    def position(self) -> int:
        """Where the journal stood before this mirror was asked for: what was settled later may be missing in it."""
        return self._known(self._mirror, facts, facts.c.name, "position", int) or 0

    def patron(self, credential: Credential) -> MirrorPatron | None:
        """What is known of whoever holds this card."""
        key = self._read(self._patrons, keys, keys.c.name, "card_key")
        if key is None:
            return None
        try:
            card = card_digest(key, credential)
        except ValueError:
            log.exception("%s cannot be read: its key is no key", self._patrons.name)
            return None
        return self._known(self._patrons, patrons, patrons.c.card, card, MirrorPatron)

    def _known(self, path: Path, table: Table, column: Column[str], wanted: str, kind: type[T]) -> T | None:
        """The last column of the row, understood; None where it was written by another kiosk and cannot be."""
        body = self._read(path, table, column, wanted)
        if body is None:
            return None
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            log.exception("%s cannot be read", path.name)
            return None

    def _read(self, path: Path, table: Table, column: Column[str], wanted: str) -> str | None:
        """The last column of the row, or None."""
        if not path.exists():
            return None
        try:
            with _read_only(path).connect() as db:
                row = db.execute(select(table).where(column == wanted)).first()
        except SQLAlchemyError:
            log.exception("%s cannot be read", path.name)
            return None
        return str(row[-1]) if row else None


def _read_only(path: Path) -> Engine:
    return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool, hide_parameters=True)


def _build(fresh: Path, tables: MetaData, fill: Callable[[Connection], None]) -> None:
    with suppress(FileNotFoundError):
        fresh.unlink()
    fresh.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{fresh}", poolclass=NullPool, hide_parameters=True)
    try:
        tables.create_all(engine)
        with engine.begin() as db:
            fill(db)
    except SQLAlchemyError as error:
        raise OSError(f"{fresh}: {error}") from error
    finally:
        engine.dispose()


def _fill_mirror(db: Connection, snapshot: MirrorSnapshot, position: int) -> None:
    _insert(db, items, ({"barcode": item.barcode, "body": _json(item)} for item in snapshot.items))
    _insert(db, reserved, ({"barcode": barcode} for barcode in snapshot.reserved))
    known = {
        "rules": snapshot.rules,
        "hold_shelf": snapshot.hold_shelf,
        "made_at": snapshot.made_at,
        "position": position,
    }
    _insert(db, facts, ({"name": name, "body": _json(value)} for name, value in known.items()))


def _fill_patrons(db: Connection, snapshot: MirrorSnapshot) -> None:
    _insert(db, patrons, ({"card": patron.card, "body": _json(patron)} for patron in snapshot.patrons))
    _insert(db, keys, [{"name": "card_key", "body": snapshot.card_key}])


def _insert(db: Connection, table: Table, rows: Iterable[dict[str, str]]) -> None:
    values = list(rows)
    if values:
        db.execute(insert(table), values)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
