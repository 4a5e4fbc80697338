"""The one thread that writes, and the commit that waiting calls share."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from kiosk.errors import JournalUnwritable
from kiosk.store.journal import Journal
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import edit, rows
from tests.kiosk.store.conftest import streamed
from tests.kiosk.store.history import LENT, found_in


async def test_what_has_been_asked_for_is_written_though_nobody_waits_any_more() -> None:
    goes_on, written = threading.Event(), list[str]()

    def write(what: str) -> None:
        assert goes_on.wait(5)
        written.append(what)

    with ThreadPoolExecutor(max_workers=1) as executor:
        store = StoreThread(executor)
        waiting = [asyncio.create_task(store.run(write, what)) for what in ("begun", "in the queue")]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert written == []
        goes_on.set()
    assert written == ["begun", "in the queue"]


async def test_answers_and_errors_come_back() -> None:
    def fail() -> None:
        raise JournalUnwritable("disk full")

    with ThreadPoolExecutor(max_workers=1) as executor:
        store = StoreThread(executor)
        assert await store.run(int, "21") == 21
        with pytest.raises(JournalUnwritable, match="disk full"):
            await store.run(fail)


async def test_a_thread_that_hangs_lets_no_beat_through() -> None:
    release = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as executor:
        store = StoreThread(executor)
        began_s = store.last_progress_s()
        hung = asyncio.create_task(store.run(release.wait))
        await asyncio.sleep(0)
        beating = asyncio.create_task(store.beat(every_s=0.0))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert store.last_progress_s() == began_s
        release.set()
        await hung
        await store.run(int)  # behind the beat
        await asyncio.sleep(0)
        assert store.last_progress_s() > began_s
        beating.cancel()


# ── one commit for all who wait ──


class Line:
    """A store thread that is busy until `moves_on`: whoever writes meanwhile stands in line."""

    def __init__(self, journal: Journal, executor: ThreadPoolExecutor) -> None:
        self.store = StoreThread(executor)
        self._journal = journal
        self._free = threading.Event()
        executor.submit(self._free.wait, 5)

    def write(self, item: str) -> asyncio.Task[Act]:
        """A return, in line."""
        journal = self._journal
        return asyncio.ensure_future(
            self.store.write(journal.together, journal.record, ActKind.CHECKIN, item, None, ActState.EXECUTED)
        )

    async def in_line(self, *items: str) -> list[asyncio.Task[Act]]:
        tasks = [self.write(item) for item in items]
        await asyncio.sleep(0)  # each is there before the thread is free
        return tasks

    def moves_on(self) -> None:
        self._free.set()


@pytest.fixture
def line(journal: Journal) -> Iterator[Line]:
    with ThreadPoolExecutor(max_workers=1) as executor:
        line = Line(journal, executor)
        yield line
        line.moves_on()


@contextmanager
def counted_commits(journal: Journal) -> Iterator[list[str]]:
    commits: list[str] = []
    event.listen(journal._engine, "commit", lambda _connection: commits.append("commit"))
    yield commits


def refuse(path: Path, item: str, how: str) -> None:
    """From here on, the file does not take a return of this item: after its act was written, before the rest."""
    of_item = f"(SELECT item FROM acts WHERE key = NEW.key) = '{item}'"  # noqa: S608
    edit(path, f"CREATE TRIGGER refuse BEFORE INSERT ON delivery WHEN {of_item} BEGIN SELECT RAISE({how}, 'no'); END")


async def outcomes(tasks: list[asyncio.Task[Act]]) -> list[str]:
    """The item of what was written, or the name of the error."""
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [result.item if isinstance(result, Act) else type(result).__name__ for result in results]


def written(path: Path) -> list[str]:
    return [row["item"] for row in rows(path, "SELECT item FROM acts ORDER BY rowid")]


def full(_connection: object) -> None:
    """What a commit may meet."""
    raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))


async def test_those_who_wait_share_a_commit(journal: Journal, clock: MovableClock, line: Line, path: Path) -> None:
    items = [f"3{number:02}" for number in range(64)]
    with counted_commits(journal) as commits:
        waiting = await line.in_line(*items)
        line.moves_on()
        assert await outcomes(waiting) == items
    assert len(commits) == 1
    assert written(path) == items
    assert [act.item for act in streamed(journal)] == items
    assert found_in(journal, clock) == ()


async def test_nobody_has_an_answer_before_it_is_on_the_disk(journal: Journal, line: Line, path: Path) -> None:
    on_the_disk: list[list[str]] = []
    event.listen(journal._engine, "commit", lambda _connection: on_the_disk.append(written(path)))
    waiting = await line.in_line("301", "302")
    for task in waiting:
        task.add_done_callback(lambda _task: on_the_disk.append(written(path)))
    line.moves_on()
    await asyncio.gather(*waiting)
    await asyncio.sleep(0)
    assert on_the_disk == [[], ["301", "302"], ["301", "302"]]


async def test_who_comes_while_a_commit_is_under_way_is_in_the_next_one(journal: Journal, line: Line) -> None:
    committing, may_end, began = threading.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_connection: object) -> None:
        if not committing.is_set():
            committing.set()
            loop.call_soon_threadsafe(began.set)
            assert may_end.wait(5)

    with counted_commits(journal) as commits:
        event.listen(journal._engine, "commit", hold)
        waiting = await line.in_line("301", "302")
        line.moves_on()
        await began.wait()
        waiting += await line.in_line("303", "304", "305")
        may_end.set()
        assert await outcomes(waiting) == ["301", "302", "303", "304", "305"]
    assert len(commits) == 2


async def test_one_who_fails_takes_no_other_with_it(
    journal: Journal, clock: MovableClock, line: Line, path: Path
) -> None:
    refuse(path, "302", "ABORT")
    waiting = await line.in_line("301", "302", "303")
    line.moves_on()
    assert await outcomes(waiting) == ["301", "JournalCorrupt", "303"]
    assert written(path) == ["301", "303"]
    assert [row["seq"] for row in rows(path, "SELECT seq FROM acts")] == [1, 2]
    assert found_in(journal, clock) == ()


@pytest.mark.parametrize("count", [1, 3])
async def test_a_commit_that_fails_fails_all_and_the_chain_stands(
    journal: Journal, clock: MovableClock, line: Line, path: Path, count: int
) -> None:
    journal.record(ActKind.CHECKIN, "300", None, ActState.EXECUTED)
    event.listen(journal._engine, "commit", full)
    waiting = await line.in_line(*["301", "302", "303"][:count])
    line.moves_on()
    assert await outcomes(waiting) == ["JournalUnwritable"] * count
    event.remove(journal._engine, "commit", full)
    assert await outcomes(await line.in_line("304", "305")) == ["304", "305"]
    assert written(path) == ["300", "304", "305"]
    assert found_in(journal, clock) == ()


async def test_where_sqlite_takes_everything_back_nobody_s_act_stands_for_itself(
    journal: Journal, clock: MovableClock, line: Line, path: Path
) -> None:
    """After some errors of the disk SQLite ends the whole transaction by itself."""
    refuse(path, "302", "ROLLBACK")
    waiting = await line.in_line("301", "302", "303", "304")
    line.moves_on()
    assert set(await outcomes(waiting)) <= {"JournalUnwritable", "JournalCorrupt"}
    assert written(path) == []
    assert await outcomes(await line.in_line("305")) == ["305"]
    assert found_in(journal, clock) == ()


async def test_an_error_of_one_s_own_is_not_hidden_by_the_commit_s(journal: Journal, line: Line, path: Path) -> None:
    refuse(path, "302", "ABORT")
    event.listen(journal._engine, "commit", full)
    waiting = await line.in_line("301", "302")
    line.moves_on()
    assert await outcomes(waiting) == ["JournalUnwritable", "JournalCorrupt"]


@pytest.mark.parametrize("count", [1, 3])
async def test_what_is_owed_is_owed_still_after_a_commit_that_fails(
    journal: Journal, clock: MovableClock, line: Line, count: int
) -> None:
    act = journal.record(ActKind.CHECKOUT, "300", "p-anna", ActState.PROPOSED)
    journal.owe(act.key, ActState.PROPOSED, ActState.EXECUTED, LENT)
    event.listen(journal._engine, "commit", full)
    waiting = await line.in_line(*["301", "302", "303"][:count])
    line.moves_on()
    assert await outcomes(waiting) == ["JournalUnwritable"] * count
    event.remove(journal._engine, "commit", full)
    assert await outcomes(await line.in_line("304", "305")) == ["304", "305"]
    assert [fact.item for fact in streamed(journal)] == ["300", "304", "305"]
    assert found_in(journal, clock) == ()


async def test_what_a_caller_who_left_has_asked_for_is_written_with_the_others(
    journal: Journal, clock: MovableClock, line: Line, path: Path
) -> None:
    first, second, third = await line.in_line("301", "302", "303")
    first.cancel()
    third.cancel()
    line.moves_on()
    assert await second
    assert await outcomes([first, third]) == ["CancelledError", "CancelledError"]
    assert written(path) == ["301", "302", "303"]
    assert found_in(journal, clock) == ()


def test_a_loop_that_has_ended_is_told_nothing_and_all_is_written(
    journal: Journal, clock: MovableClock, line: Line, path: Path
) -> None:
    async def ask_and_leave() -> None:
        for task in await line.in_line("301", "302"):
            task.cancel()

    asyncio.run(ask_and_leave())
    line.moves_on()
    asyncio.run(line.store.run(int))  # behind them
    assert written(path) == ["301", "302"]
    assert found_in(journal, clock) == ()
