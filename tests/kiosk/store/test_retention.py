"""What is let go is old, settled and told; what is left is still a journal, and all that a centre may need is in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.retention import forget_patrons, retire
from kiosk.store.thread import StoreThread
from kiosk.store.verification import verify
from sync.acts import ActState
from sync.central.client import CentreCatalogue
from sync.courier import Courier
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.chain import rows
from tests.kiosk.store.conftest import OpenJournal, streamed
from tests.kiosk.store.history import A_DAY_S, TAKEN, copy_of, found_in, lent, returned, tell


def let_go(journal: Journal, clock: MovableClock) -> tuple[int, int]:
    """What a station does some times a day. How many patrons and how many acts were let go."""
    done = forget_patrons(journal, clock), retire(journal, clock)
    assert found_in(journal, clock) == ()
    return done


def patrons(path: Path) -> list[str]:
    return sorted(row["patron"] for row in rows(path, "SELECT patron FROM act_patrons"))


def full(path: Path) -> list[str]:
    return sorted(row["item"] for row in rows(path, "SELECT item FROM acts WHERE emptied_at = ''"))


def courier_of(journal: Journal, centre: FakeCatalogue | CentreCatalogue) -> Courier:
    return Courier(centre, centre, JournalOutbox(journal, StoreThread(InlineExecutor())))


# ── patrons ──


def test_after_thirty_days_nobody_can_tell_whose_act_it_was(journal: Journal, clock: MovableClock, path: Path) -> None:
    lent(journal, "301", "p-somebody-special")
    tell(journal)
    clock.advance(30 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    clock.advance(1)
    assert let_go(journal, clock) == (1, 0)
    journal.close()  # what stood in the write-ahead log is in the file now
    assert b"p-somebody-special" not in path.read_bytes()
    assert b"301" in path.read_bytes()


@pytest.mark.parametrize("state", [ActState.PROPOSED, ActState.ABANDONED, ActState.EXECUTED])
def test_whose_act_it_is_stays_while_the_act_is_not_settled(
    journal: Journal, clock: MovableClock, path: Path, state: ActState
) -> None:
    lent(journal, "301", state=state)
    clock.advance(1000 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert patrons(path) == ["p-anna"]


def test_staff_who_look_into_an_exception_can_see_whose_it_is(
    journal: Journal, clock: MovableClock, path: Path
) -> None:
    lent(journal, "301", state=ActState.EXECUTED)
    tell(journal, TAKEN, ActState.EXCEPTION)
    clock.advance(1000 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert patrons(path) == ["p-anna"]


def test_what_the_catalogue_said_yes_to_and_was_never_told_of_keeps_its_patron(
    journal: Journal, clock: MovableClock, path: Path
) -> None:
    lent(journal, "301")
    clock.advance(200 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert patrons(path) == ["p-anna"]
    tell(journal)
    assert let_go(journal, clock) == (1, 0)


def test_a_refused_loan_is_forgotten_though_there_is_nothing_to_tell(journal: Journal, clock: MovableClock) -> None:
    lent(journal, "301", state=ActState.REFUSED)
    clock.advance(31 * A_DAY_S)
    assert let_go(journal, clock) == (1, 0)


# ── what it was ──


def test_ninety_days_after_its_delivery_a_day_is_emptied(restart: OpenJournal, clock: MovableClock, path: Path) -> None:
    journal = restart()
    lent(journal, "301")
    returned(journal, "302")
    clock.advance(50 * A_DAY_S)
    tell(journal)
    journal = restart()
    returned(journal, "303")
    clock.advance(90 * A_DAY_S)
    assert let_go(journal, clock) == (1, 0)
    clock.advance(1)
    assert let_go(journal, clock) == (0, 2)
    assert full(path) == ["303"]
    assert rows(path, "SELECT count(*) AS n FROM acts") == [{"n": 3}], "their hashes are kept"
    assert rows(path, "SELECT verdict FROM transitions WHERE verdict IS NOT NULL") == []
    assert let_go(journal, clock) == (0, 0), "once"


@pytest.mark.parametrize(
    "open_act",
    [
        pytest.param(lambda journal: returned(journal, "309"), id="not told"),
        pytest.param(lambda journal: lent(journal, "309", state=ActState.PROPOSED), id="not looked up"),
    ],
)
def test_what_is_not_settled_stays_for_ever_and_its_day_with_it(
    restart: OpenJournal, clock: MovableClock, path: Path, open_act: Callable[[Journal], str]
) -> None:
    journal = restart()
    returned(journal, "301")
    tell(journal)
    open_act(journal)
    journal = restart()
    clock.advance(3000 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert full(path) == ["301", "309"]


def test_an_exception_keeps_its_day(restart: OpenJournal, clock: MovableClock, path: Path) -> None:
    journal = restart()
    returned(journal, "301")
    tell(journal, TAKEN, ActState.EXCEPTION)
    journal = restart()
    clock.advance(400 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert full(path) == ["301"]
    assert journal.streams() == (), "the centre has had it for long: it is not told again"


def test_an_act_that_came_true_in_a_later_process_stays_until_that_one_s_stream_is_let_go(
    restart: OpenJournal, clock: MovableClock, path: Path
) -> None:
    journal = restart()
    key = lent(journal, "301", state=ActState.PROPOSED)
    clock.advance(100 * A_DAY_S)
    journal = restart()
    journal.move(key, ActState.PROPOSED, ActState.CONFIRMED)
    clock.advance(50 * A_DAY_S)
    tell(journal)
    clock.advance(89 * A_DAY_S)
    journal = restart()
    assert let_go(journal, clock) == (1, 0)
    clock.advance(2 * A_DAY_S)
    assert let_go(journal, clock) == (0, 1)
    assert full(path) == []


def test_a_forked_stream_goes_at_once_and_what_was_in_it_is_told_anew(
    restart: OpenJournal, clock: MovableClock, path: Path
) -> None:
    journal = restart()
    lent(journal, "301")
    returned(journal, "302")
    forked = journal.incarnation
    journal = restart()
    journal.retell(forked)
    before = streamed(journal)
    let_go(journal, clock)
    assert [stream.incarnation for stream in journal.streams()] == [journal.incarnation]
    assert streamed(journal) == before
    assert [act.item for act in before] == ["301", "302"]
    clock.advance(31 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0), "not told yet"
    assert patrons(path) == ["p-anna"]


# ── its hashes ──


def test_after_a_year_nothing_is_left_but_the_end_of_the_chain(
    restart: OpenJournal, clock: MovableClock, path: Path
) -> None:
    journal = restart()
    for item in ("301", "302", "303"):
        lent(journal, item)
    tell(journal)
    journal = restart()
    clock.advance(91 * A_DAY_S)
    assert let_go(journal, clock) == (3, 3)
    clock.advance(274 * A_DAY_S)
    assert let_go(journal, clock) == (0, 0)
    assert len(rows(path, "SELECT * FROM transitions")) == 6
    clock.advance(1)
    assert let_go(journal, clock) == (0, 0)
    assert len(rows(path, "SELECT * FROM transitions")) == 1, "the next one is chained to it"
    position = journal.position()
    journal = restart()
    assert found_in(journal, clock) == ()
    returned(journal, "304")
    assert journal.position() == position + 1
    assert let_go(journal, clock) == (0, 0)


def test_hashes_of_a_day_go_together(restart: OpenJournal, clock: MovableClock, path: Path) -> None:
    """The newest transition stays, so its whole day's acts do: they are a chain too."""
    journal = restart()
    for item in ("301", "302", "303"):
        returned(journal, item)
    tell(journal)
    journal = restart()
    clock.advance(91 * A_DAY_S)
    let_go(journal, clock)
    clock.advance(300 * A_DAY_S)
    let_go(journal, clock)
    assert len(rows(path, "SELECT * FROM acts")) == 3
    returned(journal, "304")
    let_go(journal, clock)
    assert [row["item"] for row in rows(path, "SELECT * FROM acts")] == ["304"]


def test_days_on_which_nobody_came_leave_nothing(restart: OpenJournal, clock: MovableClock, path: Path) -> None:
    for _ in range(5):
        restart()
    journal = restart()
    clock.advance(91 * A_DAY_S)
    let_go(journal, clock)
    assert [row["id"] for row in rows(path, "SELECT id FROM incarnations")] == [journal.incarnation]


# ── a station that is never restarted ──


async def test_a_station_that_is_never_restarted_lets_old_days_go(
    journal: Journal, clock: MovableClock, path: Path
) -> None:
    catalogue = FakeCatalogue()
    courier = courier_of(journal, catalogue)
    for day in range(100):
        returned(journal, f"3{day:02}")
        await courier.round()
        clock.advance(A_DAY_S + 1)
        let_go(journal, clock)
        journal.begin_incarnation()
    assert full(path) == [f"3{day:02}" for day in range(11, 100)]
    assert len(catalogue.history) == 100


async def test_a_day_that_ends_while_the_line_is_up_does_not_look_like_a_second_machine(
    journal: Journal, clock: MovableClock, client: CentreCatalogue, tmp_path: Path
) -> None:
    courier = courier_of(journal, client)
    for item in ("301", "302", "303"):
        returned(journal, item)
        assert await courier.round() == 1
        journal.begin_incarnation()
    returned(journal, "304")
    assert await courier.round() == 1
    await courier_of(journal, client).round()  # makes contact once more, as after a lost answer
    assert rows(tmp_path / "centre.db", "SELECT conflict FROM exceptions WHERE subject != ''") == []


# ── what a centre may still need ──


@pytest.mark.logs(r"the centre has less of stream .* telling it again")
async def test_a_centre_from_a_backup_80_days_old_hears_of_everything_again(
    restart: OpenJournal, clock: MovableClock, client: CentreCatalogue, tmp_path: Path
) -> None:
    centre = tmp_path / "centre.db"
    journal = restart()
    courier = courier_of(journal, client)
    returned(journal, "301")
    await courier.round()
    backup = copy_of(centre, tmp_path / "centre-backup.db")
    for day in range(0, 80, 4):
        journal.begin_incarnation()
        lent(journal, f"4{day:02}", state=ActState.EXECUTED)
        returned(journal, f"4{day:02}")
        await courier.round()
        clock.advance(4 * A_DAY_S)
        let_go(journal, clock)
    had = verdicts(centre)
    assert len(had) == 41
    with closing(sqlite3.connect(backup)) as source, closing(sqlite3.connect(centre)) as goal:
        source.backup(goal)  # as a restore does it, with the centre's connections open
    assert len(verdicts(centre)) == 1
    assert await courier_of(restart(), client).round() == 40
    assert verdicts(centre) == had


def verdicts(centre: Path) -> list[str]:
    return sorted(row["key"] for row in rows(centre, "SELECT key FROM verdicts WHERE kind = 'fact'"))


# ── any history ──

STEPS = st.lists(
    st.one_of(
        st.sampled_from(["restart", "tell", "except", "let go", "settle"]),
        st.sampled_from(list(ActState)),
        st.integers(1, 200),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_whatever_happened_what_is_left_verifies(steps: list[str | int]) -> None:
    clock = MovableClock()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        journal = Journal(path, "s1", clock)
        try:
            for number, step in enumerate(steps):
                journal = _do(journal, path, clock, step, number)
                assert verify(journal._engine, clock.now()) == ()
            assert all(act.item for act in streamed(journal)), "nothing that is to be told was emptied"
        finally:
            journal.close()


def _do(journal: Journal, path: Path, clock: MovableClock, step: str | int, number: int) -> Journal:
    match step:
        case int():
            clock.advance(step * A_DAY_S)
        case "restart":
            journal.close()
            return Journal(path, "s1", clock)
        case "tell":
            tell(journal)
        case "except":
            tell(journal, TAKEN, ActState.EXCEPTION)
        case "let go":
            forget_patrons(journal, clock)
            retire(journal, clock)
        case "settle":
            for entry in journal.unresolved():
                journal.move(entry.act.key, entry.state, ActState.CONFIRMED)
        case ActState.EXCEPTION:
            returned(journal, f"{number}")
        case ActState():
            lent(journal, f"{number}", state=step)
    return journal
