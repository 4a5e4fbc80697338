"""What machines of other makers do with books, and what everybody else sees of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import Credential, ItemStatus, Outcome
from sync.central.client import CentreCatalogue
from sync.central.models import ExceptionRow, HoldRow, ItemRow, LoanRow
from sync.sip2.codes import AlertType, MediaType
from sync.sip2.requests import Checkin, Checkout, Renew, RenewAll
from tests.fakes.clock import MovableClock
from tests.sync.central_sip2.conftest import BERLIN, Connect, Machine
from tests.sync.conftest import Mint

ANNA, BEN, DORA, HANA = "2001", "04B2", "04D4", "04E5"


def due_at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, tzinfo=BERLIN)


def checkout(when: datetime, item: str, patron: str = ANNA, **more: Any) -> Checkout:
    return Checkout(transaction_date=when, item=item, patron=patron, **more)


def checkin(when: datetime, item: str, **more: Any) -> Checkin:
    return Checkin(transaction_date=when, return_date=more.pop("return_date", when), item=item, **more)


def open_loan(engine: Engine, item: str) -> LoanRow | None:
    with Session(engine) as db:
        return db.scalar(select(LoanRow).where(LoanRow.item == item, LoanRow.returned_at.is_(None)))


# ── borrowing ──


def test_a_book_is_borrowed(gate: Machine, when: datetime) -> None:
    answer = gate.ask(checkout(when, "301"))
    assert (answer.ok, answer.renewal_ok, answer.desensitize) == (True, False, True)
    assert (answer.title, answer.media_type) == ("Emma", MediaType.BOOK)
    assert answer.due_date == due_at(2026, 3, 30)
    assert answer.screen_messages == ("Borrowed until 2026-03-30.",)


async def test_a_loan_is_seen_by_the_stations_and_theirs_by_machines(
    gate: Machine, client: CentreCatalogue, when: datetime, mint: Mint
) -> None:
    assert gate.ask(checkout(when, "301")).ok
    item = await client.item("301")
    assert item
    assert item.status is ItemStatus.ON_LOAN
    anna = (await client.patron(Credential("uid", "04A1"))).patron
    assert anna
    assert {loan.item for loan in anna.loans} == {"301", "309"}

    assert (await client.propose(mint(ActKind.CHECKOUT, "302", anna.ref))).outcome is Outcome.LENT
    refused = gate.ask(checkout(when, "302", HANA))
    assert not refused.ok
    assert refused.screen_messages == ("Lent to somebody else. Please give it to the staff.",)
    assert refused.due_date == "", "that is the other reader's"


@pytest.mark.parametrize(
    ("item", "patron", "said"),
    [
        ("308", ANNA, "This is for use in the library only."),
        ("304", ANNA, "Reserved for another reader."),
        ("999", ANNA, "The library does not know this item. Please give it to the staff."),
        ("", ANNA, "The library does not know this item. Please give it to the staff."),
        ("301", "0000", "This card is not known. Please ask the staff."),
        ("301", DORA, "You cannot borrow at present. Please ask the staff."),
    ],
)
def test_a_no_says_why(gate: Machine, when: datetime, item: str, patron: str, said: str) -> None:
    answer = gate.ask(checkout(when, item, patron))
    assert (answer.ok, answer.desensitize) == (False, False)
    assert answer.screen_messages[0] == said


def test_what_the_reader_has_is_renewed_only_where_the_machine_allows_it(gate: Machine, when: datetime) -> None:
    refused = gate.ask(checkout(when, "309"))
    assert (refused.ok, refused.renewal_ok) == (False, False)
    assert refused.screen_messages == ("You have borrowed this already, until 2026-03-04.",)
    renewed = gate.ask(checkout(when, "309", renewal_policy=True))
    assert (renewed.ok, renewed.renewal_ok, renewed.due_date) == (True, True, due_at(2026, 3, 30))


def test_a_checkout_that_could_not_be_finished_is_taken_back(gate: Machine, when: datetime, engine: Engine) -> None:
    assert gate.ask(checkout(when, "301")).ok
    answer = gate.ask(checkout(when, "301", cancel=True))
    assert (answer.ok, answer.desensitize) == (True, False)
    assert open_loan(engine, "301") is None


def test_only_a_fresh_checkout_of_this_reader_is_taken_back(gate: Machine, clock: MovableClock, engine: Engine) -> None:
    assert not gate.ask(checkout(clock.now(), "309", cancel=True)).ok, "that is four weeks old"
    assert gate.ask(checkout(clock.now(), "301")).ok
    assert not gate.ask(checkout(clock.now(), "301", HANA, cancel=True)).ok
    assert open_loan(engine, "301")


# ── what has happened already ──


def test_a_loan_of_before_counts_from_its_day_and_is_due_as_the_reader_was_told(
    gate: Machine, when: datetime, engine: Engine
) -> None:
    at = when - timedelta(days=3)
    told = datetime(2026, 3, 20, 12, tzinfo=BERLIN)
    answer = gate.ask(checkout(at, "301", no_block=True, nb_due_date=told))
    assert (answer.ok, answer.due_date) == (True, due_at(2026, 3, 20))
    loan = open_loan(engine, "301")
    assert loan
    assert (loan.lent_at, loan.due) == (at, date(2026, 3, 20))


def test_without_a_due_date_the_rules_reckon_one(gate: Machine, when: datetime) -> None:
    answer = gate.ask(checkout(when - timedelta(days=3), "301", no_block=True))
    assert answer.due_date == due_at(2026, 3, 27)


def test_a_due_date_of_a_wrong_clock_is_not_kept(gate: Machine, when: datetime) -> None:
    answer = gate.ask(checkout(when, "301", no_block=True, nb_due_date=datetime(2077, 1, 1, tzinfo=BERLIN)))
    assert answer.due_date == due_at(2026, 3, 30)


def test_what_has_left_is_lent_and_staff_look_at_what_does_not_fit(
    gate: Machine, when: datetime, engine: Engine
) -> None:
    answer = gate.ask(checkout(when, "301", BEN, no_block=True))
    assert answer.ok, "no PIN is asked of what has happened"
    assert gate.ask(checkout(when, "302", DORA, no_block=True)).ok
    assert gate.ask(checkout(when, "777", "no such card", no_block=True)).ok
    assert open_loan(engine, "777")
    with Session(engine) as db:
        assert db.scalars(select(ExceptionRow.conflict).order_by(ExceptionRow.id)).all() == ["BLOCKED", "UNKNOWN-CARD"]


def test_a_loan_that_is_told_after_its_return_is_over(gate: Machine, clock: MovableClock, engine: Engine) -> None:
    lent_at = clock.now()
    clock.advance(7200)
    assert gate.ask(checkin(clock.now(), "301")).ok
    clock.advance(60)
    assert gate.ask(checkout(lent_at, "301", no_block=True)).ok
    assert open_loan(engine, "301") is None


# ── bringing back ──


def test_a_book_is_brought_back(gate: Machine, when: datetime, engine: Engine) -> None:
    answer = gate.ask(checkin(when, "309"))
    assert (answer.ok, answer.resensitize, answer.alert) == (True, True, False)
    assert (answer.permanent_location, answer.title, answer.call_number) == ("main", "红楼梦", "B 2")
    assert (answer.patron, answer.alert_type, answer.destination) == (None, None, None)
    assert open_loan(engine, "309") is None


def test_a_late_one_says_what_it_costs(connect: Connect, when: datetime) -> None:
    answer = connect("east").ask(checkin(when, "306"))
    assert answer.screen_messages == ("Returned, 4 days late.", "Fee: 0.80 EUR.")


def test_one_that_belongs_elsewhere_is_sent_there(gate: Machine, when: datetime, engine: Engine) -> None:
    answer = gate.ask(checkin(when, "306"))
    assert (answer.ok, answer.alert, answer.alert_type, answer.destination) == (True, True, AlertType.TRANSIT, "east")
    with Session(engine) as db:
        assert db.get_one(ItemRow, "306").status == "in_transit"


def test_one_that_somebody_waits_for_goes_to_the_hold_shelf(gate: Machine, connect: Connect, when: datetime) -> None:
    answer = gate.ask(checkin(when, "304"))
    assert (answer.ok, answer.alert, answer.alert_type) == (True, True, AlertType.HOLD_HERE)
    assert answer.screen_messages == ("Reserved: red shelf",)
    assert (answer.hold_patron, answer.hold_patron_name) == (None, None)
    assert connect("east").ask(checkin(when, "304")).alert_type is AlertType.HOLD_ELSEWHERE


def test_for_whom_is_told_only_where_the_library_wants_it(connect: Connect, when: datetime) -> None:
    answer = connect("sorter").ask(checkin(when, "304"))
    assert (answer.hold_patron, answer.hold_patron_name) == (HANA, "Hana Sato")


def test_an_item_that_nobody_knows_goes_to_the_staff(gate: Machine, when: datetime, engine: Engine) -> None:
    answer = gate.ask(checkin(when, "999"))
    assert (answer.ok, answer.alert, answer.alert_type) == (False, True, AlertType.OTHER)
    with Session(engine) as db:
        assert db.scalars(select(ExceptionRow.conflict)).all() == ["UNKNOWN-ITEM"]


def test_one_that_was_not_on_loan_is_welcome(gate: Machine, when: datetime) -> None:
    answer = gate.ask(checkin(when, "301"))
    assert (answer.ok, answer.alert, answer.screen_messages) == (True, False, ("This was not on loan. Thank you.",))


def test_the_book_drop_counts_from_the_day_of_the_return(connect: Connect, when: datetime, engine: Engine) -> None:
    answer = connect("east").ask(checkin(when, "306", return_date=when - timedelta(days=4)))
    assert answer.screen_messages == ("Returned. Thank you.",), "it was back on the day on which it was due"


def test_a_clock_that_goes_wrong_does_not_return_a_book_before_it_was_lent(
    gate: Machine, clock: MovableClock, engine: Engine
) -> None:
    assert gate.ask(checkout(clock.now(), "301")).ok
    slow = clock.now() - timedelta(minutes=10)
    assert gate.ask(checkin(slow, "301")).ok
    assert open_loan(engine, "301") is None


def test_a_return_of_before_counts_from_its_time(gate: Machine, when: datetime, engine: Engine) -> None:
    at = when - timedelta(minutes=30)
    assert gate.ask(checkin(when, "309", no_block=True, return_date=at)).ok
    with Session(engine) as db:
        assert db.scalar(select(LoanRow.returned_at).where(LoanRow.item == "309")) == at


def test_a_return_cannot_be_taken_back(gate: Machine, when: datetime, engine: Engine) -> None:
    assert not gate.ask(checkin(when, "309", cancel=True)).ok
    assert open_loan(engine, "309")


# ── renewing ──


def test_a_loan_is_renewed_by_item_and_by_title(gate: Machine, when: datetime, engine: Engine) -> None:
    answer = gate.ask(Renew(transaction_date=when, patron=ANNA, title="红楼梦"))
    assert (answer.ok, answer.renewal_ok, answer.item) == (True, True, "309")
    assert answer.due_date == due_at(2026, 3, 30)
    again = gate.ask(Renew(transaction_date=when, patron=ANNA, item="309"))
    assert (again.ok, again.renewal_ok, again.due_date) == (False, False, due_at(2026, 3, 30))
    assert again.screen_messages == ("Renewed now, it would not be due any later than 2026-03-30.",)


def test_nobody_renews_what_others_have(gate: Machine, when: datetime) -> None:
    answer = gate.ask(Renew(transaction_date=when, patron=HANA, item="309"))
    assert (answer.ok, answer.screen_messages) == (False, ("This is not on your account.",))


def test_a_renewal_of_before_stands(gate: Machine, when: datetime) -> None:
    told = datetime(2026, 4, 1, tzinfo=BERLIN)
    answer = gate.ask(Renew(transaction_date=when, patron=ANNA, item="309", no_block=True, nb_due_date=told))
    assert (answer.ok, answer.renewal_ok, answer.due_date) == (True, True, due_at(2026, 4, 1))


def test_all_loans_are_renewed_each_by_itself(gate: Machine, when: datetime, engine: Engine) -> None:
    assert gate.ask(checkout(when, "301")).ok
    answer = gate.ask(RenewAll(transaction_date=when, patron=ANNA))
    assert answer.ok
    assert (answer.renewed_count, answer.renewed_items) == (1, ("309",))
    assert (answer.unrenewed_count, answer.unrenewed_items) == (1, ("301",)), "it would not be due any later"


def test_a_loan_by_a_machine_fulfils_a_hold(gate: Machine, when: datetime, engine: Engine) -> None:
    assert gate.ask(checkout(when, "304", HANA)).ok
    with Session(engine) as db:
        assert db.scalar(select(HoldRow.id)) is None
