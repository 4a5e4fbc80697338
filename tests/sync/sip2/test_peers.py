"""Our codec in conversation with SIP2 servers that others wrote, over a plain socket."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from sync.sip2 import Checksum, requests
from sync.sip2.answers import CheckoutResponse, RequestSCResend
from sync.sip2.codes import CirculationStatus, MediaType, PatronCondition, Summary, Supported
from tests.sync import library
from tests.sync.sip2.line import Line, checkin, checkout, information, item, pay, renew
from tests.sync.sip2.peers import (
    NOW,
    PASSWORD,
    START,
    USER,
    Peer,
    Start,
    running_invenio,
    running_pysip2,
    started_when_asked,
)
from tests.sync.sip2.servers.library import Library

ANNA, BEN, DORA, HANA, EVA, KAI = "2001", "2002", "2003", "2004", "2005", "2006"

SERVERS: dict[str, tuple[Start, dict[str, object]]] = {
    # The profile beside each server: what has to be known of it. pysip2 takes no blanks for a date.
    "pysip2": (running_pysip2, {"nb_due_date": "copy"}),
    "pysip2 required": (partial(running_pysip2, error_detection="required"), {"nb_due_date": "copy"}),
    "pysip2 cp850": (partial(running_pysip2, encoding="cp850"), {"nb_due_date": "copy", "encoding": "cp850"}),
    "pysip2 latin-1": (partial(running_pysip2, encoding="latin-1"), {"nb_due_date": "copy", "encoding": "latin-1"}),
    "invenio": (running_invenio, {"fee_paid_swapped": True}),
}
PYSIP2 = pytest.mark.parametrize("name", ["pysip2"])
INVENIO = pytest.mark.parametrize("name", ["invenio"])
UNICODE = pytest.mark.parametrize("name", ["pysip2", "invenio"])


@pytest.fixture(scope="module")
def peers() -> Iterator[Callable[[str], Peer]]:
    """Each server, started when it is first asked for."""
    with started_when_asked({name: start for name, (start, _) in SERVERS.items()}) as found:
        yield found


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    """Every server, where a test does not say which."""
    return str(request.param)


@pytest.fixture
def stranger(peers: Callable[[str], Peer], name: str) -> Iterator[Line]:
    """A connection that has not logged in, to a library in which nothing has been done."""
    peer = peers(name)
    peer.lay_out()
    with closing(Line(peer.port, **SERVERS[name][1])) as line:
        yield line


@pytest.fixture
def line(stranger: Line) -> Line:
    """A connection that may ask."""
    assert stranger.login().ok
    return stranger


def day(text: str) -> datetime:
    """The end of it."""
    return datetime.fromisoformat(text).replace(hour=23, minute=59, tzinfo=UTC)


# ── the station ──────────────────────────────────────────────────────────────────────────────────────────


def test_login_and_status(line: Line) -> None:
    status = line.ask(requests.SCStatus())
    assert (status.online, status.checkin_ok, status.checkout_ok, status.version) == (True, True, True, "2.00")
    assert (status.institution, status.library_name) == ("small", "Small Library")
    assert {Supported.CHECKOUT, Supported.LOGIN, Supported.PATRON_INFORMATION} <= status.supported
    assert Supported.ITEM_STATUS_UPDATE not in status.supported
    assert status.timeout_tenths in (10, 30)


def test_a_wrong_password(stranger: Line) -> None:
    assert not stranger.login("wrong").ok


# ── patrons ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_patron(line: Line) -> None:
    for card in (ANNA, "04A1"):
        anna = information(line, card, summary=Summary.CHARGED)
        assert (anna.patron, anna.name, anna.institution) == (card, "Anna Berg", "small")
        assert (anna.valid_patron, anna.valid_password, anna.status) == (True, None, frozenset())
        assert (anna.charged_items_count, anna.charged_items, anna.charged_items_limit) == (1, ("309",), 3)
        assert (anna.overdue_items_count, anna.hold_items_count, anna.fine_items_count) == (0, 0, 0)
        assert anna.fee_amount is None


def test_a_pin(line: Line) -> None:
    assert information(line, BEN, patron_password="1234").valid_password is True
    assert information(line, BEN, patron_password="4321").valid_password is False
    assert information(line, BEN).valid_password is None


def test_fees_and_what_is_overdue(line: Line) -> None:
    dora = information(line, DORA, summary=Summary.OVERDUE)
    assert (dora.overdue_items_count, dora.overdue_items, dora.charged_items) == (1, ("306",), ())
    assert (dora.fee_amount, dora.currency, dora.fine_items_count) == (Decimal("15.00"), "EUR", 1)
    assert {PatronCondition.CHARGE_DENIED, PatronCondition.EXCESSIVE_FEES} <= dora.status


def test_holds_and_blocks(line: Line) -> None:
    assert information(line, HANA, summary=Summary.HOLDS).hold_items == ("304",)
    assert PatronCondition.CHARGE_DENIED in information(line, KAI).status


def test_an_unknown_patron(line: Line) -> None:
    nobody = information(line, "9999")
    assert (nobody.valid_patron, nobody.name, nobody.charged_items_count) == (False, "", 0)


def test_letters_beyond_ascii(line: Line) -> None:
    assert information(line, EVA).name == "Éva Zoë Müller"
    assert item(line, "310").title == "L'Éducation sentimentale"


@UNICODE
def test_chinese(line: Line) -> None:
    assert item(line, "302").title == "红楼梦"
    assert checkout(line, ANNA, "302").title == "红楼梦"


@pytest.mark.parametrize("name", ["pysip2 cp850"])
def test_pysip2_hangs_up_where_its_encoding_has_no_such_character(line: Line) -> None:
    with pytest.raises(EOFError):
        item(line, "302")


def test_the_end_of_a_session(line: Line) -> None:
    assert line.ask(requests.EndSession(transaction_date=NOW, patron=ANNA)).ended


@PYSIP2
def test_a_page_of_a_list(line: Line) -> None:
    for barcode in ("301", "302"):
        assert checkout(line, ANNA, barcode).ok
    page = information(line, ANNA, summary=Summary.CHARGED, start_item=2, end_item=3)
    assert page.charged_items == ("302", "309")
    assert (page.charged_items_count, page.recall_items_count) == (3, None)
    assert PatronCondition.TOO_MANY_CHARGED in page.status


@PYSIP2
def test_a_card_is_blocked_and_enabled(line: Line) -> None:
    blocked = line.ask(requests.BlockPatron(card_retained=False, transaction_date=NOW, patron=ANNA))
    assert PatronCondition.CHARGE_DENIED in blocked.status
    enabled = line.ask(requests.PatronEnable(transaction_date=NOW, patron=ANNA))
    assert (enabled.status, enabled.name) == (frozenset(), "Anna Berg")


@PYSIP2
def test_the_status_of_a_patron(line: Line) -> None:
    dora = line.ask(requests.PatronStatusRequest(transaction_date=NOW, patron=DORA))
    assert (dora.name, dora.fee_amount, dora.screen_messages) == ("Dora Lind", Decimal("15.00"), ("Patron expired",))


@INVENIO
def test_invenio_says_less_of_a_patrons_status(line: Line) -> None:
    dora = line.ask(requests.PatronStatusRequest(transaction_date=NOW, patron=DORA))
    assert (dora.name, dora.valid_patron, dora.fee_amount) == ("Dora Lind", True, Decimal("15.00"))


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────


def test_items(line: Line) -> None:
    free, held = item(line, "303"), item(line, "304")
    assert (free.circulation_status, free.title, free.due_date) == (CirculationStatus.AVAILABLE, "Metropolis", None)
    assert (free.media_type, free.permanent_location, free.owner) == (MediaType.VIDEO_TAPE, "main", "small")
    assert (held.circulation_status, held.hold_queue_length) == (CirculationStatus.ON_HOLD_SHELF, 1)
    checkout(line, ANNA, "303")
    lent = item(line, "303")
    assert (lent.circulation_status, lent.due_date) == (CirculationStatus.CHARGED, day("2026-03-09"))


def test_an_unknown_item(line: Line) -> None:
    unknown = item(line, "999")
    assert (unknown.circulation_status, unknown.title) == (CirculationStatus.OTHER, "")
    assert unknown.screen_messages == ("Unknown item",)


# ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_borrowed(line: Line) -> None:
    lent = checkout(line, ANNA, "310")
    assert (lent.ok, lent.renewal_ok, lent.desensitize, lent.magnetic_media) == (True, False, True, None)
    assert (lent.title, lent.due_date) == ("L'Éducation sentimentale", day("2026-03-30"))
    assert (lent.media_type, lent.patron, lent.item, lent.screen_messages) == (MediaType.BOOK, ANNA, "310", ())
    assert information(line, ANNA).charged_items_count == 2


def test_borrowed_again_is_renewed(line: Line) -> None:
    assert checkout(line, ANNA, "310").renewal_ok is False
    for _ in range(2):
        again = checkout(line, ANNA, "310")
        assert (again.ok, again.renewal_ok) == (True, True)
    once_more = checkout(line, ANNA, "310")
    assert (once_more.ok, once_more.due_date, once_more.screen_messages) == (False, "", ("No more renewals",))


def test_the_same_bytes_again(line: Line, name: str) -> None:
    """What must never be relied on: pysip2 says again what it said, invenio-sip2 does it again."""
    data = line.codec.encode(requests.Checkout(transaction_date=NOW, patron=ANNA, item="310"), 1)
    first, second = (line.codec.answer(line.exchange(data)) for _ in range(2))
    assert isinstance(first, CheckoutResponse)
    assert isinstance(second, CheckoutResponse)
    assert (first.ok, second.ok, first.renewal_ok) == (True, True, False)
    assert second.renewal_ok is (name == "invenio")


@pytest.mark.parametrize(
    ("card", "barcode", "why"),
    [
        (ANNA, "304", "Item is on hold shelf for another patron"),
        (ANNA, "306", "Item checked out to another patron"),
        (ANNA, "308", "Item is not for loan"),
        (ANNA, "999", "Unknown item"),
        ("9999", "301", "Unknown patron"),
        (DORA, "301", "Patron Blocked"),
        (KAI, "301", "Patron Blocked"),
    ],
)
@UNICODE
def test_refused(line: Line, card: str, barcode: str, why: str) -> None:
    refused = checkout(line, card, barcode)
    assert (refused.ok, refused.renewal_ok, refused.due_date, refused.screen_messages) == (False, False, "", (why,))


def test_what_stood_on_the_hold_shelf_is_borrowed(line: Line) -> None:
    assert checkout(line, HANA, "304").ok
    assert information(line, HANA).hold_items_count == 0


def test_too_many(line: Line) -> None:
    assert checkout(line, ANNA, "301").ok
    assert checkout(line, ANNA, "303").ok
    assert checkout(line, ANNA, "305").screen_messages == ("Too many checkouts",)


def test_returned(line: Line) -> None:
    checkout(line, EVA, "310")
    back = checkin(line, "310")
    assert (back.ok, back.alert, back.resensitize) == (True, False, True)
    assert (back.title, back.permanent_location) == ("L'Éducation sentimentale", "main")
    assert item(line, "310").circulation_status is CirculationStatus.AVAILABLE


@UNICODE
def test_returned_late_and_at_another_branch(line: Line) -> None:
    back = checkin(line, "306")
    assert (back.ok, back.alert, back.permanent_location) == (True, True, "east")
    assert information(line, DORA).fee_amount == Decimal("15.80")


def test_returned_what_was_not_out(line: Line) -> None:
    free, held, unknown = checkin(line, "301"), checkin(line, "304"), checkin(line, "999")
    assert (free.ok, free.alert, free.screen_messages) == (False, False, ("Item not checked out",))
    assert (held.ok, held.alert, held.screen_messages) == (False, True, ("Item is on hold shelf",))
    assert (unknown.ok, unknown.alert, unknown.title) == (False, True, None)


@UNICODE
def test_renewed(line: Line) -> None:
    renewed = renew(line, ANNA, "309")
    assert (renewed.ok, renewed.renewal_ok, renewed.due_date) == (True, True, day("2026-03-30"))
    assert renew(line, EVA, "309").screen_messages == ("Item is not checked out to this patron",)


@PYSIP2
def test_all_renewed(line: Line) -> None:
    for barcode in ("301", "302"):
        checkout(line, ANNA, barcode)
    line.ask(requests.Hold(mode="+", transaction_date=NOW, patron=EVA, item="301"))
    done = line.ask(requests.RenewAll(transaction_date=NOW, patron=ANNA))
    assert (done.ok, done.renewed_count, done.unrenewed_count) == (True, 2, 1)
    assert (done.renewed_items, done.unrenewed_items) == (("302", "309"), ("301",))


def test_reserved_and_ready_when_it_comes_back(line: Line) -> None:
    checkout(line, ANNA, "310")
    held = line.ask(requests.Hold(mode="+", transaction_date=NOW, patron=EVA, item="310"))
    assert (held.ok, held.available, held.patron, held.item) == (True, False, EVA, "310")
    back = checkin(line, "310")
    assert (back.ok, back.alert, back.screen_messages) == (True, True, ("Item is on hold shelf",))
    assert information(line, EVA, summary=Summary.HOLDS).hold_items == ("310",)


def test_paid_as_often_as_it_is_said(line: Line) -> None:
    paid = pay(line, DORA, "5.00")
    assert (paid.accepted, paid.patron, paid.institution) == (True, DORA, "small")
    assert information(line, DORA).fee_amount == Decimal("10.00")
    pay(line, DORA, "5")
    assert information(line, DORA).fee_amount == Decimal("5.00")
    assert not pay(line, "9999", "5.00").accepted


@PYSIP2
def test_told_of_a_loan_that_has_happened(line: Line) -> None:
    until = NOW + timedelta(days=10)
    told = checkout(line, DORA, "309", no_block=True, nb_due_date=until)
    assert (told.ok, told.due_date) == (True, day("2026-03-12"))
    assert information(line, ANNA).charged_items_count == 0


@PYSIP2
def test_undone(line: Line) -> None:
    checkout(line, ANNA, "301")
    assert checkout(line, ANNA, "301", cancel=True).ok
    assert item(line, "301").circulation_status is CirculationStatus.AVAILABLE


# ── error detection ──────────────────────────────────────────────────────────────────────────────────────


@PYSIP2
def test_without_error_detection(stranger: Line) -> None:
    frame = stranger.exchange(stranger.codec.encode(requests.Login(user=USER, password=PASSWORD)))
    assert (frame.code, frame.checksum, frame.sequence) == ("94", Checksum.MISSING, None)


def test_invenio_without_error_detection() -> None:
    with running_invenio(error_detection=False) as peer, closing(Line(peer.port)) as line:
        frame = line.exchange(line.codec.encode(requests.Login(user=USER, password=PASSWORD), 0))
    assert (frame.code, frame.checksum, frame.sequence) == ("94", Checksum.MISSING, None)


@pytest.mark.parametrize("name", ["pysip2 required"])
def test_error_detection_required(line: Line) -> None:
    refused = line.exchange(line.codec.encode(requests.SCStatus()))
    assert line.codec.answer(refused) == RequestSCResend()
    assert line.ask(requests.SCStatus()).online


@PYSIP2
def test_a_broken_message_is_asked_for_again(line: Line) -> None:
    whole = line.codec.encode(requests.SCStatus(), 1)
    assert line.exchange(whole.replace(b"080", b"081")).code == "96"
    assert line.exchange(whole).code == "98"


@PYSIP2
def test_the_last_answer_again(line: Line) -> None:
    first = line.exchange(line.codec.encode(requests.SCStatus(), 1))
    assert line.exchange(line.codec.encode(requests.RequestACSResend(), 2)) == first


# ── the library ──────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_the_library_of_the_other_tests() -> None:
    """So that whatever holds for a catalogue can be asked of one behind these servers."""
    mine = Library(START)
    rules = tomllib.loads(library.RULES)
    usual, dvd = rules["rule"]
    assert {name: mine.rules[name] for name in ("fee_limit", "overdue_limit")}.items() <= rules.items()
    assert (mine.rules["loans"], mine.rules["renewals"]) == (usual["limit"], usual["renewals"])
    assert mine.rules["loan_days"] == {"book": usual["loan_days"], "dvd": dvd["loan_days"]}
    assert mine.rules["fee_per_day"] == usual["fee_per_day"]
    assert mine.rules["closed_weekdays"] == rules["calendar"][0]["closed_weekdays"]
    titles = {row.split("\t")[0]: row.split("\t")[1] for row in library.TITLES.splitlines()[1:]}
    for row in library.ITEMS.splitlines()[1:]:
        barcode, title, branch, status = row.split("\t")
        one = mine.items[barcode]
        assert (one.title.name, one.branch, one.for_loan) == (titles[title], branch, status == "available")
    for reader in tomllib.loads(library.PATRONS)["patron"]:
        for card in reader["cards"]:
            patron = mine.patrons[card["value"]]
            assert (patron.name, patron.pin) == (reader["name"], reader.get("pin", ""))
            assert patron.fees == sum(fee["minor"] for fee in reader.get("fees", []))
            assert patron.expired == (reader.get("expires_in_days", 0) < 0)
        due = {loan["item"]: START.date() + timedelta(loan["due_in_days"]) for loan in reader.get("loans", [])}
        assert {one.barcode: one.due for one in mine.loans(patron)} == due
        ready = [hold["ready_item"] for hold in reader.get("holds", [])]
        assert [one.barcode for one in mine.ready(patron)] == ready
