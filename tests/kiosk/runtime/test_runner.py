"""Every effect is carried out by somebody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast, get_args

import pytest
from pytestqt.qtbot import QtBot

from kiosk.flow.effects import Effect, EndVisit, Play, StartTimer
from kiosk.flow.events import Timer, TimeUp
from kiosk.flow.view import Tone
from kiosk.loans.desk import LoanDesk
from kiosk.runtime.network import NetworkThread
from kiosk.runtime.runner import ERRANDS, Runner
from kiosk.runtime.sounds import Sounds
from kiosk.runtime.timers import Timers


class FakeDesk:
    """Notes which visits were ended, and in which thread."""

    def __init__(self) -> None:
        self.ended: list[tuple[int, str]] = []

    def end_visit(self, visit: int) -> None:
        self.ended.append((visit, threading.current_thread().name))


class FakeSounds(Sounds):
    """Notes what would be heard."""

    def __init__(self) -> None:
        super().__init__(Path(), "")
        self.played: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.played.append(tone)


class Bench:
    def __init__(self) -> None:
        self.rung: list[TimeUp] = []
        self.sounds = FakeSounds()
        self.network = NetworkThread()
        self.desk = FakeDesk()
        self._opened: asyncio.Future[LoanDesk] = self.network.future()
        self.network.start()
        self.runner = Runner(Timers(self.rung.append), self.sounds, self.network, self._desk_when_open)

    async def _desk_when_open(self) -> LoanDesk:
        return await asyncio.shield(self._opened)

    def open(self) -> None:
        async def resolve() -> None:
            self._opened.set_result(cast("LoanDesk", self.desk))

        self.network.submit(resolve())


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench()
    yield bench
    assert bench.network.stop()


def test_nobody_is_missing() -> None:
    assert set(ERRANDS) | {StartTimer, Play} == set(get_args(Effect))


def test_timers_and_sounds_are_started_here(bench: Bench, qtbot: QtBot) -> None:
    bench.runner.run(Play(Tone.DONE))
    assert bench.sounds.played == [Tone.DONE]
    bench.runner.run(StartTimer(Timer.IDLE, 0.0, serial=3))
    qtbot.waitUntil(lambda: bench.rung == [TimeUp(Timer.IDLE, 3)], timeout=2000)


def test_errands_wait_for_the_journal_and_keep_their_order(bench: Bench, qtbot: QtBot) -> None:
    for visit in (1, 2, 3):
        bench.runner.run(EndVisit(visit))
    assert bench.desk.ended == []
    bench.open()
    qtbot.waitUntil(lambda: len(bench.desk.ended) == 3, timeout=5000)
    assert bench.desk.ended == [(1, "network"), (2, "network"), (3, "network")]
