"""One soak: a station and a centre as processes, a line that fails between them, and SIGKILL for each, many times."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from sync.central.models import open_engine
from tests.soak.judging import Report, judge
from tests.soak.ledger import read
from tests.soak.library import LANES, STATION, TOKEN, Centre, StationProcess
from tests.soak.proxy import FaultProxy, Weather
from tests.soak.station import Settings
from tests.sync.postgresql import Server, running_server

T = TypeVar("T")

START_S = 30.0
HEALED_S = 90.0
"""After which what has not been told never will be: one look-up of everything, and some back-offs of the courier."""

FAIR_S, STORM_S = 1.5, 0.6
PEACE_S, AWAY_S = 0.5, 0.3
"""On average: how long the line is well and ill, and the time between two kills and until what was killed is back."""

LOOK_S = 0.02


class Soak:
    """Everything that goes on. `dice` decides what, and when; how far the processes are then, nobody can say."""

    def __init__(self, folder: Path, server: Server | None, seed: int) -> None:
        self.dice = random.Random(seed)
        self.centre = Centre(folder, server)
        self.station = StationProcess(folder / "station")
        self._refs: tuple[str, ...] = ()
        self._url = ""
        self._killed: Counter[str] = Counter()
        self._weather: Counter[str] = Counter()

    async def play(self, seconds: float) -> Report:
        """Bad luck for so long; then everything heals, and is judged."""
        report = Report(rounds=1)
        self._refs = self.centre.load()
        self.centre.start()
        await self._centre_listens()
        proxy = FaultProxy(self.centre.port, self.dice)
        self._url = f"http://127.0.0.1:{await proxy.open()}"
        try:
            await self._suffer(proxy, seconds)
            await self._heal(proxy, report)
        except RuntimeError as error:
            report.faults.append(str(error))
        finally:
            with suppress(RuntimeError):
                self.station.kill()
            await proxy.close()
            self.centre.stop()
        report.killed, report.kills = dict(self._killed), self._killed.total()
        report.weather = dict(self._weather)
        engine = open_engine(self.centre.database)
        judge(report, self.station.folder, engine)
        engine.dispose()
        return report

    async def _suffer(self, proxy: FaultProxy, seconds: float) -> None:
        """No disaster is broken off: in the end all that was killed runs again."""
        self._begin_life()
        await self._line_works()
        until_s = asyncio.get_running_loop().time() + seconds
        await asyncio.gather(self._storms(proxy, until_s), self._kills(until_s))

    async def _line_works(self) -> None:
        """On a slow machine the first kill would come before the first answer."""
        async with asyncio.timeout(START_S):
            while not any(  # noqa: ASYNC110 — another process: a file says so, not an event
                line.key and not line.offline for line in read(self.station.folder / "ledger")
            ):
                await asyncio.sleep(LOOK_S)

    # ── bad luck ──

    async def _storms(self, proxy: FaultProxy, until_s: float) -> None:
        for weather in self._dealt([weather for weather in Weather if weather is not Weather.FAIR], until_s):
            await asyncio.sleep(self.dice.expovariate(1 / FAIR_S))
            self._weather[weather] += 1
            proxy.turn(weather)
            await asyncio.sleep(self.dice.expovariate(1 / STORM_S))
            proxy.turn(Weather.FAIR)

    async def _kills(self, until_s: float) -> None:
        """One after the other, the station twice as often as what is behind it."""
        behind = [self._kill_centre, self._kill_database] if self.centre.server else [self._kill_centre]
        for happens in self._dealt([*behind, *[self._kill_station] * (2 * len(behind))], until_s):
            await asyncio.sleep(self.dice.expovariate(1 / PEACE_S))
            await happens()

    def _dealt(self, deck: Sequence[T], until_s: float) -> Iterator[T]:
        """As from a deck of cards, shuffled anew when it has been dealt. However short the time, the first is."""
        for round_ in itertools.count():
            for card in self.dice.sample(deck, len(deck)):
                if round_ and asyncio.get_running_loop().time() >= until_s:
                    return
                yield card

    async def _kill_station(self) -> None:
        self.station.kill()
        self._killed["station"] += 1
        self._begin_life()
        if self.dice.random() < 0.8:  # else the next kill may come while it starts
            await asyncio.to_thread(self.station.wait_begun)

    async def _kill_centre(self) -> None:
        self.centre.kill()
        self._killed["centre"] += 1
        await asyncio.sleep(self.dice.expovariate(1 / AWAY_S))
        self.centre.start()
        await self._centre_listens()

    async def _kill_database(self) -> None:
        if self.centre.server is None:
            return
        self.centre.server.kill()
        self._killed["database"] += 1
        await asyncio.sleep(self.dice.expovariate(1 / AWAY_S))
        await asyncio.to_thread(self.centre.server.start)

    def _begin_life(self, *, visits: bool = True) -> None:
        settings = Settings(
            station=STATION,
            folder=str(self.station.folder),
            url=self._url,
            token=TOKEN,
            lanes=LANES,
            patrons=self._refs,
            seed=self.dice.randrange(2**32),
            visits=visits,
        )
        self.station.start(msgspec.json.encode(settings))

    async def _centre_listens(self) -> None:
        async with asyncio.timeout(START_S):
            while not self.centre.listens():  # noqa: ASYNC110 — another process: a file says so, not an event
                await asyncio.sleep(LOOK_S)

    # ── in the end ──

    async def _heal(self, proxy: FaultProxy, report: Report) -> None:
        """A last life of the station, to which nobody comes, tells what is left."""
        proxy.turn(Weather.FAIR)
        self.station.kill()
        self._begin_life(visits=False)
        if not await asyncio.to_thread(self.station.wait_told, HEALED_S):
            report.faults.append(f"not everything was told within {HEALED_S:.0f} s")


def soak(database: str, seconds: float, seed: int) -> Report:
    """Play a soak of so many seconds with a centre on this kind of database: sqlite or postgresql."""
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        running_server() if database == "postgresql" else nullcontext() as server,
    ):
        return asyncio.run(Soak(Path(folder), server, seed).play(seconds))
