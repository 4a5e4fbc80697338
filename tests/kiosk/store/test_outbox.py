"""The journal as the courier sees it: what is settled stays settled, and nothing is lost on the way."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.reading import Entry
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from sync.catalogue import NoAnswer, Outcome, Overloaded, SyncError, Verdict
from sync.courier import Courier
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.conftest import fill_disk, make_room, streamed

pytestmark = pytest.mark.looptime(start=0)

LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30))
RENEWED = Verdict(outcome=Outcome.RENEWED, due=date(2026, 3, 30))
RESERVED = Verdict(outcome=Outcome.RESERVED)


@pytest.fixture
def outbox(journal: Journal) -> JournalOutbox:
    return JournalOutbox(journal, StoreThread(InlineExecutor()))


def proposed(journal: Journal, kind: ActKind = ActKind.CHECKOUT, item: str = "301") -> Act:
    return journal.record(kind, item, "p-anna", ActState.PROPOSED)


def returned(journal: Journal, item: str = "301") -> Act:
    return journal.record(ActKind.CHECKIN, item, None, ActState.EXECUTED)


def entry_of(journal: Journal, act: Act) -> Entry:
    entry = journal.entry(act.key)
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    ("kind", "state", "verdict", "then", "undone"),
    [
        (ActKind.CHECKOUT, ActState.PROPOSED, LENT, ActState.CONFIRMED, False),
        (ActKind.CHECKOUT, ActState.PROPOSED, RESERVED, ActState.REFUSED, False),
        (ActKind.CHECKOUT, ActState.PROPOSED, None, ActState.REFUSED, False),
        (ActKind.CHECKOUT, ActState.ABANDONED, LENT, ActState.CONFIRMED, True),
        (ActKind.CHECKOUT, ActState.ABANDONED, None, ActState.REFUSED, False),
        (ActKind.RENEW, ActState.ABANDONED, RENEWED, ActState.CONFIRMED, False),
    ],
)
async def test_what_was_looked_up_is_settled(
    journal: Journal,
    outbox: JournalOutbox,
    clock: MovableClock,
    kind: ActKind,
    state: ActState,
    verdict: Verdict | None,
    then: ActState,
    undone: bool,
) -> None:
    act = proposed(journal, kind)
    if state is not ActState.PROPOSED:
        journal.move(act.key, ActState.PROPOSED, state)
    clock.advance(60)
    assert await outbox.proposals() == (act,)
    await outbox.settle_proposal(act, verdict)
    assert entry_of(journal, act).state is then
    assert [fact.undoes for fact in streamed(journal) if fact.undoes] == ([act.key] if undone else [])


@pytest.mark.parametrize("meanwhile", [ActState.EXECUTED, ActState.CONFIRMED, ActState.REFUSED])
@pytest.mark.parametrize("looked_up", [None, RESERVED, LENT])
async def test_what_was_decided_while_it_was_looked_up_stays(
    journal: Journal, outbox: JournalOutbox, meanwhile: ActState, looked_up: Verdict | None
) -> None:
    act = proposed(journal)
    journal.move(act.key, ActState.PROPOSED, meanwhile, LENT)
    await outbox.settle_proposal(act, looked_up)
    assert entry_of(journal, act).state is meanwhile
    assert streamed(journal) == ([] if meanwhile is ActState.REFUSED else [act])


async def test_settling_what_is_not_there_does_nothing(journal: Journal, outbox: JournalOutbox) -> None:
    act = proposed(journal)
    elsewhere = Act(
        **{name: getattr(act, name) for name in act.__struct_fields__} | {"key": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    )
    await outbox.settle_proposal(elsewhere, LENT)
    assert entry_of(journal, act).state is ActState.PROPOSED
    assert journal.waiting() == 1


@pytest.mark.parametrize(
    ("conflict", "state"),
    [
        (None, ActState.CONFIRMED),
        ("SAME", ActState.CONFIRMED),
        ("NOT-ON-LOAN", ActState.CONFIRMED),
        ("OTHER-OLD", ActState.EXCEPTION),
        ("A-CLASS-OF-NEXT-YEAR", ActState.EXCEPTION),
    ],
)
async def test_a_fact_is_settled_by_its_conflict(
    journal: Journal, outbox: JournalOutbox, conflict: str | None, state: ActState
) -> None:
    act = returned(journal)
    await settle(journal, outbox, Verdict(outcome=Outcome.RETURNED, conflict=conflict))
    assert entry_of(journal, act).state is state
    assert streamed(journal) == []


async def test_a_fact_that_was_told_twice_keeps_its_first_verdict(journal: Journal, outbox: JournalOutbox) -> None:
    act = returned(journal)
    await settle(journal, outbox, Verdict(outcome=Outcome.RETURNED, conflict="OTHER-OLD"))
    await settle(journal, outbox, Verdict(outcome=Outcome.RETURNED))
    assert entry_of(journal, act).state is ActState.EXCEPTION


async def settle(journal: Journal, outbox: JournalOutbox, verdict: Verdict) -> None:
    """The centre has said this of the one fact there is."""
    facts = journal.facts_after(journal.incarnation, 0)
    await outbox.settle(journal.incarnation, 1, facts, [verdict])


async def test_a_look_up_that_is_put_off_waits_no_longer_than_five_minutes(
    journal: Journal, outbox: JournalOutbox, clock: MovableClock
) -> None:
    act = proposed(journal)
    clock.advance(60)
    for tries in range(1, 30):
        await outbox.postpone(act, NoAnswer("lost"))
        assert entry_of(journal, act).tries == tries
        clock.advance(300)
        assert await outbox.proposals() == (act,)


async def test_the_catalogue_s_wish_for_patience_is_kept(
    journal: Journal, outbox: JournalOutbox, clock: MovableClock
) -> None:
    act = proposed(journal)
    await outbox.postpone(act, Overloaded("later", after_s=900))
    clock.advance(899)
    assert await outbox.proposals() == ()
    clock.advance(1)
    assert await outbox.proposals() == (act,)


async def test_a_full_disk_puts_the_delivery_off_and_loses_nothing(
    journal: Journal, outbox: JournalOutbox, clock: MovableClock
) -> None:
    catalogue = FakeCatalogue()
    long = "3" * 9000  # its verdict repeats the barcode, and fits in no page that is there
    act = returned(journal, long)
    courier = Courier(catalogue, catalogue, outbox)
    fill_disk(journal)
    with pytest.raises(SyncError, match="full") as caught:
        await courier.round()
    assert caught.value.code == "journal"
    assert journal.waiting() == 1
    make_room(journal)
    assert await courier.round() == 1
    assert entry_of(journal, act).state is ActState.CONFIRMED
    assert len(catalogue.history) == 1, "the catalogue was told twice and did it once"
