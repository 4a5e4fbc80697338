"""A session with a socket and a clock: what it asks for is done, and what happens is told to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol, cast

from sync.catalogue import SyncError
from sync.sip2.actions import Answered, Close, Failed, Heard, Ready, Send, StartOver
from sync.sip2.answers import ACSStatus
from sync.sip2.message import Answer, Request
from sync.sip2.session import Actions, Session

KEEPALIVE_S = 30
"""Seconds of silence, and between two probes, by which the system notices that a peer has gone without a word."""


class Direction(StrEnum):
    """Whose line it is."""

    SENT = "sent"
    HEARD = "heard"


Listener = Callable[[Direction, bytes], None]


class Handle(Protocol):
    """A timer that runs."""

    def cancel(self) -> None:
        """It does not run any more."""


class Timers(Protocol):
    """Whose time it is. Every event loop is one; tests bring one whose hands they move."""

    def time(self) -> float:
        """Seconds from any point."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> Handle:
        """Call it in `delay` seconds, once."""


class NotNumbered(SyncError):
    """The library system cannot read checksums. For the link, which begins anew; nobody else sees it."""


class Connection(asyncio.Protocol):
    """One connection.

    Args:
        session: how to talk.
        timers: runs the time of an answer.
        answer_s: seconds that an answer may take.
        listener: hears every line, as it is on the wire.
        on_lost: told once that the connection is of no more use.
    """

    def __init__(
        self,
        session: Session,
        timers: Timers,
        answer_s: float,
        listener: Listener,
        on_lost: Callable[[Connection], None],
    ) -> None:
        self._session = session
        self._timers = timers
        self._answer_s = answer_s
        self._listener = listener
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._timer: Handle | None = None
        self._answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()

    @property
    def usable(self) -> bool:
        """Whether a request can be asked now."""
        return self._session.ready

    @property
    def numbered(self) -> bool:
        """Whether messages carry sequence numbers and checksums."""
        return self._session.numbered

    async def established(self) -> ACSStatus:
        """Wait for the login and the first status.

        Raises:
            NotNumbered: begin anew without checksums.
            SyncError: it came to nothing; the connection is closed.
        """
        return cast(ACSStatus, await self._wait())

    async def ask(self, request: Request) -> Answer:
        """The answer to a request. Whoever stops waiting for it closes the connection by that.

        Raises:
            Unsendable: it cannot be said; nothing has happened.
            NoAnswer, ProtocolError: what came of it is not known; the connection is closed.
        """
        actions = self._session.ask(request)
        self._answer = asyncio.get_running_loop().create_future()
        self._do(actions)
        return cast(Answer, await self._wait())

    async def _wait(self) -> object:
        try:
            return await self._answer
        except asyncio.CancelledError:
            self._do(self._session.abandon())
            raise

    async def aclose(self) -> None:
        """Close it, and wait until the socket is gone."""
        self._do(self._session.hang_up())
        if self._transport is not None:
            await self._gone.wait()

    # ── what happens ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        _keep_alive(transport.get_extra_info("socket"))
        self._do(self._session.begin())

    def data_received(self, data: bytes) -> None:
        self._do(self._session.received(data))

    def eof_received(self) -> None:
        self._do(self._session.ended())

    def connection_lost(self, exc: Exception | None) -> None:
        self._do(self._session.ended())
        self._gone.set()

    def _timed_out(self) -> None:
        self._do(self._session.timed_out())

    # ── what is to be done ──

    def _do(self, actions: Actions) -> None:
        for action in actions:
            match action:
                case Send(data):
                    self._send(data)
                case Heard(line):
                    self._listener(Direction.HEARD, line)
                case Ready(result) | Answered(result):
                    self._finish(result, None)
                case Failed(error):
                    self._finish(None, error)
                case StartOver(because):
                    self._finish(None, NotNumbered(because))
                case Close():
                    self._close()

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return  # the session hears of it next
        self._stop_timer()
        self._timer = self._timers.call_later(self._answer_s, self._timed_out)
        self._listener(Direction.SENT, data)
        self._transport.write(data)

    def _finish(self, result: object, error: SyncError | None) -> None:
        self._stop_timer()
        if self._answer.done():  # whoever asked has left
            return
        if error is None:
            self._answer.set_result(result)
        else:
            self._answer.set_exception(error)
            self._answer.exception()  # seen, also where nobody has begun to wait

    def _close(self) -> None:
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()
        self._on_lost(self)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_S)
