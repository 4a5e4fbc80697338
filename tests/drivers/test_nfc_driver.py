"""The NFC driver on nfcpy's own pn532 driver, with a simulated chip at the far end of a serial line."""

from __future__ import annotations

import errno

import pytest

from drivers.errors import DeviceLost
from drivers.events import (
    CardFault,
    CardLifted,
    CardSeen,
    CardUnreadable,
    Credential,
    CredentialKind,
    DeviceDown,
    DeviceUp,
    DownReason,
)
from drivers.nfc.driver import NfcDriver
from drivers.nfc.reader import Reader
from drivers.nfc.settings import IdmWay, NdefTextWay, NdefUriWay, NfcSettings, UidWay, Way
from drivers.simulated.box import DeviceBox
from drivers.simulated.cards import Card, ClassicCard, FelicaCard, NtagCard, PhoneCard
from tests.drivers.conftest import QUICK, Events, Start

pytestmark = pytest.mark.logs(r"^drivers\.worker: [\w-]+: down, ")

LONG = "P-" + "0815" * 20
IDM = "0102030405060708"
NTAG = "04A1B2C3D4E5F6"


def driver(box: DeviceBox, *ways: Way) -> NfcDriver:
    return NfcDriver(NfcSettings("nfc", box.paths["nfc"], ways or (UidWay(), IdmWay()), pause_ms=5), QUICK)


def seen(kind: CredentialKind, value: str) -> CardSeen:
    return CardSeen("nfc", Credential(kind, value))


def lies_still(box: DeviceBox, events: Events) -> bool:
    """Whether a card that lies there for many looks says nothing more."""
    assert box.wait_polls("nfc", 10)
    return events.none_waiting()


@pytest.mark.parametrize(
    ("card", "ways", "event"),
    [
        (ClassicCard("04A1B2C3"), (UidWay(),), seen(CredentialKind.UID, "04a1b2c3")),
        (ClassicCard("04A1B2C3"), (NdefTextWay(), UidWay()), seen(CredentialKind.UID, "04a1b2c3")),
        (NtagCard(NTAG), (UidWay(),), seen(CredentialKind.UID, "04a1b2c3d4e5f6")),
        (NtagCard(NTAG, text=LONG), (NdefTextWay(), UidWay()), seen(CredentialKind.NDEF_TEXT, LONG)),
        (NtagCard(NTAG), (NdefTextWay(), UidWay()), seen(CredentialKind.UID, "04a1b2c3d4e5f6")),
        (NtagCard("11223344556677", text="P1"), (NdefTextWay(),), seen(CredentialKind.NDEF_TEXT, "P1")),
        (
            NtagCard(NTAG, uri="https://l.example/p/7"),
            (NdefUriWay(prefix="https://l.example/p/"),),
            seen(CredentialKind.NDEF_URI, "7"),
        ),
        (FelicaCard("0102030405060708"), (UidWay(), IdmWay()), seen(CredentialKind.IDM, "0102030405060708")),
        (FelicaCard("0102030405060708"), (NdefTextWay(), IdmWay()), seen(CredentialKind.IDM, "0102030405060708")),
        (FelicaCard(IDM, text=LONG), (NdefTextWay(), IdmWay()), seen(CredentialKind.NDEF_TEXT, LONG)),
        (PhoneCard(), (UidWay(),), CardUnreadable("nfc", CardFault.RANDOM_UID)),
        (PhoneCard(), (UidWay(), NdefTextWay()), CardUnreadable("nfc", CardFault.RANDOM_UID)),
        (PhoneCard(text="P9"), (UidWay(), NdefTextWay()), seen(CredentialKind.NDEF_TEXT, "P9")),
        (NtagCard("08112233"), (UidWay(),), CardUnreadable("nfc", CardFault.RANDOM_UID)),
        (NtagCard(NTAG, text="x"), (IdmWay(),), CardUnreadable("nfc", CardFault.NO_CREDENTIAL)),
    ],
)
def test_a_card_is_read_once_and_lifted_once(
    box: DeviceBox, up: Start, card: Card, ways: tuple[Way, ...], event: object
) -> None:
    events = up(driver(box, *ways))
    box.tap("nfc", card)
    assert events.next() == event
    assert lies_still(box, events)
    box.lift("nfc")
    assert events.next() == CardLifted("nfc")
    assert events.none_waiting()


def test_lifted_and_put_back_are_two_taps(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    for _ in range(2):
        box.tap("nfc", ClassicCard("04A1B2C3"))
        assert events.next() == seen(CredentialKind.UID, "04a1b2c3")
        box.lift("nfc")
        assert events.next() == CardLifted("nfc")


def test_another_card_on_top_is_another_tap(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    box.tap("nfc", ClassicCard("04A1B2C3"))
    events.next()
    box.tap("nfc", FelicaCard("0102030405060708"))
    assert [events.next(), events.next()] == [CardLifted("nfc"), seen(CredentialKind.IDM, "0102030405060708")]


@pytest.mark.parametrize("reads", range(7))  # the whole message takes seven
def test_a_card_taken_away_while_it_is_read_is_nobody(box: DeviceBox, up: Start, reads: int) -> None:
    events = up(driver(box, NdefTextWay(), UidWay()))
    box.tap("nfc", NtagCard(NTAG, text=LONG, leaves_after_reads=reads))
    assert [events.next(), events.next()] == [CardUnreadable("nfc", CardFault.HALF_READ), CardLifted("nfc")]
    box.tap("nfc", NtagCard(NTAG, text=LONG))
    assert events.next() == seen(CredentialKind.NDEF_TEXT, LONG)


@pytest.mark.parametrize("reads", range(3))  # the attribute block, then the message in two
def test_a_felica_card_taken_away_while_it_is_read_is_nobody(box: DeviceBox, up: Start, reads: int) -> None:
    events = up(driver(box, NdefTextWay(), IdmWay()))
    box.tap("nfc", FelicaCard(IDM, text=LONG, leaves_after_reads=reads))
    assert [events.next(), events.next()] == [CardUnreadable("nfc", CardFault.HALF_READ), CardLifted("nfc")]
    box.tap("nfc", FelicaCard(IDM, text=LONG))
    assert events.next() == seen(CredentialKind.NDEF_TEXT, LONG)


def test_a_dead_chip_is_silent_and_recovers(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    box.silence("nfc")
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.SILENT
    box.speak("nfc")
    assert isinstance(events.next(), DeviceUp)
    box.tap("nfc", ClassicCard("04A1B2C3"))
    assert events.next() == seen(CredentialKind.UID, "04a1b2c3")


def test_a_chip_that_is_dead_from_the_start_is_silent(box: DeviceBox, start: Start) -> None:
    box.silence("nfc")
    events = start(driver(box))
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.SILENT


def test_a_chip_left_at_full_speed_by_a_killed_host_is_called_back(box: DeviceBox, up: Start) -> None:
    killed = Reader(box.paths["nfc"])
    assert killed._port is not None
    killed._port.close()  # what the kernel does for a process that is killed: the chip hears nothing of it
    events = up(driver(box))
    box.tap("nfc", ClassicCard("04A1B2C3"))
    assert events.next() == seen(CredentialKind.UID, "04a1b2c3")


def test_a_card_that_lay_there_through_a_loose_plug_is_one_tap(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    box.tap("nfc", ClassicCard("04A1B2C3"))
    events.next()
    box.unplug("nfc")
    assert isinstance(events.next(), DeviceDown)
    box.replug("nfc")
    assert isinstance(events.next(), DeviceUp)
    assert lies_still(box, events)


def test_a_card_taken_away_while_unplugged_is_lifted(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    box.tap("nfc", ClassicCard("04A1B2C3"))
    events.next()
    box.unplug("nfc")
    box.lift("nfc")
    events.next()
    box.replug("nfc")
    assert isinstance(events.next(), DeviceUp)
    assert events.next() == CardLifted("nfc")


def test_a_held_card_lifts_by_itself(box: DeviceBox, up: Start) -> None:
    events = up(driver(box))
    box.tap("nfc", ClassicCard("04A1B2C3"), hold_ms=300)
    assert events.next() == seen(CredentialKind.UID, "04a1b2c3")
    assert events.next() == CardLifted("nfc")


def test_a_path_of_nfcpy_with_nothing_there_is_missing(start: Start) -> None:
    events = start(NfcDriver(NfcSettings("nfc", "tty:KIOSKNONE:pn532"), QUICK))
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.MISSING


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, DownReason.DENIED),
        (errno.EAGAIN, DownReason.BUSY),
        (errno.ENOENT, DownReason.MISSING),
        (errno.ETIMEDOUT, DownReason.SILENT),
    ],
)
def test_why_a_reader_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, box: DeviceBox, number: int, reason: DownReason
) -> None:
    def refuse(_path: str) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr("drivers.nfc.driver.Reader", refuse)
    with pytest.raises(DeviceLost) as lost:
        driver(box)._connect()
    assert lost.value.reason is reason
    assert lost.value.text_key == f"device.{reason}"
