"""What readers do, and what they see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from drivers.events import (
    CardFault,
    CardUnreadable,
    CodeKind,
    DeviceDown,
    DeviceUp,
    DownReason,
    ScanFault,
    ScanUnreadable,
)
from kiosk.flow.draw import masked_name
from kiosk.flow.effects import AskAgain, AskPatron, Checkin, Checkout, EndVisit, Renew, Undo
from kiosk.flow.events import (
    ActAnswered,
    InOrder,
    LinkDown,
    OutOfOrder,
    OutOfOrderReason,
    PatronAnswered,
    Timer,
    Touched,
)
from kiosk.flow.keys import Key
from kiosk.flow.state import State, Station
from kiosk.flow.view import Keys, PinView, Press, Tone
from sync.catalogue import (
    Block,
    BlockCode,
    Decided,
    Hold,
    Item,
    ItemStatus,
    Loan,
    Money,
    Outcome,
    Patron,
    PatronAnswer,
    PatronState,
    Verdict,
)
from tests.kiosk.flow.visits import ANNA, DUE, SETTINGS, Kiosk, lent


def keys(view_rows) -> list[Key]:  # type: ignore[no-untyped-def]
    return [row.text.key for row in view_rows]


def test_a_reader_borrows_two_books_and_leaves() -> None:
    kiosk = Kiosk()
    assert kiosk.screen == "welcome"
    assert kiosk.tap().sentence.key is Key.ASKING_CARD
    view = kiosk.patron()
    assert (view.screen, view.patron and view.patron.name) == ("borrow", "Anna B.")
    assert keys(kiosk.scan("301").rows) == [Key.ROW_WAITING]
    assert keys(kiosk.answer(lent("301"), "K1").rows) == [Key.ROW_LENT]
    kiosk.scan("302")
    view = kiosk.answer(lent("302", date(2026, 12, 1)), "K2")
    assert [row.title for row in view.rows] == ["Title 302", "Title 301"], "the newest stands first"
    assert view.patron
    assert dict(view.patron.counts.args) == {"borrowed": 3, "limit": 10, "n": 7}
    view = kiosk.press(Press.FINISH)
    assert view.screen == "done"
    assert (view.sentence.key, dict(view.sentence.args)) == (Key.DONE_LENT_FIRST, {"n": 2, "due": date(2026, 12, 1)})
    assert kiosk.press(Press.CLOSE).screen == "welcome"
    assert kiosk.state.visit is None
    assert isinstance(kiosk.last(EndVisit), EndVisit)


def test_finish_waits_for_what_is_still_open() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    view = kiosk.press(Press.FINISH)
    assert (view.screen, view.sentence.key) == ("borrow", Key.FINISHING)
    assert kiosk.scan("302").notice is not None, "a late scan is answered, not lent"
    assert kiosk.answer(lent("301")).screen == "done"


def test_undo_takes_the_book_back_and_gives_the_count_back() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"), "K1")
    assert keys(kiosk.press(Press.UNDO, "1").rows) == [Key.ROW_UNDOING]
    undo = kiosk.last(Undo)
    assert isinstance(undo, Undo)
    assert (undo.key, undo.item) == ("K1", "301")
    view = kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    assert keys(view.rows) == [Key.ROW_UNDONE]
    assert view.patron
    assert dict(view.patron.counts.args)["borrowed"] == 1
    kiosk.scan("301")
    assert keys(kiosk.answer(lent("301")).rows) == [Key.ROW_LENT], "and may be borrowed after all"


def test_an_undo_that_fails_leaves_the_loan() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    kiosk.press(Press.UNDO, "1")
    assert keys(kiosk.answer(None).rows) == [Key.ROW_LENT]


def test_the_pin_is_asked_for_and_never_shown() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    view = kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    assert view.screen == "pin"
    for digit in "1299":
        kiosk.press(Press.DIGIT, digit)
    kiosk.press(Press.ERASE)
    kiosk.press(Press.ERASE)
    view = kiosk.press(Press.DIGIT, "3")
    assert view.pin
    assert view.pin.length == 3
    assert "123" not in repr(kiosk.state)
    kiosk.press(Press.OK)
    asked = kiosk.last(AskPatron)
    assert isinstance(asked, AskPatron)
    assert asked.pin == "123"
    assert "123" not in repr(asked)
    view = kiosk.patron(PatronAnswer(state=PatronState.PIN_WRONG, tries_left=4))
    assert (view.sentence.key, dict(view.sentence.args)) == (Key.PIN_WRONG, {"n": 4})
    kiosk.press(Press.DIGIT, "9")
    kiosk.press(Press.OK)
    view = kiosk.patron(PatronAnswer(state=PatronState.PIN_LOCKED, wait_s=301))
    assert (view.screen, dict(view.details[0].args)) == ("message", {"n": 6})


def test_the_answer_for_a_card_taken_back_opens_nothing_for_the_next() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.LANGUAGE, "en")
    kiosk.tap("first")
    first = kiosk.last(AskPatron)
    assert isinstance(first, AskPatron)
    kiosk.press(Press.BACK)
    kiosk.tap("second")
    second = kiosk.last(AskPatron)
    assert isinstance(second, AskPatron)
    assert first.visit == second.visit, "the same visit, so only the question tells them apart"
    view = kiosk.feel(PatronAnswered(first.visit, first.question, PatronAnswer(state=PatronState.WELCOME, patron=ANNA)))
    assert view.screen == "card"
    assert kiosk.state.visit
    assert kiosk.state.visit.patron is None


def test_late_answers_are_not_shown_to_the_next_reader() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    late = kiosk.last(Checkout)
    assert isinstance(late, Checkout)
    kiosk.time_up(Timer.IDLE)
    for _ in range(20):
        kiosk.time_up(Timer.TICK)
    assert kiosk.state.visit is None
    assert "Anna" not in repr(kiosk.state)
    kiosk.press(Press.RETURN)
    view = kiosk.feel(ActAnswered(late.visit, late.row, "K1", lent("301")))
    assert view.rows == ()


def test_returning_needs_no_card_and_says_what_came_of_each() -> None:
    kiosk = Kiosk()
    assert kiosk.press(Press.RETURN).screen == "return"
    results = {
        "301": (Verdict(outcome=Outcome.RETURNED), Key.ROW_RETURNED, Tone.DONE),
        "302": (
            Verdict(outcome=Outcome.RETURNED_LATE, days_late=4, fee=Money(80)),
            Key.ROW_RETURNED_LATE_FEE,
            Tone.MIND,
        ),
        "303": (Verdict(outcome=Outcome.RETURNED_LATE, days_late=1), Key.ROW_RETURNED_LATE, Tone.MIND),
        "304": (Verdict(outcome=Outcome.RETURNED_FOR_HOLD, shelf="red"), Key.ROW_RETURNED_HOLD, Tone.MIND),
        "305": (Verdict(outcome=Outcome.RETURNED_ELSEWHERE, branch="East"), Key.ROW_RETURNED_ELSEWHERE, Tone.MIND),
        "306": (Verdict(outcome=Outcome.WAS_NOT_ON_LOAN), Key.ROW_WAS_NOT_ON_LOAN, Tone.DONE),
        "307": (Verdict(outcome=Outcome.RETURNED_UNSEEN), Key.ROW_RETURNED_UNSEEN, Tone.DONE),
        "308": (Verdict(outcome=Outcome.UNKNOWN_ITEM), Key.ROW_UNKNOWN_ITEM, Tone.STOP),
    }
    for item, (verdict, key, tone) in results.items():
        kiosk.scan(item)
        asked = kiosk.last(Checkin)
        assert isinstance(asked, Checkin)
        assert asked.item == item
        row = kiosk.answer(verdict).rows[0]
        assert (row.text.key, row.tone) == (key, tone)
    view = kiosk.press(Press.FINISH)
    assert dict(view.sentence.args) == {"n": 6}, "one had been returned before"
    assert [detail.key for detail in view.details] == [Key.DONE_NOT_TAKEN]


def test_the_same_item_twice_is_one_act() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    assert kiosk.scan("301").notice, "while it is being recorded"
    kiosk.answer(lent("301"))
    view = kiosk.scan("301")
    assert view.notice
    assert view.notice.text.key is Key.COACH_TWICE
    assert len([effect for effect in kiosk.asked if isinstance(effect, Checkout)]) == 1


def test_a_refused_item_may_be_tried_again() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    view = kiosk.answer(Verdict(outcome=Outcome.OVER_LIMIT, limit=10, borrowed=10))
    assert (view.rows[0].text.key, view.rows[0].hint and view.rows[0].hint.key) == (
        Key.ROW_OVER_LIMIT,
        Key.HINT_RETURN_ONE,
    )
    view = kiosk.scan("301")
    assert keys(view.rows) == [Key.ROW_WAITING]


def test_what_is_already_yours_can_be_renewed_in_its_row() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("39")
    view = kiosk.answer(Verdict(outcome=Outcome.ALREADY_YOURS, due=DUE))
    assert view.rows[0].action
    assert view.rows[0].action.press is Press.RENEW
    kiosk.press(Press.RENEW, "1")
    renew = kiosk.last(Renew)
    assert isinstance(renew, Renew)
    assert renew.due_before == DUE
    assert keys(kiosk.answer(Verdict(outcome=Outcome.RENEWED, due=date(2027, 1, 4))).rows) == [Key.ROW_RENEWED]


def test_my_books_are_listed_and_renewed() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.BOOKS)
    assert kiosk.view.screen == "card"
    kiosk.tap()
    view = kiosk.patron()
    assert (view.screen, keys(view.rows)) == ("books", [Key.LOAN_DUE])
    row = str(view.rows[0].id)
    assert kiosk.press(Press.SELECT, row).rows[0].selected
    assert any(button.press is Press.RENEW_SELECTED for button in kiosk.view.buttons)
    assert keys(kiosk.press(Press.RENEW_SELECTED).rows) == [Key.ROW_WAITING]
    view = kiosk.answer(Verdict(outcome=Outcome.RENEWAL_LIMIT, due=DUE))
    assert (view.rows[0].text.key, view.rows[0].hint and view.rows[0].hint.key) == (
        Key.ROW_RENEWAL_LIMIT,
        Key.HINT_BRING_BACK,
    )
    assert kiosk.press(Press.FINISH).screen == "done"


def test_my_books_after_borrowing_are_asked_anew_and_counted_once() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    kiosk.press(Press.BOOKS)
    again = kiosk.last(AskAgain)
    assert isinstance(again, AskAgain)
    now = Patron(ref="p-anna", name="Anna Berg", limit=10, borrowed=2, loans=ANNA.loans)
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=now))
    assert view.patron
    assert dict(view.patron.counts.args)["borrowed"] == 2
    view = kiosk.press(Press.BACK)
    assert (view.screen, len(view.rows)) == ("borrow", 1)
    kiosk.press(Press.UNDO, str(view.rows[0].id))
    view = kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    assert view.patron
    assert dict(view.patron.counts.args)["borrowed"] == 1


@pytest.mark.parametrize(
    ("block", "key"),
    [
        (Block(BlockCode.EXPIRED, since=DUE), Key.BLOCK_EXPIRED),
        (Block(BlockCode.EXPIRED), Key.BLOCK_EXPIRED_PLAIN),
        (Block(BlockCode.FEES, amount=Money(1250)), Key.BLOCK_FEES),
        (Block(BlockCode.OVERDUE, limit=3), Key.BLOCK_OVERDUE),
        (Block(BlockCode.BARRED), Key.BLOCK_BARRED),
    ],
)
def test_a_block_is_told_with_its_reason_and_what_can_be_done(block: Block, key: Key) -> None:
    kiosk = Kiosk()
    kiosk.tap()
    blocked = Patron(ref="p", name="Dora", limit=5, borrowed=0, blocks=(block,))
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=blocked))
    assert (view.screen, [detail.key for detail in view.details]) == ("message", [key])
    assert {button.press for button in view.buttons} == {Press.BOOKS, Press.RETURN, Press.CLOSE}
    assert kiosk.press(Press.BOOKS).screen == "books"


@pytest.mark.parametrize("way", [Press.BORROW, Press.BOOKS])
def test_whoever_found_a_lost_card_sees_nothing_of_the_account(way: Press) -> None:
    kiosk = Kiosk()
    kiosk.press(way)
    kiosk.tap()
    lost = msgspec.structs.replace(ANNA, blocks=(Block(BlockCode.CARD_LOST),))
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=lost))
    assert (view.screen, [detail.key for detail in view.details]) == ("message", [Key.BLOCK_CARD_LOST])
    assert {button.press for button in view.buttons} == {Press.RETURN, Press.CLOSE}
    assert "Anna" not in repr(kiosk.state)


def test_a_blocked_reader_is_told_again_and_not_invited_to_borrow() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    blocked = Patron(ref="p", limit=5, borrowed=0, blocks=(Block(BlockCode.BARRED),))
    kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=blocked))
    kiosk.press(Press.RETURN)
    view = kiosk.press(Press.BORROW)
    assert (view.screen, view.sentence.key) == ("message", Key.BLOCKED)


def test_a_blocked_reader_who_went_on_to_return_is_not_wiped_by_the_message_s_countdown() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    blocked = Patron(ref="p", limit=5, borrowed=0, blocks=(Block(BlockCode.BARRED),))
    kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=blocked))
    kiosk.press(Press.RETURN)
    assert Timer.TICK not in dict(kiosk.state.timers)
    assert Timer.IDLE in dict(kiosk.state.timers)


def test_a_hold_on_the_shelf_is_told_at_the_door() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    hana = Patron(ref="h", limit=5, borrowed=0, holds=(Hold(title="Emma", ready=True, shelf="A3"),))
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=hana))
    assert view.notice
    assert view.notice.text.key is Key.HOLD_READY


def test_a_book_that_is_asked_back_is_told_at_the_door_and_in_the_list() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    due = date(2026, 3, 9)
    loans = (
        Loan(item="301", title="Emma", due=due, asked_back=True, renewals_left=2),
        Loan(item="302", title="Persuasion", due=due, renewals_left=2),
    )
    holds = (Hold(title="Sanditon", ready=True, shelf="A3"),)
    hana = Patron(ref="h", limit=5, borrowed=2, loans=loans, holds=holds)
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=hana))
    assert view.notice
    assert (view.notice.text.key, dict(view.notice.text.args)["n"]) == (Key.ASKED_BACK, 1)

    kiosk.press(Press.BOOKS)
    view = kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=hana))
    texts = {row.title: (row.text.key, row.hint and row.hint.key, row.tone) for row in view.rows}
    assert texts["Emma"] == (Key.ROW_RECALLED, Key.HINT_BRING_BACK, Tone.MIND)
    assert texts["Persuasion"] == (Key.LOAN_DUE, None, Tone.PLAIN)
    assert {row.title: row.action is not None for row in view.rows} == {"Emma": False, "Persuasion": True}


def test_a_scan_on_the_welcome_screen_shows_the_item_and_offers_what_makes_sense() -> None:
    offers = {
        ItemStatus.AVAILABLE: {Press.ITEM_BORROW, Press.ITEM_RETURN},
        ItemStatus.ON_LOAN: {Press.ITEM_RETURN, Press.ITEM_RENEW},
        ItemStatus.NOT_FOR_LOAN: set(),
    }
    for status, expected in offers.items():
        kiosk = Kiosk()
        assert kiosk.scan("301").screen == "item"
        view = kiosk.item(Item(barcode="301", title="Emma", status=status))
        assert {button.press for button in view.buttons} - {Press.BACK} == expected
        assert view.item
        assert view.item.title == "Emma"


def test_an_item_shown_is_borrowed_with_the_next_card() -> None:
    kiosk = Kiosk()
    kiosk.scan("301")
    kiosk.item(Item(barcode="301", title="Emma"))
    assert kiosk.press(Press.ITEM_BORROW).sentence.key is Key.CARD_FOR_ITEM
    kiosk.tap()
    assert keys(kiosk.patron().rows) == [Key.ROW_WAITING]
    asked = kiosk.last(Checkout)
    assert isinstance(asked, Checkout)
    assert asked.item == "301"


def test_an_item_shown_is_returned_with_one_press_and_the_next_ones_without() -> None:
    kiosk = Kiosk()
    kiosk.scan("301")
    kiosk.item(None, sure=False)
    assert kiosk.view.sentence.key is Key.ITEM_UNSURE
    assert keys(kiosk.press(Press.ITEM_RETURN).rows) == [Key.ROW_WAITING]
    kiosk.answer(Verdict(outcome=Outcome.RETURNED_UNSEEN))
    assert len(kiosk.scan("302").rows) == 2


def test_renewing_an_item_shown_needs_it_to_be_among_the_reader_s() -> None:
    for barcode, key in (("39", Key.ROW_WAITING), ("77", Key.LOAN_DUE)):
        kiosk = Kiosk()
        kiosk.scan(barcode)
        kiosk.item(Item(barcode=barcode, title="Emma", status=ItemStatus.ON_LOAN))
        kiosk.press(Press.ITEM_RENEW)
        kiosk.tap()
        assert keys(kiosk.patron().rows) == [key]


@pytest.mark.parametrize(("kind", "key"), [(CodeKind.ISBN, Key.COACH_ISBN), (CodeKind.FOREIGN, Key.COACH_FOREIGN)])
def test_the_wrong_code_is_explained(kind: CodeKind, key: Key) -> None:
    for kiosk in (Kiosk(), Kiosk().signed_in()):
        view = kiosk.scan("9780141439587", kind)
        assert view.notice
        assert view.notice.text.key is key
        assert view.notice.picture


def test_unreadable_things_are_answered_each_time() -> None:
    kiosk = Kiosk()
    first = kiosk.feel(ScanUnreadable("scanner", ScanFault.GARBAGE)).notice
    second = kiosk.feel(ScanUnreadable("scanner", ScanFault.GARBAGE)).notice
    assert first
    assert second
    assert first.serial != second.serial
    view = kiosk.feel(CardUnreadable("nfc", CardFault.HALF_READ))
    assert view.notice
    assert view.notice.text.key is Key.COACH_HALF_READ


def test_a_card_during_a_return_goes_on_to_borrowing_with_the_returns_on_the_receipt() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.RETURN)
    kiosk.scan("301")
    kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    kiosk.tap()
    assert kiosk.patron().screen == "borrow"
    kiosk.scan("302")
    kiosk.answer(lent("302"))
    view = kiosk.press(Press.FINISH)
    assert [view.sentence.key, *(detail.key for detail in view.details)] == [Key.DONE_LENT, Key.DONE_RETURNED]


def test_another_card_in_the_middle_of_a_visit_changes_nothing() -> None:
    kiosk = Kiosk().signed_in()
    view = kiosk.tap("other")
    assert view.notice
    assert view.notice.text.key is Key.COACH_FINISH_FIRST
    kiosk.press(Press.RETURN)
    view = kiosk.tap("other")
    assert view.notice
    assert view.notice.text.key is Key.COACH_FINISH_FIRST
    assert kiosk.state.visit
    assert kiosk.state.visit.patron is ANNA


def test_the_next_reader_may_begin_while_the_receipt_is_up() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.press(Press.FINISH)
    assert kiosk.screen == "done"
    kiosk.tap("next")
    assert kiosk.screen == "card"
    assert "Anna" not in repr(kiosk.state)


def test_nobody_there_is_asked_then_wiped() -> None:
    kiosk = Kiosk().signed_in()
    view = kiosk.time_up(Timer.IDLE)
    assert view.still_there
    assert view.still_there.left_s == 20
    assert kiosk.time_up(Timer.TICK).still_there.left_s == 19  # type: ignore[union-attr]
    assert kiosk.feel(Touched()).still_there is None
    kiosk.time_up(Timer.IDLE)
    for _ in range(20):
        kiosk.time_up(Timer.TICK)
    assert (kiosk.screen, kiosk.state.visit) == ("welcome", None)


def test_a_timer_started_anew_makes_the_old_one_stale() -> None:
    kiosk = Kiosk().signed_in()
    from kiosk.flow.events import TimeUp

    old = dict(kiosk.state.timers)[Timer.IDLE]
    kiosk.scan("301")
    assert kiosk.feel(TimeUp(Timer.IDLE, old)).still_there is None


def test_the_first_touch_after_blanking_only_wakes() -> None:
    kiosk = Kiosk()
    kiosk.feel(Touched())
    assert kiosk.time_up(Timer.BLANK).blank
    view = kiosk.press(Press.RETURN)
    assert view.screen == "welcome", "a press that came with the waking touch does nothing"
    assert not kiosk.feel(Touched()).blank
    assert kiosk.press(Press.RETURN).screen == "return"


def test_the_language_is_the_reader_s_choice_then_the_patron_s_then_the_library_s() -> None:
    kiosk = Kiosk()
    li = PatronAnswer(state=PatronState.WELCOME, patron=Patron(ref="l", limit=1, borrowed=0, language="zh_CN"))
    kiosk.tap()
    assert kiosk.patron(li).language == "zh_CN"
    kiosk.press(Press.FINISH)
    assert kiosk.press(Press.CLOSE).language == "en"
    kiosk.press(Press.LANGUAGE, "en")
    kiosk.tap()
    assert kiosk.patron(li).language == "en"


def test_offline_is_said_and_an_unknown_card_may_still_return() -> None:
    kiosk = Kiosk()
    assert kiosk.feel(LinkDown()).offline
    kiosk.tap()
    view = kiosk.patron(PatronAnswer(state=PatronState.NOT_OFFLINE, decided=Decided.OFFLINE))
    assert (view.sentence.key, view.screen) == (Key.NOT_OFFLINE, "message")
    assert kiosk.press(Press.RETURN).screen == "return"


def test_a_station_out_of_order_serves_nobody_until_it_is_back() -> None:
    kiosk = Kiosk().signed_in()
    assert kiosk.feel(OutOfOrder(OutOfOrderReason.JOURNAL)).screen == "sorry"
    assert "Anna" not in repr(kiosk.state)
    assert kiosk.tap().screen == "sorry"
    assert kiosk.feel(InOrder()).screen == "welcome"


def test_a_missing_device_is_told() -> None:
    kiosk = Kiosk()
    view = kiosk.feel(DeviceDown("scanner", DownReason.UNPLUGGED))
    assert view.sentence.key is Key.WELCOME_NO_SCANNER
    assert kiosk.feel(DeviceUp("scanner")).sentence.key is Key.WELCOME
    assert kiosk.feel(DeviceDown("nfc", DownReason.MISSING)).sentence.key is Key.WELCOME_NO_CARD
    assert kiosk.feel(DeviceDown("scanner", DownReason.UNPLUGGED)).screen == "sorry", "nothing can be read any more"
    assert kiosk.feel(DeviceUp("nfc")).sentence.key is Key.WELCOME_NO_SCANNER


def test_a_notice_about_a_device_goes_when_it_is_back() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.RETURN)
    assert kiosk.feel(DeviceDown("scanner", DownReason.UNPLUGGED)).notice
    assert kiosk.feel(DeviceUp("nfc")).notice, "another device says nothing about this one"
    assert kiosk.feel(DeviceUp("scanner")).notice is None


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Anna Berg", "Anna B."),
        ("李明", "李*"),
        ("", ""),
        ("欧阳娜娜", "欧**"),
        ("عمر حداد", "عمر ح."),
        ("Cher", "C**"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def with_letters() -> Kiosk:
    settings = replace(SETTINGS, pin_letters=True, pin_longest=24)
    kiosk = Kiosk(State(settings, Station(link_up=True)))
    kiosk.tap()
    kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    return kiosk


def test_a_password_is_typed_on_the_keyboard() -> None:
    kiosk = with_letters()
    assert kiosk.view.pin == PinView(0, 24)
    assert kiosk.press(Press.KEYBOARD).pin == PinView(0, 24, keys=Keys.SMALL)
    kiosk.press(Press.CAPITAL)
    assert kiosk.press(Press.LETTER, "L").pin == PinView(1, 24, keys=Keys.SMALL), "one letter is a capital one"
    for letter in "inden-":
        kiosk.press(Press.LETTER, letter)
    kiosk.press(Press.DIGIT, "4")
    kiosk.press(Press.KEYBOARD)
    kiosk.press(Press.DIGIT, "2")
    assert "inden" not in repr(kiosk.state)
    kiosk.press(Press.KEYBOARD)
    kiosk.press(Press.OK)
    asked = kiosk.last(AskPatron)
    assert isinstance(asked, AskPatron)
    assert asked.pin == "Linden-42"
    view = kiosk.patron(PatronAnswer(state=PatronState.PIN_WRONG, tries_left=2))
    assert view.pin == PinView(0, 24, keys=Keys.SMALL), "the keyboard stays"


def test_what_no_key_says_is_not_typed() -> None:
    kiosk = with_letters()
    for letter in ("", "ab", "é", "\n"):
        kiosk.press(Press.LETTER, letter)
    assert kiosk.view.pin == PinView(0, 24)
    for _ in range(30):
        kiosk.press(Press.LETTER, "x")
    assert kiosk.view.pin == PinView(24, 24)


def test_without_passwords_there_is_no_keyboard() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    view = kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    assert Press.KEYBOARD not in {button.press for button in view.buttons}
    kiosk.press(Press.KEYBOARD)
    assert kiosk.press(Press.LETTER, "a").pin == PinView(0, 8)


# ── what must not trap or mislead ──


def test_a_sleeping_station_that_goes_out_of_order_says_so() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.RETURN)
    kiosk.press(Press.BACK)
    kiosk.feel(OutOfOrder(OutOfOrderReason.JOURNAL))
    assert Timer.BLANK not in dict(kiosk.state.timers)
    kiosk = Kiosk(replace(Kiosk().state, station=Station(link_up=True, blank=True)))
    assert not kiosk.feel(OutOfOrder(OutOfOrderReason.JOURNAL)).blank


def test_a_label_left_under_the_scanner_does_not_keep_a_visit_open() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    idle = dict(kiosk.state.timers)[Timer.IDLE]
    for _ in range(3):
        assert kiosk.scan("301").notice, "it is answered all the same"
    assert dict(kiosk.state.timers)[Timer.IDLE] == idle
    kiosk.scan("302")
    assert dict(kiosk.state.timers)[Timer.IDLE] != idle


def test_my_books_in_an_outage_keeps_the_visit() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    kiosk.press(Press.BOOKS)
    view = kiosk.patron(PatronAnswer(state=PatronState.NOT_OFFLINE, decided=Decided.OFFLINE))
    assert (view.screen, keys(view.rows)) == ("borrow", [Key.ROW_LENT])
    assert view.notice
    assert kiosk.press(Press.FINISH).sentence.key is Key.DONE_LENT


def test_finish_in_my_books_waits_for_a_renewal() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.press(Press.BOOKS)
    kiosk.patron()
    row = kiosk.view.rows[0].id
    kiosk.press(Press.RENEW, str(row))
    view = kiosk.press(Press.FINISH)
    assert (view.screen, view.sentence.key) == ("books", Key.FINISHING)
    assert not [button for button in view.buttons if button.enabled]
    view = kiosk.answer(Verdict(outcome=Outcome.RENEWED, due=DUE))
    assert (view.screen, view.sentence.key) == ("done", Key.DONE_RENEWED)


def test_nothing_is_renewed_from_a_list_that_is_being_asked_for_anew() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.press(Press.BOOKS)
    kiosk.patron()
    kiosk.press(Press.BACK)
    view = kiosk.press(Press.BOOKS)
    assert view.rows == ()
    asked = len(kiosk.asked)
    kiosk.press(Press.RENEW_ALL)
    assert len(kiosk.asked) == asked


@pytest.mark.parametrize("outcome", [Outcome.RENEWAL_LIMIT, Outcome.RESERVED, Outcome.PATRON_BLOCKED])
def test_a_reader_keeps_what_is_theirs_though_it_cannot_be_renewed(outcome: Outcome) -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("39")
    view = kiosk.answer(Verdict(outcome=Outcome.ALREADY_YOURS, due=DUE))
    kiosk.press(Press.RENEW, str(view.rows[0].id))
    view = kiosk.answer(Verdict(outcome=outcome, due=DUE))
    assert view.rows[0].hint
    assert view.rows[0].hint.key is Key.HINT_BRING_BACK
    assert kiosk.press(Press.FINISH).sentence.key is Key.DONE_NOTHING


def test_the_receipt_is_not_asked_whether_somebody_is_there() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.press(Press.FINISH)
    assert kiosk.time_up(Timer.IDLE).still_there
    view = kiosk.answer(lent("301"))
    assert (view.screen, view.still_there) == ("done", None)
    kiosk.feel(Touched())
    for _ in range(SETTINGS.done_s):
        kiosk.time_up(Timer.TICK)
    assert kiosk.screen == "welcome"


def test_what_is_returned_in_between_counts() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    kiosk.press(Press.RETURN)
    for item in ("39", "301", "777"):
        kiosk.scan(item)
        kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    view = kiosk.press(Press.BORROW)
    assert view.patron
    assert dict(view.patron.counts.args)["borrowed"] == 0, "the stranger's book is not theirs"


def test_undo_and_borrow_again_after_my_books_counts_once() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"))
    kiosk.press(Press.BOOKS)
    kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=msgspec.structs.replace(ANNA, borrowed=2)))
    view = kiosk.press(Press.BACK)
    kiosk.press(Press.UNDO, str(view.rows[0].id))
    kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    kiosk.scan("301")
    view = kiosk.answer(lent("301"))
    assert view.patron
    assert dict(view.patron.counts.args)["borrowed"] == 2


def test_an_undo_that_did_not_work_is_said() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    view = kiosk.answer(lent("301"))
    kiosk.press(Press.UNDO, str(view.rows[0].id))
    view = kiosk.answer(None)
    assert view.notice
    assert keys(view.rows) == [Key.ROW_LENT]


def test_an_item_on_the_hold_shelf_is_asked_for_by_whoever_shows_a_card() -> None:
    kiosk = Kiosk()
    kiosk.scan("301")
    kiosk.item(Item(barcode="301", title="Emma", status=ItemStatus.ON_HOLD_SHELF))
    kiosk.tap()
    kiosk.patron()
    asked = kiosk.last(Checkout)
    assert isinstance(asked, Checkout)
    assert asked.item == "301"


def test_a_station_with_scanners_alone_rests_when_they_are_gone() -> None:
    kiosk = Kiosk(State(replace(SETTINGS, card_devices=frozenset()), Station(link_up=True)))
    assert kiosk.feel(DeviceDown("scanner", DownReason.UNPLUGGED)).screen == "sorry"


def test_a_book_returned_in_between_is_borrowed_anew() -> None:
    """Borrow, return, borrow: the third scan lends, and the receipt tells what holds at the end."""
    kiosk = Kiosk().signed_in()
    kiosk.scan("301")
    kiosk.answer(lent("301"), "K1")
    kiosk.press(Press.RETURN)
    kiosk.scan("301")
    kiosk.answer(Verdict(outcome=Outcome.RETURNED), "K2")
    view = kiosk.press(Press.BORROW)
    assert [(row.text.key, row.action) for row in view.rows] == [(Key.ROW_RETURNED, None)]
    kiosk.scan("301")
    view = kiosk.answer(lent("301"), "K3")
    assert keys(view.rows) == [Key.ROW_LENT]
    view = kiosk.press(Press.FINISH)
    assert (view.sentence.key, view.details) == (Key.DONE_LENT, ())


def test_what_was_handed_back_is_not_on_the_receipt() -> None:
    kiosk = Kiosk().signed_in()
    for item in ("301", "302"):
        kiosk.scan(item)
        kiosk.answer(lent(item))
    kiosk.press(Press.RETURN)
    kiosk.scan("301")
    kiosk.answer(Verdict(outcome=Outcome.RETURNED))
    view = kiosk.press(Press.FINISH)
    assert (view.sentence.key, dict(view.sentence.args)["n"]) == (Key.DONE_LENT, 1)
    assert [detail.key for detail in view.details] == [Key.DONE_RETURNED]
    assert len(view.rows) == 2


def test_the_receipt_of_an_outage_says_about() -> None:
    kiosk = Kiosk().signed_in().offline()
    kiosk.scan("301")
    kiosk.answer(Verdict(outcome=Outcome.LENT, due=DUE, about=True, decided=Decided.OFFLINE))
    assert kiosk.press(Press.FINISH).sentence.key is Key.DONE_LENT_ABOUT


def test_the_next_reader_s_card_ends_a_visit_that_is_asked_after() -> None:
    kiosk = Kiosk().signed_in()
    kiosk.time_up(Timer.IDLE)
    view = kiosk.tap("04B2")
    assert (view.screen, view.sentence.key) == ("card", Key.ASKING_CARD)
    assert "Anna" not in repr(kiosk.state)


def test_everything_scanned_before_the_card_is_borrowed_with_it() -> None:
    kiosk = Kiosk()
    kiosk.press(Press.BORROW)
    for item in ("301", "302", "301"):
        assert kiosk.scan(item).notice
    kiosk.tap()
    kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    kiosk.scan("303")
    kiosk.press(Press.DIGIT, "1")
    kiosk.press(Press.OK)
    kiosk.patron()
    assert [effect.item for effect in kiosk.asked if isinstance(effect, Checkout)] == ["301", "302", "303"]


def test_another_card_takes_the_place_of_one_whose_pin_is_awaited() -> None:
    kiosk = Kiosk()
    kiosk.tap("04A1")
    kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    kiosk.press(Press.DIGIT, "1")
    kiosk.tap("04B2")
    kiosk.patron(PatronAnswer(state=PatronState.PIN_NEEDED))
    assert kiosk.view.pin == PinView(0, 8)
    asked = kiosk.last(AskPatron)
    assert isinstance(asked, AskPatron)
    assert asked.credential.value == "04B2"


def test_one_s_own_card_in_place_of_a_book() -> None:
    kiosk = Kiosk().signed_in()
    view = kiosk.tap()
    assert view.notice
    assert view.notice.text.key is Key.COACH_PATRON_CARD
    view = kiosk.tap("04B2")
    assert view.notice
    assert view.notice.text.key is Key.COACH_FINISH_FIRST


def test_cards_are_scanned_where_their_reader_is_away() -> None:
    kiosk = Kiosk(State(replace(SETTINGS, cards_have_barcodes=True), Station(link_up=True)))
    view = kiosk.feel(DeviceDown("nfc", DownReason.UNPLUGGED))
    assert view.sentence.key is Key.WELCOME_SCAN_CARD
    assert all(button.enabled for button in view.buttons)
    assert kiosk.press(Press.BORROW).sentence.key is Key.CARD_TO_SCAN
    kiosk = Kiosk()
    view = kiosk.feel(DeviceDown("nfc", DownReason.UNPLUGGED))
    assert {button.press for button in view.buttons if button.enabled} == {Press.RETURN}


def test_one_s_own_loan_returned_and_borrowed_again_counts_once_and_can_be_returned_again() -> None:
    kiosk = Kiosk().signed_in()
    for _ in range(2):
        kiosk.press(Press.RETURN)
        kiosk.scan("39")
        view = kiosk.answer(Verdict(outcome=Outcome.RETURNED))
        assert keys(view.rows) == [Key.ROW_RETURNED]
        kiosk.press(Press.BORROW)
        kiosk.scan("39")
        view = kiosk.answer(lent("39"))
        assert view.patron
        assert dict(view.patron.counts.args)["borrowed"] == 1
        kiosk.press(Press.BOOKS)
        kiosk.patron()
        kiosk.press(Press.BACK)


def test_a_blocked_reader_whose_books_cannot_be_shown_is_not_led_to_the_borrowing_list() -> None:
    kiosk = Kiosk()
    kiosk.tap()
    blocked = Patron(ref="p", limit=5, borrowed=0, blocks=(Block(BlockCode.BARRED),))
    kiosk.patron(PatronAnswer(state=PatronState.WELCOME, patron=blocked))
    kiosk.press(Press.BOOKS)
    assert kiosk.patron(None).sentence.key is Key.BLOCKED
