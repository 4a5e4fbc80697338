"""What a reader sees: the catalogue's list, and over it what this station did and the catalogue does not know yet."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.store.journal import Journal
from kiosk.store.projection import overlay
from kiosk.store.reading import Entry
from sync.acts import ActKind, ActState
from sync.catalogue import Item, Loan, Outcome, Patron, PatronAnswer, PatronState, Verdict

TOLD = date(2026, 3, 20)
ABOUT = date(2026, 3, 30)
EMMA = Loan(item="301", title="Emma", author="Jane Austen", due=TOLD, renewals_left=1, media="dvd")
ANNA = Patron(ref="p-anna", limit=10, borrowed=3, loans=(EMMA,))
"""Three are borrowed and one of them is listed: a catalogue may keep the rest to itself."""
KNOWN = {"302": Item(barcode="302", title="红楼梦", author="曹雪芹", media="audio")}


class Overlay:
    """Acts that a real journal has not delivered, laid over Anna's list."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def did(self, kind: ActKind, item: str, patron: str | None = "p-anna") -> None:
        if kind is ActKind.CHECKIN:
            self._journal.record(kind, item, patron, ActState.EXECUTED)
            return
        act = self._journal.record(kind, item, patron, ActState.PROPOSED)
        here = Verdict(outcome=Outcome.LENT, due=ABOUT, about=True)
        self._journal.move(act.key, ActState.PROPOSED, ActState.EXECUTED, here)

    def seen(self, patron: Patron = ANNA) -> Patron:
        entries: tuple[Entry, ...] = self._journal.facts_of_patron("p-anna")
        answer = overlay(PatronAnswer(state=PatronState.WELCOME, patron=patron), entries, KNOWN)
        assert answer.patron is not None
        return answer.patron


@pytest.fixture
def over(journal: Journal) -> Overlay:
    return Overlay(journal)


def test_without_acts_the_list_is_the_catalogue_s(over: Overlay) -> None:
    assert over.seen() == ANNA


def test_a_loan_from_here_is_listed_and_counted(over: Overlay) -> None:
    over.did(ActKind.CHECKOUT, "302")
    seen = over.seen()
    assert seen.loans == (
        EMMA,
        Loan(item="302", title="红楼梦", author="曹雪芹", media="audio", due=ABOUT, about=True),
    )
    assert seen.borrowed == 4


def test_an_item_that_the_mirror_does_not_know_is_listed_by_its_number(over: Overlay) -> None:
    over.did(ActKind.CHECKOUT, "399")
    assert over.seen().loans[-1] == Loan(item="399", title="399", due=ABOUT, about=True)


def test_a_return_here_leaves_the_list_and_the_count(over: Overlay) -> None:
    over.did(ActKind.CHECKIN, "301")
    assert over.seen() == Patron(ref="p-anna", limit=10, borrowed=2)


def test_a_renewal_keeps_the_title_and_says_about(over: Overlay) -> None:
    over.did(ActKind.RENEW, "301")
    seen = over.seen()
    assert seen.loans == (Loan(item="301", title="Emma", author="Jane Austen", media="dvd", due=ABOUT, about=True),)
    assert seen.borrowed == 3


def test_lent_and_brought_back_is_as_if_nothing_had_been(over: Overlay) -> None:
    over.did(ActKind.CHECKOUT, "302")
    over.did(ActKind.CHECKIN, "302", None)
    assert over.seen() == ANNA


@pytest.mark.parametrize("kind", [ActKind.CHECKOUT, ActKind.RENEW])
def test_what_another_reader_borrowed_afterwards_is_not_shown(over: Overlay, kind: ActKind) -> None:
    over.did(ActKind.CHECKOUT, "302")
    over.did(ActKind.CHECKIN, "302", None)
    over.did(kind, "302", "p-bert")
    assert over.seen() == ANNA


def test_what_another_reader_has_by_now_has_left_the_list(over: Overlay) -> None:
    over.did(ActKind.RENEW, "301")
    over.did(ActKind.CHECKOUT, "301", "p-bert")  # its return was not scanned
    assert over.seen() == Patron(ref="p-anna", limit=10, borrowed=2)


def test_the_count_never_falls_below_nothing(over: Overlay) -> None:
    over.did(ActKind.CHECKIN, "301")
    assert over.seen(Patron(ref="p-anna", limit=10, borrowed=0, loans=(EMMA,))).borrowed == 0


def test_who_is_not_admitted_is_shown_nothing(journal: Journal, over: Overlay) -> None:
    over.did(ActKind.CHECKOUT, "302")
    answer = PatronAnswer(state=PatronState.PIN_NEEDED)
    assert overlay(answer, journal.facts_of_patron("p-anna"), KNOWN) is answer
