"""Cards to lay on a simulated reader: what they are, and how each behaves in the field."""

from __future__ import annotations

import random
from typing import Protocol

import msgspec
import ndef


class ClassicCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="classic", tag_field="type"):
    """MIFARE Classic: a UID (4 or 7 bytes, hexadecimal), and sectors that nobody opens here."""

    uid: str

    def enter_field(self) -> ClassicInField:
        """The card as the chip meets it. Raises ValueError for a wrong number."""
        return ClassicInField(number_of(self.uid, 4, 7))


class NtagCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ntag", tag_field="type"):
    """NTAG213 with one NDEF record or none. `leaves_after_reads`: taken away after so many READ commands."""

    uid: str
    text: str | None = None
    uri: str | None = None
    leaves_after_reads: int | None = None

    def enter_field(self) -> NtagInField:
        """The card as the chip meets it. Raises ValueError for a wrong number or a record that does not fit."""
        return NtagInField(number_of(self.uid, 4, 7), message_of(self.text, self.uri), self.leaves_after_reads)


class FelicaCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="felica", tag_field="type"):
    """A FeliCa card: its IDm (8 bytes, hexadecimal), with one NDEF record (Type 3 Tag) or none.

    `leaves_after_reads`: taken away after so many reads of blocks.
    """

    idm: str
    text: str | None = None
    uri: str | None = None
    leaves_after_reads: int | None = None

    def enter_field(self) -> FelicaInField:
        """The card as the chip meets it. Raises ValueError for a wrong number."""
        return FelicaInField(number_of(self.idm, 8), message_of(self.text, self.uri), self.leaves_after_reads)


class PhoneCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="phone", tag_field="type"):
    """A phone in card mode: another UID in every field, and one NDEF record (Type 4 Tag) or none."""

    text: str | None = None
    uri: str | None = None

    def enter_field(self) -> PhoneInField:
        """The phone as the chip meets it. Raises ValueError for a record that does not fit."""
        return PhoneInField(message_of(self.text, self.uri))


Card = ClassicCard | NtagCard | FelicaCard | PhoneCard


def number_of(text: str, *lengths: int) -> bytes:
    """The bytes of a hexadecimal number that is one of `lengths` bytes long. Raises ValueError."""
    number = bytes.fromhex(text)
    if len(number) not in lengths:
        raise ValueError(f"{text!r} has {len(number)} bytes, not {' or '.join(map(str, lengths))}")
    return number


def message_of(text: str | None, uri: str | None) -> bytes | None:
    """An NDEF message of a text record, a URI record, both, or None."""
    records: list[ndef.Record] = [] if text is None else [ndef.TextRecord(text)]
    if uri is not None:
        records.append(ndef.UriRecord(uri))
    return b"".join(ndef.message_encoder(records)) if records else None


class InField(Protocol):
    """A card in the field of the chip."""

    gone: bool
    """It was taken away while it was being read."""

    def power_up(self) -> None:
        """The field came on, or the card was selected anew."""

    def poll_a(self) -> tuple[bytes, int, bytes] | None:
        """SENS_RES (high byte first), SEL_RES and UID to a type A request; None where it is no such card."""

    def poll_f(self, request: bytes) -> bytes | None:
        """SENSF_RES to the polling `request` (command, system code, request code, slots); None: no answer."""

    def exchange(self, frame: bytes) -> bytes | None:
        """The answer to `frame`, without CRC; None where the card stays mute."""


class _Card:
    """What all have in common: nothing is answered that is not theirs."""

    gone = False

    def power_up(self) -> None:
        return

    def poll_a(self) -> tuple[bytes, int, bytes] | None:
        return None

    def poll_f(self, request: bytes) -> bytes | None:
        del request
        return None

    def exchange(self, frame: bytes) -> bytes | None:
        del frame
        return None


class ClassicInField(_Card):
    """Answers anticollision, is mute to all that is not MIFARE authentication."""

    def __init__(self, uid: bytes) -> None:
        self._uid = uid

    def poll_a(self) -> tuple[bytes, int, bytes]:
        return (b"\x00\x04" if len(self._uid) == 4 else b"\x00\x44", 0x08, self._uid)


class FelicaInField(_Card):
    """Answers polling for any system and for its own; NDEF's 12FC is its own only where it holds a message."""

    SYSTEM, NDEF_SYSTEM = b"\x00\x03", b"\x12\xfc"
    PMM = bytes.fromhex("0120220427674EFF")
    BLOCKS_PER_READ = 4

    def __init__(self, idm: bytes, message: bytes | None, leaves_after_reads: int | None = None) -> None:
        self._idm = idm
        self._systems = [self.SYSTEM] if message is None else [self.SYSTEM, self.NDEF_SYSTEM]
        self._memory = self._filled(message or b"")
        self._reads_left = leaves_after_reads

    def poll_f(self, request: bytes) -> bytes | None:
        wanted, wants_system = request[1:3], request[3] == 1
        system = next((own for own in self._systems if wanted in (own, b"\xff\xff")), None)
        if system is None:
            return None
        return b"\x01" + self._idm + self.PMM + (system if wants_system else b"")

    def exchange(self, frame: bytes) -> bytes | None:
        if self._reads_left == 0:
            self.gone = True
        if self.gone or frame[1] != 0x06 or frame[2:10] != self._idm:
            return None
        if self._reads_left is not None:
            self._reads_left -= 1
        answer = b"\x07" + self._idm + self._read(frame[13:])
        return bytes([len(answer) + 1]) + answer

    def _read(self, block_list: bytes) -> bytes:
        """Read Without Encryption (JIS X 6319-4): one service, block list elements of two bytes."""
        numbers = block_list[2::2]
        data = b"".join(self._memory[number * 16 : number * 16 + 16] for number in numbers)
        if len(data) < 16 * block_list[0]:
            return b"\x01\xa8"  # no such block
        return b"\x00\x00" + block_list[:1] + data

    @classmethod
    def _filled(cls, message: bytes) -> bytes:
        """Attribute block and message (NFC Forum Type 3 Tag, 6.1): mapping 1.0, closed to write."""
        blocks = -(-len(message) // 16)
        header = bytes([0x10, cls.BLOCKS_PER_READ, 1]) + blocks.to_bytes(2, "big") + bytes(6)
        header += len(message).to_bytes(3, "big")
        return header + sum(header).to_bytes(2, "big") + message.ljust(blocks * 16, b"\x00")


class NtagInField(_Card):
    """An NTAG213: 45 pages of 4 bytes (NXP NTAG213/215/216 data sheet, 8.5 and 10)."""

    PAGES = 45
    VERSION = bytes.fromhex("0004040201000F03")
    NAK = b"\x00"

    def __init__(self, uid: bytes, message: bytes | None, leaves_after_reads: int | None = None) -> None:
        self._uid = uid
        self._memory = self._filled(uid, message)
        self._reads_left = leaves_after_reads
        self._mute = False

    def power_up(self) -> None:
        self._mute = False

    def poll_a(self) -> tuple[bytes, int, bytes]:
        return (b"\x00\x44", 0x00, self._uid)

    def exchange(self, frame: bytes) -> bytes | None:
        if self._mute or self.gone:
            return None
        match frame[0]:
            case 0x30 if frame[1] < self.PAGES:
                return self._read(frame[1])
            case 0x60:
                return self.VERSION
        self._mute = True  # after a NAK the card waits to be selected again
        return self.NAK

    def _read(self, page: int) -> bytes | None:
        if self._reads_left == 0:
            self.gone = True
            return None
        if self._reads_left is not None:
            self._reads_left -= 1
        turned = self._memory + self._memory  # a read over the end rolls over
        return turned[page * 4 : page * 4 + 16]

    @classmethod
    def _filled(cls, uid: bytes, message: bytes | None) -> bytes:
        container = bytes.fromhex("E1101200") if message is not None else bytes(4)
        tlv = b"" if message is None else b"\x03" + bytes([len(message)]) + message + b"\xfe"
        if len(tlv) > 0x12 * 8:
            raise ValueError("the record does not fit on an NTAG213")
        header = uid[:3] + b"\x00" + uid[3:].ljust(4, b"\x00") + bytes(4) + container
        return (header + tlv).ljust(cls.PAGES * 4, b"\x00")


class PhoneInField(_Card):
    """A Type 4 Tag with a random UID (ISO/IEC 14443-4 blocks, NFC Forum Type 4 Tag files)."""

    ATS = bytes.fromhex("0578807000")
    OK = b"\x90\x00"
    NOT_FOUND = b"\x6a\x82"

    def __init__(self, message: bytes | None) -> None:
        # CC file: mapping 2.0, MLe 3B, MLc 34, NDEF file E104 of 1 KiB, free to read, closed to write.
        self._files = {
            b"\xe1\x03": bytes.fromhex("000F20003B00340406E104040000FF"),
            b"\xe1\x04": b"" if message is None else len(message).to_bytes(2, "big") + message,
        }
        self._has_ndef = message is not None
        self._file = b""
        self._uid = b""
        self.power_up()

    def power_up(self) -> None:
        self._uid = b"\x08" + random.randbytes(3)

    def poll_a(self) -> tuple[bytes, int, bytes]:
        return (b"\x00\x04", 0x20, self._uid)

    def exchange(self, frame: bytes) -> bytes | None:
        if frame[0] == 0xE0:  # RATS
            return self.ATS
        if frame[0] & 0xEE == 0x02:  # an I-block without chaining; its answer carries the same number
            return frame[:1] + self._apdu(frame[1:])
        return None

    def _apdu(self, command: bytes) -> bytes:
        match command[1], command[2]:
            case 0xA4, 0x04:
                return self.OK if self._has_ndef and b"\xd2\x76\x00\x00\x85\x01\x01" in command else self.NOT_FOUND
            case 0xA4, 0x00:
                return self._select(command[5:7])
            case 0xB0, _:
                offset, length = int.from_bytes(command[2:4], "big"), command[4]
                return self._file[offset : offset + length] + self.OK
        return b"\x6d\x00"

    def _select(self, identifier: bytes) -> bytes:
        self._file = self._files.get(identifier, b"")
        return self.OK if self._file else self.NOT_FOUND
