"""The simulated PN532, and what the driver does when a chip talks nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import DeviceDown, DeviceUp, DownReason
from drivers.nfc.driver import NfcDriver
from drivers.nfc.settings import NfcSettings
from drivers.simulated.cards import ClassicCard
from drivers.simulated.line import Line
from drivers.simulated.pn532 import ACK, ERROR, Pn532, crc_a, framed
from tests.drivers.conftest import QUICK, Start

pytestmark = pytest.mark.logs(r"^drivers\.worker: [\w-]+: down, ")

BAUD = 115_200
VERSION = bytes.fromhex("0000FF02FED4022A00")
COMMANDS = st.builds(lambda code, data: framed(bytes([0xD4, code]) + data), st.integers(0, 255), st.binary(max_size=20))
STREAMS = st.lists(st.one_of(COMMANDS, st.binary(max_size=12), st.just(ACK))).map(b"".join)


def answers(chip: Pn532, data: bytes) -> bytes:
    return b"".join(reply.data for reply in chip.feed(data, BAUD))


def chip_with_card() -> Pn532:
    chip = Pn532()
    chip.card = ClassicCard("04A1B2C3").enter_field()
    return chip


def test_it_knows_the_published_crc() -> None:
    assert crc_a(b"\x00\x00") == b"\xa0\x1e"  # ISO/IEC 14443-3, annex B
    assert crc_a(b"\x12\x34") == b"\x26\xcf"


def test_it_tells_its_version() -> None:
    assert answers(Pn532(), bytes(10) + VERSION) == ACK + bytes.fromhex("0000FF06FAD50332010607E800")


@pytest.mark.parametrize(
    "broken",
    [
        bytes.fromhex("0000FF02FED4022B00"),  # data checksum
        bytes.fromhex("0000FF02FFD4022A00"),  # length checksum
        bytes.fromhex("0000FFFFFF000200D4022A00"),  # length checksum of an extended frame
    ],
)
def test_a_broken_frame_is_not_answered_and_the_next_one_is(broken: bytes) -> None:
    chip = Pn532()
    assert answers(chip, broken) == b""
    assert answers(chip, VERSION).startswith(ACK)


@pytest.mark.parametrize("command", ["D4FF", "D410", "D44A", "0002"])
def test_what_it_does_not_know_is_a_syntax_error(command: str) -> None:
    assert answers(Pn532(), framed(bytes.fromhex(command))) == ACK + ERROR


def test_another_speed_is_noise() -> None:
    chip = Pn532()
    assert chip.feed(VERSION, 9600) == []
    assert chip.feed(VERSION, BAUD) != []


@given(stream=STREAMS)
def test_whatever_is_sent_it_lives_and_pieces_are_the_whole(stream: bytes) -> None:
    whole, pieces = chip_with_card(), chip_with_card()
    expected = answers(whole, stream)
    if whole.baud == BAUD and whole._next_baud is None:
        assert b"".join(answers(pieces, stream[at : at + 1]) for at in range(len(stream))) == expected


class NoisyLine:
    """A chip whose answers are spoilt on the way, from when `spoil` is set."""

    def __init__(self, link: Path) -> None:
        self.path = f"pn532:{link}"
        self.spoil: Callable[[bytes], bytes] | None = None
        self._chip = Pn532()
        self._line = Line(link, self._heard)

    def _heard(self, data: bytes, host_baud: int) -> None:
        for reply in self._chip.feed(data, host_baud):
            self._line.send(self.spoil(reply.data) if self.spoil else reply.data)

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def noisy(tmp_path: Path) -> Iterator[NoisyLine]:
    line = NoisyLine(tmp_path / "nfc")
    yield line
    line.close()


NOISE: dict[str, Callable[[bytes], bytes]] = {
    "cut short": lambda data: data[:2],
    "without its end": lambda data: data[:-3],
    "a bit turned": lambda data: data[:-2] + bytes([data[-2] ^ 1]) + data[-1:],
    "something else": lambda _: b"\x55" * 20,
    "an error frame": lambda data: data if data == ACK else ERROR,
}


@pytest.mark.parametrize("noise", NOISE)
def test_a_chip_that_talks_nonsense_is_silent_until_it_talks_sense(noisy: NoisyLine, up: Start, noise: str) -> None:
    events = up(NfcDriver(NfcSettings("nfc", noisy.path, pause_ms=5), QUICK))
    noisy.spoil = NOISE[noise]
    down = events.next()
    assert isinstance(down, DeviceDown)
    assert down.reason is DownReason.SILENT
    noisy.spoil = None
    assert isinstance(events.next(), DeviceUp)
