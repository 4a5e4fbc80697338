"""A conversation without a socket: what leaves, what is believed, and how it ends."""

from __future__ import annotations

import pytest

from sync.catalogue import NoAnswer, NotAuthorised, Unreachable
from sync.sip2 import Answer, Codec, ErrorDetection, Profile, ProtocolError, Request, Unsendable
from sync.sip2.actions import Action, Answered, Close, Failed, Heard, Ready, Send, StartOver
from sync.sip2.answers import ItemInformationResponse
from sync.sip2.requests import Checkout, ItemInformation, Login, PatronInformation
from sync.sip2.session import MOST_REPEATS, Session
from tests.sync.sip2.misbehaving import NOW, PASSWORD, RESEND, USER, answer_to

LOGIN = Login(user=USER, password=PASSWORD)
ITEM = ItemInformation(transaction_date=NOW, item="39990001")
OTHER_ITEM = ItemInformation(transaction_date=NOW, item="39990002")


class Table:
    """A session, and the library system's side of it, played by the test."""

    def __init__(self, detection: ErrorDetection = ErrorDetection.AUTO, login: Login | None = LOGIN) -> None:
        self.codec = Codec(Profile(error_detection=detection))
        self.session = Session(self.codec, login)
        self.sent: list[bytes] = []

    def do(self, actions: list[Action]) -> list[Action]:
        """What the session wants, apart from what is only for the trace."""
        self.sent += [action.data for action in actions if isinstance(action, Send)]
        return [action for action in actions if not isinstance(action, Heard)]

    def hear(self, data: bytes) -> list[Action]:
        return self.do(self.session.received(data))

    def ask(self, request: Request) -> list[Action]:
        return self.do(self.session.ask(request))

    def said(self, request: Request, *, bare: bool = False, sequence: int | None = None) -> bytes:
        """The honest answer to a request, numbered as what was sent last."""
        asked = self.codec.open(self.sent[-1][:-1]).sequence
        return self.codec.encode(answer_to(request), None if bare else asked if sequence is None else sequence)

    def settle(self, *, bare: bool = False) -> Table:
        """Login and status."""
        self.do(self.session.begin())
        while not self.session.ready:
            request = self.codec.request(self.codec.open(self.sent[-1][:-1]))
            self.hear(self.said(request, bare=bare))
        return self


def answer_in(actions: list[Action]) -> Answer:
    (action,) = actions
    assert isinstance(action, Answered)
    return action.answer


def failure_in(actions: list[Action]) -> Exception:
    failed, closed = actions
    assert isinstance(failed, Failed)
    assert closed == Close()
    return failed.error


def title_in(actions: list[Action]) -> str | None:
    answer = answer_in(actions)
    assert isinstance(answer, ItemInformationResponse)
    return answer.title


# ── the beginning ────────────────────────────────────────────────────────────────────────────────────────


def test_login_then_status_then_ready() -> None:
    table = Table()
    table.do(table.session.begin())
    table.hear(table.said(LOGIN))
    assert [line[:2] for line in table.sent] == [b"93", b"99"]
    (ready,) = table.hear(table.codec.encode(answer_to(table.codec.request(table.codec.open(b"9900802.00"))), 1))
    assert isinstance(ready, Ready)
    assert ready.status.online
    assert table.session.ready


def test_no_login_where_none_is_wanted() -> None:
    table = Table(login=None).settle()
    assert [line[:2] for line in table.sent] == [b"99"]


def test_a_refused_login() -> None:
    table = Table()
    table.do(table.session.begin())
    assert isinstance(failure_in(table.hear(b"940AY0AZFDFE\r")), NotAuthorised)


@pytest.mark.parametrize("stage", ["login", "status"])
def test_nothing_of_a_request_has_left_before_the_status(stage: str) -> None:
    for event in ("ended", "timed_out"):
        table = Table()
        table.do(table.session.begin())
        if stage == "status":
            table.hear(table.said(LOGIN))
        assert isinstance(failure_in(table.do(getattr(table.session, event)())), Unreachable)


# ── one in flight ────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_request_is_refused() -> None:
    table = Table().settle()
    table.ask(ITEM)
    with pytest.raises(RuntimeError):
        table.session.ask(OTHER_ITEM)
    assert title_in(table.hear(table.said(ITEM))) == "Żółć 39990001"


def test_sequence_numbers_go_round() -> None:
    table = Table().settle()
    for _ in range(20):
        table.ask(ITEM)
        table.hear(table.said(ITEM))
    numbers = [table.codec.open(line[:-1]).sequence for line in table.sent]
    assert numbers == [at % 10 for at in range(22)]


def test_what_cannot_be_said_changes_nothing() -> None:
    table = Table().settle()
    with pytest.raises(Unsendable):
        table.session.ask(ItemInformation(transaction_date=NOW, item="1|2"))
    table.ask(ITEM)
    assert table.codec.open(table.sent[-1][:-1]).sequence == 2
    assert title_in(table.hear(table.said(ITEM))) == "Żółć 39990001"


@pytest.mark.parametrize("event", ["ended", "timed_out", "hang_up"])
def test_what_was_sent_and_not_answered_is_unknown(event: str) -> None:
    table = Table().settle()
    table.ask(ITEM)
    assert isinstance(failure_in(table.do(getattr(table.session, event)())), NoAnswer)
    assert table.hear(table.said(ITEM)) == []  # too late


def test_whoever_leaves_takes_the_connection_along() -> None:
    table = Table().settle()
    table.ask(ITEM)
    assert table.do(table.session.abandon()) == [Close()]
    assert table.hear(table.said(ITEM)) == []
    assert not table.session.ready


def test_a_time_that_runs_out_when_nothing_is_asked() -> None:
    table = Table().settle()
    assert table.session.timed_out() == []
    assert table.session.ready


# ── whose answer ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bare", [False, True])
def test_an_answer_with_another_command_is_dropped(bare: bool) -> None:
    table = Table().settle(bare=bare)
    table.ask(ITEM)
    loan = Checkout(transaction_date=NOW, patron="2352", item="39990001")
    assert table.hear(table.said(loan, bare=bare)) == []
    assert title_in(table.hear(table.said(ITEM, bare=bare))) == "Żółć 39990001"


def test_an_answer_with_another_number_is_dropped() -> None:
    table = Table().settle()
    table.ask(ITEM)
    assert table.hear(table.said(OTHER_ITEM, sequence=1)) == []
    assert title_in(table.hear(table.said(ITEM))) == "Żółć 39990001"


def test_an_answer_that_comes_twice() -> None:
    table = Table().settle()
    table.ask(ITEM)
    first = table.said(ITEM)
    assert title_in(table.hear(first + first)) == "Żółć 39990001"
    table.ask(OTHER_ITEM)
    assert table.hear(first) == []
    assert title_in(table.hear(table.said(OTHER_ITEM))) == "Żółć 39990002"


def test_without_numbers_what_was_not_asked_for_ends_the_connection() -> None:
    for more in (b"18", b"18030000x\r"):
        table = Table(ErrorDetection.OFF).settle(bare=True)
        table.ask(ITEM)
        answered, closed = table.hear(table.said(ITEM, bare=True) + more)
        assert isinstance(answered, Answered)
        assert closed == Close()


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (ITEM, OTHER_ITEM),
        (
            PatronInformation(transaction_date=NOW, patron="2352"),
            PatronInformation(transaction_date=NOW, patron="2353"),
        ),
    ],
)
def test_without_numbers_the_answer_to_the_request_before_is_known_by_what_it_names(
    before: Request, now: Request
) -> None:
    table = Table(ErrorDetection.OFF).settle(bare=True)
    table.ask(before)
    table.hear(table.said(before, bare=True))
    table.ask(now)
    assert table.hear(table.said(before, bare=True)) == []
    assert answer_in(table.hear(table.said(now, bare=True))) is not None


def test_a_number_of_its_own_for_a_card_is_no_other_reader() -> None:
    table = Table(ErrorDetection.OFF).settle(bare=True)
    table.ask(PatronInformation(transaction_date=NOW, patron="uid-17"))
    own = PatronInformation(transaction_date=NOW, patron="2352")
    assert answer_in(table.hear(table.said(own, bare=True))) is not None


# ── error detection ──────────────────────────────────────────────────────────────────────────────────────


def test_auto_goes_on_without_numbers_where_none_come() -> None:
    table = Table().settle(bare=True)
    numbers = [table.codec.open(line[:-1]).sequence for line in table.sent]
    assert numbers == [0, None]
    assert not table.session.numbered


def test_auto_starts_over_where_the_login_cannot_be_read() -> None:
    table = Table()
    table.do(table.session.begin())
    start_over, closed = table.hear(b"Problems handling the request: 93\r")
    assert isinstance(start_over, StartOver)
    assert closed == Close()


def test_without_numbers_there_is_nothing_to_start_over() -> None:
    for table in (Table(ErrorDetection.OFF), Table(ErrorDetection.ON)):
        table.do(table.session.begin())
        assert isinstance(failure_in(table.hear(b"FAIL\r")), Unreachable)


def test_auto_numbers_what_is_asked_for_again() -> None:
    table = Table()
    table.session = Session(table.codec, LOGIN, numbered=False)
    table.do(table.session.begin())
    table.hear(RESEND)
    assert [table.codec.open(line[:-1]).sequence for line in table.sent] == [None, 0]
    table.hear(table.said(LOGIN))
    assert table.codec.open(table.sent[-1][:-1]).sequence == 1


def test_auto_gives_up_numbers_that_are_not_repeated() -> None:
    table = Table()
    table.do(table.session.begin())
    table.hear(table.said(LOGIN, sequence=4))
    assert not table.session.numbered
    assert table.sent[-1] == b"9900802.00\r"


@pytest.mark.parametrize("tail", [b"AY0", b"AZFEC7", b""])
def test_on_wants_both(tail: bytes) -> None:
    table = Table(ErrorDetection.ON)
    table.do(table.session.begin())
    assert table.codec.open(b"941" + tail).sound
    assert "error_detection" in str(failure_in(table.hear(b"941" + tail + b"\r")))


def test_off_sends_none_and_minds_none() -> None:
    table = Table(ErrorDetection.OFF).settle(bare=True)
    table.ask(ITEM)
    assert b"AY" not in table.sent[-1]
    assert title_in(table.hear(table.said(ITEM, sequence=4))) == "Żółć 39990001"


# ── once more ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_sent_again_as_it_was() -> None:
    table = Table().settle()
    table.ask(ITEM)
    for _ in range(MOST_REPEATS):
        assert table.hear(RESEND) == [Send(table.sent[-1])]
    assert title_in(table.hear(table.said(ITEM))) == "Żółć 39990001"
    assert len({*table.sent[2:]}) == 1


def test_not_for_ever() -> None:
    table = Table().settle()
    table.ask(ITEM)
    for _ in range(MOST_REPEATS):
        table.hear(RESEND)
    assert isinstance(failure_in(table.hear(RESEND)), ProtocolError)


def test_a_broken_answer_is_asked_for_again_and_the_request_is_not() -> None:
    table = Table().settle()
    table.ask(ITEM)
    answer = table.said(ITEM)
    assert table.hear(answer.replace(b"3999", b"3998")) == [Send(b"97AZFEF5\r")]
    assert table.hear(RESEND) == [Send(b"97AZFEF5\r")]  # not the request: it has been carried out
    assert title_in(table.hear(answer)) == "Żółć 39990001"


@pytest.mark.parametrize("form", ["as it was", "numbered 0", "bare", "without its end"])
def test_what_was_sent_again_is_known_in_every_form(form: str) -> None:
    table = Table().settle()
    table.ask(ITEM)
    whole = table.said(ITEM)
    again = {
        "as it was": whole,
        "numbered 0": table.said(ITEM, sequence=0),
        "bare": table.said(ITEM, bare=True),
        "without its end": whole[:-1],
    }[form]
    table.hear(whole.replace(b"3999", b"3998"))
    assert title_in(table.hear(again)) == "Żółć 39990001"
    assert table.session.numbered
    table.ask(OTHER_ITEM)
    assert title_in(table.hear(table.said(OTHER_ITEM))) == "Żółć 39990002"


def test_broken_each_time() -> None:
    table = Table().settle()
    table.ask(ITEM)
    broken = table.said(ITEM).replace(b"3999", b"3998")
    for _ in range(MOST_REPEATS):
        table.hear(broken)
    assert isinstance(failure_in(table.hear(broken)), ProtocolError)


# ── what is no message ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [b"FAIL\r", b"None", b"Problems handling the request: 11\r", b"18\r", b"junk18"])
def test_text_instead_of_an_answer(text: bytes) -> None:
    table = Table().settle()
    table.ask(ITEM)
    assert isinstance(failure_in(table.hear(text)), ProtocolError)


def test_text_when_nothing_was_asked() -> None:
    table = Table().settle()
    assert table.hear(b"Going down for maintenance\r") == [Close()]


def test_an_answer_that_lacks_only_its_end_counts() -> None:
    table = Table().settle()
    table.ask(ITEM)
    assert table.hear(table.said(ITEM)[:-1]) == []
    answered, closed = table.do(table.session.ended())
    assert isinstance(answered, Answered)
    assert closed == Close()
