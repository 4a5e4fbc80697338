"""What happens between two steps of the event loop, where no real socket can be made to do it on purpose."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from sync.sip2 import Codec, Profile
from sync.sip2.connection import KEEPALIVE_S, Connection
from sync.sip2.requests import ItemInformation, Login
from sync.sip2.session import Session
from sync.sip2.turns import Turns
from tests.sync.sip2.hand_timers import HandTimers
from tests.sync.sip2.misbehaving import NOW, PASSWORD, USER, answer_to

CODEC = Codec(Profile())
ITEM = ItemInformation(transaction_date=NOW, item="39990001")


class FakeTransport(asyncio.Transport):
    """Answers at once what it is asked, by the book, until it is `silent`."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__({"socket": sock})
        self.connection: Connection | None = None
        self.silent = False
        self.sent: list[bytes] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))
        if not self.silent:
            self.answer()

    def answer(self) -> None:
        assert self.connection is not None
        frame = CODEC.open(self.sent[-1][:-1])
        self.connection.data_received(CODEC.encode(answer_to(CODEC.request(frame)), frame.sequence))

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self._closing = True


@pytest.fixture
def transport() -> Iterator[FakeTransport]:
    with socket.socket() as sock:
        yield FakeTransport(sock)


async def connect(transport: FakeTransport) -> Connection:
    session = Session(CODEC, Login(user=USER, password=PASSWORD))
    transport.connection = Connection(session, HandTimers(), 10.0, lambda *_: None, lambda _: None)
    transport.connection.connection_made(transport)
    await transport.connection.established()
    return transport.connection


async def test_an_answer_in_the_moment_in_which_its_reader_leaves(transport: FakeTransport) -> None:
    connection = await connect(transport)
    transport.silent = True
    asking = asyncio.create_task(connection.ask(ITEM))
    await asyncio.sleep(0)
    asking.cancel()
    transport.answer()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not connection.usable


async def test_hung_up_is_known_before_the_next_question(transport: FakeTransport) -> None:
    connection = await connect(transport)
    assert connection.usable
    connection.eof_received()
    assert not connection.usable


async def test_a_peer_that_has_gone_without_a_word_is_noticed(transport: FakeTransport) -> None:
    await connect(transport)
    sock = transport.get_extra_info("socket")
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == KEEPALIVE_S


async def test_a_turn_that_comes_in_the_moment_in_which_its_owner_leaves() -> None:
    turns = Turns()
    served = []

    async def take(name: str) -> None:
        async with turns.take(urgent=True):
            served.append(name)

    async with turns.take(urgent=True):
        leaving, staying = asyncio.create_task(take("leaving")), asyncio.create_task(take("staying"))
        await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert served == ["staying"]


async def test_nothing_of_a_reader_stays_where_answers_have_numbers() -> None:
    """A session lives for days; what was asked last is a reader's."""
    session = Session(CODEC, Login(user=USER, password=PASSWORD))
    sent = session.begin()
    for request in (Login(user=USER, password=PASSWORD), CODEC.request(CODEC.open(b"9900802.00")), ITEM):
        if request is ITEM:
            sent = session.ask(ITEM)
        sequence = CODEC.open(sent[-1].data[:-1]).sequence  # type: ignore[union-attr]
        sent = session.received(CODEC.encode(answer_to(request), sequence))
    assert session.ready
    assert not [value for value in vars(session).values() if "39990001" in repr(value)]
