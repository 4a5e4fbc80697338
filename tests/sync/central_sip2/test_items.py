"""What machines are told of items and of the centre itself, and what it cannot do for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from sync.central.models import HoldRow, ItemRow
from sync.central.sip2.dispatch import HANDLERS
from sync.central.sip2.status import SUPPORTED
from sync.sip2 import Request
from sync.sip2.codes import CirculationStatus, HoldMode, MediaType, Supported
from sync.sip2.requests import FeePaid, Hold, ItemInformation, ItemStatusUpdate, SCStatus
from tests.sync.central_sip2.conftest import BERLIN, Connect, Machine


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ("301", CirculationStatus.AVAILABLE),
        ("309", CirculationStatus.CHARGED),
        ("304", CirculationStatus.ON_HOLD_SHELF),
        ("308", CirculationStatus.OTHER),
        ("999", CirculationStatus.OTHER),
    ],
)
def test_where_an_item_is(gate: Machine, when: datetime, item: str, status: CirculationStatus) -> None:
    assert gate.ask(ItemInformation(transaction_date=when, item=item)).circulation_status is status


@pytest.mark.parametrize(
    ("kept", "status"), [("lost", CirculationStatus.LOST), ("in_transit", CirculationStatus.IN_TRANSIT)]
)
def test_an_item_that_is_away(
    gate: Machine, when: datetime, engine: Engine, kept: str, status: CirculationStatus
) -> None:
    with Session(engine) as db, db.begin():
        db.get_one(ItemRow, "301").status = kept
    answer = gate.ask(ItemInformation(transaction_date=when, item="301"))
    assert (answer.circulation_status, answer.current_location) == (status, None)


def test_what_is_known_of_an_item(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        anna = db.get_one(HoldRow, 1).patron
        db.add(HoldRow(title_id=2, patron=anna, position=1))
        db.get_one(ItemRow, "309").recalled = True
    answer = gate.ask(ItemInformation(transaction_date=when, item="309"))
    assert (answer.title, answer.media_type, answer.call_number) == ("红楼梦", MediaType.BOOK, "B 2")
    assert (answer.owner, answer.permanent_location, answer.current_location) == ("main", "main", None)
    assert answer.due_date == datetime(2026, 3, 4, 23, 59, tzinfo=BERLIN)
    assert (answer.circulation_status, answer.hold_queue_length) == (CirculationStatus.RECALLED, 1)
    assert (answer.hold_patron, answer.hold_patron_name) == (None, None)


def test_until_when_an_item_is_kept(gate: Machine, when: datetime) -> None:
    answer = gate.ask(ItemInformation(transaction_date=when, item="304"))
    assert answer.hold_pickup_date == datetime(2026, 3, 9, 23, 59, tzinfo=BERLIN)


def test_what_would_end_a_field_goes_as_its_entity(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        db.get_one(ItemRow, "301").title.title = "Either | Or\r\nA Fragment"
    line = gate.exchange(gate.encode(ItemInformation(transaction_date=when, item="301")))
    assert b"AJEither &#124; Or  A Fragment|" in line
    assert gate.codec.answer(gate.codec.open(line)).title == "Either | Or  A Fragment"  # type: ignore[attr-defined]


def test_in_the_dialect_of_the_account(connect: Connect, when: datetime) -> None:
    machine = connect("caret")
    line = machine.exchange(machine.encode(ItemInformation(transaction_date=when, item="309")))
    assert "AJ红楼梦^".encode("gb18030") in line
    answer = machine.ask(ItemInformation(transaction_date=when, item="999"))
    assert answer.screen_messages == ("系统中没有此书，请交给工作人员。",)


# ── the centre itself ──


def test_the_centre_says_the_truth_of_itself(gate: Machine, when: datetime) -> None:
    answer = gate.ask(SCStatus())
    assert (answer.online, answer.checkin_ok, answer.checkout_ok, answer.renewal_policy) == (True, True, True, True)
    assert (answer.status_update_ok, answer.offline_ok) == (False, True)
    assert (answer.timeout_tenths, answer.retries_allowed, answer.version) == (100, 3, "2.00")
    assert (answer.system_date, answer.institution) == (when, "LIB")
    assert (answer.library_name, answer.terminal_location) == ("Small Library", "Main")
    assert answer.supported == SUPPORTED


_BELONGS: dict[Supported, set[str]] = {
    Supported.PATRON_STATUS: {"23"},
    Supported.CHECKOUT: {"11"},
    Supported.CHECKIN: {"09"},
    Supported.BLOCK_PATRON: {"01"},
    Supported.STATUS: {"99"},
    Supported.PATRON_INFORMATION: {"63"},
    Supported.END_SESSION: {"35"},
    Supported.ITEM_INFORMATION: {"17"},
    Supported.RENEW: {"29"},
    Supported.RENEW_ALL: {"65"},
}


def test_every_message_has_its_answer() -> None:
    codes = {request.code for request in HANDLERS}
    assert {code for which in SUPPORTED & _BELONGS.keys() for code in _BELONGS[which]} | {
        "15",
        "19",
        "25",
        "37",
    } == codes
    assert SUPPORTED - _BELONGS.keys() == {Supported.LOGIN, Supported.RESEND}, "the conversation's own"


@pytest.mark.logs("the database cannot be used")
def test_a_centre_without_its_database_says_so(gate: Machine, engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("ALTER TABLE branches RENAME TO gone"))
    answer = gate.ask(SCStatus())
    assert (answer.online, answer.checkout_ok, answer.offline_ok) == (False, False, True)


# ── what it cannot do ──


def test_a_payment_is_not_booked(gate: Machine, when: datetime) -> None:
    paid = FeePaid(transaction_date=when, currency="EUR", amount=Decimal("1.50"), patron="2001", transaction_id="T1")
    answer = gate.ask(paid)
    assert (answer.accepted, answer.transaction_id) == (False, "T1")
    assert answer.screen_messages


@pytest.mark.parametrize(
    "request_",
    [
        Hold(mode=HoldMode.ADD, transaction_date=None, patron="2001", item="301"),
        ItemStatusUpdate(transaction_date=None, item="301", item_properties="blue"),
    ],
)
def test_the_rest_is_refused_in_its_own_way(gate: Machine, request_: Request) -> None:
    answer = gate.ask(request_)
    assert not answer.ok
    assert answer.screen_messages == ("This is not possible here. Please ask the staff.",)
