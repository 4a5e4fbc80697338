"""Every effect is carried out by somebody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast, get_args

import pytest
from pytestqt.qtbot import QtBot

from drivers.events import Credential, CredentialKind
from kiosk.flow.effects import (
    AskAgain,
    AskItem,
    AskPatron,
    Checkin,
    Checkout,
    Effect,
    EndVisit,
    Play,
    Renew,
    StartTimer,
    Undo,
)
from kiosk.flow.events import ActAnswered, Event, ItemAnswered, PatronAnswered, Timer, TimeUp
from kiosk.flow.view import Tone
from kiosk.loans.desk import LoanDesk
from kiosk.runtime.network import NetworkThread
from kiosk.runtime.runner import ERRANDS, Runner
from kiosk.runtime.sounds import Sounds
from kiosk.runtime.timers import Timers
from sync.catalogue import Patron


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
        self.posted: list[Event] = []
        self.sounds = FakeSounds()
        self.network = NetworkThread()
        self.desk = FakeDesk()
        self._opened: asyncio.Future[LoanDesk] = self.network.future()
        self.network.start()
        self.runner = Runner(
            Timers(self.rung.append), self.sounds, self.network, self._desk_when_open, self.posted.append
        )

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


@pytest.mark.logs("^kiosk.runtime.runner: (AskPatron|AskAgain|AskItem|Checkout|Checkin|Renew|Undo) failed")
def test_an_errand_that_fails_leaves_nobody_without_an_answer(bench: Bench, qtbot: QtBot) -> None:
    """The fake desk has none of these methods: each errand ends in an error that nobody thought of."""
    anna = Patron(ref="p", limit=1, borrowed=0)
    bench.open()
    for effect in (
        AskPatron(1, 2, Credential(CredentialKind.UID, "04")),
        AskAgain(1, 3, 2),
        AskItem(1, "301"),
        Checkout(1, 4, "301", anna),
        Checkin(1, 5, "301"),
        Renew(1, 6, "301", anna, None),
        Undo(1, 7, "301", anna, "K"),
    ):
        bench.runner.run(effect)
    qtbot.waitUntil(lambda: len(bench.posted) == 7, timeout=5000)
    assert bench.posted == [
        PatronAnswered(1, 2, None),
        PatronAnswered(1, 3, None),
        ItemAnswered(1, "301", None, sure=False),
        *(ActAnswered(1, row, "", None) for row in (4, 5, 6, 7)),
    ]
