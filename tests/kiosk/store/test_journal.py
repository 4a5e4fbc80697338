"""The journal: what was said to be done is on the disk, stays as it was written, and moves on once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import JournalCorrupt, JournalUnwritable
from kiosk.store.journal import Journal
from kiosk.store.reading import Entry
from sync.acts import ActKind, ActState, ClockQuality
from sync.catalogue import Credential, Outcome, Verdict
from sync.stream import Head, next_link
from tests.fakes.catalogue import FakeCatalogue, Line
from tests.fakes.clock import MovableClock
from tests.kiosk.loans.conftest import Bench
from tests.kiosk.store.chain import broken_links, edit, rows
from tests.kiosk.store.conftest import OpenJournal, fill_disk, make_room, streamed

LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30))
LENT_OFFLINE = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30), about=True)
EVERYTHING = (
    "SELECT * FROM acts",
    "SELECT * FROM act_patrons",
    "SELECT * FROM transitions",
    "SELECT * FROM delivery",
    "SELECT * FROM incarnations",
    "SELECT * FROM stream",
)
LONG = "3" * 9000
"""A barcode that fits in no page that is there: writing it needs room."""


def propose(journal: Journal, item: str = "301", patron: str = "p-anna") -> str:
    return journal.record(ActKind.CHECKOUT, item, patron, ActState.PROPOSED).key


def return_of(journal: Journal, item: str) -> str:
    return journal.record(ActKind.CHECKIN, item, None, ActState.EXECUTED).key


def entry_of(journal: Journal, key: str) -> Entry:
    entry = journal.entry(key)
    assert entry is not None
    return entry


def keys(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.act.key for entry in entries]


def on_the_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def everything_in(path: Path) -> list[list[dict[str, object]]]:
    return [rows(path, query) for query in EVERYTHING]


# ── on the disk ──


def test_an_act_is_on_the_disk_when_record_returns(journal: Journal, path: Path) -> None:
    act = journal.record(ActKind.RENEW, "301", "p-anna", ActState.PROPOSED, undoes="K0", due_before=date(2026, 3, 16))
    written = rows(path, "SELECT * FROM acts JOIN act_patrons USING (key) JOIN delivery USING (key)")
    assert [(row["key"], row["item"], row["patron"], row["state"]) for row in written] == [
        (act.key, "301", "p-anna", "proposed")
    ]
    assert rows(path, "SELECT key, from_state, to_state FROM transitions") == [
        {"key": act.key, "from_state": "", "to_state": "proposed"}
    ]
    assert entry_of(journal, act.key) == Entry(act, ActState.PROPOSED), "and reads back as it was minted"


def test_a_move_is_on_the_disk_with_its_verdict(journal: Journal, path: Path) -> None:
    key = propose(journal)
    assert journal.move(key, ActState.PROPOSED, ActState.CONFIRMED, LENT)
    assert rows(path, "SELECT state FROM delivery") == [{"state": "confirmed"}]
    assert entry_of(journal, key).verdict == LENT


@pytest.mark.logs(r"^kiosk\.loans\.link: catalogue away: ")
@pytest.mark.looptime(start=0)
async def test_nothing_of_a_pin_reaches_the_disk(tmp_path: Path) -> None:
    pin, card = "73914682", Credential("uid", "04A1")
    bench = Bench(tmp_path, FakeCatalogue(), MovableClock())
    bench.open()
    bench.catalogue.pins[card] = pin
    async with bench.line_kept():
        await bench.ask(card, pin)
        await bench.lend("301")
        bench.catalogue.line = Line.CUT
        await bench.ask(card, pin)
        await bench.lend("302")
    everything = on_the_disk(tmp_path)
    bench.journal.close()
    assert b"302" in everything
    assert pin.encode() not in everything


# ── the compare-and-swap ──


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param((ActState.CONFIRMED, LENT), (ActState.EXECUTED, LENT_OFFLINE), id="the answer was first"),
        pytest.param((ActState.EXECUTED, LENT_OFFLINE), (ActState.CONFIRMED, LENT), id="the answer was late"),
        pytest.param((ActState.ABANDONED, None), (ActState.CONFIRMED, LENT), id="the answer was too late"),
    ],
)
def test_of_a_late_answer_and_a_decision_here_one_wins(
    journal: Journal, path: Path, first: tuple[ActState, Verdict | None], second: tuple[ActState, Verdict | None]
) -> None:
    key = propose(journal)
    assert journal.move(key, ActState.PROPOSED, *first)
    assert not journal.move(key, ActState.PROPOSED, *second)
    entry = entry_of(journal, key)
    assert (entry.state, entry.verdict) == first
    assert len(rows(path, "SELECT * FROM transitions")) == 2
    assert return_of(journal, "301"), "and the journal goes on"
    assert broken_links(path) == []


def test_an_act_nobody_wrote_cannot_be_moved(journal: Journal, path: Path) -> None:
    assert not journal.move("01ARZ3NDEKTSV4RRFFQ69G5FAV", ActState.PROPOSED, ActState.CONFIRMED)
    assert rows(path, "SELECT * FROM transitions") == []


def test_an_act_cannot_be_moved_from_where_it_never_was(journal: Journal, path: Path) -> None:
    key = propose(journal)
    assert not journal.move(key, ActState.EXECUTED, ActState.CONFIRMED)
    assert entry_of(journal, key).state is ActState.PROPOSED
    assert len(rows(path, "SELECT * FROM transitions")) == 1


# ── taking back ──


def test_what_the_catalogue_lent_in_vain_is_confirmed_and_undone(journal: Journal) -> None:
    key = propose(journal)
    journal.move(key, ActState.PROPOSED, ActState.ABANDONED)
    assert journal.take_back(entry_of(journal, key), LENT)
    _lent, undo = streamed(journal)
    assert (undo.kind, undo.item, undo.patron, undo.undoes) == (
        ActKind.CHECKIN,
        "301",
        "p-anna",
        key,
    )
    assert entry_of(journal, key).state is ActState.CONFIRMED


def test_what_was_moved_on_meanwhile_is_not_undone(journal: Journal, path: Path) -> None:
    key = propose(journal)
    journal.move(key, ActState.PROPOSED, ActState.ABANDONED)
    stale = entry_of(journal, key)
    journal.move(key, ActState.ABANDONED, ActState.REFUSED)
    assert not journal.take_back(stale, LENT)
    assert entry_of(journal, key).state is ActState.REFUSED
    assert streamed(journal) == []
    assert return_of(journal, "302"), "the chain did not move"
    assert broken_links(path) == []


# ── no room ──


def _record_long(journal: Journal, _key: str) -> None:
    propose(journal, LONG)


def _take_back_long(journal: Journal, key: str) -> None:
    journal.take_back(entry_of(journal, key), LENT)


def _move_long(journal: Journal, key: str) -> None:
    journal.move(key, ActState.ABANDONED, ActState.CONFIRMED, Verdict(outcome=Outcome.LENT, shelf=LONG))


@pytest.mark.parametrize("write", [_record_long, _take_back_long, _move_long])
def test_on_a_full_disk_nothing_is_half_written(
    journal: Journal, path: Path, write: Callable[[Journal, str], None]
) -> None:
    key = propose(journal, LONG)
    journal.move(key, ActState.PROPOSED, ActState.ABANDONED)
    before = everything_in(path)
    fill_disk(journal)
    with pytest.raises(JournalUnwritable, match="full"):
        write(journal, key)
    with pytest.raises(JournalUnwritable, match="full"):
        journal.probe()
    assert everything_in(path) == before
    make_room(journal)
    journal.probe()
    assert everything_in(path) == before
    write(journal, key)
    assert everything_in(path) != before
    assert broken_links(path) == []


# ── the chain ──


@pytest.fixture
def written(restart: OpenJournal, path: Path) -> Path:
    """A closed journal of two incarnations with something of everything in it."""
    for _process in range(2):
        journal = restart()
        for item in ("301", "302", "303"):
            key = propose(journal, item)
            journal.move(key, ActState.PROPOSED, ActState.CONFIRMED, LENT)
        return_of(journal, "301")
    journal.close()
    assert broken_links(path) == []
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE acts SET item = '399' WHERE item = '302'",
        "UPDATE acts SET at = '2026-01-01T00:00:00Z' WHERE seq = 1",
        "UPDATE acts SET undoes = 'K0' WHERE seq = 4",
        "UPDATE act_patrons SET patron = 'p-bert' WHERE key IN (SELECT key FROM acts WHERE seq = 4 OR item = '303')",
        "UPDATE transitions SET to_state = 'refused' WHERE to_state = 'confirmed'",
        """UPDATE transitions SET verdict = '{"outcome":"reserved"}' WHERE id = 4""",
        "DELETE FROM acts WHERE seq = 2",
        "DELETE FROM transitions WHERE id = 3",
    ],
)
def test_an_edit_breaks_the_chain(written: Path, statement: str) -> None:
    assert edit(written, statement) > 0
    assert broken_links(written)


def test_erasing_a_person_does_not_break_the_chain(written: Path, restart: OpenJournal) -> None:
    assert edit(written, "DELETE FROM act_patrons WHERE patron = 'p-anna'") == 6
    assert broken_links(written) == []
    journal = restart()
    assert {entry.act.patron for entry in journal.in_state(*ActState)} == {None}


def test_two_writings_about_one_person_cannot_be_told_to_be(written: Path) -> None:
    committed = rows(written, "SELECT commitment FROM acts WHERE commitment != ''")
    assert len({row["commitment"] for row in committed}) == len(committed) == 6


# ── delivery ──


def test_facts_are_told_in_the_order_they_came_true(journal: Journal) -> None:
    asked = propose(journal, "300")
    back = return_of(journal, "301")
    journal.move(asked, ActState.PROPOSED, ActState.EXECUTED, LENT_OFFLINE)
    refused = propose(journal, "302")
    journal.move(refused, ActState.PROPOSED, ActState.REFUSED)
    lent = propose(journal, "303")
    journal.move(lent, ActState.PROPOSED, ActState.CONFIRMED, LENT)
    assert [act.key for act in streamed(journal)] == [back, asked, lent]
    (stream,) = journal.streams()
    assert [fact.act.key for fact in journal.facts_after(stream.incarnation, 1, 1)] == [asked]


def test_a_link_covers_everything_before_it(journal: Journal, path: Path) -> None:
    written = [return_of(journal, str(300 + number)) for number in range(3)]
    (stream,) = journal.streams()
    hashes = {row["key"]: row["hash"] for row in rows(path, "SELECT key, hash FROM acts")}
    link = ""
    for position, key in enumerate(written, start=1):
        link = next_link(link, hashes[key])
        assert journal.link(stream.incarnation, position) == link
    assert stream.head == Head(3, link)
    assert journal.link(stream.incarnation, 4) is None


def test_what_the_centre_says_last_counts_also_where_it_is_less(journal: Journal) -> None:
    first, second = return_of(journal, "301"), return_of(journal, "302")
    journal.settle(
        journal.incarnation,
        2,
        [(first, ActState.CONFIRMED, LENT), (second, ActState.EXCEPTION, LENT)],
    )
    assert streamed(journal) == []
    assert [entry_of(journal, key).state for key in (first, second)] == [ActState.CONFIRMED, ActState.EXCEPTION]
    journal.note_told(journal.incarnation, 1)
    assert [act.key for act in streamed(journal)] == [second]
    journal.settle(journal.incarnation, 2, [(second, ActState.CONFIRMED, LENT)])
    assert entry_of(journal, second).state is ActState.EXCEPTION, "the first word on it holds"


def test_a_copied_stream_is_told_anew_in_the_running_one(restart: OpenJournal) -> None:
    before = restart()
    old, copied = [return_of(before, "301"), return_of(before, "302")], before.incarnation
    journal = restart()
    new = return_of(journal, "303")
    journal.retell(copied)
    journal.retell(copied)
    assert [stream.incarnation for stream in journal.streams()] == [journal.incarnation]
    assert [act.key for act in streamed(journal)] == [new, *old]
    journal.retell(journal.incarnation)
    (stream,) = journal.streams()
    assert stream.incarnation == journal.incarnation
    assert [act.key for act in streamed(journal)] == [new, *old], "its own was copied: it goes on in a fresh one"


def test_calls_that_share_a_commit_are_all_there_or_none(journal: Journal, path: Path) -> None:
    with journal.together():
        lent = propose(journal, "301")
        back = return_of(journal, "302")
        assert journal.move(lent, ActState.PROPOSED, ActState.CONFIRMED, LENT)
        assert rows(path, "SELECT * FROM acts") == [], "not before the commit"
    assert [act.key for act in streamed(journal)] == [back, lent]
    with pytest.raises(ZeroDivisionError), journal.together():
        _ = (propose(journal, "303"), 1 / 0)
    assert len(rows(path, "SELECT * FROM acts")) == 2
    return_of(journal, "304")
    assert broken_links(path) == []


def test_one_that_fails_takes_no_other_with_it(journal: Journal, path: Path) -> None:
    with journal.together():
        first = return_of(journal, "301")
        with pytest.raises(JournalCorrupt):
            journal.record(ActKind.CHECKIN, None, None, ActState.EXECUTED)  # type: ignore[arg-type]
        second = return_of(journal, "302")
    assert [act.key for act in streamed(journal)] == [first, second]
    assert broken_links(path) == []


def test_a_fact_that_was_told_is_unknown_no_more(journal: Journal) -> None:
    key = return_of(journal, "301")
    journal.move(key, ActState.EXECUTED, ActState.EXCEPTION, Verdict(outcome=Outcome.RETURNED, conflict="OTHER-NEW"))
    assert journal.facts_of("301") == ()
    assert journal.waiting() == 0
    assert journal.waiting_s() == 0


def test_what_waits_is_counted(journal: Journal, clock: MovableClock) -> None:
    propose(journal, "301")
    return_of(journal, "302")
    abandoned = propose(journal, "303")
    journal.move(abandoned, ActState.PROPOSED, ActState.ABANDONED)
    confirmed = propose(journal, "304")
    journal.move(confirmed, ActState.PROPOSED, ActState.CONFIRMED, LENT)
    assert journal.waiting() == 3
    clock.advance(90)
    assert journal.waiting_s() == 90


def test_a_patron_s_undelivered_acts_hold_the_return_of_their_items(journal: Journal) -> None:
    lent = propose(journal, "301", "p-anna")
    journal.move(lent, ActState.PROPOSED, ActState.EXECUTED, LENT_OFFLINE)
    back = return_of(journal, "301")
    return_of(journal, "302")
    assert keys(journal.facts_of_patron("p-anna")) == [lent, back]
    assert journal.facts_of_patron("p-bert") == ()


# ── outcomes that are not known ──


def test_an_unknown_outcome_rests_until_no_request_can_be_under_way(journal: Journal, clock: MovableClock) -> None:
    proposed = propose(journal, "301")
    abandoned = propose(journal, "302")
    journal.move(abandoned, ActState.PROPOSED, ActState.ABANDONED)
    clock.advance(59)
    assert journal.unresolved() == ()
    clock.advance(1)
    assert keys(journal.unresolved()) == [proposed, abandoned]


@pytest.mark.parametrize("hours", [-5, 5])
def test_setting_the_clock_does_not_end_the_rest(journal: Journal, clock: MovableClock, hours: int) -> None:
    key = propose(journal)
    clock.set_wall(clock.now() + timedelta(hours=hours))
    assert journal.unresolved() == ()
    clock.advance(60)
    assert keys(journal.unresolved()) == [key]


def test_what_another_process_left_open_is_looked_up_at_once(restart: OpenJournal) -> None:
    left = propose(restart())
    journal = restart()
    propose(journal, "302")
    assert keys(journal.unresolved()) == [left]


def test_a_postponed_look_up_waits(restart: OpenJournal, clock: MovableClock) -> None:
    left = propose(restart())
    journal = restart()
    journal.postpone(left, "no_answer", 10)
    assert journal.unresolved() == ()
    clock.advance(10)
    assert keys(journal.unresolved()) == [left]


def test_what_was_put_off_as_a_proposal_is_told_at_once_as_a_fact(journal: Journal) -> None:
    key = propose(journal)
    journal.postpone(key, "no_answer", 300)
    journal.move(key, ActState.PROPOSED, ActState.EXECUTED, LENT_OFFLINE)
    assert [act.key for act in streamed(journal)] == [key]
    assert entry_of(journal, key).tries == 0


# ── incarnations and clocks ──


def test_a_restarted_journal_begins_anew_and_still_has_what_was(restart: OpenJournal, path: Path) -> None:
    before = restart()
    old = [propose(before, "301"), return_of(before, "302")]
    after = restart()
    new = after.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
    assert new.incarnation != before.incarnation
    assert new.seq == 1
    assert keys(after.in_state(*ActState)) == [*old, new.key]
    assert len(rows(path, "SELECT * FROM incarnations WHERE station = 's1'")) == 2
    assert broken_links(path) == []


@pytest.mark.parametrize("backwards", [timedelta(0), timedelta(hours=3), timedelta(days=400)])
def test_acts_stay_in_order_over_a_restart_with_the_clock_behind(
    restart: OpenJournal, clock: MovableClock, backwards: timedelta
) -> None:
    written = []
    for _process in range(4):
        journal = restart()
        written += [return_of(journal, "301"), return_of(journal, "301")]
        clock.set_wall(clock.now() - backwards)
    assert [act.key for act in streamed(journal)] == written
    assert keys(journal.facts_of("301")) == written


def test_a_clock_that_was_set_back_is_noted(restart: OpenJournal, clock: MovableClock) -> None:
    def quality(journal: Journal) -> ClockQuality:
        return journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED).clock

    journal = restart()
    assert quality(journal) is ClockQuality.UNKNOWN
    assert quality(journal) is ClockQuality.UNKNOWN, "the same moment is not behind"
    assert quality(restart()) is ClockQuality.UNKNOWN
    clock.advance(0.25)
    assert quality(restart()) is ClockQuality.UNKNOWN
    clock.set_wall(datetime(2026, 3, 2, 8, 59, tzinfo=UTC))
    journal = restart()
    assert quality(journal) is ClockQuality.BEHIND
    clock.advance(59)
    assert quality(journal) is ClockQuality.BEHIND
    clock.advance(2)
    assert quality(journal) is ClockQuality.UNKNOWN


# ── one process ──


def test_closing_twice_closes_nothing_else(restart: OpenJournal, tmp_path: Path) -> None:
    journal = restart()
    journal.close()
    with (tmp_path / "other").open("wb") as other:  # gets the number that the lock had
        journal.close()
        other.write(b"still open")
    assert (tmp_path / "other").read_bytes() == b"still open"
