"""The guard: out of order for exactly as long as acts cannot be recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from kiosk.errors import JournalUnwritable
from kiosk.flow.events import Event, InOrder, OutOfOrder, OutOfOrderReason
from kiosk.loans.guard import JournalGuard
from kiosk.store.journal import Journal
from kiosk.store.thread import StoreThread
from sync.acts import ActKind, ActState
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor

pytestmark = [pytest.mark.looptime(start=0), pytest.mark.logs(r"^kiosk\.loans\.guard: ")]

OUT = OutOfOrder(OutOfOrderReason.JOURNAL)
DISK_FULL = JournalUnwritable("database or disk is full")


class Bench:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "journal.db"
        self.posted: list[Event] = []
        self.guard = JournalGuard(StoreThread(InlineExecutor()), self.posted.append)
        self.open_things = ExitStack()

    async def open(self) -> Journal:
        journal = await self.guard.open(self.path, "s1", MovableClock())
        self.open_things.callback(journal.close)
        return journal


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    with bench.open_things:
        yield bench


def read_only(journal: Journal, yes: bool) -> None:
    """As where the system has remounted the disk after an error."""
    with closing(journal._engine.raw_connection()) as db:
        db.cursor().execute(f"PRAGMA query_only = {yes:d}")


def record(journal: Journal) -> None:
    journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)


# ── opening ──


async def test_a_journal_that_opens_is_nothing_to_speak_of(bench: Bench) -> None:
    record(await bench.open())
    assert bench.posted == []


async def test_a_station_whose_journal_cannot_be_opened_waits_until_it_can(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.path.parent.write_text("in the way")
    opening = asyncio.create_task(bench.open())
    await asyncio.sleep(60)
    assert bench.posted == [OUT], "told once, however often it is tried"
    assert not opening.done()
    bench.path.parent.unlink()
    journal = await opening
    assert bench.posted == [OUT, InOrder()]
    record(journal)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "journal_unwritable" in caplog.messages[0]


async def test_a_corrupt_journal_is_left_to_the_technician(bench: Bench) -> None:
    bench.path.parent.mkdir()
    bench.path.write_bytes(b"no journal" * 1000)
    opening = asyncio.create_task(bench.open())
    await asyncio.sleep(60)
    assert bench.posted == [OUT]
    bench.path.rename(bench.path.with_suffix(".broken"))
    record(await opening)
    assert bench.posted == [OUT, InOrder()]


async def test_it_opens_as_soon_as_the_other_process_has_ended(bench: Bench) -> None:
    other = Journal(bench.path, "s1", MovableClock())
    opening = asyncio.create_task(bench.open())
    await asyncio.sleep(12)
    other.close()
    asked_s = asyncio.get_running_loop().time()
    await opening
    assert asyncio.get_running_loop().time() - asked_s <= 5.0
    assert bench.posted == [OUT, InOrder()]


# ── keeping ──


async def test_out_of_order_until_it_can_be_written_again(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    journal = await bench.open()
    watching = asyncio.create_task(bench.guard.watch(journal))
    read_only(journal, True)
    with pytest.raises(JournalUnwritable) as caught:
        record(journal)
    bench.guard.failed(caught.value)
    bench.guard.failed(caught.value)
    assert bench.posted == [OUT], "told at once, and once"
    with caplog.at_level(logging.WARNING):
        await asyncio.sleep(60)
    assert bench.posted == [OUT]
    assert caplog.messages[1:] == [], "and no line for every try"
    read_only(journal, False)
    await asyncio.sleep(5)
    assert bench.posted == [OUT, InOrder()]
    record(journal)
    watching.cancel()


async def test_it_is_out_of_order_again_when_it_fails_again(bench: Bench) -> None:
    journal = await bench.open()
    watching = asyncio.create_task(bench.guard.watch(journal))
    for _time in range(2):
        bench.guard.failed(DISK_FULL)
        await asyncio.sleep(6)
    assert bench.posted == [OUT, InOrder()] * 2
    watching.cancel()


async def test_a_station_in_order_is_left_alone(bench: Bench) -> None:
    journal = await bench.open()
    watching = asyncio.create_task(bench.guard.watch(journal))
    size = bench.path.with_name("journal.db-wal").stat().st_size  # which every probe would make longer
    await asyncio.sleep(3600)
    assert bench.path.with_name("journal.db-wal").stat().st_size == size
    assert bench.posted == []
    watching.cancel()
