"""`python -m tests.soak.station settings.json`: all of a station but its screen and devices, as a process to be killed.

Readers come and go in several lanes, each with items of its own. Every act is in the ledger before it is asked for, and
after the screen has answered. Once it has begun, it says so on its standard output.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kiosk.clock import SystemClock
from kiosk.errors import KioskError
from kiosk.flow.effects import Checkin, Checkout, Renew, Undo
from kiosk.flow.events import ActAnswered, Event
from kiosk.loans.desk import LoanDesk
from kiosk.loans.link import Link
from kiosk.loans.offline import OfflineDesk
from kiosk.loans.throttle import PinThrottle
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ClockReading
from sync.catalogue import Decided, Loan, Patron, Verdict
from sync.central.client import CentreCatalogue
from sync.courier import Courier
from sync.rules import LendingRules, OfflineRules
from tests.fakes.mirror import StillMirror
from tests.soak.ledger import Ledger, Line, Shelves, read

DUE = date(2026, 3, 1)
PAUSE_S = 0.1
"""Between two readers of a lane, on average."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`folder`: of the journal and the ledger. `lanes`: items. `patrons`: refs. `seed`: of this life alone. Without
    `visits` nobody comes, and the process ends by itself once the centre knows everything."""

    station: str
    folder: str
    url: str
    token: str
    lanes: tuple[tuple[str, ...], ...]
    patrons: tuple[str, ...]
    seed: int
    visits: bool = True
    deadline_s: float = 1.0


class WatchedOutbox(JournalOutbox):
    """Says when the centre has taken something in."""

    def __init__(self, journal: Journal, store: StoreThread) -> None:
        super().__init__(journal, store)
        self.changed = asyncio.Event()

    async def settle_proposal(self, act: Act, verdict: Verdict | None) -> None:
        await super().settle_proposal(act, verdict)
        self.changed.set()

    async def settle(self, incarnation: str, told: int, facts: Any, verdicts: Any) -> None:
        await super().settle(incarnation, told, facts, verdicts)
        self.changed.set()


class Station:
    """The real desk, link, courier and journal, put together as `kiosk.app` does it."""

    def __init__(self, settings: Settings, journal: Journal, store: StoreThread) -> None:
        clock = SystemClock(ZoneInfo("UTC"))
        self._catalogue = CentreCatalogue(settings.url, settings.token, lambda: _reading(clock))
        self._journal, self._store = journal, store
        self._outbox = WatchedOutbox(journal, store)
        self._courier = Courier(self._catalogue, self._catalogue, self._outbox)
        self._link = Link(self._catalogue, self._line_changed, settings.deadline_s, longest_pause_s=0.2)
        self._rows = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[ActAnswered]] = {}
        mirror: Any = StillMirror(clock.now, LendingRules(offline=OfflineRules(max_items=50)))
        self.desk = LoanDesk(
            catalogue=self._catalogue,
            courier=self._courier,
            link=self._link,
            journal=journal,
            store=store,
            offline=OfflineDesk(mirror, journal, store, clock),
            throttle=PinThrottle(clock),
            post=self._posted,
            failed=_broken,
        )

    def open(self, tasks: asyncio.TaskGroup) -> tuple[asyncio.Task[None], ...]:
        """What goes on all the time."""
        return (
            tasks.create_task(self._link.keep(1.0)),
            tasks.create_task(self._courier.run(self._link.wait_up, every_s=2.0)),
        )

    async def all_told(self) -> None:
        """Return once the centre knows everything."""
        while await self._store.run(self._journal.waiting) or await self._store.run(self._journal.untold):
            await self._outbox.changed.wait()
            self._outbox.changed.clear()

    async def do(self, kind: ActKind, item: str, patron: Patron, undoes: str = "") -> ActAnswered:
        """What the screen says in the end."""
        row = next(self._rows)
        answer: asyncio.Future[ActAnswered] = asyncio.get_running_loop().create_future()
        self._waiting[row] = answer
        if kind is ActKind.CHECKOUT:
            await self.desk.checkout(Checkout(1, row, item, patron))
        elif kind is ActKind.RENEW:
            await self.desk.renew(Renew(1, row, item, patron, None))
        elif undoes:
            await self.desk.undo(Undo(1, row, item, patron, undoes))
        else:
            await self.desk.checkin(Checkin(1, row, item))
        return await answer

    def _line_changed(self, up: bool) -> None:
        if up:
            self._courier.line_is_back()

    def _posted(self, event: Event) -> None:
        if isinstance(event, ActAnswered):
            self._waiting.pop(event.row).set_result(event)


class Readers:
    """Everybody who comes to a station, and what they see there."""

    def __init__(self, settings: Settings, station: Station) -> None:
        self._patrons = settings.patrons
        self._station = station
        self._dice = random.Random(settings.seed)
        path = Path(settings.folder) / "ledger"
        self._shelves = Shelves.by(read(path))
        self._shelves.settle()
        self._ledger = Ledger(path)

    async def come(self, items: tuple[str, ...]) -> None:
        """One after the other, till the end."""
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / PAUSE_S))
            item = self._dice.choice(items)
            holder = self._shelves.holder.get(item)
            unsure = self._shelves.unsure.get(item)
            if unsure is not None:  # whoever saw the screen go dark tries once more, or brings it back
                kind = self._dice.choice((unsure.kind, ActKind.CHECKIN))
                await self._act(kind, item, unsure.patron)
            elif holder is None:
                await self._borrow(item, self._dice.choice(self._patrons))
            elif self._dice.random() < 0.7:
                await self._act(ActKind.CHECKIN, item, holder)
            else:
                await self._act(ActKind.RENEW, item, holder)

    async def _borrow(self, item: str, patron: str) -> None:
        key = await self._act(ActKind.CHECKOUT, item, patron)
        if key and self._dice.random() < 0.15:
            await self._act(ActKind.CHECKIN, item, patron, undoes=key)

    async def _act(self, kind: ActKind, item: str, patron: str, undoes: str = "") -> str:
        """Returns the act's key where the screen called it done."""
        self._note(Line(kind=kind, item=item, patron=patron))
        loans = (Loan(item=item, title="", due=DUE),) if kind is ActKind.RENEW else ()
        who = Patron(ref=patron, limit=50, borrowed=len(loans), loans=loans)
        answered = await self._station.do(kind, item, who, undoes)
        verdict = answered.verdict
        key = answered.key if verdict is not None and verdict.outcome.yes else ""
        offline = verdict is not None and verdict.decided is Decided.OFFLINE
        self._note(Line(kind=kind, item=item, patron=patron, said=True, key=key, offline=offline))
        return key

    def _note(self, line: Line) -> None:
        self._ledger.write(line)
        self._shelves.note(line)


def _reading(clock: SystemClock) -> ClockReading:
    return ClockReading(clock.now(), clock.boot_ns(), clock.boot_id())


def _broken(error: KioskError) -> None:
    """No disk is full here: a journal that cannot be written is a fault, and ends the process."""
    raise error


async def live(settings: Settings) -> None:
    """Till it is killed, or has told everything."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        store = StoreThread(executor)
        clock = SystemClock(ZoneInfo("UTC"))
        journal = await store.run(Journal, Path(settings.folder) / "journal.db", settings.station, clock)
        station = Station(settings, journal, store)
        print("begun", flush=True)
        async with asyncio.TaskGroup() as tasks:
            always = station.open(tasks)
            if settings.visits:
                readers = Readers(settings, station)
                for items in settings.lanes:
                    tasks.create_task(readers.come(items))
            else:
                await station.all_told()
                for task in always:
                    task.cancel()
        await store.run(journal.close)


def main() -> None:
    """The settings are the only argument."""
    asyncio.run(live(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Settings)))


if __name__ == "__main__":
    main()
