"""The watchdog, heard as systemd hears it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from kiosk.runtime.watchdog import STALE_S, Watchdog

Progress = dict[str, Callable[[], float]]
NewWatchdog = Callable[[Progress], Watchdog]


class Systemd:
    """The far end of NOTIFY_SOCKET."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._listener.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture
def systemd(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    address = str(tmp_path_factory.mktemp("n") / "s")  # sun_path holds 108 bytes
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        yield Systemd(listener)


@pytest.fixture
def new_watchdog(qtbot: QtBot) -> Iterator[NewWatchdog]:
    made: list[Watchdog] = []

    def make(progress: Progress) -> Watchdog:
        made.append(Watchdog(progress))
        return made[-1]

    yield make
    for watchdog in made:
        watchdog._timer.stop()
        if watchdog._notifier is not None:
            watchdog._notifier.socket.close()


def moves() -> float:
    return time.monotonic()


def stuck() -> float:
    return time.monotonic() - STALE_S - 1


def test_ready_is_said_once_at_the_start(systemd: Systemd, new_watchdog: NewWatchdog) -> None:
    watchdog = new_watchdog({"nfc": moves})
    assert systemd.heard() == []
    watchdog.start()
    assert systemd.heard() == ["READY=1"]


def test_it_is_fed_while_every_thread_moves(systemd: Systemd, new_watchdog: NewWatchdog) -> None:
    new_watchdog({"nfc": moves, "network": moves}).feed()
    assert systemd.heard() == ["WATCHDOG=1"]


@pytest.mark.logs(r"^kiosk\.runtime\.watchdog: no progress in: ")
def test_one_stuck_thread_starves_it_until_it_moves_again(
    systemd: Systemd, new_watchdog: NewWatchdog, caplog: pytest.LogCaptureFixture
) -> None:
    scanner: list[Callable[[], float]] = [stuck]
    watchdog = new_watchdog({"nfc": moves, "scanner": lambda: scanner[0](), "network": stuck})
    with caplog.at_level(logging.ERROR):
        watchdog.feed()
    assert systemd.heard() == []
    assert caplog.messages == ["no progress in: network, scanner"]
    scanner[0] = moves
    assert watchdog.stuck() == ["network"]


def test_a_thread_may_rest_for_a_while(systemd: Systemd, new_watchdog: NewWatchdog) -> None:
    new_watchdog({"nfc": lambda: time.monotonic() - STALE_S + 1}).feed()
    assert systemd.heard() == ["WATCHDOG=1"]


def test_it_feeds_by_itself_three_times_in_systemd_s_interval(
    systemd: Systemd, new_watchdog: NewWatchdog, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    watchdog = new_watchdog({})
    watchdog.start()
    assert watchdog._timer.interval() == 10_000
    assert systemd.heard() == ["READY=1"]
    watchdog._timer.setInterval(1)
    qtbot.waitUntil(lambda: systemd.heard()[:1] == ["WATCHDOG=1"], timeout=2000)


@pytest.mark.parametrize("usec", ["", "0"])
def test_where_systemd_does_not_watch_nothing_is_fed(
    systemd: Systemd, new_watchdog: NewWatchdog, monkeypatch: pytest.MonkeyPatch, usec: str
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    watchdog = new_watchdog({"nfc": moves})
    watchdog.start()
    assert not watchdog._timer.isActive()
    assert systemd.heard() == ["READY=1"]


@pytest.mark.logs(r"^kiosk\.runtime\.watchdog: no progress in: ")
def test_without_systemd_the_station_runs_all_the_same(
    new_watchdog: NewWatchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    watchdog = new_watchdog({"nfc": moves, "scanner": stuck})
    watchdog.start()
    watchdog.feed()
    assert watchdog.stuck() == ["scanner"]
