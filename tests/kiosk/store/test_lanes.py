"""The journal as the courier of a library system sees it: what waits, in which order, and what is for staff."""

from __future__ import annotations

import pytest

from kiosk.store.exceptions import CannotBe, own_exceptions, resolve
from kiosk.store.journal import Journal
from kiosk.store.lanes import JournalLanes
from kiosk.store.retention import forget_patrons
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from sync.catalogue import Outcome, Verdict
from sync.conflicts import Conflict, Decision, ExceptionView, Resolution
from sync.lanes import REST_S
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.conftest import OpenJournal
from tests.kiosk.store.history import returned

pytestmark = pytest.mark.looptime(start=0)

RETURNED = Verdict(outcome=Outcome.RETURNED)
DECLINED = Verdict(outcome=Outcome.PATRON_BLOCKED, conflict=Conflict.DECLINED)


@pytest.fixture
def lanes(journal: Journal) -> JournalLanes:
    return JournalLanes(journal, StoreThread(InlineExecutor()))


def lent(journal: Journal, item: str) -> Act:
    """By the station alone."""
    act = journal.record(ActKind.CHECKOUT, item, "p-anna", ActState.PROPOSED)
    journal.move(act.key, ActState.PROPOSED, ActState.EXECUTED, Verdict(outcome=Outcome.LENT))
    return act


def desk(journal: Journal, clock: MovableClock) -> tuple[ExceptionView, ...]:
    return own_exceptions(journal.engine, "s1", clock)


def decided(resolution: Resolution) -> Decision:
    return Decision(resolution=resolution, who="kim", why="mended")


async def test_what_was_proposed_rests_before_it_is_told(
    journal: Journal, lanes: JournalLanes, clock: MovableClock
) -> None:
    act = lent(journal, "301")
    back = journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
    assert [(fact.act, fact.put_off) for fact in await lanes.waiting()] == [(act, True), (back, False)]
    clock.advance(REST_S)
    assert [fact.put_off for fact in await lanes.waiting()] == [False, False]


async def test_a_telling_that_is_cut_off_rests_and_is_asked_about(restart: OpenJournal, clock: MovableClock) -> None:
    journal = restart()
    act = journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
    await JournalLanes(journal, StoreThread(InlineExecutor())).about_to_tell(act, REST_S)
    journal = restart()  # it was killed in the middle of it
    lanes = JournalLanes(journal, StoreThread(InlineExecutor()))
    [fact] = await lanes.waiting()
    assert (fact.again, fact.put_off) == (True, True)
    clock.advance(REST_S)
    [fact] = await lanes.waiting()
    assert (fact.again, fact.put_off) == (True, False)


async def test_what_was_not_sent_is_not_asked_about(journal: Journal, lanes: JournalLanes) -> None:
    act = journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
    await lanes.about_to_tell(act, REST_S)
    await lanes.not_told(act)
    [fact] = await lanes.waiting()
    assert (fact.again, fact.put_off) == (False, False)


async def test_a_stream_is_told_up_to_what_waits(journal: Journal, lanes: JournalLanes, clock: MovableClock) -> None:
    first, second, third = (
        journal.record(ActKind.CHECKIN, item, "p-anna", ActState.EXECUTED) for item in ("301", "302", "303")
    )
    await lanes.settle_fact(first, RETURNED)
    await lanes.settle_fact(third, RETURNED)
    assert journal.streams()[0].told == 1
    assert journal.progress().told == clock.now()
    clock.advance(31 * 86_400)
    assert forget_patrons(journal, clock) == 1, "what comes after one that waits may have to be told again"
    await lanes.settle_fact(second, RETURNED)
    assert journal.streams()[0].told == 3


async def test_what_is_not_taken_is_for_staff(journal: Journal, lanes: JournalLanes, clock: MovableClock) -> None:
    act = lent(journal, "301")
    await lanes.settle_fact(act, DECLINED)
    entry = journal.entry(act.key)
    assert entry is not None
    assert entry.state is ActState.EXCEPTION
    [found] = desk(journal, clock)
    assert (found.conflict, found.item, found.act, found.state) == ("DECLINED", "301", act, "suggested")
    assert found.believed.would_say == DECLINED
    assert found.possible == (Resolution.AGAIN, Resolution.ACCEPT, Resolution.WRITE_OFF)
    assert await lanes.waiting() == ()


async def test_it_is_resolved_once(journal: Journal, lanes: JournalLanes, clock: MovableClock) -> None:
    await lanes.settle_fact(lent(journal, "301"), DECLINED)
    with pytest.raises(CannotBe):
        resolve(journal, 1, decided(Resolution.REVERSE))
    resolve(journal, 1, decided(Resolution.ACCEPT))
    [found] = desk(journal, clock)
    assert (found.state, found.resolution, found.resolved_by, found.why, found.possible) == (
        "resolved",
        "accept",
        "kim",
        "mended",
        (),
    )
    for number in (1, 2):
        with pytest.raises(CannotBe):
            resolve(journal, number, decided(Resolution.WRITE_OFF))


async def test_it_is_sent_again_and_resolved_when_it_is_taken(
    journal: Journal, lanes: JournalLanes, clock: MovableClock
) -> None:
    act = lent(journal, "301")
    returned(journal, "302")
    await lanes.settle_fact(act, DECLINED)
    clock.advance(REST_S)
    resolve(journal, 1, decided(Resolution.AGAIN))
    assert [found.state for found in desk(journal, clock)] == ["sending"]
    [first, _] = await lanes.waiting()
    assert (first.act, first.again) == (act, True)

    await lanes.settle_fact(act, DECLINED)
    assert [found.state for found in desk(journal, clock)] == ["suggested"], "refused again: it is on the desk again"
    assert [fact.act.item for fact in await lanes.waiting()] == ["302"]

    resolve(journal, 1, decided(Resolution.AGAIN))
    await lanes.settle_fact(act, Verdict(outcome=Outcome.LENT))
    [found] = desk(journal, clock)
    assert (found.state, found.resolution, found.resolved_by) == ("resolved", "again", "kim")
