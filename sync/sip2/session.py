"""One connection to a library system, without a socket and without a clock: events in, actions out.

    begin ──► LOGIN ──94 yes──► STATUS ──98──► READY ◄──► a request in flight
                │ 94 no           │              │
                └─────────────────┴──────────────┴──► CLOSED   by EOF, silence, what is no answer, a caller who left

One message is in flight, never two: systems answer pipelined requests late, in the wrong place, or not at all. An
answer is matched by its command and by the sequence number that it repeats (SIP 2.00, section 'Error detection'). After
a silence or a fault the connection is closed, so that what comes late is nobody's answer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum, auto

from sync.catalogue import NoAnswer, NotAuthorised, SyncError, Unreachable
from sync.sip2.actions import Action, Answered, Close, Failed, Heard, Ready, Send, StartOver
from sync.sip2.answers import ACSStatus, LoginResponse, RequestSCResend
from sync.sip2.codec import Codec
from sync.sip2.errors import ProtocolError, Unsendable
from sync.sip2.message import Answer, Request
from sync.sip2.profile import ErrorDetection
from sync.sip2.requests import Login, RequestACSResend, SCStatus
from sync.sip2.wire import Checksum, Frame

log = logging.getLogger(__name__)

MOST_REPEATS = 3
"""How often either side may ask for a message again until an exchange is given up."""

Actions = list[Action]


class Stage(Enum):
    """How far a connection is."""

    NEW = auto()
    LOGIN = auto()
    STATUS = auto()
    READY = auto()
    CLOSED = auto()


@dataclass(slots=True)
class _Exchange:
    """A request, and what has been sent for it. `message` is what left last: the request, or a 97."""

    request: Request
    message: Request
    sequence: int | None
    sent: bytes
    repeats: int = 0

    @property
    def asked_again(self) -> bool:
        return self.message is not self.request


class Session:
    """The conversation on one connection.

    Args:
        codec: of the library system's profile; sessions may share it.
        login: what to introduce oneself with; None: the library system wants none.
        numbered: whether to begin with sequence numbers and checksums. None: as the profile says.
    """

    def __init__(self, codec: Codec, login: Login | None, *, numbered: bool | None = None) -> None:
        self._codec = codec
        self._login = login
        self._detection = codec.profile.error_detection
        self._numbered = self._detection is not ErrorDetection.OFF if numbered is None else numbered
        self._framer = codec.framer()
        self._stage = Stage.NEW
        self._exchange: _Exchange | None = None
        self._new = True  # nothing was answered yet
        self._before: dict[str, str] = {}  # what the request before was about, where answers have no number
        self._next_sequence = 0

    @property
    def ready(self) -> bool:
        """Whether a request may be asked now."""
        return self._stage is Stage.READY and self._exchange is None

    @property
    def numbered(self) -> bool:
        """Whether messages carry sequence numbers and checksums, as far as is known by now."""
        return self._numbered

    # ── events ──

    def begin(self) -> Actions:
        """The connection stands."""
        if self._login is None:
            return self._enter(Stage.STATUS, SCStatus())
        return self._enter(Stage.LOGIN, self._login)

    def ask(self, request: Request) -> Actions:
        """A request is wanted. It ends with one `Answered` or one `Failed`, unless it is abandoned.

        Raises:
            Unsendable: it cannot be said; nothing has happened.
            RuntimeError: not `ready`.
        """
        if not self.ready:
            raise RuntimeError("a request is in flight, or there is no connection")
        return self._start(request)

    def received(self, data: bytes) -> Actions:
        """Bytes came, however they were cut."""
        actions: Actions = []
        try:
            for line in self._framer.feed(data):
                if self._stage is Stage.CLOSED:
                    return actions
                actions.append(Heard(line))
                actions += self._line(line)
            actions += self._look_at_pending()
        except (ProtocolError, Unsendable) as error:
            actions += self._fault(error)
        return actions

    def ended(self) -> Actions:
        """The library system has hung up. A message that lacks only its terminator counts."""
        actions = self._finish_pending()
        return actions + self._fail("the library system hung up")

    def timed_out(self) -> Actions:
        """Nothing has come for as long as an answer may take."""
        return self._fail("no answer in time") if self._exchange else []

    def hang_up(self) -> Actions:
        """The station has no more use for the connection."""
        return self._fail("the station hung up")

    def abandon(self) -> Actions:
        """Whoever asked has left. What comes now is nobody's, so the connection goes."""
        self._exchange = None
        return self._close()

    # ── what comes ──

    def _line(self, line: bytes) -> Actions:
        frame = self._codec.open(line)
        if self._exchange is None:
            return self._unasked(frame.code)
        if not frame.sound:
            return self._want_again(self._exchange)
        if frame.code == RequestSCResend.code:
            return self._send_again(self._exchange)
        return self._match(self._exchange, frame)

    def _match(self, exchange: _Exchange, frame: Frame) -> Actions:
        """The answer that is waited for, or one that is dropped."""
        if frame.code != exchange.request.answered_by.code or not self._may_be_numbered(exchange, frame):
            log.info("an answer %s is dropped: a message %s waits for its own", frame.code, exchange.request.code)
            return []
        answer = self._codec.answer(frame)
        proven = exchange.sequence is not None and frame.sequence == exchange.sequence
        if not proven and _is_about(self._before, exchange.request, answer):
            log.info("an answer %s is dropped: it is the one to the request before", frame.code)
            return []
        self._learn(exchange, frame)
        self._exchange, self._new = None, False
        self._before = {} if proven else _about(exchange.request)
        return self._take(answer)

    def _may_be_numbered(self, exchange: _Exchange, frame: Frame) -> bool:
        """Whether the answer's number is ours. Systems number what they send again anew, from 0, or not at all."""
        if exchange.sequence is None or frame.sequence is None:
            return True
        if frame.sequence == exchange.sequence or (exchange.asked_again and frame.sequence == 0):
            return True
        # Nothing can be late on a new connection: the system numbers as it likes (dp2: always 4).
        return self._detection is ErrorDetection.AUTO and self._new

    def _learn(self, exchange: _Exchange, frame: Frame) -> None:
        """What an answer tells of the system's error detection. Sent again it tells nothing: Koha sends it bare."""
        if exchange.sequence is None or exchange.asked_again:
            return
        bare = frame.sequence is None and frame.checksum is Checksum.MISSING
        incomplete = frame.sequence is None or frame.checksum is Checksum.MISSING
        if self._detection is ErrorDetection.ON and incomplete:
            raise ProtocolError(
                f"an answer {frame.code} has no sequence number and checksum, and error_detection is on"
            )
        if bare or frame.sequence not in (None, exchange.sequence):
            self._numbered = False

    def _unasked(self, code: str) -> Actions:
        """Nobody waits for it. Without numbers what follows could not be told from an answer."""
        log.info("a message %s is dropped: nothing was asked", code)
        return [] if self._numbered else self._close()

    def _look_at_pending(self) -> Actions:
        """What has come of a message without its end. Text that is no message may never get one ('None')."""
        pending = self._framer.pending
        if not pending or self._stage is Stage.CLOSED:
            return []
        if not pending[:2].isdigit():
            return [Heard(pending), *self._fault(ProtocolError("text that is no SIP message"))]
        if self._exchange is None and not self._numbered:
            return self._close()
        if self._exchange is not None and self._exchange.asked_again:
            return self._finish_pending()  # invenio-sip2 sends it again without a terminator
        return []

    def _finish_pending(self) -> Actions:
        """Take a message without its terminator for whole where its checksum is right."""
        if self._exchange is None or not self._framer.pending:
            return []
        try:
            whole = self._codec.open(self._framer.pending).checksum is Checksum.RIGHT
        except ProtocolError:
            return []
        return self.received(b"\r") if whole else []

    # ── what leaves ──

    def _enter(self, stage: Stage, request: Request) -> Actions:
        self._stage = stage
        return self._start(request)

    def _start(self, request: Request) -> Actions:
        sequence = self._number()
        sent = self._codec.encode(request, sequence)
        self._next_sequence += sequence is not None
        self._exchange = _Exchange(request, request, sequence, sent)
        return [Send(sent)]

    def _number(self) -> int | None:
        return self._next_sequence % 10 if self._numbered else None

    def _send_again(self, exchange: _Exchange) -> Actions:
        """By 96: it could not read what left last, which is sent as it was. A 97 stays a 97: a request that was
        answered would be carried out twice."""
        _count_repeat(exchange, "the library system asks for every message again")
        if exchange.sequence is None and not exchange.asked_again and self._detection is ErrorDetection.AUTO:
            self._numbered = True  # this is how one asks for checksums
            exchange.sequence = self._number()
            exchange.sent = self._codec.encode(exchange.request, exchange.sequence)
            self._next_sequence += 1
        return [Send(exchange.sent)]

    def _want_again(self, exchange: _Exchange) -> Actions:
        """By 97: the answer came broken. It is sent again, and nothing is carried out again."""
        _count_repeat(exchange, "every answer comes with a wrong checksum")
        exchange.message = RequestACSResend()
        exchange.sent = self._codec.encode(exchange.message, exchange.sequence)
        return [Send(exchange.sent)]

    # ── answers, by stage ──

    def _take(self, answer: Answer) -> Actions:
        match self._stage, answer:
            case Stage.LOGIN, LoginResponse(ok=True):
                return self._enter(Stage.STATUS, SCStatus())
            case Stage.LOGIN, _:
                return [Failed(NotAuthorised("the library system refuses the login (940)")), *self._close()]
            case Stage.STATUS, ACSStatus():
                self._stage = Stage.READY
                return [Ready(answer)]
            case _:
                return [Answered(answer)]

    # ── ends ──

    def _fault(self, error: SyncError) -> Actions:
        if self._exchange is None:
            return self._close()
        if self._stage is Stage.READY:
            return [Failed(error), *self._close()]
        if self._detection is ErrorDetection.AUTO and self._numbered:
            return [StartOver(str(error)), *self._close()]
        return self._fail(str(error))

    def _fail(self, why: str) -> Actions:
        """What was asked may have been done; where only the beginning failed, nothing was asked yet."""
        if self._exchange is None:
            return self._close()
        error = NoAnswer(why) if self._stage is Stage.READY else Unreachable(why)
        return [Failed(error), *self._close()]

    def _close(self) -> Actions:
        if self._stage is Stage.CLOSED:
            return []
        self._stage, self._exchange = Stage.CLOSED, None
        return [Close()]


def _count_repeat(exchange: _Exchange, why: str) -> None:
    exchange.repeats += 1
    if exchange.repeats > MOST_REPEATS:
        raise ProtocolError(why)


def _about(message: Request | Answer) -> dict[str, str]:
    """The item and the patron that a message names."""
    named = {name: getattr(message, name, None) for name in ("item", "patron")}
    return {name: value for name, value in named.items() if value}


def _is_about(before: dict[str, str], request: Request, answer: Answer) -> bool:
    """Whether an answer without a number names the item or the patron of the request before, and not ours. That it is
    not ours alone proves nothing: systems answer with a number of their own for a card."""
    ours, named = _about(request), _about(answer)
    return any(before.get(name) == value != ours.get(name, value) for name, value in named.items())
