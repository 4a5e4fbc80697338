"""Whatever happens, in whatever order, and however the bytes are cut."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sync.sip2 import Codec, ErrorDetection, Profile
from sync.sip2.actions import Action, Answered, Close, Failed, Heard, Ready, Send
from sync.sip2.answers import ItemInformationResponse
from sync.sip2.requests import ItemInformation, Login
from sync.sip2.session import MOST_REPEATS, Session
from tests.sync.sip2.misbehaving import NOW, PASSWORD, RESEND, USER, answer_to
from tests.sync.sip2.test_framing import split

LOGIN = Login(user=USER, password=PASSWORD)


# ── cut anywhere ─────────────────────────────────────────────────────────────────────────────────────────

CODEC = Codec(Profile())
BARE = Codec(Profile(error_detection=ErrorDetection.OFF))
QUESTION = ItemInformation(transaction_date=NOW, item="39990001")
ANSWER = CODEC.encode(answer_to(QUESTION), 2)
PIECES = [
    ANSWER,
    CODEC.encode(answer_to(QUESTION), 1),
    CODEC.encode(answer_to(LOGIN), 2),
    ANSWER.replace(b"3999", b"3998"),
    ANSWER[:-1] + b"\r\n",
    RESEND,
    b"\n \r\x00",
    b"FAIL\r",
    b"None",
    b"18\r",
]


def asked_once(codec: Codec) -> Session:
    """A session in which a question is in flight, with number 2."""
    session = Session(codec, LOGIN)
    session.begin()
    session.received(codec.encode(answer_to(LOGIN), 0))
    session.received(codec.encode(answer_to(codec.request(codec.open(b"9900802.00"))), 1))
    session.ask(QUESTION)
    return session


def told(session: Session, pieces: list[bytes]) -> list[str]:
    """What it wants done, but for what the trace hears. Errors by their class, for they are equal to none."""
    actions = [action for piece in pieces for action in session.received(piece)] + session.ended()
    wanted = [action for action in actions if not isinstance(action, Heard)]
    return [type(action.error).__name__ if isinstance(action, Failed) else repr(action) for action in wanted]


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=6), cuts=st.lists(st.integers(0, 1 << 16), max_size=8))
def test_split_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole = told(asked_once(CODEC), [data])
    assert told(asked_once(CODEC), split(data, cuts)) == whole
    assert told(asked_once(CODEC), [data[at : at + 1] for at in range(len(data))]) == whole


@pytest.mark.parametrize("length", range(len(ANSWER)))
def test_hung_up_at_each_byte(length: int) -> None:
    session = asked_once(CODEC)
    actions = [*session.received(ANSWER[:length]), *session.ended()]
    ends = [action for action in actions if isinstance(action, Answered | Failed)]
    assert len(ends) == 1
    assert isinstance(ends[0], Answered) == (length == len(ANSWER) - 1)  # the terminator alone may be missing
    assert actions[-1] == Close()


# ── in any order ─────────────────────────────────────────────────────────────────────────────────────────


class Conversation(RuleBasedStateMachine):
    """A library system that says anything at any time, also truly late answers, and a station that asks and leaves.

    Every item is asked about once, so that an answer says by its item whose it is."""

    codec = CODEC

    def __init__(self) -> None:
        super().__init__()
        self.items = count(1)
        self.open_anew()

    def open_anew(self) -> None:
        """A new connection: nothing of the old one can come on it."""
        self.session = Session(self.codec, LOGIN)
        self.in_flight: str | None = None
        self.began = False
        self.closed = False
        self.answers: list[bytes] = []  # honest ones on this connection, the youngest last
        self.unanswered = False  # whether the library system owes one
        self.sends = 0
        self.do(self.session.begin())

    def do(self, actions: list[Action]) -> None:
        for action in actions:
            assert not self.closed, f"{action} after the end"
            match action:
                case Send(data):
                    self.sends += 1
                    self.on_sent(data)
                case Ready():
                    assert not self.began
                    self.began = True
                case Answered(answer):
                    assert isinstance(answer, ItemInformationResponse)
                    assert answer.item == self.in_flight
                    self.in_flight = None
                case Failed():
                    assert self.in_flight is not None or not self.began
                    self.in_flight = None
                case Close():
                    assert self.in_flight is None
                    self.closed = True

    def on_sent(self, data: bytes) -> None:
        frame = self.codec.open(data[:-1])
        if frame.code != "97":
            self.answers.append(self.codec.encode(answer_to(self.codec.request(frame)), frame.sequence))
            self.unanswered = True

    @precondition(lambda self: self.closed)
    @rule()
    def connects_again(self) -> None:
        self.open_anew()

    @precondition(lambda self: self.session.ready)
    @rule()
    def asks(self) -> None:
        self.in_flight = f"{next(self.items):08d}"
        self.sends = 0
        self.do(self.session.ask(ItemInformation(transaction_date=NOW, item=self.in_flight)))

    @precondition(lambda self: self.unanswered)
    @rule()
    def is_answered(self) -> None:
        self.unanswered = False
        self.do(self.session.received(self.answers[-1]))

    @precondition(lambda self: self.unanswered and self.session.numbered)
    @rule(cut=st.integers(1, 400))
    def is_answered_in_part(self, cut: int) -> None:
        self.unanswered = False
        answer = self.answers[-1]
        self.do(self.session.received(answer[: cut % len(answer)]))

    @precondition(lambda self: self.unanswered and self.session.numbered)
    @rule()
    def is_answered_brokenly(self) -> None:
        self.do(self.session.received(self.answers[-1].replace(b"0000", b"1111", 1).replace(b"941", b"951")))

    @precondition(lambda self: len(self.answers) > 1)
    @rule()
    def hears_the_answer_before(self) -> None:
        self.do(self.session.received(self.answers[-2]))

    @rule(noise=st.sampled_from([RESEND, b"\r\n", b"None", b"FAIL\r", b"\r", b"18\r"]))
    def hears_noise(self, noise: bytes) -> None:
        self.do(self.session.received(noise))

    @rule(event=st.sampled_from(["ended", "timed_out", "hang_up"]))
    def is_over(self, event: str) -> None:
        self.do(getattr(self.session, event)())

    @precondition(lambda self: self.in_flight is not None)
    @rule()
    def leaves(self) -> None:
        self.in_flight = None
        self.do(self.session.abandon())

    @invariant()
    def one_at_most_is_in_flight(self) -> None:
        assert self.session.ready == (self.began and not self.closed and self.in_flight is None)

    @invariant()
    def nothing_is_sent_for_ever(self) -> None:
        if self.in_flight is not None:
            assert self.sends <= 1 + MOST_REPEATS


class BareConversation(Conversation):
    """The same without sequence numbers. Then a message that was cut short and another behind it cannot be told from
    one, so none is cut short here."""

    codec = BARE


TestConversation = Conversation.TestCase
TestBareConversation = BareConversation.TestCase
TestConversation.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestBareConversation.settings = TestConversation.settings
