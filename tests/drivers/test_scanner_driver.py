"""The scanner driver on real ports: pseudo-terminals and sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from drivers.events import (
    CardSeen,
    CodeKind,
    CodeScanned,
    DeviceDown,
    DownReason,
    ScanFault,
    ScanUnreadable,
)
from drivers.nfc.driver import NfcDriver
from drivers.nfc.settings import NfcSettings
from drivers.scanner.checks import codabar_mod10
from drivers.scanner.driver import ScannerDriver
from drivers.scanner.settings import Rule, ScannerSettings
from drivers.simulated.box import DeviceBox
from drivers.simulated.cards import ClassicCard
from tests.drivers.conftest import QUICK, Start

pytestmark = pytest.mark.logs(r"^drivers\.worker: [\w-]+: down, ")


def driver(path: str, **settings: object) -> ScannerDriver:
    return ScannerDriver(ScannerSettings("scanner", path, **settings), QUICK)  # type: ignore[arg-type]


def foreign(value: str) -> CodeScanned:
    return CodeScanned("scanner", CodeKind.FOREIGN, value)


def unreadable(fault: ScanFault) -> ScanUnreadable:
    return ScanUnreadable("scanner", fault)


def test_codes_in_a_row_come_in_order(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"]))
    codes = [f"{number:014}" for number in range(300)]
    for code in codes:
        box.scan("scanner", code)
    assert [events.next() for _ in codes] == [foreign(code) for code in codes]


def test_labels_are_sorted_by_the_rules(box: DeviceBox, up: Start) -> None:
    rules = (
        Rule("patron", "2#############", check="codabar_mod10"),
        Rule("item", "3#############", check="codabar_mod10"),
    )
    events = up(driver(box.paths["scanner"], rules=rules, aim=True))
    item = "3177900000137" + codabar_mod10("3177900000137")
    box.scan("scanner", f"]F0A{item}B")
    box.scan("scanner", "21779000001370")
    box.scan("scanner", "]E3978030640615751299")
    assert events.next() == CodeScanned("scanner", CodeKind.ITEM, item, "codabar")
    assert events.next() == unreadable(ScanFault.BAD_CHECK)
    assert events.next() == CodeScanned("scanner", CodeKind.ISBN, "9780306406157", "ean13")


def test_bytes_that_dribble_in_are_one_code(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"]))
    for byte in b"30000123\r":
        box.scan_bytes("scanner", bytes([byte]))
    assert events.next() == foreign("30000123")
    assert events.none_waiting()


def test_a_scanner_without_suffix(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"], suffix="none", gap_ms=60))
    for _ in range(2):
        box.scan("scanner", "30000123", suffix="")
        assert events.next() == foreign("30000123")


def test_a_code_without_its_suffix_is_dropped_in_the_end(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"], stale_ms=300))
    box.scan("scanner", "3000", suffix="")
    assert events.next() == unreadable(ScanFault.GARBAGE)
    box.scan("scanner", "77")
    assert events.next() == foreign("77")


def test_garbage_and_a_megabyte_without_end(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"]))
    box.scan_bytes("scanner", b"\x00\xff\xfe\r")
    box.scan_bytes("scanner", b"7" * 1_000_000 + b"\r")
    box.scan("scanner", "77")
    assert events.next() == unreadable(ScanFault.GARBAGE)
    assert events.next(timeout_s=20.0) == unreadable(ScanFault.TOO_LONG)
    assert events.next(timeout_s=20.0) == foreign("77")


def test_a_silent_scanner_says_nothing(box: DeviceBox, up: Start) -> None:
    events = up(driver(box.paths["scanner"]))
    box.silence("scanner")
    box.scan("scanner", "1")
    box.speak("scanner")
    box.scan("scanner", "2")
    assert events.next() == foreign("2")


def test_a_network_scanner(up: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        events = up(driver(f"socket://{host}:{port}"))
        peer, _ = server.accept()
        with peer:
            peer.sendall(b"4711\r\n08")
            peer.sendall(b"15\r\n")
            assert [events.next(), events.next()] == [foreign("4711"), foreign("0815")]
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.UNPLUGGED


def test_a_network_scanner_that_is_off_is_missing(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, port = server.getsockname()
    down = start(driver(f"socket://127.0.0.1:{port}")).next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.MISSING


def test_a_url_that_nobody_understands_is_missing(start: Start) -> None:
    down = start(driver("carrier-pigeon://loft")).next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.MISSING


def test_several_devices_at_once(tmp_path: Path, up: Start) -> None:
    with DeviceBox(tmp_path, nfc=["left", "right"], scanners=["near", "far"]) as box:
        readers = {name: up(NfcDriver(NfcSettings(name, box.paths[name]), QUICK)) for name in ("left", "right")}
        scanners = {name: up(ScannerDriver(ScannerSettings(name, box.paths[name]), QUICK)) for name in ("near", "far")}
        box.unplug("right")
        assert isinstance(readers["right"].next(), DeviceDown)
        box.tap("left", ClassicCard("04A1B2C3"))
        for name in scanners:
            box.scan(name, name)
        assert isinstance(readers["left"].next(), CardSeen)
        assert {name: events.next() for name, events in scanners.items()} == {
            name: CodeScanned(name, CodeKind.FOREIGN, name) for name in scanners
        }
        for name in ("left", "near", "far"):
            box.unplug(name)
            assert isinstance((readers | scanners)[name].next(), DeviceDown)
