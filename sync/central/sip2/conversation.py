"""One machine's conversation: lines in, answers out. No I/O but the centre's database.

Error detection is message by message: an answer has a sequence number and a checksum where its request had them. What
comes broken is asked for again (96); what was answered just now and comes again, byte for byte, gets the same bytes.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from sync.central.sip2.accounts import Account, Accounts
from sync.central.sip2.dispatch import CHANGES, answer
from sync.central.sip2.recent import Recent
from sync.central.sip2.rooms import Call, Rooms
from sync.sip2 import Answer, Checksum, Codec, ErrorDetection, Frame, ProtocolError, Request
from sync.sip2.answers import LoginResponse, RequestSCResend
from sync.sip2.requests import Login, RequestACSResend, SCStatus

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Answer)

TRIES = 3
"""Failed logins, and whatever else comes before one, until the connection is closed."""

RETRIED_FOR = timedelta(minutes=2)
"""How long a repeated SC Status can be a repetition. Later it is the next one, of a machine that does not count."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Conversation:
    """What is said on one connection.

    Args:
        rooms: the centre.
        accounts: who may speak.
        recent: what accounts asked for last, on whatever connection.
    """

    def __init__(self, rooms: Rooms, accounts: Accounts, recent: Recent) -> None:
        self._rooms = rooms
        self._accounts = accounts
        self._recent = recent
        self._account = accounts.nobody
        self._strikes = 0
        self._complained: set[str] = set()
        self._last_line = b""
        self._last_answer = b""  # to that line
        self._last_at: datetime | None = None
        self._last_sent = b""  # a 96 too
        self.over = False
        """Nothing more is to be said: the connection should be closed."""

    @property
    def who(self) -> str:
        """The account, for the log."""
        return self._account.name or "not logged in"

    def hear(self, line: bytes) -> bytes | None:
        """The answer to a line; None where there is none."""
        if line.startswith(b"93"):
            return self._log_in(line)
        codec = self._account.codec
        try:
            frame = codec.open(line)
        except ProtocolError as error:
            self._ignore("??", str(error))
            return None
        if not frame.sound or self._lacks_checksum(frame):
            return self._send(codec.encode(RequestSCResend(), self._sequence(0)))
        if frame.code == RequestACSResend.code:
            return self._send(self._last_sent or codec.encode(RequestSCResend(), self._sequence(0)))
        if self._is_repetition(line, frame):
            return self._send(self._last_answer)
        return self._hear(line, frame)

    def _hear(self, line: bytes, frame: Frame) -> bytes | None:
        codec = self._account.codec
        try:
            request = codec.request(frame)
        except ProtocolError as error:
            self._ignore(frame.code, str(error))
            return None
        if not self._may_speak(request):
            self._strike(frame.code)
            return None
        return self._answer(line, frame, self._made(frame, request), codec)

    # ── error detection ──

    def _lacks_checksum(self, frame: Frame) -> bool:
        if self._account.settings.error_detection is not ErrorDetection.ON:
            return False
        numbered = frame.code == RequestACSResend.code or frame.sequence is not None
        return frame.checksum is Checksum.MISSING or not numbered

    def _sequence(self, number: int | None) -> int | None:
        """With which an answer goes out; None where the account wants no error detection."""
        return None if self._account.settings.error_detection is ErrorDetection.OFF else number

    def _is_repetition(self, line: bytes, frame: Frame) -> bool:
        """The whole line is compared: a checksum is the same for 301 and 310."""
        if line != self._last_line or frame.sequence is None or frame.checksum is Checksum.MISSING:
            return False
        is_status = frame.code == SCStatus.code
        return not is_status or (self._last_at is not None and self._rooms.now() - self._last_at < RETRIED_FOR)

    # ── who speaks ──

    def _log_in(self, line: bytes) -> bytes | None:
        """What came broken is asked for again, by the account's own measure where it can be told whose it is."""
        try:
            account = self._who_logs_in(line)
        except ProtocolError as error:
            self._ignore(Login.code, str(error))
            return None
        codec = (account or self._accounts.nobody).codec
        frame = codec.open(line)
        if not frame.sound:
            return self._send(codec.encode(RequestSCResend(), 0))
        self._account = account or self._accounts.nobody
        if account is None:
            log.warning("sip2: a login failed")
            self._count_strike()
        else:
            log.info("sip2: %s logged in", self.who)
            self._strikes = 0
        return self._answer(line, frame, LoginResponse(ok=account is not None), codec)

    def _who_logs_in(self, line: bytes) -> Account | None:
        """Nobody knows yet with which delimiter the machine speaks: each one that an account has is tried. Passwords
        that are hidden by some algorithm cannot be compared.

        Raises:
            ProtocolError: it is no login.
        """
        for codec in self._accounts.dialects:
            request = codec.request(codec.open(line))
            if not isinstance(request, Login) or (request.user_algorithm, request.password_algorithm) != ("0", "0"):
                continue
            account = self._accounts.find(request.user or "", request.password or "", codec.profile.delimiter)
            if account is not None:
                return account
        return None

    def _may_speak(self, request: Request) -> bool:
        allowed = isinstance(request, SCStatus) and self._rooms.settings.status_before_login
        return bool(self._account.name) or allowed

    def _strike(self, code: str) -> None:
        self._count_strike()
        self._ignore(code, "not logged in")

    def _count_strike(self) -> None:
        self._strikes += 1
        self.over = self._strikes >= TRIES

    def _ignore(self, code: str, why: str) -> None:
        """Say it once, and go on: the next message may be one that we know."""
        if code not in self._complained:
            self._complained.add(code)
            log.warning("sip2: %s: message %s ignored: %s", self.who, code, why)

    # ── answers ──

    def _made(self, frame: Frame, request: Request) -> Answer:
        call = Call(self._rooms, self._account)
        dated = isinstance(getattr(request, "transaction_date", None), datetime)
        if isinstance(request, CHANGES) and dated:
            return self._recent.once(self._account.name, frame.code + frame.body, lambda: answer(call, request))
        return answer(call, request)

    def _answer(self, line: bytes, frame: Frame, said: Answer, codec: Codec) -> bytes:
        detected = frame.sequence is not None and frame.checksum is not Checksum.MISSING
        sequence = self._sequence(frame.sequence) if detected else None
        data = codec.encode(_sayable(said, codec.profile.delimiter), sequence)
        self._last_line, self._last_answer, self._last_at = line, data, self._rooms.now()
        return self._send(data)

    def _send(self, data: bytes) -> bytes:
        self._last_sent = data
        return data


def _sayable(said: A, delimiter: str) -> A:
    """The answer with nothing in its texts that would end a field or a message: the delimiter as its entity, which real
    systems use too, and blanks for control characters."""
    entity = f"&#{ord(delimiter)};"

    def tidy(text: str) -> str:
        return _CONTROL.sub(" ", text).replace(delimiter, entity)

    changed: dict[str, object] = {}
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if isinstance(value, str):
            changed[name] = tidy(value)
        elif isinstance(value, tuple):
            changed[name] = tuple(tidy(text) if isinstance(text, str) else text for text in value)
    return msgspec.structs.replace(said, **changed)
