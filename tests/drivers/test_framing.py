"""Bytes to codes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import ScanFault
from drivers.scanner.framing import LONGEST_BYTES, Framed, Framer, RawCode
from drivers.scanner.settings import ScannerSettings, Symbology

SETTINGS = ScannerSettings("s", "/dev/null", prefix="#", aim=True)
PARTS = st.lists(
    st.one_of(
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x02", b"\x03", b"]C0", b"]F0A31", b"#", b" ", b"\xff"]),
        st.text("0123456789AZ", max_size=20).map(str.encode),
        st.integers(200, 600).map(lambda count: b"7" * count),
        st.binary(max_size=8),
    ),
    max_size=12,
)


def frame(data: bytes, settings: ScannerSettings = SETTINGS) -> list[Framed]:
    return Framer(settings).feed(data, 0.0)


@given(parts=PARTS, cuts=st.lists(st.integers(0, 2000)))
def test_feeding_in_pieces_is_feeding_whole(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    whole, pieces = Framer(SETTINGS), Framer(SETTINGS)
    expected = whole.feed(stream, 1.0)
    assert [found for a, b in pairwise(places) for found in pieces.feed(stream[a:b], 1.0)] == expected
    assert pieces.gap(99.0) == whole.gap(99.0)


@given(parts=PARTS)
def test_byte_by_byte_is_whole_and_memory_is_bounded(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    framer, found = Framer(SETTINGS), list[Framed]()
    for place in range(len(stream)):
        found += framer.feed(stream[place : place + 1], 0.0)
        assert len(framer._buffer) <= LONGEST_BYTES
    assert found == frame(stream)


@given(data=st.binary(max_size=2000))
def test_every_code_is_printable_and_not_empty(data: bytes) -> None:
    codes = [found for found in frame(data + b"\r") if isinstance(found, RawCode)]
    assert all(code.text and code.text.isprintable() for code in codes)


@given(data=PARTS)
def test_after_a_terminator_the_next_code_is_read(data: list[bytes]) -> None:
    assert frame(b"".join(data) + b"\r12345\r")[-1] == RawCode("12345")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\x03\r\n"])
@pytest.mark.parametrize("begin", [b"", b"\x02", b"\r\n", b" "])
def test_framings(begin: bytes, end: bytes) -> None:
    assert frame(begin + b"30000123" + end) == [RawCode("30000123")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"]F03000", RawCode("3000", Symbology.CODABAR)),
        (b"]A03000", RawCode("3000", Symbology.CODE39)),
        (b"]C0x", RawCode("x", Symbology.CODE128)),
        (b"]C1x", RawCode("x", Symbology.GS1_128)),
        (b"]E09780306406157", RawCode("9780306406157", Symbology.EAN13)),
        (b"]E396385074", RawCode("96385074", Symbology.EAN13)),
        (b"]E496385074", RawCode("96385074", Symbology.EAN8)),
        (b"]Q1card", RawCode("card", Symbology.QR)),
        (b"]z9card", RawCode("card", None)),
        (b"#]d2card", RawCode("card", Symbology.DATAMATRIX)),
        ("]Q1图书".encode(), RawCode("图书", Symbology.QR)),
    ],
)
def test_aim_identifiers_and_prefix(line: bytes, code: RawCode) -> None:
    assert frame(line + b"\r") == [code]


def test_without_aim_nothing_is_cut_off() -> None:
    assert frame(b"]C012\r", ScannerSettings("s", "x")) == [RawCode("]C012")]


@pytest.mark.parametrize("line", [b"12\x0034", b"\xff\xfe", b"12\x7f", b"]C0", b"#", b"   "])
def test_garbage(line: bytes) -> None:
    assert frame(line + b"\r77\r") == [ScanFault.GARBAGE, RawCode("77")]


def test_a_code_cut_short_by_the_next_one_is_no_code() -> None:
    assert frame(b"\x02300\x0230000123\x03") == [ScanFault.GARBAGE, RawCode("30000123")]


@pytest.mark.parametrize("suffix", ["any", "none"])
def test_a_megabyte_without_an_end_is_one_fault(suffix: str) -> None:
    framer = Framer(ScannerSettings("s", "x", suffix="any" if suffix == "any" else "none"))
    found = [each for _ in range(1000) for each in framer.feed(b"7" * 1000, 0.0)]
    assert found == [ScanFault.TOO_LONG]
    assert framer.gap(9.0) == []
    assert framer.feed(b"12\r", 9.0) == [RawCode("12")]


def test_the_longest_code_is_still_one() -> None:
    assert frame(b"7" * LONGEST_BYTES + b"\r") == [RawCode("7" * LONGEST_BYTES)]
    assert frame(b"7" * (LONGEST_BYTES + 1) + b"\r") == [ScanFault.TOO_LONG]


def test_slow_bytes_with_a_suffix_are_one_code() -> None:
    framer = Framer(ScannerSettings("s", "x", stale_ms=2000))
    for place, byte in enumerate(b"30000123"):
        now_s = place * 1.5
        assert framer.feed(bytes([byte]), now_s) == []
        assert framer.gap(now_s + 1.4) == []
    assert framer.feed(b"\r", 12.0) == [RawCode("30000123")]


def test_a_code_that_lost_its_suffix_does_not_spoil_the_next() -> None:
    framer = Framer(ScannerSettings("s", "x", stale_ms=2000))
    framer.feed(b"3000", 0.0)
    assert framer.gap(2.0) == [ScanFault.GARBAGE]
    assert framer.quiet_limit_s is None
    assert framer.feed(b"77\r", 3.0) == [RawCode("77")]


def test_without_a_suffix_silence_ends_a_code() -> None:
    framer = Framer(ScannerSettings("s", "x", suffix="none", gap_ms=80))
    assert framer.quiet_limit_s is None
    assert framer.gap(5.0) == []
    assert framer.feed(b"3000", 5.0) == []
    assert framer.gap(5.05) == []
    assert framer.feed(b"0123", 5.06) == []
    assert framer.gap(5.12) == []
    assert framer.quiet_limit_s == pytest.approx(0.08)
    assert framer.gap(5.15) == [RawCode("30000123")]
    assert framer.gap(9.0) == []
