"""The truth about a loan: whatever the line does, nothing that was shown as done is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from copy import copy

import msgspec
import pytest

from drivers.events import Credential as Read
from drivers.events import CredentialKind
from kiosk.errors import JournalUnwritable
from kiosk.flow.effects import AskPatron
from kiosk.flow.events import PatronAnswered
from kiosk.store.journal import Journal
from sync.acts import ActKind, ActState
from sync.catalogue import (
    Credential,
    Decided,
    NoAnswer,
    Outcome,
    Overloaded,
    PatronAnswer,
    PatronState,
    ProtocolFault,
    Verdict,
)
from sync.conflicts import Conflict, Severity
from sync.courier import LIVE_FACTS
from sync.delivery import backoff_s
from sync.stream import MOST_BYTES, MOST_FACTS, Delivery, Receipt
from tests.fakes.catalogue import DUE, FakeCatalogue, Line, anna
from tests.fakes.clock import MovableClock
from tests.kiosk.loans.conftest import Bench

pytestmark = [pytest.mark.looptime(start=0), pytest.mark.logs(r"^kiosk\.loans\.link: catalogue away: ")]


async def test_a_loan_is_on_the_disk_before_the_catalogue_is_asked(bench: Bench) -> None:
    seen: list[ActState] = []

    class Watching(FakeCatalogue):
        async def propose(self, act):  # type: ignore[no-untyped-def]
            seen.append(bench.entry(act.key).state)
            return await super().propose(act)

    bench.catalogue.__class__ = Watching
    async with bench.line_kept():
        verdict = await bench.lend("301")
    assert seen == [ActState.PROPOSED]
    assert verdict == Verdict(outcome=Outcome.LENT, due=DUE, item=verdict.item)  # type: ignore[union-attr]
    assert bench.state() is ActState.CONFIRMED
    assert bench.entry().verdict == verdict


async def test_a_refusal_is_told_and_nothing_leaves(bench: Bench) -> None:
    bench.catalogue.refuses["301"] = Outcome.NOT_FOR_LOAN
    async with bench.line_kept():
        verdict = await bench.lend("301")
    assert verdict
    assert verdict.outcome is Outcome.NOT_FOR_LOAN
    assert bench.state() is ActState.REFUSED
    assert bench.journal.waiting() == 0


@pytest.mark.parametrize("line", [Line.CUT, Line.LOSES_QUESTIONS, Line.LOSES_ANSWERS, Line.HANGS])
async def test_a_loan_goes_on_without_the_catalogue_and_arrives_there_once(bench: Bench, line: Line) -> None:
    async with bench.line_kept():
        bench.catalogue.line = line
        verdict = await bench.lend("301")
        assert verdict
        assert (verdict.outcome, verdict.decided, verdict.about) == (Outcome.LENT, Decided.OFFLINE, True)
        assert bench.state() is ActState.EXECUTED
        bench.catalogue.line = Line.GOOD
        await bench.courier.round()
        await bench.courier.round()
    assert bench.state() is ActState.CONFIRMED
    assert bench.catalogue.history == [("checkout", "301", bench.last.key)]


async def test_the_second_book_does_not_wait(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    async with bench.line_kept():
        bench.catalogue.line = Line.HANGS
        started = loop.time()
        await bench.lend("301")
        assert loop.time() - started == pytest.approx(2.0, abs=0.1)
        started = loop.time()
        await bench.lend("302")
        assert loop.time() - started < 0.01


@pytest.mark.parametrize("line", [Line.LOSES_QUESTIONS, Line.LOSES_ANSWERS, Line.HANGS])
async def test_what_must_not_leave_is_taken_back_where_the_catalogue_had_lent_it(bench: Bench, line: Line) -> None:
    bench.offline.lends = False
    async with bench.line_kept():
        bench.catalogue.line = line
        verdict = await bench.lend("301")
        assert verdict
        assert not verdict.outcome.yes
        key = bench.last.key
        assert bench.state() is ActState.ABANDONED
        bench.catalogue.line = Line.GOOD
        await bench.courier.round()
        assert bench.entry(key).state is ActState.ABANDONED, "it may still be under way"
        bench.clock.advance(61)
        await bench.courier.round()
    assert bench.catalogue.loans == {}
    assert bench.journal.waiting() == 0
    assert bench.entry(key).state is (ActState.REFUSED if line is Line.LOSES_QUESTIONS else ActState.CONFIRMED)


async def test_offline_refusals_leave_nothing_behind(bench: Bench) -> None:
    bench.offline.lends = False
    verdict = await bench.lend("301")
    assert verdict
    assert verdict.outcome is Outcome.NOT_OFFLINE
    assert bench.state() is ActState.REFUSED
    assert bench.journal.waiting() == 0


async def test_a_return_is_taken_whatever_the_line_does(bench: Bench) -> None:
    for number, line in enumerate(Line):
        bench.catalogue.line = line
        async with bench.line_kept():
            verdict = await bench.take_back(f"30{number}")
        assert verdict
        assert verdict.outcome.yes, line
    bench.catalogue.line = Line.GOOD
    bench.clock.advance(3600)
    await bench.courier.round()
    assert bench.journal.waiting() == 0
    returned = [item for kind, item, _ in bench.catalogue.history if kind == "checkin"]
    assert sorted(returned) == [f"30{number}" for number in range(len(Line))], "each once"


async def test_what_happened_offline_goes_before_what_happens_online(bench: Bench) -> None:
    await bench.lend("301")
    async with bench.line_kept():
        await bench.take_back("301")
    assert [kind for kind, _, _ in bench.catalogue.history] == ["checkout", "checkin"]
    assert bench.catalogue.loans == {}
    assert bench.journal.waiting() == 0


async def test_a_proposal_waits_behind_the_item_s_earlier_facts(bench: Bench) -> None:
    bench.catalogue.loans["301"] = "p-somebody"
    await bench.take_back("301")
    async with bench.line_kept():
        verdict = await bench.lend("301")
    assert verdict
    assert verdict.outcome is Outcome.LENT


@pytest.mark.parametrize("online", [True, False])
async def test_undo(bench: Bench, online: bool) -> None:
    async def both() -> None:
        await bench.lend("301")
        verdict = await bench.undo("301", bench.last.key)
        assert verdict
        assert verdict.outcome.yes

    if online:
        async with bench.line_kept():
            await both()
    else:
        await both()
        await bench.courier.round()
    assert bench.catalogue.loans == {}
    assert bench.journal.waiting() == 0


async def test_a_renewal_without_a_line_is_about_and_arrives_once(bench: Bench) -> None:
    bench.catalogue.loans["301"] = "p-anna"
    verdict = await bench.renew("301")
    assert verdict
    assert (verdict.outcome, verdict.about) == (Outcome.RENEWED, True)
    await bench.courier.round()
    await bench.courier.round()
    assert [kind for kind, _, _ in bench.catalogue.history] == ["renew"]


async def test_a_proposal_cut_off_by_a_kill_is_looked_up_at_the_next_start(bench: Bench) -> None:
    for arrived in (True, False):
        item = f"30{arrived:d}"
        bench.catalogue.line = Line.HANGS if arrived else Line.LOSES_QUESTIONS
        async with bench.line_kept():
            bench.link._up.set()  # up until it is asked
            killed = asyncio.create_task(bench.lend(item))
            if arrived:
                await asyncio.sleep(1.0)
                killed.cancel()
            else:
                bench.offline.lends = False
                await killed
        bench.journal.close()
        bench.catalogue.line = Line.GOOD
        bench.open()
        bench.clock.advance(61)
        await bench.courier.round()
        assert bench.journal.waiting() == 0
        assert (item in bench.catalogue.loans) is arrived


async def test_the_courier_stops_at_a_cut_line_and_goes_on_later(bench: Bench) -> None:
    for number in range(5):
        await bench.take_back(f"30{number}")
    bench.catalogue.line = Line.LOSES_ANSWERS
    ready = asyncio.Event()
    ready.set()

    async def wait() -> None:
        await ready.wait()

    running = asyncio.create_task(bench.courier.run(wait, every_s=10))
    await asyncio.sleep(600)
    assert bench.journal.waiting() == 5
    bench.catalogue.line = Line.GOOD
    await asyncio.sleep(300)
    running.cancel()
    assert bench.journal.waiting() == 0
    assert len(bench.catalogue.history) == 5


async def test_the_list_is_the_catalogue_s_with_ours_laid_over_it(bench: Bench) -> None:
    card = Credential("uid", "04A1")
    bench.catalogue.patrons[card] = PatronAnswer(state=PatronState.WELCOME, patron=anna())
    await bench.lend("301")
    bench.clock.advance(1)
    async with bench.line_kept():
        answer = await bench.ask(card)
    assert answer.patron
    assert [(loan.item, loan.title, loan.about) for loan in answer.patron.loans] == [("301", "Mirrored 301", True)]
    assert answer.patron.borrowed == 1


async def test_wrong_pins_rest_the_card_and_time_since_boot_counts(bench: Bench) -> None:
    card = Credential("uid", "04A1")
    bench.catalogue.pins[card] = "1234"
    async with bench.line_kept():
        assert (await bench.ask(card)).state is PatronState.PIN_NEEDED
        tries = [await bench.ask(card, "0000") for _ in range(5)]
        assert [answer.tries_left for answer in tries] == [4, 3, 2, 1, 0]
        locked = await bench.ask(card, "1234")
        assert locked.state is PatronState.PIN_LOCKED
        assert locked.wait_s
        assert 590 <= locked.wait_s <= 601
        bench.clock.advance(601)
        bench.catalogue.patrons[card] = PatronAnswer(state=PatronState.WELCOME, patron=anna())
        assert (await bench.ask(card, "1234")).state is PatronState.WELCOME


async def test_ending_a_visit_forgets_the_proof(bench: Bench) -> None:
    card = Credential("uid", "04A1")
    bench.catalogue.pins[card] = "1234"
    async with bench.line_kept():
        await bench.ask(card, "1234")
    assert "1234" in repr(bench.desk.__dict__)
    bench.desk.end_visit(1)
    assert "1234" not in repr(bench.desk.__dict__)


async def test_a_journal_that_cannot_be_read_leaves_no_question_without_an_answer(bench: Bench) -> None:
    card = Credential("uid", "04A1")
    bench.catalogue.patrons[card] = PatronAnswer(state=PatronState.WELCOME, patron=anna())
    break_journal(bench)
    async with bench.line_kept():
        await bench.desk.ask_patron(AskPatron(1, 7, Read(CredentialKind.UID, card.value)))
    assert bench.posted[-1] == PatronAnswered(1, 7, None)
    assert [error.code for error in bench.failures] == ["journal_unwritable"]


def break_journal(bench: Bench) -> None:
    """Nothing can be read or written there any more."""
    bench.journal._engine.dispose()
    (bench.path / "journal.db").unlink()
    (bench.path / "journal.db").mkdir()


async def test_an_act_that_cannot_be_recorded_did_not_happen(bench: Bench) -> None:
    break_journal(bench)
    async with bench.line_kept():
        assert await bench.lend("301") is None
        assert await bench.take_back("302") is None
    assert len(bench.failures) == 2
    assert bench.catalogue.history == []


# ── what must not stop, and what must not be taken from a reader ──


@pytest.mark.parametrize("line", [Line.LOSES_ANSWERS, Line.HANGS])
async def test_a_book_scanned_again_after_a_lost_answer_stays_with_its_reader(bench: Bench, line: Line) -> None:
    bench.offline.lends = False
    async with bench.line_kept():
        bench.catalogue.line = line
        verdict = await bench.lend("301")
        assert verdict
        assert not verdict.outcome.yes
        first = bench.last.key
        bench.catalogue.line = Line.GOOD
        await asyncio.sleep(60)  # the heartbeat finds the line again
        verdict = await bench.lend("301")
        assert verdict
        assert verdict.outcome in {Outcome.LENT, Outcome.ALREADY_YOURS}
        bench.clock.advance(61)
        await bench.courier.round()
    assert bench.catalogue.loans == {"301": "p-anna"}
    assert bench.entry(first).state is ActState.CONFIRMED


class Puzzled(FakeCatalogue):
    """Cannot make sense of one item."""

    async def look_up(self, act):  # type: ignore[no-untyped-def]
        if act.item == "303":
            raise ProtocolFault("what is 303?")
        return await super().look_up(act)


@pytest.mark.logs("^sync.delivery: act .* waits: the catalogue does not say what became of it")
async def test_one_proposal_that_cannot_be_looked_up_holds_up_no_fact(bench: Bench) -> None:
    bench.offline.lends = False
    async with bench.line_kept():
        bench.catalogue.line = Line.HANGS
        await bench.lend("303")
    bench.catalogue.__class__ = Puzzled
    bench.catalogue.line = Line.GOOD
    bench.clock.advance(61)
    await bench.take_back("301")
    await bench.courier.round()
    assert bench.journal.in_state(ActState.EXECUTED) == ()
    assert [entry.act.item for entry in bench.journal.in_state(ActState.ABANDONED)] == ["303"]


# ── streams ──


@pytest.mark.logs("^sync.courier: the centre has less of stream")
async def test_what_the_centre_has_lost_is_told_again(bench: Bench) -> None:
    async with bench.line_kept():
        await bench.lend("301")
        await bench.take_back("302")
        await bench.lend("303")
    await bench.courier.round()
    backup = bench.catalogue.copy()
    await bench.take_back("304")
    await bench.lend("305")
    await bench.courier.round()
    bench.catalogue.restore(backup)
    bench.courier = bench.new_courier()  # the line was away
    await bench.courier.round()
    assert bench.catalogue.loans == {"301": "p-anna", "303": "p-anna", "305": "p-anna"}
    assert [key for _, key in bench.catalogue.streams[bench.journal.incarnation]] == [
        entry.act.key for entry in bench.journal.in_state(*ActState)
    ]
    assert len(bench.catalogue.history) == 5


async def test_an_answer_that_was_lost_is_asked_for_again(bench: Bench) -> None:
    await bench.courier.round()  # in contact
    await bench.lend("301")
    bench.catalogue.line = Line.LOSES_ANSWERS
    with pytest.raises(NoAnswer):
        await bench.courier.round()
    assert bench.catalogue.loans == {"301": "p-anna"}
    bench.catalogue.line = Line.GOOD
    await bench.courier.round()
    assert bench.state() is ActState.CONFIRMED
    assert len(bench.catalogue.history) == 1


@pytest.mark.logs("^sync.courier: stream .* is another machine's too")
async def test_a_copy_of_a_station_loses_nothing_and_doubles_nothing(bench: Bench) -> None:
    await bench.take_back("300")
    twin = resumed_copy(bench)
    for one, item in ((bench, "301"), (twin, "302")):
        await one.take_back(item)
        await one.courier.round()
    assert sorted(item for _, item, _ in bench.catalogue.history) == ["300", "301", "302"]
    assert bench.journal.waiting() == twin.journal.waiting() == 0
    twin.journal.close()


def resumed_copy(bench: Bench) -> Bench:
    """A machine that was frozen with its memory and its disk, and goes on twice: in the same incarnation."""
    twin = Bench(bench.path / "twin", bench.catalogue, bench.clock)
    twin.path.mkdir()
    with (
        closing(sqlite3.connect(bench.path / "journal.db")) as source,
        closing(sqlite3.connect(twin.path / "journal.db")) as goal,
    ):
        source.backup(goal)
    twin.open()
    twin.journal.incarnation, twin.journal._chains = bench.journal.incarnation, copy(bench.journal._chains)
    return twin


@pytest.mark.logs("^sync.delivery: acts have been waiting for")
async def test_what_waits_too_long_is_said_once_for_each_age(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.take_back("301")
    bench.catalogue.line = Line.CUT

    async def ready() -> None:
        pass

    running = asyncio.create_task(bench.courier.run(ready))
    for hours in (1, 1, 22, 1):
        bench.clock.advance(hours * 3600)
        await asyncio.sleep(900)
    said = [record.levelname for record in caplog.records if "waiting for" in record.getMessage()]
    assert said == ["WARNING", "ERROR"]
    assert not bench.exceptions()

    for _ in range(2):
        bench.clock.advance(6 * 86_400)
        await asyncio.sleep(900)
    (late,) = bench.exceptions()
    assert (late.conflict, late.state, late.severity) == (Conflict.LATE, "open", Severity.RED)
    assert late.happened_at == MovableClock().now()

    bench.catalogue.line = Line.GOOD
    await asyncio.sleep(900)
    running.cancel()
    (told,) = bench.exceptions()
    assert (told.id, told.state, told.resolved_by) == (late.id, "resolved", "station")


async def test_a_backlog_makes_no_reader_wait(bench: Bench) -> None:
    for number in range(LIVE_FACTS + 1):
        await bench.take_back(f"4{number}")
    async with bench.line_kept():
        verdict = await bench.take_back("301")
        assert verdict
        assert verdict.outcome is Outcome.RETURNED_UNSEEN
        assert bench.link.up, "nobody was away"
        await bench.courier.round()
        verdict = await bench.take_back("302")
        assert verdict
        assert verdict.outcome is Outcome.WAS_NOT_ON_LOAN


async def test_a_long_outage_is_told_in_deliveries_of_a_bounded_size(bench: Bench) -> None:
    for number in range(450):
        bench.journal.record(ActKind.CHECKIN, str(number), None, ActState.EXECUTED)
    bench.journal.record(ActKind.CHECKIN, "9" * 70_000, None, ActState.EXECUTED)
    sizes = list[tuple[int, int]]()

    async def note(delivery: Delivery) -> Receipt:
        sizes.append((len(delivery.facts), len(msgspec.json.encode(delivery))))
        return await FakeCatalogue.deliver(bench.catalogue, delivery)

    bench.catalogue.deliver = note  # type: ignore[method-assign]
    assert await bench.courier.round() == 451
    assert all(facts <= MOST_FACTS for facts, _ in sizes)
    assert all(size <= MOST_BYTES + 300 or facts == 1 for facts, size in sizes)
    assert len(sizes) < 10


async def test_a_503_leaves_the_outcome_unknown(bench: Bench) -> None:
    class PassedOn(FakeCatalogue):
        async def propose(self, act):  # type: ignore[no-untyped-def]
            await super().propose(act)
            raise Overloaded("a proxy says 503, and had passed it on")

    bench.offline.lends = False
    async with bench.line_kept():
        bench.catalogue.__class__ = PassedOn
        await bench.lend("301")
        assert bench.state() is ActState.ABANDONED
        bench.clock.advance(61)
        await bench.courier.round()
    assert bench.catalogue.loans == {}


def test_no_catalogue_puts_a_delivery_off_for_years() -> None:
    assert backoff_s(0, Overloaded("", after_s=1e15)) == 3600.0


@pytest.mark.parametrize("shown", [Line.LOSES_ANSWERS, Line.GOOD])
async def test_what_a_full_disk_kept_from_being_written_is_set_right_when_there_is_room(
    bench: Bench, shown: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> bool:
        raise JournalUnwritable("disk full")

    async with bench.line_kept():
        bench.catalogue.line = shown
        with monkeypatch.context() as disk:
            disk.setattr(Journal, "move", full)
            verdict = await bench.lend("301")
        key = bench.last.key
        assert bench.state() is ActState.PROPOSED
        bench.catalogue.line = Line.GOOD
        bench.journal.probe()  # as the guard does
        bench.clock.advance(61)
        await bench.courier.round()
    if shown is Line.GOOD:
        assert verdict, "the proposal is on the disk, and the catalogue has said yes"
        assert bench.catalogue.loans == {"301": "p-anna"}
    else:
        assert verdict is None, "the reader was told that nothing was done, and left the book"
        assert bench.catalogue.loans == {}
    assert bench.entry(key).state is ActState.CONFIRMED
