"""Loading a library from files: the sample library of the demo, or a small network's first data.

`library.toml`, `rules.toml`, `titles.tsv`, `items.tsv` and `patrons.toml` in one folder. Dates are given in days from
the day of loading, so that a sample is always fresh.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from ulid import ULID

from sync.central.admission import let_in
from sync.central.api import token_hash
from sync.central.changes import begin_new_history
from sync.central.models import (
    Branch,
    Card,
    FeeRow,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Setting,
    Title,
)
from sync.central.people import HASHER
from sync.central.versions import make_tables
from sync.rules import LendingRules, read_rules

HOLD_DAYS = 7


class BranchFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[branch]]` of library.toml."""

    code: str
    name: str
    name_zh: str = ""
    hold_shelf: str = ""
    transit_shelf: str = ""


class LibraryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """library.toml. The first branch is where stations stand that name no other."""

    name: str
    branch: tuple[BranchFile, ...]
    name_zh: str = ""
    currency: str = "EUR"
    time_zone: str = "Europe/Berlin"


class CardFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card of a patron."""

    kind: str
    value: str


class FeeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money owed, in minor units."""

    reason: str
    minor: int
    title: str = ""


class LoanFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An open loan, due so many days from today."""

    item: str
    due_in_days: int
    renewals: int = 0


class HoldFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hold; with `ready_item` it stands on the hold shelf."""

    title_id: int
    ready_item: str = ""
    position: int = 1


class PatronFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[[patron]]` of patrons.toml. `alias` is what a newcomer types."""

    alias: str
    name: str
    cards: tuple[CardFile, ...]
    branch: str = ""
    category: str = "adult"
    language: str = ""
    pin: str = ""
    expires_in_days: int | None = None
    blocks: tuple[str, ...] = ()
    fees: tuple[FeeFile, ...] = ()
    loans: tuple[LoanFile, ...] = ()
    holds: tuple[HoldFile, ...] = ()
    messages: tuple[str, ...] = ()


class PatronsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """patrons.toml."""

    patron: tuple[PatronFile, ...]


def read_patrons(folder: Path) -> tuple[PatronFile, ...]:
    """The patrons of a sample library."""
    return msgspec.toml.decode((folder / "patrons.toml").read_bytes(), type=PatronsFile).patron


def read_barcodes(folder: Path) -> list[str]:
    """The items' barcodes in their order: the demo's `scan 1` is the first."""
    return [row["barcode"] for row in _rows(folder / "items.tsv")]


def load(engine: Engine, folder: Path, now: datetime) -> None:
    """Make the tables and fill them from the files in `folder`.

    Raises:
        RulesError: the rules cannot be; the message names the place.
        msgspec.ValidationError: another file says something that cannot be.
        OSError: a file is missing.
        UnfitDatabase: the database is not one that the centre can work on.
    """
    library = msgspec.toml.decode((folder / "library.toml").read_bytes(), type=LibraryFile)
    rules = msgspec.structs.replace(read_rules(folder / "rules.toml"), currency=library.currency)
    today = now.astimezone(ZoneInfo(library.time_zone)).date()
    make_tables(engine)
    with Session(engine) as db, db.begin():
        _load_library(db, library, rules)
        db.flush()
        db.add_all(_titles(folder))
        db.flush()
        db.add_all(_items(folder))
        db.flush()
        for patron in read_patrons(folder):
            _load_patron(db, patron, now, today)
        db.flush()
        begin_new_history(db)  # no mirror is older than the library


def register_station(engine: Engine, station: str, token: str, branch: str = "") -> None:
    """Let a station speak to the centre with `token`; an earlier token of the same station is void.

    Raises:
        LookupError: there is no such branch.
    """
    let_in(engine, station, token_hash(token), branch)


def _load_library(db: Session, library: LibraryFile, rules: LendingRules) -> None:
    db.add(Setting(name="rules", body=msgspec.json.encode(rules).decode()))
    db.add(Setting(name="time_zone", body=library.time_zone))
    db.add(Setting(name="name", body=library.name))
    for position, branch in enumerate(library.branch):
        db.add(
            Branch(
                code=branch.code,
                position=position,
                name=branch.name,
                hold_shelf=branch.hold_shelf,
                transit_shelf=branch.transit_shelf,
            )
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _titles(folder: Path) -> list[Title]:
    return [
        Title(
            id=int(row["id"]),
            title=row["title"],
            author=row["author"],
            language=row["language"],
            year=row["year"],
            isbn=row["isbn"],
            media=row["media"],
            audience=row["audience"],
            shelf=row["shelf"],
        )
        for row in _rows(folder / "titles.tsv")
    ]


def _items(folder: Path) -> list[ItemRow]:
    return [
        ItemRow(
            barcode=row["barcode"],
            title_id=int(row["title_id"]),
            branch=row["branch"],
            status=row["status"],
            recalled=row.get("recalled") == "yes",
        )
        for row in _rows(folder / "items.tsv")
    ]


def _load_patron(db: Session, patron: PatronFile, now: datetime, today: date) -> None:
    ref = str(ULID.from_datetime(now))
    expires = None if patron.expires_in_days is None else today + timedelta(days=patron.expires_in_days)
    db.add(
        PatronRow(
            ref=ref,
            name=patron.name,
            branch=patron.branch,
            category=patron.category,
            language=patron.language,
            pin=HASHER.hash(patron.pin) if patron.pin else "",
            expires=expires,
            block_codes=list(patron.blocks),
            messages=list(patron.messages),
        )
    )
    db.flush()
    db.add_all(Card(kind=card.kind, value=card.value, patron=ref) for card in patron.cards)
    db.add_all(FeeRow(patron=ref, reason=fee.reason, minor=fee.minor, title=fee.title) for fee in patron.fees)
    db.add_all(_loan(ref, loan, now, today) for loan in patron.loans)
    db.add_all(_hold(ref, hold, today) for hold in patron.holds)


def _loan(patron: str, loan: LoanFile, now: datetime, today: date) -> LoanRow:
    due = today + timedelta(days=loan.due_in_days)
    return LoanRow(item=loan.item, patron=patron, lent_at=now - timedelta(days=28), due=due, renewals=loan.renewals)


def _hold(patron: str, hold: HoldFile, today: date) -> HoldRow:
    until = today + timedelta(days=HOLD_DAYS) if hold.ready_item else None
    return HoldRow(
        title_id=hold.title_id, patron=patron, position=hold.position, item=hold.ready_item or None, until=until
    )
