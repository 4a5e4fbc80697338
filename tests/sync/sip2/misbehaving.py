"""A library system on loopback that misbehaves on purpose, in each way in which real ones do.

It knows every item and every patron, and by itself it is honest: each request is answered at once, by the book. A
*manner* is asked before each answer and does what it likes with it. Which system has which manner stands beside it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sync.sip2 import Answer, Codec, Profile, Request
from sync.sip2.answers import (
    ACSStatus,
    CheckinResponse,
    CheckoutResponse,
    ItemInformationResponse,
    LoginResponse,
)
from sync.sip2.codes import Supported
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.requests import Checkin, Checkout, ItemInformation, Login, PatronInformation, SCStatus
from sync.sip2.wire import checksum, checksum_of_characters

NOW = datetime(2026, 11, 23, 21, 32, 46, tzinfo=UTC)
USER, PASSWORD = "station1", "sesame"
RESEND = b"96AZFEF6\r"


def answer_to(request: Request) -> Answer:
    """What an honest library system says; the title names the item."""
    match request:
        case Login():
            return LoginResponse(ok=(request.user, request.password) == (USER, PASSWORD))
        case SCStatus():
            return ACSStatus(online=True, system_date=NOW, institution="Library", supported=frozenset(Supported))
        case ItemInformation(item=item):
            return ItemInformationResponse(transaction_date=NOW, item=item, title=f"Żółć {item}")
        case Checkout(patron=patron, item=item):
            return CheckoutResponse(ok=True, transaction_date=NOW, patron=patron, item=item, title=f"Żółć {item}")
        case Checkin(item=item):
            return CheckinResponse(ok=True, transaction_date=NOW, item=item)
        case PatronInformation(patron=patron):
            return PatronInformationResponse(transaction_date=NOW, patron=patron, name=f"Reader {patron}")
    raise AssertionError(request)


@dataclass
class Talk:
    """One connection, as the library system sees it. `line` is the message that was read last, without its end."""

    acs: Acs
    number: int  # of the connection, from 0
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    line: bytes = b""
    asked: int = 0  # messages on this connection, that one included
    kept: list[bytes] = field(default_factory=list)  # what a manner wants to remember
    _said: bytes = b""

    @property
    def code(self) -> str:
        return self.line[:2].decode("ascii", "replace")

    @property
    def established(self) -> bool:
        """Whether the login and the first status are over."""
        return self.code not in ("93", "99")

    def answer(self, *, bare: bool = False, sequence: int | None = None) -> bytes:
        """The honest answer to the line that was read: numbered where that was, unless it is to be `bare`."""
        codec = self.acs.codec
        frame = codec.open(self.line)
        if frame.code == "97":
            return self._said
        number = frame.sequence if sequence is None else sequence
        self._said = codec.encode(self.acs.answers(codec.request(frame)), None if bare else number)
        return self._said

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    def hang_up(self) -> None:
        self.writer.close()


Manner = Callable[[Talk], Awaitable[None]]


async def honest(talk: Talk) -> None:
    talk.say(talk.answer())


class Acs:
    """The server. `asked` holds the commands of all messages, in order and by connection.

    Args:
        manner: how it behaves.
        profile: how it speaks.
        tls: encrypts; None: plain TCP.
        answers: what it says, before it misbehaves.
    """

    def __init__(
        self,
        manner: Manner = honest,
        profile: Profile | None = None,
        tls: ssl.SSLContext | None = None,
        answers: Callable[[Request], Answer] = answer_to,
    ) -> None:
        self.answers = answers
        self.codec = Codec(profile or Profile())
        self.manner = manner
        self.asked: list[list[str]] = []
        self.talks: list[Talk] = []
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def until_asked(self, *asked: list[str]) -> None:
        """Wait until exactly this has been asked, connection by connection."""
        while self.asked != list(asked):
            self._news.clear()
            await self._news.wait()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(self, len(self.talks), reader, writer)
        self.talks.append(talk)
        self.asked.append([])
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    talk.line = (await reader.readuntil(b"\r")).rstrip(b"\r")
                    talk.asked += 1
                    self.asked[talk.number].append(talk.code)
                    self._news.set()
                    await self.manner(talk)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


# ── after the login, each in its way ─────────────────────────────────────────────────────────────────────


def once_established(manner: Manner) -> Manner:
    """Honest in the login and the status, and then not."""

    async def behave(talk: Talk) -> None:
        await (manner if talk.established else honest)(talk)

    return behave


def on_first_connection(manner: Manner) -> Manner:
    """Honest from the second connection on."""

    async def behave(talk: Talk) -> None:
        await (honest if talk.number else manner)(talk)

    return behave


def drops_after(count: int) -> Manner:
    """Sends so many bytes of the answer, and hangs up."""

    async def behave(talk: Talk) -> None:
        talk.say(talk.answer()[:count])
        talk.hang_up()

    return once_established(on_first_connection(behave))


async def silent(_talk: Talk) -> None:
    """Never answers."""


async def late(talk: Talk) -> None:
    """Answers when the station has given up: it waits for the end of the connection, and says it all the same."""
    answer = talk.answer()
    await talk.reader.read()
    talk.say(answer)


async def twice(talk: Talk) -> None:
    """Every answer comes twice."""
    talk.say(talk.answer() * 2)


def one_behind() -> Manner:
    """SIP2Mediator after two messages in one packet: each answer is the one before, from then on."""

    async def behave(talk: Talk) -> None:
        talk.kept.append(talk.answer())
        if len(talk.kept) > 1:
            talk.say(talk.kept[-2])

    return once_established(behave)


async def numbers_wrongly(talk: Talk) -> None:
    """Another number than the request's."""
    talk.say(talk.answer(sequence=7))


async def says_four(talk: Talk) -> None:
    """dp2: always AY4, and here at least with a right checksum."""
    talk.say(talk.answer(sequence=4))


def _restated(answer: bytes, stated: int) -> bytes:
    return answer[:-5] + f"{stated:04X}\r".encode()


async def sums_characters(talk: Talk) -> None:
    """PyPI's sip2, node-sip2, the capture in php-sip2: code points, not bytes."""
    answer = talk.answer()
    talk.say(_restated(answer, checksum_of_characters(answer[:-5].decode())))


async def sums_wrongly(talk: Talk) -> None:
    """dp2: a sum over something else."""
    answer = talk.answer()
    talk.say(_restated(answer, checksum(answer[:-5]) ^ 1))


def sums_wrongly_once(again: Callable[[Talk], bytes]) -> Manner:
    """A byte was damaged on the way; then what was said is said `again`, after the system's own fashion."""

    async def behave(talk: Talk) -> None:
        answer = talk.answer()
        talk.say(again(talk) if talk.code == "97" else _restated(answer, checksum(answer[:-5]) ^ 1))

    return once_established(behave)


def as_it_was(talk: Talk) -> bytes:
    """FOLIO, pysip2: the stored bytes."""
    return talk.answer()


def numbered_zero(talk: Talk) -> bytes:
    """OpenNCIP, Evergreen, Koha: AY0 and a new checksum."""
    return bare(talk)[:-1] + _tail(bare(talk)[:-1], 0) + b"\r"


def bare(talk: Talk) -> bytes:
    """Koha 19.06: without number and checksum."""
    return talk.answer()[: -len("AY1AZFCA0\r")] + b"\r"


def without_end(talk: Talk) -> bytes:
    """invenio-sip2: without CR."""
    return talk.answer()[:-1]


def _tail(body: bytes, sequence: int) -> bytes:
    stated = checksum(body + f"AY{sequence}AZ".encode())
    return f"AY{sequence}AZ{stated:04X}".encode()


def asks_again(times: int) -> Manner:
    """Could not read it: 96, so often."""

    async def behave(talk: Talk) -> None:
        talk.kept.append(talk.line)
        talk.say(RESEND if len(talk.kept) <= times else talk.answer())

    return once_established(behave)


def says(text: bytes) -> Manner:
    """Text that is no message: fsip2, invenio-sip2 ('None', without an end), FOLIO."""

    async def behave(talk: Talk) -> None:
        talk.say(text)

    return once_established(behave)


def between(before: bytes, after: bytes) -> Manner:
    """Something around every answer, and another end."""

    async def behave(talk: Talk) -> None:
        talk.say(before + talk.answer()[:-1] + after)

    return behave


# ── from the beginning ───────────────────────────────────────────────────────────────────────────────────


async def never_numbered(talk: Talk) -> None:
    """SIP2Mediator, invenio-sip2 with error detection off."""
    talk.say(talk.answer(bare=True))


async def cannot_read_numbers(talk: Talk) -> None:
    """FOLIO with error detection off, its default: AY behind a field is a field without an end."""
    if b"|AY" in talk.line:
        talk.say(b"Problems handling the request: " + talk.line + b"\r")
    else:
        talk.say(talk.answer(bare=True))


async def demands_numbers(talk: Talk) -> None:
    """pysip2 with error detection required, FOLIO with it on."""
    talk.say(RESEND if b"AY" not in talk.line else talk.answer())


async def login_first(talk: Talk) -> None:
    """Koha, pysip2: hangs up on whatever comes before the login."""
    if talk.asked == 1 and talk.code != "93":
        talk.hang_up()
    else:
        talk.say(talk.answer())
