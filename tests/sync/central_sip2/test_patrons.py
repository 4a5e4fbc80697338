"""Who a card is, by SIP2, and how much of its reader a machine is told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from sync.catalogue import Credential
from sync.central.client import CentreCatalogue
from sync.central.models import Card, FeeRow, HoldRow, ItemRow, PatronRow
from sync.central.people import PIN_REST_S, PIN_TRIES
from sync.sip2.codes import Language, PatronCondition, Summary
from sync.sip2.requests import BlockPatron, Checkout, EndSession, PatronEnable, PatronInformation, PatronStatusRequest
from tests.fakes.clock import MovableClock
from tests.sync.central_sip2.conftest import Connect, Machine

ANNA, BEN, DORA, HANA = "2001", "04B2", "04D4", "04E5"
DENIED = {
    PatronCondition.CHARGE_DENIED,
    PatronCondition.RENEWAL_DENIED,
    PatronCondition.RECALL_DENIED,
    PatronCondition.HOLD_DENIED,
}


def information(when: datetime, patron: str, pin: str | None = None, **more: Any) -> PatronInformation:
    return PatronInformation(transaction_date=when, patron=patron, patron_password=pin, **more)


def checkout(when: datetime, item: str, patron: str, pin: str | None = None) -> Checkout:
    return Checkout(transaction_date=when, item=item, patron=patron, patron_password=pin)


def test_all_about_a_reader(gate: Machine, when: datetime) -> None:
    answer = gate.ask(information(when, ANNA, language=Language.CHINESE, summary=Summary.CHARGED))
    assert (answer.valid_patron, answer.valid_password, answer.name) == (True, None, "Anna Berg")
    assert (answer.language, answer.status, answer.institution) == (Language.CHINESE, frozenset(), "LIB")
    assert (answer.charged_items_count, answer.charged_items) == (1, ("309",))
    assert (answer.hold_items_count, answer.overdue_items_count, answer.fine_items_count) == (0, 0, 0)
    assert (answer.charged_items_limit, answer.fee_limit, answer.fee_amount) == (3, Decimal("10.00"), None)


def test_a_card_is_its_barcode_before_it_is_another_ones_number(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        ben = db.get_one(Card, ("uid", "04B2")).patron
        db.add(Card(kind="uid", value=ANNA, patron=ben))
    assert gate.ask(information(when, ANNA)).name == "Anna Berg"


def test_a_number_that_could_be_two_readers_is_nobodys(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        for kind, card in (("idm", "04A1"), ("ndef_text", "04E5")):
            db.add(Card(kind=kind, value="77", patron=db.get_one(Card, ("uid", card)).patron))
    assert gate.ask(information(when, "77")).valid_patron is False


@pytest.mark.parametrize("card", ["0000", "", "x" * 255, "20\t01"])
def test_an_unknown_card_has_no_rights(gate: Machine, when: datetime, card: str) -> None:
    data = gate.encode(information(when, "CARD")).replace(b"AACARD", b"AA" + card.encode())
    body = data[: data.index(b"AY")]
    answer: Any = gate.codec.answer(gate.codec.open(gate.exchange(body + b"\r")))
    assert (answer.valid_patron, answer.valid_password, answer.status) == (False, None, DENIED)
    assert (answer.name, answer.charged_items_count) == ("", None)


# ── PINs ──


def test_nothing_is_told_before_the_pin_was_right(gate: Machine, when: datetime) -> None:
    for pin, right, said in (
        (None, None, "Please enter your PIN."),
        ("", None, "Please enter your PIN."),
        ("0000", False, "This PIN is not right."),
    ):
        answer = gate.ask(information(when, BEN, pin, summary=Summary.CHARGED))
        assert (answer.valid_patron, answer.valid_password) == (True, right)
        assert (answer.name, answer.charged_items_count, answer.status) == ("", None, DENIED)
        assert answer.screen_messages == (said,)
    answer = gate.ask(information(when, BEN, "1234"))
    assert (answer.valid_patron, answer.valid_password, answer.name) == (True, True, "Ben Holt")


def test_a_pin_of_a_reader_who_has_none_is_not_right(gate: Machine, when: datetime) -> None:
    assert gate.ask(information(when, ANNA, "1234")).valid_password is False


def test_nobody_borrows_without_the_right_pin(gate: Machine, when: datetime) -> None:
    for pin in (None, "0000"):
        assert not gate.ask(checkout(when, "301", BEN, pin)).ok
    assert gate.ask(checkout(when, "301", BEN, "1234")).ok


def test_after_some_wrong_pins_the_account_rests(gate: Machine, clock: MovableClock) -> None:
    for number in range(PIN_TRIES):
        gate.ask(information(clock.now(), BEN, f"000{number}"))
    answer = gate.ask(information(clock.now(), BEN, "1234"))
    assert (answer.valid_password, answer.name) == (False, "")
    assert answer.screen_messages == ("Too many wrong PINs. Please try again in a few minutes.",)
    clock.advance(PIN_REST_S)
    assert gate.ask(information(clock.now(), BEN, "1234")).valid_password is True


def test_where_no_pin_is_needed_a_card_is_enough_and_nothing_personal_is_told(connect: Connect, when: datetime) -> None:
    machine = connect("trusted")
    answer = machine.ask(information(when, BEN, summary=Summary.CHARGED))
    assert (answer.valid_patron, answer.valid_password, answer.status) == (True, None, frozenset())
    assert (answer.name, answer.charged_items_count, answer.charged_items) == ("", None, ())
    assert machine.ask(checkout(when, "301", BEN)).ok
    assert not machine.ask(checkout(when, "302", BEN, "0000")).ok, "one that is given must be right"


def test_by_the_card_alone_nobody_hears_what_a_reader_owes(connect: Connect, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        ben = db.get_one(Card, ("uid", BEN)).patron
        db.add(FeeRow(patron=ben, reason="late", minor=2000))
    machine, said = connect("trusted"), "You cannot borrow at present. Please ask the staff."
    answer = machine.ask(information(when, BEN))
    assert (answer.fee_amount, answer.screen_messages) == (None, (said,))
    assert PatronCondition.CHARGE_DENIED in answer.status
    assert machine.ask(checkout(when, "301", BEN)).screen_messages == (said,)
    with_pin = machine.ask(checkout(when, "301", BEN, "1234"))
    assert with_pin.screen_messages == (said, "Unpaid fees: 20.00 EUR.")


# ── how the reader stands ──


def test_blocks_are_told_with_their_numbers(gate: Machine, when: datetime) -> None:
    answer = gate.ask(PatronStatusRequest(transaction_date=when, patron=DORA))
    assert answer.status == DENIED | {PatronCondition.EXCESSIVE_FINES}
    assert (answer.fee_amount, answer.currency) == (Decimal("15.00"), "EUR")
    assert answer.screen_messages == ("The card ran out on 2026-02-25.", "Unpaid fees: 15.00 EUR.")


def test_overdue_books_alone_do_not_forbid_to_renew(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        anna = db.get_one(PatronRow, db.get_one(Card, ("uid", "04A1")).patron)
        anna.block_codes = ["overdue"]
    answer = gate.ask(information(when, ANNA))
    assert answer.status == DENIED - {PatronCondition.RENEWAL_DENIED} | {PatronCondition.TOO_MANY_OVERDUE}


def test_lists(gate: Machine, when: datetime) -> None:
    dora = {which: gate.ask(information(when, DORA, summary=which)) for which in Summary}
    assert dora[Summary.OVERDUE].overdue_items == ("306",)
    assert dora[Summary.CHARGED].charged_items == ("306",)
    assert dora[Summary.FINES].fine_items == ("15.00 late",)
    assert dora[Summary.RECALLS].recall_items == ()
    assert dora[Summary.FEES].fine_items == (), "an extension that the centre does not have"
    assert all(answer.overdue_items_count == answer.fine_items_count == 1 for answer in dora.values())
    hana = gate.ask(information(when, HANA, summary=Summary.HOLDS))
    assert (hana.hold_items_count, hana.hold_items, hana.unavailable_holds_count) == (1, ("304",), 0)


def test_what_is_waited_for_and_what_is_asked_back(gate: Machine, when: datetime, engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        anna = db.get_one(Card, ("uid", "04A1")).patron
        db.add(HoldRow(title_id=3, patron=anna, position=1, until=date(2026, 4, 1)))
        db.get_one(ItemRow, "309").recalled = True
    waiting = gate.ask(information(when, ANNA, summary=Summary.UNAVAILABLE_HOLDS))
    assert (waiting.unavailable_holds_count, waiting.unavailable_holds) == (1, ("Metropolis",))
    assert gate.ask(information(when, ANNA, summary=Summary.RECALLS)).recall_items == ("309",)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (None, None, ("309", "301", "302")),
        (1, 2, ("309", "301")),
        (2, None, ("301", "302")),
        (3, 99, ("302",)),
        (4, 9, ()),
        (0, 0, ()),
        (3, 1, ()),
        ("x", "y", ("309", "301", "302")),
    ],
)
def test_a_list_is_told_page_by_page(gate: Machine, when: datetime, start: Any, end: Any, found: Any) -> None:
    for item in ("301", "302"):
        assert gate.ask(checkout(when, item, ANNA)).ok
    answer = gate.ask(information(when, ANNA, summary=Summary.CHARGED, start_item=start, end_item=end))
    assert (answer.charged_items_count, answer.charged_items) == (3, found)
    assert answer.status == {PatronCondition.TOO_MANY_CHARGED}


# ── blocking a card ──


async def test_a_blocked_card_borrows_nowhere(gate: Machine, client: CentreCatalogue, when: datetime) -> None:
    answer = gate.ask(BlockPatron(card_retained=True, transaction_date=when, patron=ANNA, blocked_card_message="kept"))
    assert PatronCondition.CARD_LOST in answer.status
    assert PatronCondition.CHARGE_DENIED in answer.status
    assert not gate.ask(checkout(when, "301", ANNA)).ok
    anna = (await client.patron(Credential("uid", "04A1"))).patron
    assert anna
    assert [block.code for block in anna.blocks] == ["card_lost"]


def test_a_card_is_blocked_once_and_an_unknown_one_not_at_all(gate: Machine, when: datetime, engine: Engine) -> None:
    for card in (BEN, BEN, "0000"):
        answer = gate.ask(BlockPatron(transaction_date=when, patron=card))
    assert (answer.valid_patron, PatronCondition.CARD_LOST in answer.status) == (False, False)
    with Session(engine) as db:
        blocks = db.scalars(select(PatronRow.block_codes)).all()
    assert sorted(map(tuple, blocks)) == [(), (), (), ("card_lost",)]


def test_no_machine_takes_a_block_away(gate: Machine, when: datetime) -> None:
    gate.ask(BlockPatron(transaction_date=when, patron=ANNA))
    answer = gate.ask(PatronEnable(transaction_date=when, patron=ANNA))
    assert PatronCondition.CARD_LOST in answer.status
    assert answer.screen_messages[0] == "This is not possible here. Please ask the staff."


def test_a_session_ends(gate: Machine, when: datetime) -> None:
    answer = gate.ask(EndSession(transaction_date=when, patron=ANNA))
    assert (answer.ended, answer.patron) == (True, ANNA)
