"""The line to a library system: one connection that is made, kept and made anew, and a queue of questions before it.

    ask ─► Turns ─► Connection ─► Session
                        ▲
       back-off, heartbeat (99), TLS

A reader's questions go before those that nobody waits for. Who asks while the library system is away is told so at
once; it is tried again by itself, with growing pauses.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

from sync.catalogue import SyncError, Unreachable
from sync.delivery import backoff_s
from sync.sip2.answers import ACSStatus
from sync.sip2.codec import Codec
from sync.sip2.connection import Connection, Direction, Handle, NotNumbered, Timers
from sync.sip2.message import Answer, Request
from sync.sip2.profile import ErrorDetection, Profile
from sync.sip2.requests import Login, SCStatus
from sync.sip2.session import Session
from sync.sip2.turns import Turns

log = logging.getLogger(__name__)

Trace = Callable[[Direction, bytes, datetime], None]
"""Hears every line with its secrets, and when it passed. `sync.sip2.trace` takes them out."""

Pause = Callable[[int, SyncError], float]
"""Seconds until the next try to connect: of the tries that failed so far, and the last failure."""

PAUSE_S: Pause = partial(backoff_s, base_s=0.5, longest_s=15.0)
"""Shorter than with the courier: a reader may be waiting. Who is not let in waits as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the connection is encrypted. The library system's certificate is always verified.

    `ca_file`: certificates to trust instead of those of the system (PEM). `certificate` and `key`: the station's own,
    where the library system wants one.
    """

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Raises OSError (`ssl.SSLError` is one) where a file cannot be read or is none."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the library system listens. Without `tls` everything is readable on the way: for loopback and tunnels."""

    host: str
    port: int = 6001
    tls: Tls | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The station's user and password at the library system (CN, CO)."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Account(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds that things may take. A reader's questions have the shorter deadline of whoever asks."""

    connect_s: float = 5.0
    answer_s: float = 10.0


class Link:
    """One library system, asked one question at a time.

    Args:
        address: where it is.
        profile: how it speaks.
        account: with what to log in; needed where the profile wants a login.
        times: how long to wait.
        trace: hears every line.
        timers: whose time it is; None: the running event loop's.
        pause_s: how long to wait after a failed try to connect.

    Raises:
        ValueError: the profile wants a login and there is no account.
        Unsendable: user or password cannot be said.
        OSError: a file of `Tls` cannot be read.
    """

    def __init__(
        self,
        address: Address,
        profile: Profile,
        *,
        account: Account | None = None,
        times: Times | None = None,
        trace: Trace | None = None,
        timers: Timers | None = None,
        pause_s: Pause = PAUSE_S,
    ) -> None:
        self._address = address
        self._codec = Codec(profile)
        self._login = _login(self._codec, account)
        self._numbered = profile.error_detection is not ErrorDetection.OFF
        self._tls = address.tls.context() if address.tls else None
        self._times = times or Times()
        self._trace = trace
        self._timers = timers
        self._pause_s = pause_s
        self._turns = Turns()
        self._connection: Connection | None = None
        self._opening: asyncio.Task[SyncError | None] | None = None
        self._failures = 0
        self._failure: SyncError | None = None  # of the last try, until one succeeds
        self._not_before_s = 0.0
        self._next_beat: Handle | None = None
        self._beating: set[asyncio.Task[None]] = set()
        self._closed = False

    async def ask(self, request: Request, *, urgent: bool = True) -> Answer:
        """The answer. It is `request.answered_by`, always the one to this request.

        A caller who stops waiting closes the connection by that, if the request was in flight; the next one gets a new
        one.

        Args:
            urgent: a reader waits for it. Others let those go first.

        Raises:
            Unsendable: it cannot be said; nothing was sent.
            Unreachable: there is no connection; nothing of it was sent.
            NotAuthorised: the library system refuses the login; nothing of it was sent.
            NoAnswer: it was sent, and no answer came. What the library system did is unknown.
            ProtocolError: it was sent, and what came is no answer. As unknown.
        """
        async with self._turns.take(urgent=urgent):
            connection = await self._connected()
            answer = await connection.ask(request)
            self._failures = 0
            self._beat_in(self._codec.profile.heartbeat_s)
            return answer

    async def status(self) -> ACSStatus:
        """What the library system says of itself (98). Raises as `ask` does."""
        return cast(ACSStatus, await self.ask(SCStatus()))

    async def aclose(self) -> None:
        """Hang up. Whoever waits is told: `NoAnswer` where it was in flight, else `Unreachable`."""
        self._closed = True
        if self._next_beat is not None:
            self._next_beat.cancel()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self._connection is not None:
            await self._connection.aclose()
        await asyncio.gather(*self._beating)

    # ── connecting ──

    async def _connected(self) -> Connection:
        """The connection, a new one where there is none. Who stops waiting for it leaves it to the next."""
        if self._connection is not None and self._connection.usable:
            return self._connection
        if self._opening is None:
            self._refuse_in_a_pause()
            self._opening = asyncio.create_task(self._open())
        opening = self._opening
        await asyncio.wait([opening])
        if opening.cancelled():
            raise Unreachable("the station hung up")
        if (failure := opening.result()) is not None:
            raise failure
        if self._connection is None or not self._connection.usable:
            raise Unreachable("the library system hung up after the login")
        return self._connection

    def _refuse_in_a_pause(self) -> None:
        if self._closed:
            raise Unreachable("the station hung up")
        left_s = self._not_before_s - self._time.time()
        if self._failure is not None and left_s > 0:
            self._beat_in(left_s)
            raise type(self._failure)(f"{self._failure}; tried again in {left_s:.0f} s")

    async def _open(self) -> SyncError | None:
        """Connect. What it fails for is noted and given back: perhaps nobody waits for it any more."""
        try:
            self._connection = await self._connect()
        except SyncError as error:
            log.info("no connection to the library system: %s", error)
            self._failure = error
            self._not_before_s = self._time.time() + self._try_again(error)
            return error
        else:
            self._failure = None
            self._beat_in(self._codec.profile.heartbeat_s)
            return None
        finally:
            self._opening = None

    async def _connect(self) -> Connection:
        """With checksums or without, as was found out last; anew without, once, where they cannot be read."""
        try:
            return await self._begin(numbered=self._numbered)
        except NotNumbered as why:
            log.info("without checksums from now on: %s", why)
        try:
            return await self._begin(numbered=False)
        except NotNumbered as why:
            raise Unreachable(str(why)) from why

    async def _begin(self, *, numbered: bool) -> Connection:
        session = Session(self._codec, self._login, numbered=numbered)
        connection = Connection(session, self._time, self._times.answer_s, self._hear, self._lost)
        host, port = self._address.host, self._address.port
        try:
            async with asyncio.timeout(self._times.connect_s):
                await asyncio.get_running_loop().create_connection(lambda: connection, host, port, ssl=self._tls)
        except OSError as error:
            raise Unreachable(f"{host}:{port}: {str(error) or 'no connection in time'}") from error
        await connection.established()
        self._numbered = connection.numbered
        return connection

    def _lost(self, connection: Connection) -> None:
        """It is made anew by itself, at once for a reader who asks."""
        if connection is self._connection:
            self._connection = None
            self._try_again(Unreachable("the connection was lost"))

    def _try_again(self, error: SyncError) -> float:
        """In how many seconds. It begins with little again when something was answered, not when a login succeeds."""
        pause_s = self._pause_s(self._failures, error)
        self._failures += 1
        self._beat_in(pause_s)
        return pause_s

    # ── keeping ──

    @property
    def _time(self) -> Timers:
        return self._timers or asyncio.get_running_loop()

    def _hear(self, direction: Direction, line: bytes) -> None:
        if self._trace is not None:
            self._trace(direction, line, datetime.now(UTC))

    def _beat_in(self, delay_s: float) -> None:
        if self._next_beat is not None:
            self._next_beat.cancel()
        if not self._closed:
            self._next_beat = self._time.call_later(delay_s, self._beat)

    def _beat(self) -> None:
        task = asyncio.create_task(self._heartbeat())
        self._beating.add(task)
        task.add_done_callback(self._beating.discard)

    async def _heartbeat(self) -> None:
        """A 99 when nothing was said for a while; it also brings a lost connection back."""
        try:
            await self.ask(SCStatus(), urgent=False)
        except SyncError as error:
            log.info("no heartbeat: %s", error.code)


def _login(codec: Codec, account: Account | None) -> Login | None:
    """The login, tried once: what cannot be said is told at the start."""
    if not codec.profile.login:
        return None
    if account is None:
        raise ValueError(f"SIP2 profile {codec.profile.name!r} wants a login: user and password are missing")
    login = Login(user=account.user, password=account.password, location_code=codec.profile.location_code or None)
    codec.encode(login, 0)
    return login
