"""Calls a library system, one connection at a time, and keeps all that passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from sync.catalogue import NoAnswer, Unreachable
from sync.settings import Sip2Settings
from sync.sip2.answers import ACSStatus
from sync.sip2.codec import Codec
from sync.sip2.link import Account, Address
from sync.sip2.message import Answer, Request
from sync.sip2.probe.evidence import Evidence, Exchange
from sync.sip2.probe.wire import Wire
from sync.sip2.profile import ChecksumPolicy, Profile
from sync.sip2.requests import Checkout, Login, Renew, SCStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to call, how it is thought to speak, and who the station is there. `account` None: nobody in particular."""

    address: Address
    profile: Profile
    settings: Sip2Settings
    account: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds that things may take.

    `stranger_s`: an answer to who has not logged in. `settle_s`: the silence after which text without CR is all that
    comes. `statuses`: how many 99 are timed.
    """

    connect_s: float = 5.0
    answer_s: float = 10.0
    stranger_s: float = 3.0
    settle_s: float = 0.3
    statuses: int = 20


class Call:
    """One connection."""

    def __init__(self, wire: Wire, codec: Codec, evidence: Evidence, now: Callable[[], datetime], *, numbered: bool):
        self._wire = wire
        self._codec = codec
        self._evidence = evidence
        self._now = now
        self._numbered = numbered
        self._next_sequence = 0

    @property
    def alive(self) -> bool:
        """Whether something can be asked."""
        return self._wire.alive

    async def aclose(self) -> None:
        """Hang up."""
        await self._wire.aclose()
        self._evidence.ends += self._wire.ends
        self._evidence.unasked += self._wire.unasked

    async def ask(self, request: Request) -> Exchange:
        """Say it, and take what comes. Raises `Unsendable`."""
        sequence = self._next_sequence % 10 if self._numbered else None
        self._next_sequence += 1
        return await self._say(request, self._codec.encode(request, sequence))

    async def repeat(self, exchange: Exchange) -> Exchange:
        """The same bytes again, with the same number: what a machine sends that got no answer."""
        return await self._say(exchange.request, exchange.sent)

    async def _say(self, request: Request, data: bytes) -> Exchange:
        heard = await self._wire.exchange(data)
        exchange = Exchange(request, data, self._numbered, heard.came, heard.line, heard.took_s, self._now())
        self._evidence.exchanges.append(exchange)
        return exchange


class Caller:
    """Makes connections to one target.

    Args:
        target: whom to call.
        times: how long to wait.
        now: the station's clock, with a zone.
        evidence: where all is kept.
    """

    def __init__(self, target: Target, times: Times, now: Callable[[], datetime], evidence: Evidence) -> None:
        self.target = target
        self.times = times
        self.now = now
        self.evidence = evidence
        # Whoever judges checksums looks at the bytes.
        self.codec = Codec(replace(target.profile, checksums=ChecksumPolicy.OFF))
        self._tls = target.address.tls.context() if target.address.tls else None

    async def call(self, *, numbered: bool, stranger: bool = False) -> Call:
        """A new connection. Raises `Unreachable`, with the reason."""
        host, port = self.target.address.host, self.target.address.port
        try:
            async with asyncio.timeout(self.times.connect_s):
                reader, writer = await asyncio.open_connection(host, port, ssl=self._tls)
        except OSError as error:
            raise Unreachable(f"{host}:{port}: {str(error) or 'no connection in time'}") from error
        answer_s = self.times.stranger_s if stranger else self.times.answer_s
        wire = Wire(reader, writer, answer_s=answer_s, settle_s=self.times.settle_s)
        self.evidence.encryption = wire.encryption
        return Call(wire, self.codec, self.evidence, self.now, numbered=numbered)

    def speak(self, **values: object) -> None:
        """From the next connection on, speak so: these values of the profile."""
        self.codec = Codec(replace(self.codec.profile, **values))

    def introduction(self) -> Request:
        """What to begin a connection with: the login, or a status where there is no account."""
        account = self.target.account
        if account is None:
            return SCStatus()
        location = self.target.profile.location_code or None
        return Login(user=account.user, password=account.password, location_code=location)

    def answer(self, exchange: Exchange) -> Answer | None:
        """What an exchange says."""
        return exchange.answer(self.codec)

    def welcome(self, exchange: Exchange | None) -> bool:
        """Whether the introduction was taken."""
        answer = self.answer(exchange) if exchange else None
        return answer is not None and getattr(answer, "ok", True) is True


class SteadyLine:
    """A line that is made anew where it was lost (`sync.sip2.dialogue.Line`).

    `last`: what passed last on it. `pin`: goes with loans and renewals, where a library system wants it there.

    Args:
        caller: makes the connections.
        numbered: whether messages carry numbers and checksums.
    """

    def __init__(self, caller: Caller, *, numbered: bool) -> None:
        self.caller = caller
        self.last: Exchange | None = None
        self.pin: str | None = None
        self._numbered = numbered
        self._call: Call | None = None

    async def ask(self, request: Request, *, urgent: bool = True) -> Answer:
        """The answer. Raises as `Line.ask` does."""
        if self.pin is not None and isinstance(request, Checkout | Renew):
            request = replace(request, patron_password=self.pin)
        call = await self._connected()
        return self._answer(await call.ask(request))

    async def repeat(self, exchange: Exchange) -> Answer:
        """The answer to the same bytes once more. Raises as `ask` does."""
        call = await self._connected()
        return self._answer(await call.repeat(exchange))

    async def status(self) -> ACSStatus:
        """99. Raises as `ask` does."""
        return cast(ACSStatus, await self.ask(SCStatus()))

    async def aclose(self) -> None:
        """Hang up."""
        if self._call is not None:
            await self._call.aclose()
            self._call = None

    async def _connected(self) -> Call:
        self.last = None
        if self._call is not None and self._call.alive:
            return self._call
        await self.aclose()
        self._call = await self.caller.call(numbered=self._numbered)
        if not self.caller.welcome(await self._call.ask(self.caller.introduction())):
            raise Unreachable("the library system does not let the station in again")
        return self._call

    def _answer(self, exchange: Exchange) -> Answer:
        self.last = exchange
        answer = self.caller.answer(exchange)
        if answer is None:
            raise NoAnswer(f"a message {exchange.request.code}: {exchange.told}")
        return answer
