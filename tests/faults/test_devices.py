"""Devices that talk nonsense, fall silent or are not there: each a clear message where a reader stands, and service
goes on."""

from __future__ import annotations

import random

from kiosk.demo.stage import Stage
from kiosk.flow.keys import Key


def notice(stage: Stage) -> str:
    """What the screen says about the last thing that happened."""
    said = stage.view().view["notice"]
    return str(said["text"]["key"]) if said else ""


def test_nonsense_from_a_scanner_is_coached_and_the_next_label_is_read(stage: Stage) -> None:
    stage.tap("liwei")
    luck = random.Random(3)
    nonsense = [b"\x00\x01\x02\xfe\xff\r", luck.randbytes(64).replace(b"\r", b"") + b"\r", b"A" * 5000 + b"\r"]
    for data in nonsense:
        stage.scan_bytes(data)
        assert notice(stage) in {Key.COACH_UNREADABLE, Key.COACH_FOREIGN}, data[:16]
    assert stage.scan("3").texts == [Key.ROW_LENT]


def test_a_megabyte_without_an_end(stage: Stage) -> None:
    stage.tap("liwei")
    stage.scan_bytes(b"9" * 1_000_000)
    assert notice(stage) == Key.COACH_UNREADABLE
    picture = stage.scan_bytes(b"\r" + stage.code("3").encode() + b"\r")
    while picture.texts != [Key.ROW_LENT]:
        picture = stage.wait(after=picture.serial, settled=True)


def test_cards_of_nobody(stage: Stage) -> None:
    stage.tap("half")
    assert notice(stage) == Key.COACH_HALF_READ
    stage.tap("phone")
    assert notice(stage) == Key.COACH_BAD_CARD
    assert stage.tap("stranger").view["sentence"]["key"] == Key.UNKNOWN_CARD
    assert stage.tap("anna").screen == "borrow"


def test_a_station_starts_without_its_devices_and_finds_them(stage: Stage) -> None:
    stage.stack.stop_station()
    for device in ("nfc", "scanner"):
        stage.stack.box.ask(do="unplug", device=device)
    stage.stack.start_station()
    stage.ready()
    stage.wait(screen="sorry")
    assert stage.plug("nfc").view["sentence"]["key"] == Key.WELCOME_NO_SCANNER
    assert stage.plug("scanner").view["sentence"]["key"] == Key.WELCOME
    stage.tap("liwei")
    assert stage.scan("3").texts == [Key.ROW_LENT]


def test_a_reader_pulled_out_in_the_middle_of_a_visit(stage: Stage) -> None:
    stage.tap("liwei")
    stage.scan("3")
    stage.unplug("scanner")
    assert notice(stage) == Key.DEVICE_SCANNER_AWAY
    stage.plug("scanner")
    assert notice(stage) == ""
    assert stage.scan("5").texts == [Key.ROW_LENT, Key.ROW_LENT]


def test_a_dead_chip_on_a_living_port(stage: Stage) -> None:
    before = stage.view().serial
    stage.stack.box.ask(do="silence", device="nfc")
    picture = stage.wait(after=before)
    assert picture.view["sentence"]["key"] == Key.WELCOME_SCAN_CARD
    stage.stack.box.ask(do="speak", device="nfc")
    stage.wait(after=picture.serial)
    assert stage.tap("liwei").screen == "borrow"
