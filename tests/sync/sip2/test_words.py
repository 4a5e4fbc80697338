"""What a library system says of patrons and items, in the words of the port."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.catalogue import Block, BlockCode, Fee, ItemStatus, Money
from sync.money import money
from sync.sip2.answers import ItemInformationResponse
from sync.sip2.codes import CirculationStatus, Language, MediaType, PatronCondition
from sync.sip2.items import item_of
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.patrons import blocks_of, patron_of

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DENIED = PatronCondition.CHARGE_DENIED


def patron(**said: Any) -> PatronInformationResponse:
    fields: dict[str, Any] = {"transaction_date": AT, "patron": "2001", "valid_patron": True} | said
    return PatronInformationResponse(**fields)


def item(**said: Any) -> ItemInformationResponse:
    fields: dict[str, Any] = {"transaction_date": AT, "item": "301", "title": "Emma"} | said
    return ItemInformationResponse(**fields)


@pytest.mark.parametrize(
    ("said", "blocks"),
    [
        ({}, ()),
        ({"status": frozenset({DENIED})}, (Block(BlockCode.BARRED),)),
        ({"status": frozenset({PatronCondition.HOLD_DENIED, PatronCondition.EXCESSIVE_FINES})}, ()),
        ({"status": frozenset({PatronCondition.CARD_LOST})}, (Block(BlockCode.CARD_LOST),)),
        (
            {"status": frozenset({DENIED, PatronCondition.EXCESSIVE_FINES})},
            (Block(BlockCode.FEES, amount=Money(1250, "EUR")),),
        ),
        (
            {"status": frozenset({DENIED, PatronCondition.TOO_MANY_OVERDUE}), "overdue_items_count": 3},
            (Block(BlockCode.OVERDUE, limit=3),),
        ),
        (
            {"status": frozenset({DENIED, PatronCondition.TOO_MANY_CHARGED})},
            (Block(BlockCode.LIMIT),),
        ),
        (
            {"status": frozenset({DENIED}), "expires": "20260301"},
            (Block(BlockCode.EXPIRED, since=date(2026, 3, 1)),),
        ),
        ({"status": frozenset({DENIED}), "expires": "next spring"}, (Block(BlockCode.BARRED),)),
        ({"status": frozenset({DENIED}), "expires": "20260401"}, (Block(BlockCode.BARRED),)),
    ],
)
def test_why_somebody_may_not_borrow(said: dict[str, Any], blocks: tuple[Block, ...]) -> None:
    assert blocks_of(patron(**said), today=TODAY, owed=Money(1250, "EUR")) == blocks


def test_what_is_not_said_is_not_made_up() -> None:
    told = patron_of(patron(), today=TODAY, currency="EUR")
    assert (told.ref, told.name, told.limit, told.borrowed, told.fees, told.language) == ("2001", "", None, 0, (), "")


def test_what_is_said_is_told() -> None:
    told = patron_of(
        patron(
            name="Anna Berg",
            language=Language.TAIWANESE,
            charged_items_count=4,
            charged_items_limit=10,
            fee_amount=Decimal("12.5"),
            currency="USD",
            screen_messages=("Closed on Monday",),
        ),
        today=TODAY,
        currency="EUR",
    )
    assert (told.name, told.language, told.borrowed, told.limit) == ("Anna Berg", "zh_TW", 4, 10)
    assert told.fees == (Fee(reason="", amount=Money(1250, "USD")),)
    assert told.messages == ("Closed on Monday",)


def test_a_sum_that_is_no_number_is_no_fee() -> None:
    assert patron_of(patron(fee_amount="twelve"), today=TODAY, currency="EUR").fees == ()


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1.50", "EUR", 150), ("0.005", "EUR", 1), ("150", "JPY", 150), ("1.5", "KWD", 1500)],
)
def test_amounts_in_minor_units(amount: str, currency: str, minor: int) -> None:
    assert money(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (CirculationStatus.AVAILABLE, ItemStatus.AVAILABLE),
        (CirculationStatus.TO_BE_RESHELVED, ItemStatus.AVAILABLE),
        (CirculationStatus.CHARGED, ItemStatus.ON_LOAN),
        (CirculationStatus.RECALLED, ItemStatus.ON_LOAN),
        (CirculationStatus.ON_HOLD_SHELF, ItemStatus.ON_HOLD_SHELF),
        (CirculationStatus.IN_TRANSIT, ItemStatus.IN_TRANSIT),
        (CirculationStatus.MISSING, ItemStatus.LOST),
        (CirculationStatus.OTHER, ItemStatus.UNKNOWN),
        ("77", ItemStatus.UNKNOWN),
    ],
)
def test_where_an_item_is(status: str, means: ItemStatus) -> None:
    told = item_of(item(circulation_status=status), BERLIN)
    assert told is not None
    assert told.status is means


def test_an_item_of_which_nothing_is_said_is_not_known() -> None:
    assert item_of(item(title="", circulation_status=CirculationStatus.OTHER), BERLIN) is None
    told = item_of(item(title="", circulation_status=CirculationStatus.CHARGED), BERLIN)
    assert told is not None
    assert told.title == "301", "the label is better than nothing"


def test_a_due_date_is_a_day_of_the_library() -> None:
    late = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    told = item_of(item(due_date=late, media_type=MediaType.CD), BERLIN)
    assert told is not None
    assert (told.due, told.media) == (date(2026, 3, 30), "cd")
    told = item_of(item(due_date="soon"), BERLIN)
    assert told is not None
    assert told.due is None
