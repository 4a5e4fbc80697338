"""The timers of a visit: each rings once, with the serial it was started with last."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from kiosk.flow.effects import StartTimer
from kiosk.flow.events import Timer, TimeUp
from kiosk.runtime.timers import Timers


@pytest.fixture
def rung() -> list[TimeUp]:
    return []


@pytest.fixture
def timers(qtbot: QtBot, rung: list[TimeUp]) -> Timers:
    return Timers(rung.append)


def test_a_timer_rings_once_with_its_serial(timers: Timers, rung: list[TimeUp], qtbot: QtBot) -> None:
    timers.start(StartTimer(Timer.IDLE, 0.0, serial=7))
    timers.start(StartTimer(Timer.BLANK, 0.05, serial=1))  # the last to ring
    assert rung == []
    qtbot.waitUntil(lambda: TimeUp(Timer.BLANK, 1) in rung, timeout=2000)
    assert rung == [TimeUp(Timer.IDLE, 7), TimeUp(Timer.BLANK, 1)]


@pytest.mark.parametrize(("first_s", "second_s"), [(0.0, 0.01), (60.0, 0.0)], ids=["later", "sooner"])
def test_starting_it_anew_forgets_the_first(
    timers: Timers, rung: list[TimeUp], qtbot: QtBot, first_s: float, second_s: float
) -> None:
    timers.start(StartTimer(Timer.IDLE, first_s, serial=1))
    timers.start(StartTimer(Timer.IDLE, second_s, serial=2))
    timers.start(StartTimer(Timer.BLANK, 0.05, serial=1))
    qtbot.waitUntil(lambda: TimeUp(Timer.BLANK, 1) in rung, timeout=2000)
    assert rung == [TimeUp(Timer.IDLE, 2), TimeUp(Timer.BLANK, 1)]


def test_kinds_do_not_disturb_each_other(timers: Timers, rung: list[TimeUp], qtbot: QtBot) -> None:
    for serial, kind in enumerate(Timer):
        timers.start(StartTimer(kind, 0.0, serial))
    qtbot.waitUntil(lambda: len(rung) == len(Timer), timeout=2000)
    assert {event.timer: event.serial for event in rung} == {kind: serial for serial, kind in enumerate(Timer)}


def test_the_time_is_the_effect_s(timers: Timers) -> None:
    timers.start(StartTimer(Timer.IDLE, 59.5, serial=1))
    assert timers._timers[Timer.IDLE].interval() == 59_500
