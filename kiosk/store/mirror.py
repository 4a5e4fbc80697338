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

    def replace(self, snapshot: MirrorSnapshot) -> None:
        """Take a new snapshot, whole or not at all.

        Raises:
            OSError: there is no room for it; the old one stays.
        """
        _swap(self._mirror, _public, lambda db: _fill_mirror(db, snapshot))
        _swap(self._patrons, _private, lambda db: _fill_patrons(db, snapshot))

    # ── reading ──

    def item(self, barcode: str) -> MirrorItem | None:
        """What is known of an item."""
        body = self._read(self._mirror, items, items.c.barcode, barcode)
        return msgspec.json.decode(body, type=MirrorItem) if body else None

    def is_reserved(self, barcode: str) -> bool:
        """Whether somebody waits for this item."""
        return self._read(self._mirror, reserved, reserved.c.barcode, barcode) is not None

    def hold_shelf(self) -> str:
        """Where items somebody waits for are put."""
        body = self._read(self._mirror, facts, facts.c.name, "hold_shelf")
        return msgspec.json.decode(body, type=str) if body else ""

    def rules(self) -> LendingRules | None:
        """The library's lending rules."""
        body = self._read(self._mirror, facts, facts.c.name, "rules")
        return msgspec.json.decode(body, type=LendingRules) if body else None

    def made_at(self) -> datetime | None:
        """How old the mirror is."""
        body = self._read(self._mirror, facts, facts.c.name, "made_at")
        return msgspec.json.decode(body, type=datetime) if body else None

    def patron(self, credential: Credential) -> MirrorPatron | None:
        """What is known of whoever holds this card."""
        key = self._read(self._patrons, keys, keys.c.name, "card_key")
        if key is None:
            return None
        body = self._read(self._patrons, patrons, patrons.c.card, card_digest(key, credential))
        return msgspec.json.decode(body, type=MirrorPatron) if body else None

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
    return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool)


def _swap(path: Path, tables: MetaData, fill: Callable[[Connection], None]) -> None:
    fresh = path.with_suffix(".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    fresh.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{fresh}", poolclass=NullPool)
    try:
        tables.create_all(engine)
        with engine.begin() as db:
            fill(db)
    except SQLAlchemyError as error:
        raise OSError(f"{fresh}: {error}") from error
    finally:
        engine.dispose()
    fresh.replace(path)


def _fill_mirror(db: Connection, snapshot: MirrorSnapshot) -> None:
    _insert(db, items, ({"barcode": item.barcode, "body": _json(item)} for item in snapshot.items))
    _insert(db, reserved, ({"barcode": barcode} for barcode in snapshot.reserved))
    known = {"rules": snapshot.rules, "hold_shelf": snapshot.hold_shelf, "made_at": snapshot.made_at}
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
