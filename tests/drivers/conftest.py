"""A device box, and an inbox that tells what a driver posted."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.base import Driver
from drivers.events import DeviceUp, DriverEvent
from drivers.simulated.box import DeviceBox
from drivers.worker import BackOff

QUICK = BackOff(first_s=0.01, longest_s=0.05, jitter_s=0.0)


class Events:
    """What a driver posted, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[DriverEvent] = queue.Queue()

    def __call__(self, event: DriverEvent) -> None:
        self._queue.put(event)

    def next(self, timeout_s: float = 5.0) -> DriverEvent:
        """The next event; fails the test where none comes."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            pytest.fail(f"no event within {timeout_s} s")

    def none_waiting(self) -> bool:
        return self._queue.empty()


Start = Callable[[Driver], Events]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[DeviceBox]:
    with DeviceBox(tmp_path / "box") as box:
        yield box


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a driver and returns its events; stops it at the end of the test."""
    running: list[Driver] = []

    def start_it(driver: Driver) -> Events:
        events = Events()
        running.append(driver)
        driver.start(events)
        return events

    yield start_it
    stopped = [driver.stop(timeout_s=5.0) for driver in running]
    assert all(stopped)


@pytest.fixture
def up(start: Start) -> Start:
    """The same, and waits until the device is up."""

    def start_it(driver: Driver) -> Events:
        events = start(driver)
        assert isinstance(events.next(), DeviceUp)
        return events

    return start_it
