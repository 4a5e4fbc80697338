"""Every message says on the wire what it says in Python, in both directions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.sip2 import Answer, Codec, Message, NoBlockDueDate, Profile, ProtocolError, profile, profile_names
from sync.sip2.answers import ANSWERS, ACSStatus, CheckinResponse, CheckoutResponse, HoldResponse, RenewAllResponse
from sync.sip2.codes import AlertType, Language, PatronCondition, Summary, Supported
from sync.sip2.compiling import layout
from sync.sip2.extended_fees import ExtendedFee, as_extra, extended_fees
from sync.sip2.patron_answers import FeePaidResponse, PatronInformationResponse
from sync.sip2.requests import REQUESTS, Checkin, Checkout, PatronInformation, Renew
from tests.sync.sip2.strategies import MESSAGES, WIDE, ZONE, messages

BERLIN = ZoneInfo(ZONE)
NOW = datetime(2026, 11, 23, 22, 32, 46, tzinfo=BERLIN)
WIDE_CODEC = Codec(WIDE)
SWAPPED = Codec(replace(WIDE, fee_paid_swapped=True, universal_time=True))

sequences = st.none() | st.integers(0, 9)


def there_and_back(codec: Codec, message: Message, sequence: int | None = None) -> Message:
    """What the other side reads."""
    (line,) = codec.framer().feed(codec.encode(message, sequence))
    frame = codec.open(line)
    assert frame.sound
    return codec.answer(frame) if isinstance(message, Answer) else codec.request(frame)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: f"{kind.code}-{kind.__name__}")
@settings(max_examples=25, deadline=None)
@given(data=st.data(), sequence=sequences)
def test_round_trip(kind: type[Message], data: st.DataObject, sequence: int | None) -> None:
    message = data.draw(messages(kind))
    assert there_and_back(WIDE_CODEC, message, sequence) == message


@settings(max_examples=60, deadline=None)
@given(message=messages(FeePaidResponse), sequence=sequences)
def test_round_trip_with_swapped_fields(message: FeePaidResponse, sequence: int | None) -> None:
    read = there_and_back(SWAPPED, message, sequence)
    assert cast("FeePaidResponse", read).accepted is message.accepted


def test_every_message_of_the_protocol_is_there() -> None:
    assert [message.code for message in REQUESTS] == (
        ["01", "09", "11", "15", "17", "19", "23", "25", "29", "35", "37", "63", "65", "93", "97", "99"]
    )
    assert sorted(message.code for message in ANSWERS) == (
        ["10", "12", "16", "18", "20", "24", "26", "30", "36", "38", "64", "66", "94", "96", "98"]
    )


def test_each_request_knows_its_answer() -> None:
    pairs = {request.code: request.answered_by.code for request in REQUESTS if request.code != "97"}
    assert pairs == {
        "01": "24", "09": "10", "11": "12", "15": "16", "17": "18", "19": "20", "23": "24", "25": "26",
        "29": "30", "35": "36", "37": "38", "63": "64", "65": "66", "93": "94", "99": "98",
    }  # fmt: skip


def test_where_the_variable_fields_begin() -> None:
    """Fixed widths as in SIP 2.00: the offset of the first id, counted from the command."""
    stated = (
        "01:21 09:39 10:24 11:40 12:24 15:21 16:22 17:20 18:26 19:20 20:21 23:23 24:37 25:20 26:37 29:40 30:24 35:20 "
        "36:21 37:27 38:21 63:33 64:61 65:20 66:29 93:4 94:3 96:2 97:2 98:36 99:10"
    )
    widths = {message.code: 2 + sum(spec.width for _, spec in layout(message).fixed) for message in MESSAGES}
    assert widths == {code: int(width) for code, width in (pair.split(":") for pair in stated.split())}


# ── as bytes ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def codec() -> Codec:
    return Codec(profile("generic", {"zone": ZONE}))


def test_a_checkout_in_bytes(codec: Codec) -> None:
    checkout = Checkout(
        transaction_date=NOW,
        institution="CPL",
        patron="2352",
        item="3999",
        terminal_password="t",
        patron_password="1234",
    )
    assert codec.encode(checkout) == (b"11NN20261123    223246                  AOCPL|AA2352|AB3999|ACt|AD1234|\r")


def test_a_required_field_goes_out_even_if_empty_and_an_optional_one_only_if_there(codec: Codec) -> None:
    checkin = Checkin(transaction_date=NOW, return_date=NOW, item="3999", item_properties="")
    assert codec.encode(checkin).endswith(b"AP|AO|AB3999|AC|CH|\r")


def test_missing_and_empty_are_told_apart(codec: Codec) -> None:
    empty = codec.answer(codec.open(b"101NUN20261123    223246AO|AB3999|AQ|AJ|"))
    missing = codec.answer(codec.open(b"101NUN20261123    223246AB3999|"))
    assert isinstance(empty, CheckinResponse)
    assert isinstance(missing, CheckinResponse)
    assert (empty.institution, empty.title) == ("", "")
    assert (missing.institution, missing.title) == (None, None)


def test_a_summary_is_at_one_position(codec: Codec) -> None:
    asked = PatronInformation(language=Language.GERMAN, transaction_date=NOW, summary=Summary.CHARGED, patron="2352")
    assert codec.encode(asked).startswith(b"6300320261123    223246  Y       AO|AA2352|")


def test_flags_by_position() -> None:
    status = PatronInformationResponse(
        status=frozenset({PatronCondition.CHARGE_DENIED, PatronCondition.EXCESSIVE_FINES}),
        transaction_date=NOW,
        patron="1",
    )
    assert WIDE_CODEC.encode(status).startswith(b"64Y         Y   00020261123    223246" + b" " * 24)
    online = ACSStatus(system_date=NOW, supported=frozenset(Supported) - {Supported.BLOCK_PATRON})
    assert b"|BXYYYNYYYYYYYYYYYY|" in WIDE_CODEC.encode(online)


def test_an_unknown_code_stays_what_it_is(codec: Codec) -> None:
    read = codec.answer(codec.open(b"24              09920261123    223246AOCPL|AA1|AEx|"))
    assert there_and_back(codec, read) == read
    assert read.language == "099"  # type: ignore[attr-defined]


def test_amounts_with_one_decimal_or_two(codec: Codec) -> None:
    for text, amount in (
        ("15.5", Decimal("15.5")),
        ("1.50", Decimal("1.5")),
        ("-2", Decimal(-2)),
        ("EUR 3", "EUR 3"),
        ("", ""),
    ):
        line = f"120NUN20261123    223246AO|AA1|AB2|AJ|AH|BV{text}|".encode()
        assert cast("CheckoutResponse", codec.answer(codec.open(line))).fee_amount == amount


@pytest.mark.parametrize("text", ["1e9", "NaN", "Infinity", "²", "1_000", ".", "9" * 5000])
def test_what_is_no_amount_stays_text(codec: Codec, text: str) -> None:
    line = f"120NUN20261123    223246AO|AA1|AB2|AJ|AH|BV{text}|".encode()
    assert cast("CheckoutResponse", codec.answer(codec.open(line))).fee_amount == text


@pytest.mark.parametrize(("text", "position"), [("3", 3), ("0003", 3), ("", ""), ("²", "²"), ("٣", "٣"), ("-1", "-1")])
def test_numbers(codec: Codec, text: str, position: int | str) -> None:
    answer = codec.answer(codec.open(f"161Y20261123    223246AO|AA1|BR{text}|".encode()))
    assert cast("HoldResponse", answer).queue_position == position


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20261123    223246", NOW),
        ("20260701    120000", datetime(2026, 7, 1, 10, tzinfo=UTC)),  # summer
        ("20261123   Z223246", datetime(2026, 11, 23, 22, 32, 46, tzinfo=UTC)),
        ("20261123   Q223246", datetime(2026, 11, 23, 22, 32, 46, tzinfo=timezone(timedelta(hours=-4)))),
        ("20261123   A223246", NOW),
        ("20261123   M000000", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        (" " * 18, None),
        ("20261123XXXX223246", "20261123XXXX223246"),
        ("20261123   J223246", "20261123   J223246"),  # no zone has this letter
        ("20260231    120000", "20260231    120000"),
        ("00000000    000000", "00000000    000000"),
        ("²0261123    223246", "²0261123    223246"),
    ],
)
def test_dates(codec: Codec, text: str, meant: datetime | str | None) -> None:
    read = codec.answer(codec.open(f"101NUN{text}AO|AB3999|AQ|".encode()))
    assert cast("CheckinResponse", read).transaction_date == meant


def due(codec: Codec, text: str) -> object:
    answer = codec.answer(codec.open(f"121NUN20261123    223246AO|AA1|AB2|AJ|AH{text}|".encode()))
    return cast("CheckoutResponse", answer).due_date


def test_a_due_date_in_the_way_of_the_site() -> None:
    codec = Codec(profile("koha", {"zone": ZONE, "due_formats": ["%d.%m.%Y", "%Y-%m-%d %H:%M"]}))
    assert due(codec, "24.12.2026") == datetime(2026, 12, 24, 23, 59, tzinfo=BERLIN)
    assert due(codec, "2026-12-24 18:00") == datetime(2026, 12, 24, 18, tzinfo=BERLIN)
    assert due(codec, "20261224    235900") == datetime(2026, 12, 24, 23, 59, tzinfo=BERLIN)
    assert due(codec, "after the holidays") == "after the holidays"
    assert due(codec, "") == ""


def test_our_dates_in_universal_time() -> None:
    codec = Codec(profile("generic", {"zone": ZONE, "universal_time": True}))
    assert codec.encode(Checkin(transaction_date=NOW, return_date=NOW, item="1")).startswith(
        b"09N20261123   Z21324620261123   Z213246AP|"
    )


def test_a_due_date_for_systems_that_cannot_read_blanks() -> None:
    codec = Codec(Profile(zone=ZONE, nb_due_date=NoBlockDueDate.COPY))
    date = b"20261123    223246"
    assert codec.encode(Checkout(transaction_date=NOW, patron="1", item="2"))[:40] == b"11NN" + date + date
    assert codec.encode(Renew(transaction_date=NOW, patron="1", item="2"))[:40] == b"29NN" + date + date
    later = replace(Checkout(transaction_date=NOW, patron="1", item="2"), nb_due_date=NOW.replace(year=2027))
    assert codec.encode(later)[:40] == b"11NN" + date + b"20271123    223246"


# ── extensions ───────────────────────────────────────────────────────────────────────────────────────────

CHECKIN_WITH_HOLD = b"101YUY20261123    223246AO|AB3999|AQ|CTMPL|CV02|CY2352|DAAnna|"


def test_extensions_mean_what_the_profile_says() -> None:
    koha, plain = Codec(profile("koha")), Codec(profile("generic"))
    read = cast("CheckinResponse", koha.answer(koha.open(CHECKIN_WITH_HOLD)))
    assert (read.destination, read.alert_type, read.hold_patron_name) == ("MPL", AlertType.HOLD_ELSEWHERE, "Anna")
    assert read.extra == ()
    unread = cast("CheckinResponse", plain.answer(plain.open(CHECKIN_WITH_HOLD)))
    assert (unread.destination, unread.alert_type, unread.hold_patron_name) == (None, None, None)
    assert unread.extra == (("CT", "MPL"), ("CV", "02"), ("CY", "2352"), ("DA", "Anna"))


def test_repetitions_are_kept_in_order(codec: Codec) -> None:
    read = codec.answer(codec.open(b"6610002000120261123    223246AOa|BM1|AOb|BM2|AFx|AFy|XX1|AOc|"))
    assert isinstance(read, RenewAllResponse)
    assert (read.institution, read.renewed_items, read.screen_messages) == ("a", ("1", "2"), ("x", "y"))
    assert read.extra == (("AO", "b"), ("XX", "1"), ("AO", "c"))


def test_single_fees() -> None:
    fees = (
        ExtendedFee(fee="f1", remaining="2.50", title="Emma"),
        ExtendedFee(fee="f2", remaining="1.00"),
        ExtendedFee(fee="f3", paid="0.10"),
    )
    codec = Codec(profile("folio"))
    answer = PatronInformationResponse(transaction_date=None, patron="1", extra=as_extra(fees))
    assert extended_fees((("XX", "between"), *there_and_back(codec, answer).extra)) == fees


# ── what is none ─────────────────────────────────────────────────────────────────────────────────────────

ANY_CODECS = [Codec(profile(name)) for name in profile_names()]


@settings(max_examples=300, deadline=None)
@given(
    codec=st.sampled_from(ANY_CODECS),
    head=st.sampled_from([b"", *(message.code.encode() for message in MESSAGES)]),
    rest=st.binary(max_size=200),
)
def test_any_bytes_are_a_message_or_a_protocol_error(codec: Codec, head: bytes, rest: bytes) -> None:
    for read in (codec.answer, codec.request):
        try:
            message = read(codec.open(head + rest))
        except ProtocolError:
            continue
        assert message.code == head.decode() or not head


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.code)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), noise=st.binary(max_size=4))
def test_a_damaged_message_is_read_or_refused(kind: type[Message], data: st.DataObject, noise: bytes) -> None:
    line = WIDE_CODEC.encode(data.draw(messages(kind)), sequence=1).rstrip(b"\r")
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    for read in (WIDE_CODEC.answer, WIDE_CODEC.request):
        try:
            read(WIDE_CODEC.open(line[:start] + noise + line[end:]))
        except ProtocolError:
            continue


@pytest.mark.parametrize("line", [b"", b"9", b"FAIL", b"None", b"Problems handling the request: 99", b"\xb2\xb394"])
def test_what_is_no_message(codec: Codec, line: bytes) -> None:
    with pytest.raises(ProtocolError, match="two digits"):
        codec.open(line)


@pytest.mark.parametrize(
    "line", [b"94", b"10", b"98YNNYNN600003", b"24|AOCPL|AA1|AE|", b"24AOCPL|AA1|BLY|AEAnna Berg, whose name is long|"]
)
def test_what_is_not_all_of_it(codec: Codec, line: bytes) -> None:
    with pytest.raises(ProtocolError, match="not all there"):
        codec.answer(codec.open(line))


def test_each_side_hears_only_the_other(codec: Codec) -> None:
    with pytest.raises(ProtocolError, match="unexpected message 99"):
        codec.answer(codec.open(b"9900802.00"))
    with pytest.raises(ProtocolError, match="unexpected message 94"):
        codec.request(codec.open(b"941"))
    with pytest.raises(ProtocolError, match="unexpected message 55"):
        codec.answer(codec.open(b"55"))
