"""The thread that owns a device."""

from __future__ import annotations

import logging
import threading

import pytest

from drivers.base import Post
from drivers.errors import DeviceLost
from drivers.events import DeviceDown, DeviceUp, DownReason
from drivers.worker import BackOff, Link, Worker
from tests.drivers.conftest import QUICK, Events

pytestmark = pytest.mark.logs(r"^drivers\.worker: fake: ")


class FakeLink:
    """Serves until it is told to break."""

    detail = "fake"

    def __init__(self) -> None:
        self.broken: Exception | None = None
        self.closed = threading.Event()

    def turn(self, _post: Post, stop: threading.Event) -> None:
        stop.wait(0.001)
        if self.broken:
            raise self.broken

    def close(self) -> None:
        self.closed.set()


class FakePlug:
    """Refuses `refusals` times, then hands out links."""

    def __init__(self, refusals: int = 0, refusal: Exception | None = None) -> None:
        self.refusals = refusals
        self.refusal = refusal or DeviceLost(DownReason.MISSING)
        self.tries = 0
        self.links: list[FakeLink] = []

    def connect(self) -> Link:
        self.tries += 1
        if self.tries <= self.refusals:
            raise self.refusal
        self.links.append(FakeLink())
        return self.links[-1]


def test_an_outage_is_told_once_however_often_it_is_tried() -> None:
    plug, events = FakePlug(refusals=7), Events()
    worker = Worker("fake", plug.connect, QUICK)
    worker.start(events)
    assert events.next() == DeviceDown("fake", DownReason.MISSING)
    assert events.next() == DeviceUp("fake", "fake")
    assert plug.tries == 8
    assert worker.stop(2.0)
    assert events.next() == DeviceDown("fake", DownReason.STOPPED)


def test_a_lost_link_is_closed_and_made_again() -> None:
    plug, events = FakePlug(), Events()
    worker = Worker("fake", plug.connect, QUICK)
    worker.start(events)
    events.next()
    plug.links[0].broken = DeviceLost(DownReason.UNPLUGGED, "pulled")
    assert events.next() == DeviceDown("fake", DownReason.UNPLUGGED, "pulled")
    assert events.next() == DeviceUp("fake", "fake")
    assert plug.links[0].closed.is_set()
    assert worker.stop(2.0)
    assert plug.links[1].closed.is_set()


@pytest.mark.parametrize("where", ["opening", "serving"])
def test_a_fault_of_the_driver_itself_is_logged_and_does_not_end_it(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault = ZeroDivisionError("a mistake")
    plug, events = FakePlug(refusals=1 if where == "opening" else 0, refusal=fault), Events()
    worker = Worker("fake", plug.connect, QUICK)
    with caplog.at_level(logging.ERROR):
        worker.start(events)
        if where == "serving":
            assert isinstance(events.next(), DeviceUp)
            plug.links[0].broken = fault
        assert events.next() == DeviceDown("fake", DownReason.SILENT, repr(fault))
        assert isinstance(events.next(), DeviceUp)
    assert [record.getMessage() for record in caplog.records] == [f"fake: the driver failed while {where}"]
    assert worker.stop(2.0)


def test_stop_interrupts_the_longest_back_off() -> None:
    events = Events()
    worker = Worker("fake", FakePlug(refusals=99).connect, BackOff(first_s=60.0, longest_s=60.0))
    worker.start(events)
    assert isinstance(events.next(), DeviceDown)
    assert worker.stop(2.0)
    assert events.none_waiting()
