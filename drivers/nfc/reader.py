"""nfcpy, seen by the driver: open any path, look for a card, read its records.

nfcpy's own drivers run unchanged. `connect()` is never called: it activates a MIFARE Classic card as a Type 2 Tag,
fails its presence check and reports the card again and again.
"""

from __future__ import annotations

import errno
import logging
import termios
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import ndef
import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import serial

from drivers.events import CredentialKind
from drivers.nfc.credential import Card, HalfRead, Record, Technology

# nfcpy logs at ERROR what is said here by events, and at WARNING what a card may do at any time.
logging.getLogger("nfc").setLevel(logging.CRITICAL)

FAST_BAUD = 921_600
"""The speed nfcpy's pn532 driver settles on; a chip whose host died is left at it."""

FELICA_NDEF = bytes.fromhex("0012FC0100")
"""Polling for system code 12FC: only NDEF cards answer (NFC Forum Type 3 Tag, 5.2)."""

_POLLS = 3
"""A single poll that goes unanswered may be noise; so many are an answer."""


class ExclusivePort(nfc.clf.transport.TTY):  # type: ignore[misc]
    """nfcpy's serial transport, locked against a second program and with errors of one family (OSError)."""

    tty: serial.Serial | None

    def open(self, port: str, baudrate: int = 115_200) -> None:
        """Open `port`, anew where it is open. Raises OSError, EAGAIN where another program holds it."""
        self.close()
        self.tty = serial.Serial(port, baudrate, timeout=0.05, exclusive=True)

    def read(self, timeout: float) -> bytearray:
        """One frame, waited for `timeout` milliseconds. Raises OSError."""
        try:
            return super().read(timeout)  # type: ignore[no-any-return]
        except IndexError as error:  # nfcpy takes a frame's length from byte 3 of what may be two bytes
            raise OSError(errno.EIO, "half a frame") from error

    def write(self, frame: bytes) -> None:
        """Drop what was not read yet and send `frame`. Raises OSError."""
        try:
            super().write(frame)
        except termios.error as error:  # the port has hung up; not an OSError
            raise OSError(errno.ENODEV, "the port has hung up") from error

    def close(self) -> None:
        """Release the port."""
        tty, self.tty = self.tty, None
        if tty is not None:
            tty.close()  # without nfcpy's flush, which raises termios.error on a port that has hung up

    def has_hung_up(self) -> bool:
        """Whether the port itself is gone, rather than the chip behind it."""
        if self.tty is None or self.tty.fd is None:
            return True
        try:
            termios.tcgetattr(self.tty.fd)
        except termios.error:
            return True
        return False


class Frontend(nfc.ContactlessFrontend):  # type: ignore[misc]
    """nfcpy's frontend, counting the exchanges a card left without an answer: `Tag.ndef` is None both for a card
    without records and for one that was taken away, and only the first may be looked up by its number."""

    unanswered = 0

    def exchange(self, send_data: bytes, timeout: float) -> bytearray | None:
        """nfcpy's exchange with the card in the field, `timeout` in seconds."""
        try:
            return super().exchange(send_data, timeout)  # type: ignore[no-any-return]
        except nfc.clf.CommunicationError:
            self.unanswered += 1
            raise


class Reader:
    """An open NFC reader."""

    def __init__(self, path: str) -> None:
        """Open `path` (see `NfcSettings`). Raises OSError or what the transport's library raises."""
        self._port: ExclusivePort | None = None
        self._frontend = Frontend()
        if path.startswith("pn532:"):
            self._open_port(path.removeprefix("pn532:"))
        elif not self._frontend.open(path):
            raise OSError(errno.ENODEV, f"no reader at {path}")

    def _open_port(self, name: str) -> None:
        self._port = ExclusivePort(name)
        try:
            self._frontend.device = self._init_chip(self._port, name)
        except BaseException:
            self._port.close()
            raise

    @staticmethod
    def _init_chip(port: ExclusivePort, name: str) -> Any:
        try:
            return nfc.clf.pn532.init(port)
        except OSError:
            if port.has_hung_up():
                raise
        # The chip may still listen at the speed of a host that was killed: call it back (PN532 user manual, 7.2.8).
        port.open(name, FAST_BAUD)
        port.write(bytes(16))
        nfc.clf.pn532.Chipset(port, nfc.clf.pn532.log).set_serial_baudrate(115_200)
        try:
            return nfc.clf.pn532.init(port)
        except OSError as error:
            raise OSError(errno.EIO, "the chip answers as no PN532 does") from error

    @property
    def chipset(self) -> str:
        """The chip's name and firmware, for technicians."""
        return str(self._frontend.device.chipset_name)

    @property
    def is_unplugged(self) -> bool:
        """Whether the port itself is gone, where that can be told."""
        return self._port is not None and self._port.has_hung_up()

    def look(self) -> Any:
        """nfcpy's target for a card in the field, or None. About 20 ms when there is none."""
        targets = [nfc.clf.RemoteTarget(technology) for technology in Technology]
        return self._frontend.sense(*targets, iterations=1)

    def read_records(self, target: Any) -> Sequence[Record]:
        """All text and URI records of `target`'s NDEF message; none where it holds none.

        Raises HalfRead when the card left, or fell silent, before the whole message was there.
        """
        target = self._ndef_target(target)
        if target is None:
            return ()
        tag = nfc.tag.activate(self._frontend, target)
        if tag is None:
            raise HalfRead
        self._frontend.unanswered = 0
        message = tag.ndef
        # A FeliCa card that answered NDEF's system code holds a message: none read is a read that failed.
        if message is None and (self._frontend.unanswered or target.brty == Technology.F):
            raise HalfRead
        return () if message is None else decode(message.octets)

    def _ndef_target(self, target: Any) -> Any | None:
        """The target to activate, or None where cards of this kind hold no NDEF."""
        if target.brty == Technology.B:
            return target
        if target.brty == Technology.F:
            return self._felica_ndef_target()
        sak = target.sel_res[0] if target.sel_res else 0x08
        is_classic = sak & 0x28 == 0x08  # MIFARE Classic: no Type 2 Tag, though nfcpy takes it for one (NXP AN10833)
        return None if is_classic or sak & 0x60 == 0x40 else target

    def _felica_ndef_target(self) -> Any | None:
        for _ in range(_POLLS):
            found = self._frontend.sense(nfc.clf.RemoteTarget(Technology.F, sensf_req=FELICA_NDEF))
            if found is not None:
                return found
        if self._frontend.sense(nfc.clf.RemoteTarget(Technology.F)) is None:
            raise HalfRead
        return None

    def close(self) -> None:
        """Send the chip to sleep and release it, in whatever state it is. Raises nothing."""
        with suppress(Exception):  # closing a lost device raises what its transport likes: OSError, libusb's errors …
            self._frontend.close()
        self._frontend.device = None
        if self._port is not None:
            self._port.close()


def card_of(target: Any) -> Card:
    """nfcpy's target as a `Card`."""
    technology = Technology(target.brty)
    match technology:
        case Technology.A:
            # A Type 1 Tag has no UID in anticollision, but in its answer to RID (NFC Forum Digital, Type 1 Tag).
            return Card(technology, bytes(target.sdd_res or target.rid_res[2:6]))
        case Technology.B:
            return Card(technology, bytes(target.sensb_res[1:5]))
        case Technology.F:
            return Card(technology, bytes(target.sensf_res[1:9]))


def decode(octets: bytes) -> Sequence[Record]:
    """The text and URI records of an NDEF message; none of a message that is not well formed."""
    try:
        return tuple(_records(octets))
    except (ndef.DecodeError, ValueError):
        return ()


def _records(octets: bytes) -> Sequence[Record]:
    records = []
    for record in ndef.message_decoder(octets, errors="strict"):
        if isinstance(record, ndef.TextRecord):
            records.append(Record(CredentialKind.NDEF_TEXT, record.text))
        elif isinstance(record, ndef.UriRecord):
            records.append(Record(CredentialKind.NDEF_URI, record.iri))
    return records
