"""A real centre on loopback: SQLite, uvicorn, and the client that stations use."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import Engine
from ulid import ULID

from sync.acts import Act, ActKind, ClockQuality, act_hash
from sync.catalogue import Verdict
from sync.central.api import build_api
from sync.central.client import CentreCatalogue
from sync.central.models import open_engine
from sync.central.sample import load, register_station
from sync.stream import Centre, Delivery, Fact, Head
from tests.fakes.clock import MovableClock
from tests.sync.library import write_library
from tests.sync.postgresql import Server, running_server

TOKEN = "a-token-of-the-tests"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Mint = Callable[..., Act]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own, on a socket in a folder."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of both kinds that a centre may have."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/centre.db"
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def engine(database: str, tmp_path: Path, clock: MovableClock) -> Iterator[Engine]:
    engine = open_engine(database)
    load(engine, write_library(tmp_path / "sample"), clock.now())
    register_station(engine, "s1", TOKEN)
    yield engine
    engine.dispose()


@dataclass
class RunningCentre:
    """The API, served."""

    url: str


@pytest.fixture
def centre(engine: Engine, clock: MovableClock, tmp_path: Path) -> Iterator[RunningCentre]:
    listener = socket.create_server(("127.0.0.1", 0))
    api = build_api(engine, clock.now, folder=tmp_path / "snapshots")
    server = uvicorn.Server(uvicorn.Config(api, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield RunningCentre(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server.should_exit = True
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
async def client(centre: RunningCentre) -> AsyncIterator[CentreCatalogue]:
    catalogue = CentreCatalogue(centre.url, TOKEN)
    yield catalogue
    await catalogue.aclose()


class Told:
    """Tells acts as facts, one delivery a time, each at the end of its incarnation's stream."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._heads: dict[str, Head] = {}

    async def __call__(self, *acts: Act) -> tuple[Verdict, ...]:
        facts = tuple(Fact(act, act_hash(act, "", "")) for act in acts)
        after = self._heads.get(acts[0].incarnation, Head())
        receipt = await self._centre.deliver(Delivery(incarnation=acts[0].incarnation, after=after, facts=facts))
        self._heads[acts[0].incarnation] = receipt.cursor
        return receipt.verdicts


Tell = Callable[..., Awaitable[tuple[Verdict, ...]]]


@pytest.fixture
def tell(client: CentreCatalogue) -> Tell:
    """Tells facts, as a station's courier does."""
    return Told(client)


@pytest.fixture
def mint(clock: MovableClock) -> Mint:
    """Makes acts of station s1, one after the other."""
    numbers = itertools.count(1)

    def make(kind: ActKind, item: str, patron: str | None = None, **more: object) -> Act:
        return Act(
            key=str(ULID()),
            kind=kind,
            station="s1",
            incarnation="I1",
            seq=next(numbers),
            item=item,
            patron=patron,
            at=clock.now(),
            mono_ns=0,
            boot_id="b",
            clock=ClockQuality.UNKNOWN,
            **more,  # type: ignore[arg-type]
        )

    return make
