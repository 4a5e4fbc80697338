"""From a card to a credential, by a library's ways."""

from __future__ import annotations

from collections.abc import Sequence

import ndef
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import CardFault, Credential, CredentialKind
from drivers.nfc.credential import Card, HalfRead, Record, Technology, identify
from drivers.nfc.reader import decode
from drivers.nfc.settings import IdmWay, NdefTextWay, NdefUriWay, NfcSettings, UidWay, Way

UID = Card(Technology.A, bytes.fromhex("04A1B2C3"))
RANDOM = Card(Technology.A, bytes.fromhex("08112233"))
FELICA = Card(Technology.F, bytes.fromhex("0102030405060708"))
TEXT = Record(CredentialKind.NDEF_TEXT, "LIB:P-0815 ")
URI = Record(CredentialKind.NDEF_URI, "https://cards.example/p/4711")


def no_records() -> Sequence[Record]:
    return ()


def never_read() -> Sequence[Record]:
    pytest.fail("no way asked for the records")


def taken_away() -> Sequence[Record]:
    raise HalfRead


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (UidWay(), "04a1b2c3"),
        (UidWay(format="hex_upper"), "04A1B2C3"),
        (UidWay(order="lsb"), "c3b2a104"),
        (UidWay(format="dec"), "77705923"),
        (UidWay(format="dec", digits=10), "0077705923"),
        (UidWay(order="lsb", format="dec"), "3283263748"),
    ],
)
def test_a_uid_is_written_as_the_library_writes_it(way: Way, value: str) -> None:
    assert identify(UID, [way], never_read) == Credential(CredentialKind.UID, value)


def test_a_felica_card_is_known_by_its_idm_only() -> None:
    assert identify(FELICA, [UidWay(), IdmWay()], never_read) == Credential(CredentialKind.IDM, "0102030405060708")
    assert identify(FELICA, [UidWay()], never_read) is CardFault.NO_CREDENTIAL
    assert identify(UID, [IdmWay()], never_read) is CardFault.NO_CREDENTIAL


@pytest.mark.parametrize(
    "card",
    [RANDOM, Card(Technology.B, bytes(4)), Card(Technology.F, bytes.fromhex("01FE000000000000"))],
)
def test_a_drawn_number_is_nobody(card: Card) -> None:
    assert identify(card, [UidWay(), IdmWay()], never_read) is CardFault.RANDOM_UID


def test_seven_bytes_that_begin_with_08_are_not_drawn() -> None:
    card = Card(Technology.A, bytes.fromhex("08112233445566"))
    assert identify(card, [UidWay()], never_read) == Credential(CredentialKind.UID, "08112233445566")


def test_a_drawn_number_does_not_hide_a_record() -> None:
    found = identify(RANDOM, [UidWay(), NdefTextWay(prefix="LIB:")], lambda: [TEXT])
    assert found == Credential(CredentialKind.NDEF_TEXT, "P-0815")


def test_records_by_kind_and_prefix() -> None:
    records = [Record(CredentialKind.NDEF_TEXT, "hello"), TEXT, URI]
    ways: dict[Way, Credential | CardFault] = {
        NdefTextWay(): Credential(CredentialKind.NDEF_TEXT, "hello"),
        NdefTextWay(prefix="LIB:[A-Z]-"): Credential(CredentialKind.NDEF_TEXT, "0815"),
        NdefUriWay(prefix=r"https?://cards\.example/p/"): Credential(CredentialKind.NDEF_URI, "4711"),
        NdefUriWay(prefix="LIB:"): CardFault.NO_CREDENTIAL,
    }
    for way, expected in ways.items():
        assert identify(UID, [way], lambda: records) == expected


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "a\nb", "x" * 129])
def test_a_record_that_is_no_value_is_passed_over(text: str) -> None:
    records = [Record(CredentialKind.NDEF_TEXT, text)]
    assert identify(UID, [NdefTextWay()], lambda: records) is CardFault.NO_CREDENTIAL


def test_a_card_taken_away_is_nobody_even_where_a_later_way_would_do() -> None:
    assert identify(UID, [NdefTextWay(), UidWay()], taken_away) is CardFault.HALF_READ
    assert identify(UID, [UidWay(), NdefTextWay()], taken_away) == Credential(CredentialKind.UID, "04a1b2c3")


def test_records_are_read_once() -> None:
    reads: list[int] = []

    def read() -> Sequence[Record]:
        reads.append(1)
        return ()

    identify(UID, [NdefTextWay(), NdefUriWay(), UidWay()], read)
    assert len(reads) == 1


@given(uid=st.binary(min_size=4, max_size=4), other=st.binary(min_size=4, max_size=4))
def test_drawn_numbers_are_one_card_others_are_not(uid: bytes, other: bytes) -> None:
    one, two = Card(Technology.A, uid), Card(Technology.A, other)
    same = uid == other or (one.is_random and two.is_random)
    assert (one.key == two.key) == same


@given(text=st.text(min_size=1, max_size=30), cut=st.integers(1, 60))
def test_a_message_is_decoded_whole_or_not_at_all(text: str, cut: int) -> None:
    message = b"".join(ndef.message_encoder([ndef.TextRecord(text)]))
    assert decode(message) == (Record(CredentialKind.NDEF_TEXT, text),)
    assert decode(message[: -(cut % len(message)) or -1]) == ()


@given(octets=st.binary(max_size=64))
def test_no_bytes_break_decoding(octets: bytes) -> None:
    assert all(isinstance(record, Record) for record in decode(octets))


@pytest.mark.parametrize(
    ("path", "changes"),
    [("pn532:/dev/x;reboot", {}), ("pn532:/dev/a b", {}), ("", {}), ("usb", {"pause_ms": 900}), ("usb", {"ways": ()})],
)
def test_wrong_settings_are_refused(path: str, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"letters, digits|needs a path|pause_ms"):
        NfcSettings("nfc", path, **changes)  # type: ignore[arg-type]


def test_a_prefix_must_be_a_regular_expression() -> None:
    with pytest.raises(ValueError, match="regular expression"):
        NdefTextWay(prefix="(")
