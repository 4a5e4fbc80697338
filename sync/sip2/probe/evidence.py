"""What came of talking to a library system, before anybody judges it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sync.catalogue import SyncError
from sync.sip2.answers import ItemInformationResponse, RequestSCResend
from sync.sip2.codec import Codec
from sync.sip2.message import Answer, Request
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.probe.wire import Came


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message, and what came for it. `heard_at`: by the station's clock. `numbered`: as it was sent."""

    request: Request
    sent: bytes
    numbered: bool
    came: Came
    line: bytes
    took_s: float
    heard_at: datetime

    def answer(self, codec: Codec) -> Answer | None:
        """The answer to this request, whatever its checksum says; None: what came is none."""
        if self.came is not Came.LINE:
            return None
        try:
            frame = codec.open(self.line)
            return codec.answer(frame) if frame.code == self.request.answered_by.code else None
        except SyncError:
            return None

    @property
    def wants_it_again(self) -> bool:
        """Whether it was answered by 96, with which checksums are demanded."""
        return self.line[:2] == RequestSCResend.code.encode()

    @property
    def told(self) -> str:
        """What came, in few words and without anything of its content."""
        if self.came is Came.LINE:
            return f"message {self.line[:2].decode('ascii', 'replace')}" if self.line[:2].isdigit() else "no message"
        return str(self.came)


@dataclass(slots=True)
class Trial:
    """A new connection, with error detection or without: its login or first status, and a question with fields."""

    numbered: bool
    begun: Exchange | None = None
    asked: Exchange | None = None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(one for one in (self.begun, self.asked) if one is not None)


@dataclass(slots=True)
class PinTries:
    """What was said of a PIN: of none, of a wrong one, of the one that was given. None: not tried."""

    without: PatronInformationResponse | None = None
    wrong: PatronInformationResponse | None = None
    right: PatronInformationResponse | None = None

    @property
    def proven(self) -> bool:
        """Whether the one that was given was confirmed."""
        return self.right is not None and self.right.valid_password is True


@dataclass(slots=True)
class Evidence:
    """All that was asked and came. None: not asked."""

    encryption: str = ""
    unreachable: str = ""  # why, where nothing could be asked
    with_account: bool = False
    with_numbers: Trial = field(default_factory=lambda: Trial(numbered=True))
    without_numbers: Trial = field(default_factory=lambda: Trial(numbered=False))
    numbered: bool | None = None  # how to go on; None: in no way
    stranger_status: Exchange | None = None  # 99 before the login
    stranger_asked: Exchange | None = None
    status: Exchange | None = None
    unknown_item: Exchange | None = None
    unknown_patron: Exchange | None = None
    patron_status: Exchange | None = None
    pin: PinTries | None = None
    patron: PatronInformationResponse | None = None  # with the list of loans
    first_loan: ItemInformationResponse | None = None
    item: Exchange | None = None
    latencies_s: list[float] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    ends: list[bytes] = field(default_factory=list)
    unasked: int = 0

    @property
    def lines(self) -> list[bytes]:
        return [one.line for one in self.exchanges if one.came is Came.LINE]
