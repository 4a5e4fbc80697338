"""A stream is the same messages however it is cut into packets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sip2 import Framer, ProtocolError


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def heard(framer: Framer, pieces: list[bytes]) -> tuple[list[bytes], bool]:
    """The messages, and whether the framer gave up."""
    messages: list[bytes] = []
    try:
        for piece in pieces:
            for message in framer.feed(piece):
                messages.append(message)  # noqa: PERF402  those before an error count
    except ProtocolError:
        return messages, True
    return messages, False


streams = st.lists(st.sampled_from([b"941", b"98Y|", b"\r", b"\n", b"\r\n", b" ", b"\x00", b"AFx\ny|", b"z" * 9])).map(
    b"".join
)


@settings(max_examples=300, deadline=None)
@given(data=streams, cuts=st.lists(st.integers(0, 1 << 16), max_size=8), lf_terminates=st.booleans())
def test_split_anywhere(data: bytes, cuts: list[int], lf_terminates: bool) -> None:
    pieces = ([data], split(data, cuts), [data[at : at + 1] for at in range(len(data))])
    whole, cut, single = (heard(Framer(lf_terminates=lf_terminates, longest=20), piece) for piece in pieces)
    assert whole == cut == single


@pytest.mark.parametrize(
    "stream",
    [b"941\r98Y\r", b"941\r\n98Y\r\n", b"941\n98Y\n", b"\n \r\n941\r\r\n\n\r98Y\r\n\r", b"\x00\x00941\r \x0098Y\r"],
)
def test_all_ways_to_end_a_message(stream: bytes) -> None:
    assert list(Framer().feed(stream)) == [b"941", b"98Y"]


def test_a_line_feed_in_an_address() -> None:
    framer = Framer(lf_terminates=False)
    assert list(framer.feed(b"64BD1 Main St\nMidway|\r\n941\r")) == [b"64BD1 Main St\nMidway|", b"941"]


def test_what_is_fed_is_not_lost_where_nobody_looks() -> None:
    framer = Framer()
    framer.feed(b"941\r98")
    assert list(framer.feed(b"Y\r")) == [b"941", b"98Y"]


def test_a_message_without_an_end() -> None:
    framer = Framer(longest=1000)
    assert list(framer.feed(b"941\r" + b"x" * 1000)) == [b"941"]
    with pytest.raises(ProtocolError, match="within 1000 bytes"):
        list(framer.feed(b"x"))
    assert list(framer.feed(b"98Y\r")) == [b"98Y"]  # nothing of it is kept


def test_a_message_with_an_end_that_is_too_long() -> None:
    with pytest.raises(ProtocolError):
        list(Framer(longest=5).feed(b"123456\r"))


def test_what_waits_for_its_end() -> None:
    framer = Framer()
    assert list(framer.feed(b"941\r\n 98")) == [b"941"]
    assert framer.pending == b"98"
    assert list(framer.feed(b"Y\r")) == [b"98Y"]
    assert framer.pending == b""
