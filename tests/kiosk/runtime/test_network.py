"""The network thread: what fails in it is told, and it lives on."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from kiosk.runtime import network
from kiosk.runtime.network import NetworkThread


@pytest.fixture
def thread() -> Iterator[NetworkThread]:
    thread = NetworkThread()
    thread.start()
    yield thread
    if thread._thread.is_alive():
        assert thread.stop()


async def tell(event: threading.Event) -> None:
    event.set()


def test_what_is_submitted_runs_in_its_own_thread(thread: NetworkThread) -> None:
    ran, names = threading.Event(), []

    async def look() -> None:
        names.append(threading.current_thread().name)
        ran.set()

    thread.submit(look())
    assert ran.wait(5)
    assert names == ["network"]


@pytest.mark.logs(r"^kiosk\.runtime\.network: a task of the network thread failed")
def test_a_failure_is_logged_and_the_thread_lives_on(thread: NetworkThread, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ZeroDivisionError("a mistake")

    still_there = threading.Event()
    with caplog.at_level(logging.ERROR):
        thread.submit(fail())
        thread.submit(tell(still_there))
        assert still_there.wait(5)
        assert thread.stop()
    (record,) = caplog.records
    assert record.getMessage() == "a task of the network thread failed"
    assert record.exc_info
    assert isinstance(record.exc_info[1], ZeroDivisionError)


def test_stop_cancels_what_runs_and_lets_it_tidy_up(thread: NetworkThread, caplog: pytest.LogCaptureFixture) -> None:
    waits, tidied = threading.Event(), threading.Event()

    async def wait_for_ever() -> None:
        try:
            waits.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)  # as closing a connection may take a moment
            tidied.set()

    thread.submit(wait_for_ever())
    assert waits.wait(5)
    assert thread.stop()
    assert tidied.is_set()
    assert not thread._thread.is_alive()
    assert not caplog.records, "being stopped is no failure"


def test_stop_with_nothing_to_do() -> None:
    thread = NetworkThread()
    thread.start()
    assert thread.stop()


def test_a_future_made_outside_is_resolved_inside(thread: NetworkThread) -> None:
    desk, heard, got = thread.future(), threading.Event(), []

    async def wait() -> None:
        got.append(await desk)
        heard.set()

    async def resolve() -> None:
        desk.set_result("desk")

    thread.submit(wait())
    thread.submit(resolve())
    assert heard.wait(5)
    assert got == ["desk"]


def test_it_beats_while_it_turns_and_not_while_it_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BEAT_S", 0.001)
    thread = NetworkThread()
    started_s = thread.last_progress_s()
    thread.start()
    turned, blocked, goes_on = threading.Event(), threading.Event(), threading.Event()

    async def until_it_beats() -> None:
        while thread.last_progress_s() - started_s < 0.01:  # noqa: ASYNC110 — a beat cannot be awaited
            await asyncio.sleep(0)
        turned.set()

    async def block() -> None:
        blocked.set()
        goes_on.wait(5)

    thread.submit(until_it_beats())
    assert turned.wait(5)
    thread.submit(block())
    assert blocked.wait(5)
    stuck_s = thread.last_progress_s()
    assert not thread.stop(timeout_s=0.05), "it says that it does not stop"
    assert thread.last_progress_s() == stuck_s
    goes_on.set()
    thread._thread.join(5)
    assert not thread._thread.is_alive(), "it stops as soon as it can"
