"""What a technician may read of the wire, and what nobody may."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sip2 import ChecksumPolicy, Codec, Message, Profile, profile
from sync.sip2.answers import CheckinResponse
from sync.sip2.codes import HoldMode
from sync.sip2.connection import Direction
from sync.sip2.patron_answers import FeePaidResponse, PatronInformationResponse
from sync.sip2.requests import BlockPatron, Checkout, FeePaid, Hold, Login, PatronInformation, SCStatus
from sync.sip2.trace import Reader, TraceFile

AT = datetime(2026, 11, 25, 9, 30, 1, 250_000, tzinfo=UTC)
SECRETS = {
    "user": "SECRET-user",
    "password": "SECRET-password",
    "terminal_password": "SECRET-terminal",
    "patron_password": "SECRET-pin",
    "name": "SECRET-name",
    "home_address": "SECRET-address",
    "email": "SECRET-mail",
    "home_phone": "SECRET-phone",
    "birth_date": "SECRET-birth",
    "postal_code": "SECRET-zip",
    "expires": "SECRET-expires",
    "hold_patron_name": "SECRET-reserver",
    "hold_patron_phone": "SECRET-number",
    "patron_class": "SECRET-class",
    "internal_id": "SECRET-id",
    "blocked_card_message": "SECRET-message",
    "print_lines": ("SECRET-receipt",),
    "check_number": "SECRET-check",
    "register_login": "SECRET-register",
}
WIDE = Profile(
    extensions={
        "10": {"DA": "hold_patron_name", "BF": "hold_patron_phone", "CY": "hold_patron", "CT": "destination"},
        "37": {"OR": "register_login", "RN": "check_number"},
        "64": {
            "PA": "expires",
            "PB": "birth_date",
            "PC": "patron_class",
            "PZ": "postal_code",
            "XI": "internal_id",
        },
    }
)
CODEC = Codec(WIDE)


def some(message: type[Message], **values: object) -> Message:
    """A message with a secret in each field that has one."""
    secrets: dict[str, Any] = {name: SECRETS[name] for name in message.__struct_fields__ if name in SECRETS}
    return message(**secrets | values)


MESSAGES = [
    some(Login),
    some(BlockPatron, transaction_date=AT, patron="SECRET-card"),
    some(Checkout, transaction_date=AT, patron="SECRET-card", item="1"),
    some(PatronInformation, transaction_date=AT, patron="SECRET-card"),
    some(Hold, mode=HoldMode.ADD, transaction_date=AT, patron="SECRET-card"),
    some(FeePaid, transaction_date=AT, currency="EUR", amount=Decimal("1.50"), patron="SECRET-card"),
    some(PatronInformationResponse, transaction_date=AT, patron="SECRET-card", extra=(("QQ", "SECRET-extra"),)),
    some(CheckinResponse, transaction_date=AT, item="1", patron="SECRET-card", hold_patron="SECRET-other"),
]


def told(line: bytes, profile: Profile = WIDE, direction: Direction = Direction.SENT) -> str:
    return Reader(profile).line(direction, line, AT)


def test_a_line() -> None:
    loan = Checkout(transaction_date=AT, patron="20000152", item="39990001", patron_password="1234")
    assert told(CODEC.encode(loan, 3)) == (
        "2026-11-25 09:30:01.250 > 11 Checkout AY3: renewal_policy='N' no_block='N'"
        " transaction_date='20261125    093001' nb_due_date='                  '"
        " institution='' patron=****52 item='39990001' terminal_password='' patron_password=****"
    )
    assert told(b"9900802.00\r\n", direction=Direction.HEARD) == (
        "2026-11-25 09:30:01.250 < 99 SCStatus: status='0' print_width='080' version='2.00'"
    )
    assert told(b"96AZFEF6") == "2026-11-25 09:30:01.250 > 96 RequestSCResend"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_no_secret_of_any_message(message: Message) -> None:
    line = CODEC.encode(message, 1)
    assert b"SECRET" in line
    assert "SECRET" not in told(line)


@settings(max_examples=1000, deadline=None)
@given(
    message=st.sampled_from(MESSAGES),
    cut=st.integers(0, 200),
    length=st.integers(0, 60),
)
def test_no_secret_of_a_message_that_is_not_whole(message: Message, cut: int, length: int) -> None:
    """Wherever a piece is missing, and whatever then stands in the place of something else: its checksum is wrong."""
    line = CODEC.encode(message, 1)
    at = cut % len(line)
    assert "SECRET" not in told(line[:at] + line[at + length :])


def test_no_secret_of_what_is_no_message() -> None:
    line = b"Problems handling the request: 9300CNSECRET|COSECRET|"
    assert told(line) == "2026-11-25 09:30:01.250 > no message: 53 bytes, begins with 'Problems handling'"
    assert "SECRET" not in told(b"None" + CODEC.encode(MESSAGES[0]))
    for line in (b"77SECRET|", b"SECRET|AY1"):
        assert "SECRET" not in told(line)


def test_readers_are_not_named_on_the_screen_either() -> None:
    answer = PatronInformationResponse(
        transaction_date=AT, patron="20000152", name="Anna Berg", screen_messages=("Good morning, Anna", "You owe 1.50")
    )
    line = told(CODEC.encode(answer))
    assert "screen_messages='Good morning, ****' screen_messages='You owe 1.50'" in line
    assert "name=**** " in line


def test_short_cards_are_not_shown_at_all() -> None:
    assert "patron=**** " in told(CODEC.encode(Checkout(transaction_date=AT, patron="2352", item="1")))


def test_what_fee_paid_means_where_it_is_swapped() -> None:
    swapped = profile("generic", {"fee_paid_swapped": True})
    line = Codec(swapped).encode(FeePaidResponse(accepted=True, transaction_date=AT, patron="20000152"))
    assert "transaction_date='20261125    093001' accepted='Y'" in told(line, swapped)


def test_a_wrong_checksum_is_told_and_not_warned_of_again() -> None:
    assert "99 SCStatus AY1, wrong checksum: " in told(b"9900802.00AY1AZFCA1", Profile(checksums=ChecksumPolicy.WARN))


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "sip2.log"
    trace = TraceFile(path, WIDE, most_bytes=400, older=2)
    for _ in range(20):
        trace(Direction.SENT, CODEC.encode(SCStatus(), 1), AT)
        trace(Direction.HEARD, "64书".encode(), AT)
    trace.close()
    files = sorted(entry.name for entry in tmp_path.iterdir())
    assert files == ["sip2.log", "sip2.log.1", "sip2.log.2"]
    for name in files:
        assert (tmp_path / name).stat().st_size <= 400
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    first, second = (tmp_path / "sip2.log.1").read_text().splitlines()[:2]
    assert " 99 SCStatus AY1: " in first
    assert " 64 PatronInformationResponse: " in second
