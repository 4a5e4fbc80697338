"""What real library systems send, byte for byte as they send it (people and titles are invented)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.sip2 import Answer, Checksum, Codec, ProtocolError, profile
from sync.sip2.codes import AlertType, FeeType, PatronCondition, Supported

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 11, 23, 22, 32, 46, tzinfo=BERLIN)
DATE = b"20261123    223246"


def hear(stream: bytes, name: str = "generic", **overrides: object) -> list[Any]:
    """The answers in what a system sent."""
    codec = Codec(profile(name, {"zone": "Europe/Berlin"} | overrides))
    return [codec.answer(codec.open(line)) for line in codec.framer().feed(stream)]


def only(stream: bytes, name: str = "generic", **overrides: object) -> Any:
    (answer,) = hear(stream, name, **overrides)
    return answer


# ── OpenNCIP's SIPServer ─────────────────────────────────────────────────────────────────────────────────


def test_openncip_says_less_of_itself_than_it_does() -> None:
    status = only(b"98YNNYNN600003" + DATE + b"2.00AOUWOLS|BXYYYYYYYYYNYNYYYY|\r", "openncip")
    assert (status.checkin_ok, status.timeout_tenths, status.retries_allowed) == (False, 600, 3)
    assert set(Supported) - status.supported == {Supported.FEE_PAID, Supported.ITEM_STATUS_UPDATE}
    assert (status.library_name, status.terminal_location) == (None, None)


def test_openncip_writes_the_delimiter_as_its_entity() -> None:
    title = only(b"101YNN" + DATE + b"AOUWOLS|AB1565921879|AQ|AJPerl 5 &#124; in a &amp; nutshell|\r", "openncip").title
    assert title == "Perl 5 | in a &amp; nutshell"


def test_openncip_gives_extensions_of_a_patron() -> None:
    patron = only(
        b"64              000" + DATE + b"000000000002000000000000AOUWOLS|AAdjfiander|AEAnna Berg|BLY|CQY"
        b"|AU1565921879|AU0440242746|PB19640925|PCA|PIInternet access|\r",
        "openncip",
    )
    assert (patron.charged_items_count, patron.charged_items) == (2, ("1565921879", "0440242746"))
    assert (patron.birth_date, patron.patron_class, patron.internet_profile) == ("19640925", "A", "Internet access")


def test_an_unknown_patron_has_no_rights() -> None:
    patron = only(b"24YYYY          000" + DATE + b"AOUWOLS|AAnobody|AE|BLN|\r", "openncip")
    assert patron.valid_patron is False
    assert patron.valid_password is None
    assert PatronCondition.CHARGE_DENIED in patron.status
    assert len(patron.status) == 4


def test_a_message_sent_again_has_number_0() -> None:
    codec = Codec(profile("openncip"))
    frame = codec.open(b"941AY0AZFDFD")
    assert (frame.sequence, frame.checksum) == (0, Checksum.RIGHT)


# ── Evergreen ────────────────────────────────────────────────────────────────────────────────────────────


def test_evergreen_sends_letters_and_marks_apart() -> None:
    decomposed = "AEZ\u0307o\u0301łc\u0301, Graz\u0307yna A\u030angstro\u0308m|".encode()
    patron = only(b"24              000" + DATE + b"AO|AA1|" + decomposed + b"BLY|\r", "evergreen")
    assert patron.name == "Żółć, Grażyna Ångström"


def test_evergreen_in_ascii() -> None:
    patron = only(b"24              000" + DATE + b"AO|AA1|AEZo?c, Grazyna Angstrom|BLY|\r", "evergreen")
    assert patron.name == "Zo?c, Grazyna Angstrom"


def test_evergreen_writes_due_dates_its_way() -> None:
    item = only(
        b"1804020120110630    110249AB30007008503046|AJEmma|CK001|AH2011-10-28 23:59:59|CSPB LP DAL|\r", "evergreen"
    )
    assert item.due_date == datetime(2011, 10, 28, 23, 59, 59, tzinfo=BERLIN)
    assert (item.call_number, item.fee_type) == ("PB LP DAL", FeeType.OTHER)


def test_evergreen_returns() -> None:
    back = only(
        b"101YUY" + DATE + b"AOBR1|AB3999|AQBR1|AJEmma|CTBR2|CV02|CY2352|DABerg, Anna|BF555-1234|CI0|\r", "evergreen"
    )
    assert (back.alert, back.alert_type, back.destination) == (True, AlertType.HOLD_ELSEWHERE, "BR2")
    assert (back.hold_patron, back.hold_patron_phone, back.magnetic_media) == ("2352", "555-1234", None)
    assert back.extra == (("CI", "0"),)


def test_evergreen_says_a_digit_for_security_inhibit() -> None:
    lent = only(b"121NUY" + DATE + b"AA1|AB2|AH" + DATE + b"|AJEmma|AOBR1|BHUSD|BT01|BV1.00|CI0|CK001|\r", "evergreen")
    assert (lent.security_inhibit, lent.due_date, lent.desensitize) == (False, EVENING, True)


def test_evergreen_does_not_know_its_timeout() -> None:
    status = only(b"98YYYYNN999999" + DATE + b"2.00AOBR1|BXYYYNYNYYYNYNNYYN|\r", "evergreen")
    assert (status.timeout_tenths, status.retries_allowed) == (None, None)


def test_fields_sorted_by_id() -> None:
    answer = only(b"36Y" + DATE + b"AA2352|AFbye|AOBR1|\r", "evergreen")
    assert (answer.ended, answer.patron, answer.institution, answer.screen_messages) == (True, "2352", "BR1", ("bye",))


# ── Koha ─────────────────────────────────────────────────────────────────────────────────────────────────

PERL = b"CYHASH(0x55d0c8f5a2b8)|DAHASH(0x55d0c8f5a2b8)|"


def test_koha_ends_lines_with_two_signs() -> None:
    assert len(hear(b"941\r\n98YYYYYY600003" + DATE + b"2.00AOCPL|BXYYYYYYYYYYYNYYYY|\r\n97\r"[:-3], "koha")) == 2


def test_koha_greets_and_an_address_has_two_lines() -> None:
    patron = only(
        b"64              000" + DATE + b"000000000000000000000000AOCPL|AA2352|AEAnna Berg|BLY|CC5"
        b"|BD1 Main St\nMidway|AFGreetings from Koha. |AFCPL|\r\n",
        "koha",
    )
    assert patron.home_address == "1 Main St\nMidway"
    assert patron.screen_messages == ("Greetings from Koha. ", "CPL")
    assert patron.valid_password is None
    assert str(patron.fee_limit) == "5"


@pytest.mark.parametrize("name", ["koha-22", "generic"])
def test_koha_without_a_hold_prints_its_memory(name: str) -> None:
    back = only(b"101YNN" + DATE + b"AOCPL|AB3999|AQCPL|AJEmma|" + PERL + b"\r\n", name)
    assert (back.ok, back.alert, back.hold_patron, back.hold_patron_name) == (True, False, None, None)
    assert [key for key, _ in back.extra] == ["CY", "DA"]


def test_koha_hold_without_its_ok() -> None:
    missing = only(b"16N" + DATE + b"AOCPL|AA2352|AB3999|AFno such item|\r\n", "koha")
    assert (missing.ok, missing.available, missing.transaction_date) == (False, False, EVENING)
    assert (missing.patron, missing.screen_messages) == ("2352", ("no such item",))
    whole = only(b"161Y" + DATE + b"AOCPL|AA2352|AB3999|BR1|\r\n", "koha")
    assert (whole.ok, whole.available, whole.queue_position) == (True, True, 1)


def test_koha_stray_text_between_the_fields() -> None:
    renewed = only(b"66100020001" + DATE + b"AOCPL|BM39991|39992|#|BN39993|AF|x|\r\n", "koha-22")
    assert (renewed.ok, renewed.renewed_count, renewed.unrenewed_count) == (True, 2, 1)
    assert (renewed.renewed_items, renewed.unrenewed_items) == (("39991",), ("39993",))
    assert renewed.extra == (("", "39992"), ("", "#"), ("", "x"))


@pytest.mark.parametrize("line", [b"38Y", b"38Y" + DATE + b"AOCPL|AA2352|", b"38YAOCPL|AA2352|AFpaid|"])
def test_a_payment_is_accepted_whatever_follows(line: bytes) -> None:
    assert only(line + b"\r\n", "koha").accepted is True


def test_koha_wants_a_fee_acknowledged() -> None:
    asked = only(b"120NUN" + DATE + b"AOCPL|AA2352|AB3999|AJEmma|AH|AFfee|BLY|BV1.5|BHUSD|BT06|\r\n", "koha")
    assert (asked.ok, str(asked.fee_amount), asked.currency, asked.fee_type) == (False, "1.5", "USD", FeeType.RENTAL)
    assert asked.due_date == ""


def test_koha_writes_due_dates_by_the_clock_or_in_the_way_of_the_site() -> None:
    def due(text: str) -> object:
        line = f"121NNY20261123    223246AOCPL|AA2352|AB3999|AJEmma|AH{text}|\r\n".encode()
        return only(line, "koha", due_formats=["%m/%d/%Y %H:%M"]).due_date

    assert due("20261224    235900") == due("12/24/2026 23:59") == datetime(2026, 12, 24, 23, 59, tzinfo=BERLIN)
    assert due("24/12/2026") == "24/12/2026"  # not as the profile says: text, and never another day


def test_koha_corrupt_data_and_hidden_fields() -> None:
    back = only(b"100NUY" + DATE + b"AB3999|CV98|\r\n", "koha")
    assert (back.alert_type, back.institution, back.permanent_location) == (AlertType.BAD_DATA, None, None)


# ── invenio-sip2 and SIP2Mediator ────────────────────────────────────────────────────────────────────────


def test_invenio_pads_with_blanks() -> None:
    status = only(b"98YYYYYY 10 10" + DATE + b"2.00AOrero|AMLibrary|BXYYYNYYYYYYYNYYYN|\r")
    assert (status.timeout_tenths, status.retries_allowed, status.library_name) == (10, 10, "Library")


def test_invenio_swaps_the_fields_of_fee_paid() -> None:
    line = b"38" + DATE + b"YAOrero|AA2352|\r"
    swapped = only(line, fee_paid_swapped=True)
    assert (swapped.accepted, swapped.transaction_date, swapped.patron) == (True, EVENING, "2352")
    assert only(line.replace(b"YAO", b"NAO"), fee_paid_swapped=True).accepted is False


def test_invenio_writes_universal_time_with_blanks() -> None:
    back = only(b"101YNN20261123    213246AOrero|AB3999|AQ|\r", zone="UTC")
    assert back.transaction_date == datetime(2026, 11, 23, 21, 32, 46, tzinfo=UTC) == EVENING


def test_invenio_has_checksums_without_a_number_and_without_zeros() -> None:
    codec = Codec(profile("generic"))
    assert codec.open(b"941AZFEC7").checksum is Checksum.RIGHT
    assert codec.open(b"941AZEC7").checksum is Checksum.WRONG


def test_counts_that_are_not_supported() -> None:
    patron = only(b"64              000" + DATE + b"0002        0000" + b"    " * 2 + b"AO|AA1|AE|BLY|\r")
    assert (patron.hold_items_count, patron.overdue_items_count, patron.charged_items_count) == (2, None, None)
    assert (patron.fine_items_count, patron.recall_items_count) == (0, None)


@pytest.mark.parametrize("line", [b"None\r", b"None98YYYYYY600003\r", b"FAIL\r"])
def test_words_in_place_of_a_message(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        hear(line)


# ── FOLIO, dp2 and others ────────────────────────────────────────────────────────────────────────────────


def test_folio_speaks_a_code_page_and_says_what_went_wrong_in_words() -> None:
    patron = only(b"24              000" + DATE + b"AOdiku|AA1|AEJ\x81rgen|BLY|\r", "folio")
    assert patron.name == "Jürgen"
    with pytest.raises(ProtocolError):
        hear(b"Problems handling the request: 99\r", "folio")


def test_folio_says_an_alert_with_a_digit() -> None:
    assert only(b"101YU1" + DATE + b"AOdiku|AB1|AQ|\r", "folio").alert is True
    assert only(b"101YU0" + DATE + b"AOdiku|AB1|AQ|\r", "folio").alert is False


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5"])
def test_a_delimiter_that_is_half_of_a_character(encoding: str) -> None:
    sign = next(
        sign
        for sign in map(chr, range(0x4E00, 0x9FA5))
        if len(data := sign.encode(encoding, "ignore")) == 2 and data.endswith(b"|")
    )
    stream = b"101YNN" + DATE + f"AO|AB3999|AQ|AJ{sign}人|AF{sign}|\r".encode(encoding)
    back = only(stream, encoding=encoding)
    assert (back.title, back.screen_messages, back.extra) == (f"{sign}人", (sign,), ())


def test_dp2_sums_something_else() -> None:
    codec = Codec(profile("generic", {"checksums": "off"}))
    frame = codec.open("24              01920261123    223246AO|AA1|AE张三|BLY|AY4AZ75E2".encode())
    assert (frame.sound, frame.sequence) == (True, 4)
    assert codec.answer(frame).name == "张三"  # type: ignore[attr-defined]


def test_a_polaris_means_something_else() -> None:
    line = b"64              001" + DATE + b"0000" * 6 + b"AO|AA1|AE|BLY|PA1|PB22|PZ12345|PX20270101    235900|\r"
    extensions = {"64": {"PZ": "postal_code", "PX": "expires"}}
    patron = only(line, extensions=extensions)
    assert (patron.postal_code, patron.expires, patron.birth_date) == ("12345", "20270101    235900", None)
    assert patron.extra == (("PA", "1"), ("PB", "22"))


def test_bytes_that_are_no_text() -> None:
    back: Answer = only(b"101YNN" + DATE + b"AO|AB3999|AQ|AJ\xff\xfe!|\r")
    assert back.title == "\ufffd\ufffd!"  # type: ignore[attr-defined]


def test_a_mark_at_the_beginning_of_a_value_is_none_of_the_id() -> None:
    back = only(b"101YNN" + DATE + "AO|AB3999|AQ|AA\u0300x|\r".encode())
    assert back.patron == "\u0300x"
