"""A station's machine: the real desk, link, courier and journal, on a disk that can be copied, filled and put back."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Coroutine
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, text

import kiosk.store.journal
from kiosk.flow.effects import Checkin, Checkout, Renew, Undo
from kiosk.flow.events import ActAnswered, Event
from kiosk.loans.desk import LoanDesk
from kiosk.loans.link import Link
from kiosk.loans.offline import OfflineDesk
from kiosk.loans.throttle import PinThrottle
from kiosk.store.database import migrate, open_engine
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.thread import StoreThread
from sync.acts import ClockReading
from sync.catalogue import Catalogue
from sync.courier import Courier
from sync.lanes import LaneCourier
from tests.fakes.executor import InlineExecutor
from tests.fakes.mirror import StillMirror
from tests.simulation.centre import RULES, CentreHost
from tests.simulation.compiled import share_compiled
from tests.simulation.line import Line
from tests.simulation.time import StationClock, WorldClock


def _share_compiled_statements() -> None:
    """A process start is nothing here: without this, each would spend its time on compiling the same statements."""

    def open_sharing(path: Path, **more: Any) -> Engine:
        engine = open_engine(path, **more)
        share_compiled(engine)
        return engine

    kiosk.store.journal.open_engine = open_sharing  # type: ignore[attr-defined]


@cache
def _empty_journal() -> bytes:
    """A journal that nothing has been written to."""
    _share_compiled_statements()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        engine = open_engine(path)
        migrate(engine)
        engine.dispose()
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


Effect = Checkout | Checkin | Renew | Undo


class Machine:
    """One station. What its catalogue is, `connect` says."""

    def __init__(self, name: str, folder: Path, world: WorldClock) -> None:
        self.name = name
        self.folder = folder
        self.clock = StationClock(world, name)
        self._running = False
        self._row = 0
        self._waiting: dict[int, asyncio.Future[ActAnswered | None]] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        folder.mkdir(exist_ok=True)

    # ── power ──

    def is_running(self) -> bool:
        """Whether the power is on."""
        return self._running

    def start(self) -> None:
        """A process begins."""
        store = StoreThread(InlineExecutor())
        path = self.folder / "journal.db"
        if not path.exists():
            path.write_bytes(_empty_journal())
        self.journal = journal = Journal(path, self.name, self.clock)
        catalogue, courier = self.connect(journal, store)
        link = Link(catalogue, lambda up: courier.line_is_back() if up else None)
        mirror: Any = StillMirror(self.clock.now, RULES)
        self.desk = LoanDesk(
            catalogue=catalogue,
            courier=courier,
            link=link,
            journal=journal,
            store=store,
            offline=OfflineDesk(mirror, journal, store, self.clock),
            throttle=PinThrottle(self.clock),
            post=self._posted,
            failed=lambda _error: None,
        )
        self._running = True
        self._spawn(link.keep(30.0))
        self._spawn(courier.run(link.wait_up, every_s=120.0))

    def connect(self, journal: Journal, store: StoreThread) -> tuple[Catalogue, Courier | LaneCourier]:
        """The catalogue, and who tells it what has happened."""
        raise NotImplementedError

    def crash(self) -> None:
        """The power goes. Whoever stood before the screen sees it go dark."""
        self._running = False
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self.journal.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def backup(self) -> Path:
        """A copy of the journal as it is now."""
        copy = self.folder / "backup.db"
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.folder / "journal.db")) as source, closing(sqlite3.connect(copy)) as goal:
            source.backup(goal)
        return copy

    def put_back(self, copy: Path) -> None:
        """The journal of a stopped machine becomes an older one."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.folder / 'journal.db'}{suffix}").unlink(missing_ok=True)
        shutil.copy(copy, self.folder / "journal.db")

    def fill_disk(self, full: bool) -> None:
        """No page more than there are, or room again."""
        with self.journal._engine.connect() as db:
            pages = db.execute(text("PRAGMA page_count")).scalar() if full else 1_000_000
            db.execute(text(f"PRAGMA max_page_count = {pages}"))
        if not full:
            self.journal.probe()  # as the guard does, until it can

    # ── the screen ──

    async def do(self, effect: Effect) -> ActAnswered | None:
        """What the screen says in the end; None where it went dark first."""
        answer: asyncio.Future[ActAnswered | None] = asyncio.get_running_loop().create_future()
        self._waiting[effect.row] = answer
        match effect:
            case Checkout():
                self._spawn(self.desk.checkout(effect))
            case Renew():
                self._spawn(self.desk.renew(effect))
            case Checkin():
                self._spawn(self.desk.checkin(effect))
            case Undo():
                self._spawn(self.desk.undo(effect))
        return await answer

    def next_row(self) -> int:
        """Rows are numbered."""
        self._row += 1
        return self._row

    def _posted(self, event: Event) -> None:
        if isinstance(event, ActAnswered) and (waiting := self._waiting.pop(event.row, None)) is not None:
            waiting.set_result(event)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.append(task)


class CentreMachine(Machine):
    """A station of a centre."""

    def __init__(self, name: str, folder: Path, world: WorldClock, centre: CentreHost, dice: Random) -> None:
        super().__init__(name, folder, world)
        self.line = Line(name, centre, self._reading, dice)

    def connect(self, journal: Journal, store: StoreThread) -> tuple[Catalogue, Courier | LaneCourier]:
        return self.line, Courier(self.line, self.line, JournalOutbox(journal, store))

    def _reading(self) -> ClockReading:
        return ClockReading(self.clock.now(), self.clock.boot_ns(), self.clock.boot_id())
