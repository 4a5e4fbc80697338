"""What every driver promises, for each driver, on simulated hardware behind a real serial line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.base import Driver
from drivers.events import (
    CardLifted,
    CardSeen,
    CodeKind,
    CodeScanned,
    Credential,
    CredentialKind,
    DeviceDown,
    DeviceUp,
    DownReason,
    DriverEvent,
)
from drivers.nfc.driver import NfcDriver
from drivers.nfc.settings import NfcSettings
from drivers.scanner.driver import ScannerDriver
from drivers.scanner.settings import ScannerSettings
from drivers.simulated.box import DeviceBox
from drivers.simulated.cards import ClassicCard
from tests.drivers.conftest import QUICK, Start

pytestmark = pytest.mark.logs(r"^drivers\.worker: [\w-]+: down, ")


@dataclass(frozen=True)
class Kind:
    device: str
    make: Callable[[str], Driver]
    play: Callable[[DeviceBox], None]
    played: list[DriverEvent]


def _tap_and_lift(box: DeviceBox) -> None:
    box.tap("nfc", ClassicCard("04a1b2c3"))
    assert box.wait_polls("nfc", 3)
    box.lift("nfc")


KINDS = [
    Kind(
        "nfc",
        lambda path: NfcDriver(NfcSettings("nfc", path, pause_ms=5), QUICK),
        _tap_and_lift,
        [CardSeen("nfc", Credential(CredentialKind.UID, "04a1b2c3")), CardLifted("nfc")],
    ),
    Kind(
        "scanner",
        lambda path: ScannerDriver(ScannerSettings("scanner", path), QUICK),
        lambda box: box.scan("scanner", "4711"),
        [CodeScanned("scanner", CodeKind.FOREIGN, "4711")],
    ),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.device)
def kind(request: pytest.FixtureRequest) -> Kind:
    found = request.param
    assert isinstance(found, Kind)
    return found


def test_it_comes_up_and_serves(box: DeviceBox, up: Start, kind: Kind) -> None:
    events = up(kind.make(box.paths[kind.device]))
    kind.play(box)
    assert [events.next() for _ in kind.played] == kind.played


def test_unplugging_is_told_once_and_plugging_in_again_serves(box: DeviceBox, up: Start, kind: Kind) -> None:
    events = up(kind.make(box.paths[kind.device]))
    for _ in range(3):
        box.unplug(kind.device)
        down = events.next()
        assert isinstance(down, DeviceDown)
        assert (down.device, down.reason) == (kind.device, DownReason.UNPLUGGED)
        box.replug(kind.device)
        assert isinstance(events.next(), DeviceUp)
    kind.play(box)
    assert [events.next() for _ in kind.played] == kind.played


def test_a_missing_device_is_told_and_found_later(box: DeviceBox, start: Start, kind: Kind) -> None:
    box.unplug(kind.device)
    events = start(kind.make(box.paths[kind.device]))
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.MISSING
    box.replug(kind.device)
    assert isinstance(events.next(), DeviceUp)


def test_a_device_in_other_hands_is_busy_until_it_is_free(box: DeviceBox, up: Start, start: Start, kind: Kind) -> None:
    first = kind.make(box.paths[kind.device])
    up(first)
    events = start(kind.make(box.paths[kind.device]))
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.BUSY
    first.stop()
    assert isinstance(events.next(), DeviceUp)


def test_stopping_is_quick_and_told(box: DeviceBox, up: Start, kind: Kind) -> None:
    driver = kind.make(box.paths[kind.device])
    events = up(driver)
    began_s = time.monotonic()
    assert driver.stop(timeout_s=2.0)
    assert time.monotonic() - began_s < 1.0
    assert events.next() == DeviceDown(kind.device, DownReason.STOPPED)
    assert events.none_waiting()


def test_stopping_a_device_that_is_away_is_quick_too(box: DeviceBox, start: Start, kind: Kind) -> None:
    box.unplug(kind.device)
    driver = kind.make(box.paths[kind.device])
    events = start(driver)
    assert isinstance(events.next(), DeviceDown)
    assert driver.stop(timeout_s=1.0)
    assert events.none_waiting()


def test_waiting_for_a_missing_device_is_progress(box: DeviceBox, start: Start, kind: Kind) -> None:
    box.unplug(kind.device)
    driver = kind.make(box.paths[kind.device])
    start(driver).next()
    began_s = time.monotonic()
    while driver.last_progress_s() <= began_s:
        assert time.monotonic() - began_s < 5.0
        os.sched_yield()


def test_a_driver_that_was_never_started_can_be_stopped(box: DeviceBox, kind: Kind) -> None:
    assert kind.make(box.paths[kind.device]).stop()


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_closing_leaks_no_file(box: DeviceBox, up: Start, kind: Kind) -> None:
    driver = kind.make(box.paths[kind.device])
    before = open_files()
    events = up(driver)
    for _ in range(3):
        box.unplug(kind.device)
        events.next()
        box.replug(kind.device)
        events.next()
    assert driver.stop()
    assert open_files() == before
