"""Whatever is done at the desk, a mirror that was fed is as one that was made anew."""

from __future__ import annotations

import random
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind, act_hash
from sync.central.circulation import Circulation, StationClock
from sync.central.mirroring import rules_of
from sync.central.models import Branch, Card, FeeRow, HoldRow, ItemRow, PatronRow, Setting, Title
from sync.feed.pages import Gone
from sync.stream import Fact
from tests.fakes.clock import MovableClock
from tests.sync.conftest import START, Mint
from tests.sync.feed.conftest import Reader

BARCODES = [str(number) for number in range(301, 310)]


def change_items(db: Session, luck: random.Random, number: int) -> None:
    """What staff do to copies and titles."""
    item = luck.choice(db.scalars(select(ItemRow).order_by(ItemRow.barcode)).all())
    match luck.randrange(5):
        case 0:
            item.status = luck.choice(["available", "lost", "not_for_loan", "in_transit"])
        case 1:
            item.title_id = luck.randint(1, 4)
        case 2:
            db.add(ItemRow(barcode=f"4{number}", title_id=luck.randint(1, 4), branch=luck.choice(["main", "east"])))
        case 3:
            db.delete(item)
        case 4:
            db.get_one(Title, luck.randint(1, 4)).shelf = f"S {number}"


def change_patrons(db: Session, luck: random.Random, number: int) -> None:
    """What staff do to readers and their holds."""
    patron = luck.choice(db.scalars(select(PatronRow).order_by(PatronRow.ref)).all())
    holds = db.scalars(select(HoldRow).order_by(HoldRow.id)).all()
    cards = db.scalars(select(Card).order_by(Card.value)).all()
    match luck.randrange(7):
        case 0:
            db.add(HoldRow(title_id=luck.randint(1, 4), patron=patron.ref))
        case 1 if holds:
            db.delete(luck.choice(holds))
        case 2:
            db.add(FeeRow(patron=patron.ref, reason="late", minor=luck.choice([20, 2000])))
        case 3:
            patron.expires, patron.branch = date(2026, 5, luck.randint(1, 30)), luck.choice(["", "main", "east"])
        case 4:
            db.add(Card(kind="uid", value=f"04C{number}", patron=patron.ref))
        case 5 if len(cards) > 1:
            db.delete(luck.choice(cards))
        case 6 if cards:
            luck.choice(cards).patron = patron.ref


@pytest.mark.parametrize("seed", range(3))
def test_a_mirror_that_is_fed_is_as_one_made_anew(
    engine: Engine, catalogue: Reader, patrons: Reader, mint: Mint, clock: MovableClock, seed: int
) -> None:
    luck = random.Random(seed)
    with Session(engine) as db:
        desk = Circulation(engine, rules_of(db), START.tzinfo, clock.now)  # type: ignore[arg-type]
        refs = list(db.scalars(select(PatronRow.ref)))
    for number in range(60):
        clock.advance(3600)
        if luck.random() < 0.5:
            kind = luck.choice([ActKind.CHECKOUT, ActKind.CHECKIN])
            act = mint(kind, luck.choice(BARCODES), luck.choice(refs))
            with Session(engine) as db, db.begin():
                desk.apply(db, Fact(act, act_hash(act, "", "")), StationClock(db, "s1", None, clock.now()).when(act))
        else:
            with Session(engine) as db, db.begin():
                luck.choice([change_items, change_patrons])(db, luck, number)
        if luck.random() < 0.2:
            catalogue.read_all()
            patrons.read_all()
    for reader in (catalogue, patrons):
        assert reader.read_all().complete
        assert reader.agrees()
        assert reader.read_all().rows == 0


def test_a_page_says_where_the_station_stands_and_when(catalogue: Reader, clock: MovableClock) -> None:
    page = catalogue.read()
    assert (page.branch, page.at, page.more, page.complete, page.rules) == ("main", clock.now(), False, True, None)


def test_rules_travel_with_the_feed(engine: Engine, catalogue: Reader, patrons: Reader) -> None:
    with Session(engine) as db, db.begin():
        rules = msgspec.structs.replace(rules_of(db), version="2")
        db.get_one(Setting, "rules").body = msgspec.json.encode(rules).decode()
    assert catalogue.read().rules == rules
    with pytest.raises(Gone):
        patrons.read()


def test_a_shelf_travels_with_the_feed(engine: Engine, catalogue: Reader) -> None:
    with Session(engine) as db, db.begin():
        db.get_one(Branch, "main").hold_shelf = "blue shelf"
    assert catalogue.read().upserts["branches"] == [("main", "blue shelf")]
    assert catalogue.agrees()
