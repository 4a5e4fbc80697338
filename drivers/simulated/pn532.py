"""A PN532 at the level of its serial protocol (NXP UM0701-02): bytes in, bytes out, no I/O.

It does what a host needs that looks for cards and reads them: nfcpy's own driver runs on it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drivers.simulated.cards import InField

ACK = bytes.fromhex("0000FF00FF00")
ERROR = bytes.fromhex("0000FF01FF7F8100")  # 6.2.1.5: the application-level error frame
_START = b"\x00\xff"
_BAUDS = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_288_000)

POLL_S = 0.004
"""On the air for one try to find a card, whether there is one or not."""

_TIMED_OUT = b"\x01"  # 7.1: the target has not answered
_RX_MODE, _TX_CONTROL, _FIFO_DATA = 0x6303, 0x6304, 0x6339


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes for the host, to be sent `delay_s` seconds after the one before."""

    data: bytes
    delay_s: float = 0.0


class Pn532:
    """The chip. Lay a card on it by setting `card`; `polls` counts how often it looked at its whole field."""

    def __init__(self) -> None:
        self.card: InField | None = None
        self.silent = False
        self.polls = 0
        self.baud = 115_200
        self._next_baud: int | None = None
        self._buffer = b""
        self._registers: dict[int, int] = {}
        self._field_on = False
        self._delay_s = 0.0
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            0x00: lambda data: data,  # Diagnose, communication line test
            0x02: lambda _: bytes.fromhex("32010607"),  # GetFirmwareVersion: PN532 1.6
            0x06: self._read_register,
            0x08: self._write_register,
            0x10: self._set_baud,
            0x12: lambda _: b"",  # SetParameters
            0x14: lambda _: b"",  # SAMConfiguration
            0x16: lambda _: b"\x00",  # PowerDown; the next byte on the line wakes it
            0x32: self._rf_configuration,
            0x40: lambda data: self._exchange(data[1:]),  # InDataExchange: target number first
            0x42: self._exchange,  # InCommunicateThru
            0x44: lambda _: b"\x00",  # InDeselect
            0x4A: self._list_passive_target,
            0x52: lambda _: b"\x00",  # InRelease
        }

    def feed(self, data: bytes, host_baud: int) -> list[Reply]:
        """Take what the host sent at `host_baud`; a speed the chip does not listen at is noise to it."""
        if host_baud == self._next_baud:
            self.baud, self._next_baud = self._next_baud, None
        if self.silent or host_baud != self.baud:
            self._buffer = b""
            return []
        self._buffer += data
        return [reply for frame in self._frames() for reply in self._answer(frame)]

    def _frames(self) -> Iterator[bytes]:
        """Whole frames from the buffer: TFI and data (6.2.1). ACK and NACK are empty; broken ones are dropped."""
        while True:
            start = self._buffer.find(_START)
            if start < 0:
                self._buffer = self._buffer[-1:]
                return
            self._buffer = self._buffer[start:]
            head, length = self._length()
            end = 2 + head + length + (1 if length else 0)
            if length < 0 or len(self._buffer) < end:
                return
            body, self._buffer = self._buffer[2 + head : end], self._buffer[end:]
            if length and sum(body) & 0xFF == 0:
                yield body[:-1]

    def _length(self) -> tuple[int, int]:
        """Bytes of the length field and the length it tells; -1 where it is not all there yet."""
        field = self._buffer[2:7]
        if field[:2] == b"\xff\xff":  # extended frame, 6.2.1.2
            whole, is_data = len(field) == 5, sum(field[2:]) & 0xFF == 0
            return (5, -1 if not whole else int.from_bytes(field[2:4], "big") if is_data else 0)
        if len(field) < 2:
            return (2, -1)
        is_data = (field[0] + field[1]) & 0xFF == 0
        return (2, field[0] if is_data else 0)

    def _answer(self, frame: bytes) -> list[Reply]:
        if len(frame) < 2 or frame[0] != 0xD4:
            return [Reply(ACK), Reply(ERROR)]
        command = self._commands.get(frame[1])
        self._delay_s = 0.0
        try:
            result = command(frame[2:]) if command else None
        except IndexError:  # too few parameters: a syntax error, like an unknown command
            result = None
        answer = ERROR if result is None else framed(bytes([0xD5, frame[1] + 1]) + result)
        return [Reply(ACK), Reply(answer, self._delay_s)]

    def _set_baud(self, data: bytes) -> bytes:
        self._next_baud = _BAUDS[data[0]]  # 7.2.8: valid once the host has acknowledged the answer
        return b""

    def _read_register(self, data: bytes) -> bytes:
        addresses = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        return bytes(self._register(address) for address in addresses)

    def _register(self, address: int) -> int:
        if address == _TX_CONTROL:
            return 0x83 if self._field_on else 0x80
        # With no card the request (SENS_REQ) is left in the FIFO: nfcpy tells a silent field by it.
        return self._registers.get(address, 0x26 if address == _FIFO_DATA else 0x00)

    def _write_register(self, data: bytes) -> bytes:
        for at in range(0, len(data), 3):
            self._registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _rf_configuration(self, data: bytes) -> bytes:
        if data[0] == 0x01:  # RF field, 7.3.1
            self._switch_field(on=bool(data[1] & 0x01))
        return b""

    def _switch_field(self, *, on: bool) -> None:
        if on and not self._field_on and self.card:
            self.card.power_up()
        self._field_on = on

    def _list_passive_target(self, data: bytes) -> bytes:
        self._switch_field(on=True)
        self._delay_s = POLL_S
        card = self.card if self.card and not self.card.gone else None
        kind, initiator_data = data[1], data[2:]
        if kind == 0:
            return self._found_a(card, initiator_data)
        if kind == 1:
            self.polls += 1
            self._registers[_RX_MODE] = 0x92
            answer = card.poll_f(initiator_data) if card else None
            return b"\x00" if answer is None else b"\x01\x01" + bytes([len(answer) + 1]) + answer
        return b"\x00"  # 106B, 424F, Jewel: no such card is made here

    def _found_a(self, card: InField | None, wanted_uid: bytes) -> bytes:
        found = card.poll_a() if card else None
        if card is None or found is None:
            return b"\x00"
        self.polls += 1
        sens_res, sel_res, uid = found
        if wanted_uid and wanted_uid != _cascaded(uid):
            return b"\x00"
        self._registers[_RX_MODE] = 0x80
        return b"\x01\x01" + sens_res + bytes([sel_res, len(uid)]) + uid

    def _exchange(self, data: bytes) -> bytes:
        answer = self.card.exchange(data) if self.card and self._field_on and not self.card.gone else None
        if answer is None:
            return _TIMED_OUT
        checks_crc = self._registers.get(_RX_MODE, 0) & 0x80
        # With the check off, the host gets the CRC as well; a 4-bit ACK or NAK has none.
        return b"\x00" + (answer if checks_crc or len(answer) == 1 else answer + crc_a(answer))


def framed(data: bytes) -> bytes:
    """`data` (TFI first) as an information frame, normal or extended (6.2.1.1, 6.2.1.2)."""
    if len(data) < 0xFF:
        head = bytes([len(data), -len(data) & 0xFF])
    else:
        length = len(data).to_bytes(2, "big")
        head = b"\xff\xff" + length + bytes([-sum(length) & 0xFF])
    return b"\x00" + _START + head + data + bytes([-sum(data) & 0xFF, 0])


def crc_a(data: bytes) -> bytes:
    """CRC_A, low byte first (ISO/IEC 14443-3, annex B)."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte ^= byte << 4 & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return crc.to_bytes(2, "little")


def _cascaded(uid: bytes) -> bytes:
    """A UID as InListPassiveTarget takes it: with a cascade tag where it is longer than 4 bytes (7.3.5)."""
    return uid if len(uid) == 4 else b"\x88" + uid
