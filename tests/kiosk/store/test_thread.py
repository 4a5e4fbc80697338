"""The one thread that writes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.errors import JournalUnwritable
from kiosk.store.thread import StoreThread


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
