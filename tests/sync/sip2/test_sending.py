"""Nothing leaves that the other side would read as something else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.sip2 import Codec, Message, Profile, Unsendable, profile
from sync.sip2.answers import ItemInformationResponse, RenewAllResponse
from sync.sip2.codes import HoldMode
from sync.sip2.requests import Checkin, Checkout, FeePaid, Hold, Login, PatronInformation, PatronStatusRequest, SCStatus

CODEC = Codec(Profile())
NOW = datetime(2026, 11, 23, 22, 32, 46, tzinfo=ZoneInfo("Europe/Berlin"))
CHECKOUT = Checkout(transaction_date=NOW, patron="2352", item="3999")

UNSAFE = ["|", "\r", "\n", "\x00", "\t", "\x1b", "\x7f", "\x85", "\u2028"]


@pytest.mark.parametrize("sign", UNSAFE)
@pytest.mark.parametrize("field", ["patron", "item", "institution", "terminal_password", "patron_password"])
def test_injection_into_a_field(field: str, sign: str) -> None:
    with pytest.raises(Unsendable, match="delimiter or control character"):
        CODEC.encode(replace(CHECKOUT, **{field: f"39{sign}BOY"}))


@pytest.mark.parametrize("sign", UNSAFE)
@pytest.mark.parametrize(
    "message",
    [
        lambda sign: SCStatus(print_width=f"0{sign}0"),
        lambda sign: replace(CHECKOUT, extra=(("XX", f"a{sign}"),)),
        lambda sign: replace(CHECKOUT, fee_acknowledged=f"Y{sign}"),
        lambda sign: replace(CHECKOUT, transaction_date=f"20261123    22324{sign}"),
        lambda sign: RenewAllResponse(transaction_date=NOW, renewed_items=("1", f"2{sign}AFall is well")),
    ],
)
def test_injection_anywhere_else(message: Callable[[str], Message], sign: str) -> None:
    with pytest.raises(ValueError, match="delimiter or control character"):
        CODEC.encode(message(sign))


@settings(max_examples=200, deadline=None)
@given(patron=st.text(max_size=30), item=st.text(max_size=30))
def test_a_value_stays_in_its_field(patron: str, item: str) -> None:
    try:
        line = CODEC.encode(replace(CHECKOUT, patron=patron, item=item))
    except Unsendable:
        return
    assert line.count(b"|") == 4
    assert line.count(b"\r") == 1
    assert line.split(b"|")[1:3] == [b"AA" + patron.encode(), b"AB" + item.encode()]


def test_the_text_of_a_refusal_has_no_value_in_it() -> None:
    with pytest.raises(Unsendable) as refused:
        CODEC.encode(replace(CHECKOUT, patron_password="12|34"))
    assert "AD" in str(refused.value)
    assert "12" not in str(refused.value)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (replace(CHECKOUT, patron=None), "AA must be there"),
        (replace(CHECKOUT, institution=None), "AO must be there"),
        (replace(CHECKOUT, transaction_date="20261123"), "width"),
        (replace(CHECKOUT, transaction_date="2026-11-23 22:32:46"), "width"),
        (replace(CHECKOUT, transaction_date=datetime(2026, 11, 23, 22, 32)), "zone"),  # noqa: DTZ001
        (SCStatus(print_width="80"), "width"),
        (PatronStatusRequest(transaction_date=NOW, patron="1", language="de"), "width"),
        (Hold(mode="++", transaction_date=NOW, patron="1"), "width"),
        (PatronInformation(transaction_date=NOW, patron="1", start_item=-1), "below zero"),
        (FeePaid(transaction_date=NOW, currency="EUR", amount=Decimal("NaN"), patron="1"), "no number"),
        (RenewAllResponse(transaction_date=NOW, renewed_count=10_000), "4 digits"),
        (replace(CHECKOUT, extra=(("AB", "second"),)), "'AB' is no id"),
        (replace(CHECKOUT, extra=(("AY", "1AZ0000"),)), "'AY' is no id"),
        (replace(CHECKOUT, extra=(("", "stray"),)), "'' is no id"),
        (ItemInformationResponse(transaction_date=NOW, item="1", call_number="QA 76"), "call_number has no id"),
        (replace(CHECKOUT, patron="\ud800"), r"no character U\+D800"),
    ],
)
def test_what_cannot_be_said(message: Message, why: str) -> None:
    with pytest.raises(Unsendable, match=why):
        CODEC.encode(message)


def test_requests_fit_or_are_refused() -> None:
    assert b"AB" + b"x" * 255 + b"|" in CODEC.encode(replace(CHECKOUT, item="x" * 255))
    with pytest.raises(Unsendable, match="more than 255 bytes"):
        CODEC.encode(replace(CHECKOUT, item="x" * 256))
    with pytest.raises(Unsendable, match="more than 255 bytes"):
        CODEC.encode(replace(CHECKOUT, item="书" * 86))
    full = ["x" * 255] * 3
    with pytest.raises(Unsendable, match="of 1024 allowed"):
        CODEC.encode(replace(CHECKOUT, institution=full[0], item=full[1], patron=full[2], terminal_password="x" * 243))


def test_1024_bytes_are_not_too_many() -> None:
    filled = replace(CHECKOUT, institution="x" * 255, item="x" * 255, patron="x" * 255)
    room = 1024 - len(CODEC.encode(filled, 1))
    assert len(CODEC.encode(replace(filled, terminal_password="x" * room), 1)) == 1024
    with pytest.raises(Unsendable, match="1025 bytes"):
        CODEC.encode(replace(filled, terminal_password="x" * (room + 1)), 1)


def test_answers_are_made_to_fit() -> None:
    answer = ItemInformationResponse(transaction_date=NOW, item="1", title="书" * 100, screen_messages=("x" * 300,))
    line = CODEC.encode(answer)
    assert f"|AJ{'书' * 85}|".encode() in line  # whole characters only
    assert b"|AF" + b"x" * 255 + b"|" in line


def test_characters_that_the_encoding_has_not() -> None:
    codec = Codec(profile("folio"))
    with pytest.raises(Unsendable, match=r"cp850 has no character U\+4E66"):
        codec.encode(replace(CHECKOUT, patron="书"))
    assert b"|AJ?|" in codec.encode(ItemInformationResponse(transaction_date=NOW, item="1", title="书"))


def test_another_delimiter() -> None:
    codec = Codec(Profile(delimiter="^"))
    line = codec.encode(Login(user="a|b", password="c"), 0)
    assert line.startswith(b"9300CNa|b^COc^AY0AZ")
    assert codec.request(codec.open(line[:-1])) == Login(user="a|b", password="c")
    with pytest.raises(Unsendable):
        codec.encode(Login(user="a^b", password="c"))


def test_what_holds_for_every_request_holds_with_a_hold() -> None:
    line = CODEC.encode(Hold(mode=HoldMode.ADD, transaction_date=NOW, patron="1", title="2", expiration_date=NOW))
    assert line == b"15+20261123    213246BW20261123    213246|AO|AA1|AJ2|\r"
    assert CODEC.encode(Checkin(transaction_date=NOW, return_date=NOW, item="1", cancel=True)).endswith(b"|BIY|\r")
