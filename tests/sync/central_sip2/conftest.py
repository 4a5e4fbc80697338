"""The centre's SIP2 service on loopback, and machines that speak to it: real sockets, our own codec."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from sync.central.sip2 import AccountSettings, Sip2Server, Sip2Settings, register_account
from sync.sip2 import Answer, Codec, ErrorDetection, Framer, Profile, Request
from sync.sip2.answers import LoginResponse
from sync.sip2.requests import Login
from tests.fakes.clock import MovableClock

PASSWORD = "a-password-of-the-tests"
BERLIN = ZoneInfo("Europe/Berlin")
ANSWER_S = 20.0

SETTINGS = Sip2Settings(
    institution="LIB",
    account={
        "sorter": AccountSettings(hold_patron=True),
        "trusted": AccountSettings(pin_required=False),
        "strict": AccountSettings(error_detection=ErrorDetection.ON),
        "silent": AccountSettings(error_detection=ErrorDetection.OFF),
        "caret": AccountSettings(delimiter="^", encoding="gb18030", terminator="\r\n", language="zh"),
    },
)

A = TypeVar("A", bound=Answer)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite: what differs between databases is behind the centre's rooms, and tested there."""
    return f"sqlite:///{tmp_path}/centre.db"


class Machine:
    """A self-check machine at the level of the wire. Counts its messages as machines do."""

    def __init__(self, address: tuple[str, int], profile: Profile | None = None) -> None:
        self.codec = Codec(profile or SETTINGS.defaults.profile("Europe/Berlin"))
        self.connection = socket.create_connection(address, ANSWER_S)
        self._framer = Framer(lf_terminates=True)
        self._lines: list[bytes] = []
        self.number = 0

    def encode(self, request: Request) -> bytes:
        """The next message."""
        self.number = (self.number + 1) % 10
        return self.codec.encode(request, self.number)

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def line(self) -> bytes:
        """The next answer without its terminator; b'' where the connection has ended."""
        while not self._lines:
            try:
                data = self.connection.recv(65536)
            except ConnectionResetError:
                return b""
            if not data:
                return b""
            self._lines += self._framer.feed(data)
        return self._lines.pop(0)

    def exchange(self, data: bytes) -> bytes:
        """Send these bytes; the answer's."""
        self.send(data)
        return self.line()

    def ask(self, request: Request) -> Any:
        """Ask, and check that the answer belongs to the question."""
        frame = self.codec.open(self.exchange(self.encode(request)))
        assert frame.sound
        silent = self.codec.profile.error_detection is ErrorDetection.OFF
        assert frame.sequence == (None if silent else self.number)
        answer = self.codec.answer(frame)
        assert type(answer) is request.answered_by
        return answer

    def log_in(self, name: str, password: str = PASSWORD) -> bool:
        answer = self.ask(Login(user=name, password=password))
        assert isinstance(answer, LoginResponse)
        return answer.ok

    def close(self) -> None:
        self.connection.close()


Connect = Callable[..., Machine]
Serve = Callable[[Sip2Settings], AbstractContextManager[tuple[str, int]]]


@pytest.fixture
def serve(engine: Engine, clock: MovableClock) -> Serve:
    """Serves SIP2 with these settings; gives the address."""

    @contextlib.contextmanager
    def serving(settings: Sip2Settings) -> Iterator[tuple[str, int]]:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # what is not read is soon noticed
        address = listener.getsockname()
        with Sip2Server(engine, settings, clock.now).running(listener):
            yield address

    return serving


@pytest.fixture
def address(serve: Serve, engine: Engine) -> Iterator[tuple[str, int]]:
    for account in ("gate", *SETTINGS.account):
        register_account(engine, account, PASSWORD, "main")
    register_account(engine, "east", PASSWORD, "east")
    with serve(SETTINGS) as where:
        yield where


@pytest.fixture
def connect(address: tuple[str, int]) -> Iterator[Connect]:
    """Machines, logged in under the name of an account ('' for one that is not)."""
    machines: list[Machine] = []

    def make(account: str = "gate") -> Machine:
        machine = Machine(address, SETTINGS.of(account).profile("Europe/Berlin"))
        machines.append(machine)
        if account:
            assert machine.log_in(account)
        return machine

    yield make
    for machine in machines:
        machine.close()


@pytest.fixture
def gate(connect: Connect) -> Machine:
    return connect()


@pytest.fixture
def when(clock: MovableClock) -> datetime:
    """What the machines' clocks say."""
    return clock.now()
