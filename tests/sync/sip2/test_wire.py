"""Sequence numbers and checksums: what real systems put there, right and wrong."""

from __future__ import annotations

import unicodedata

import pytest

from sync.sip2 import Checksum, ChecksumPolicy, Codec, Frame, Profile
from sync.sip2.answers import RenewAllResponse
from sync.sip2.requests import PatronStatusRequest, RequestACSResend, SCStatus
from sync.sip2.wire import checksum, checksum_of_characters

CODEC = Codec(Profile())
TITLE = (
    "1804020120110630    110249AB30007008503046|AJLe Piège de Bogota|CK001|AQOSUL|APOSUL|BGOSUL|"
    "AH2011-10-28 23:59:59|CSPB LP DAL|AY7AZ"
)
"""An Item Information Response whose checksum depends on how è is written."""


def opened(line: bytes, policy: ChecksumPolicy = ChecksumPolicy.STRICT) -> Frame:
    return Codec(Profile(checksums=policy)).open(line)


@pytest.mark.parametrize(
    "line",
    [
        b"9900802.00AY1AZFCA0",
        b"9900802.00AY3AZFC9E",
        b"97AZFEF5",
        b"96AZFEF6",
        b"940AY0AZFDFE",
        b"941AY0AZFDFD",
        b"9300CNscclient|COclientpwd|CPself1|AY0AZF1AB",
        unicodedata.normalize("NFD", TITLE).encode() + b"DCF8",
        unicodedata.normalize("NFC", TITLE).encode() + b"DD3E",
    ],
)
def test_checksums_of_real_systems(line: bytes) -> None:
    assert opened(line).checksum is Checksum.RIGHT
    assert checksum(line[:-4]) == int(line[-4:], 16)


@pytest.mark.parametrize("line", [b"9910802.00AY1AZFCA0", b"9900802.00AY2AZFCA0", b"97AZFEF6", b"940AY0AZFDFD"])
def test_a_damaged_line(line: bytes) -> None:
    assert opened(line).checksum is Checksum.WRONG


def test_a_frame_of_either_normal_form_reads_the_same() -> None:
    decomposed, composed = (unicodedata.normalize(form, TITLE).encode() for form in ("NFD", "NFC"))
    assert CODEC.answer(CODEC.open(decomposed + b"DCF8")) == CODEC.answer(CODEC.open(composed + b"DD3E"))


def test_what_we_send() -> None:
    assert CODEC.encode(SCStatus(), 1) == b"9900802.00AY1AZFCA0\r"
    assert CODEC.encode(SCStatus(), 3) == b"9900802.00AY3AZFC9E\r"
    assert CODEC.encode(SCStatus()) == b"9900802.00\r"
    assert CODEC.encode(RequestACSResend(), 4) == b"97AZFEF5\r"  # it has no number of its own
    assert CODEC.encode(RequestACSResend()) == b"97\r"


def renewed(item: str) -> RenewAllResponse:
    return RenewAllResponse(transaction_date=None, renewed_items=("z" * 255, "z" * 255, item))


def test_a_checksum_has_four_digits() -> None:
    """Some have zeros in front; a system that leaves them out is understood."""
    sealed = (CODEC.encode(renewed("z" * length), 0) for length in range(255))
    line = next(one for one in sealed if one[-5:-4] == b"0")
    stated = line[-5:-1]
    assert opened(line[:-1]).checksum is Checksum.RIGHT
    assert opened(line[:-5] + stated.lstrip(b"0")).checksum is Checksum.RIGHT


@pytest.mark.parametrize(
    ("line", "sequence", "checked", "body"),
    [
        (b"941AY0AZfdfd", 0, Checksum.RIGHT, "1"),
        (b"941AY0AZFDFD|", 0, Checksum.RIGHT, "1"),
        (b"941AY0AZFDFD ", 0, Checksum.RIGHT, "1"),
        (b"941AZFEC7", None, Checksum.RIGHT, "1"),  # without a number
        (b"941AY5", 5, Checksum.MISSING, "1"),
        (b"941", None, Checksum.MISSING, "1"),
        (b"941AY0AZ0000", 0, Checksum.WRONG, "1"),
        (b"36YAO|AFSee you AY1AZFFFF", None, Checksum.MISSING, "YAO|AFSee you AY1AZFFFF"),  # a text, not a tail
        (b"36YAY3AZFFFF|AO|", None, Checksum.MISSING, "YAY3AZFFFF|AO|"),
    ],
)
def test_tails(line: bytes, sequence: int | None, checked: Checksum, body: str) -> None:
    frame = opened(line)
    assert (frame.sequence, frame.checksum, frame.body) == (sequence, checked, body)
    assert frame.sound is (checked is not Checksum.WRONG)


def test_a_wrong_checksum_by_policy(caplog: pytest.LogCaptureFixture) -> None:
    line = b"64 secret patron|AY1AZ0000"
    assert not opened(line, ChecksumPolicy.STRICT).sound
    assert not opened(line, ChecksumPolicy.CODE_POINTS).sound
    off = opened(line, ChecksumPolicy.OFF)
    assert (off.sound, off.checksum, off.sequence) == (True, Checksum.UNCHECKED, 1)
    assert not caplog.records


@pytest.mark.logs("the checksum of a message 64 is wrong")
def test_a_wrong_checksum_that_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    frame = opened(b"64 secret patron|AY1AZ0000", ChecksumPolicy.WARN)
    assert (frame.sound, frame.checksum) == (True, Checksum.WRONG)
    assert len(caplog.records) == 1
    assert "secret" not in caplog.text


def test_systems_that_sum_characters() -> None:
    text = "101YNN20261123    223246AO|AB1|AJAnam ċara :|AQ|AY3AZ"
    theirs = text.encode() + f"{checksum_of_characters(text):04X}".encode()
    ours = text.encode() + f"{checksum(text.encode()):04X}".encode()
    assert opened(theirs).checksum is Checksum.WRONG
    assert opened(theirs, ChecksumPolicy.CODE_POINTS).checksum is Checksum.RIGHT
    assert opened(ours, ChecksumPolicy.CODE_POINTS).checksum is Checksum.RIGHT
    told = Codec(Profile(checksums=ChecksumPolicy.CODE_POINTS)).encode(
        PatronStatusRequest(transaction_date=None, patron="ċ"), 3
    )
    assert int(told[-5:-1], 16) == checksum_of_characters(told[:-5].decode())
    assert int(told[-5:-1], 16) != checksum(told[:-5])


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 512, 2000])
def test_every_byte_counts(length: int) -> None:
    for data in (b"\xff" * length, bytes(number % 251 for number in range(length))):
        assert checksum(data) == -sum(data) & 0xFFFF
