"""What the rules do at the centre: recalls, closed days, and what staff hear of facts that do not fit them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import Outcome
from sync.central.client import CentreCatalogue
from sync.central.mirroring import catalogue_rows
from sync.central.models import ExceptionRow, ItemRow, Setting, open_engine
from sync.central.sample import load
from sync.feed.schema import item_of
from sync.rules import Calendar, LendingRules
from tests.fakes.clock import MovableClock
from tests.sync.conftest import Mint, Tell
from tests.sync.contract import ANNA, HANA, ref
from tests.sync.library import write_library

DAY_S = 86_400
Recall = Callable[[str], None]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """What the rules do is the same on every database."""
    return f"sqlite:///{tmp_path}/centre.db"


@pytest.fixture
def recall(engine: Engine) -> Recall:
    """The library wants an item back."""

    def wanted(barcode: str) -> None:
        with Session(engine) as db, db.begin():
            db.get_one(ItemRow, barcode).recalled = True

    return wanted


async def test_a_recalled_item_comes_back_and_is_lent_again(
    client: CentreCatalogue, mint: Mint, recall: Recall, tell: Tell
) -> None:
    anna, hana = await ref(client, ANNA), await ref(client, HANA)
    recall("309")
    kept = await client.propose(mint(ActKind.RENEW, "309", anna, due_before=date(2026, 3, 4)))
    assert (kept.outcome, kept.due) == (Outcome.RECALLED, date(2026, 3, 4))
    assert (await client.propose(mint(ActKind.CHECKOUT, "309", hana))).outcome is Outcome.RECALLED
    await tell(mint(ActKind.CHECKIN, "309"))
    assert (await client.propose(mint(ActKind.CHECKOUT, "309", hana))).outcome is Outcome.LENT


async def test_the_mirror_knows_what_is_recalled(engine: Engine, recall: Recall) -> None:
    recall("301")
    with Session(engine) as db:
        items = [item_of(row) for table, row in catalogue_rows(db) if table == "items"]
    assert [item.barcode for item in items if item.recalled] == ["301"]


async def test_a_recalled_item_that_has_left_all_the_same_is_told_to_staff(
    client: CentreCatalogue, mint: Mint, recall: Recall, engine: Engine, tell: Tell
) -> None:
    recall("301")
    [verdict] = await tell(mint(ActKind.CHECKOUT, "301", await ref(client, ANNA)))
    assert (verdict.outcome, verdict.conflict, verdict.due) == (Outcome.LENT, "LIMIT", date(2026, 3, 9)), "asked back"
    with Session(engine) as db:
        assert db.scalars(select(ExceptionRow.conflict)).all() == ["LIMIT"]


class TestClosedDays:
    """A library that lets closed days cost nothing."""

    @pytest.fixture
    def engine(self, engine: Engine) -> Engine:
        with Session(engine) as db, db.begin():
            setting = db.get_one(Setting, "rules")
            rules = msgspec.json.decode(setting.body, type=LendingRules)
            closed = (*rules.calendar, Calendar(branch="main", closed_dates=(date(2026, 3, 5),)))
            body = msgspec.json.encode(msgspec.structs.replace(rules, calendar=closed, fee_counts_closed_days=False))
            setting.body = body.decode()
        return engine

    @pytest.mark.parametrize(
        ("days", "outcome", "late"),
        [
            pytest.param(3, Outcome.RETURNED, None, id="on the closed day"),
            pytest.param(4, Outcome.RETURNED_LATE, 1, id="on the first open one"),
            pytest.param(7, Outcome.RETURNED_LATE, 3, id="after a Sunday"),
        ],
    )
    async def test_they_are_not_counted(
        self, mint: Mint, clock: MovableClock, tell: Tell, days: int, outcome: Outcome, late: int | None
    ) -> None:
        """Due on Wednesday the 4th; Thursday and Sunday are closed."""
        clock.advance(days * DAY_S)
        [verdict] = await tell(mint(ActKind.CHECKIN, "309"))
        assert (verdict.outcome, verdict.days_late) == (outcome, late)
        assert (verdict.fee.minor if verdict.fee else None) == (20 * late if late else None)


def test_a_library_s_file_of_items_may_say_what_is_recalled(tmp_path: Path, clock: MovableClock) -> None:
    folder = write_library(tmp_path / "sample")
    head, *rows = (folder / "items.tsv").read_text().splitlines()
    lines = [f"{head}\trecalled", *(f"{row}\t{'yes' if row.startswith('302') else ''}" for row in rows)]
    (folder / "items.tsv").write_text("\n".join(lines))
    engine = open_engine(f"sqlite:///{tmp_path}/other.db")
    load(engine, folder, clock.now())
    with Session(engine) as db:
        assert db.scalars(select(ItemRow.barcode).where(ItemRow.recalled)).all() == ["302"]
    engine.dispose()
