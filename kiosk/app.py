"""The only place where things are built and handed to each other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from PySide6.QtCore import QTimer

import assets
from drivers.base import Driver
from drivers.nfc.driver import NfcDriver
from drivers.scanner.driver import ScannerDriver
from kiosk.clock import SystemClock
from kiosk.config import CentreSettings, Configuration
from kiosk.connection import connect
from kiosk.errors import KioskError
from kiosk.flow.events import LinkDown, LinkUp, Pressed, Touched
from kiosk.flow.state import State
from kiosk.flow.view import Press, Screen, ViewState
from kiosk.loans.desk import LoanDesk
from kiosk.loans.guard import JournalGuard
from kiosk.loans.link import Link
from kiosk.loans.offline import OfflineDesk
from kiosk.loans.throttle import PinThrottle
from kiosk.mirroring.supervisor import MirrorProcess
from kiosk.runtime.alarm import Alarm
from kiosk.runtime.inbox import Inbox
from kiosk.runtime.machine import Machine
from kiosk.runtime.network import NetworkThread
from kiosk.runtime.runner import Runner
from kiosk.runtime.sounds import Sounds
from kiosk.runtime.timers import Timers
from kiosk.runtime.watchdog import Watchdog
from kiosk.store.journal import Journal
from kiosk.store.mirror import Mirror
from kiosk.store.retention import forget_patrons, retire
from kiosk.store.thread import StoreThread
from kiosk.ui.bridge import Bridge
from kiosk.ui.theme import read_theme
from kiosk.ui.window import Look, Window, open_window

log = logging.getLogger(__name__)

LET_GO_EVERY_S = 6 * 3600.0
MARK_EVERY_S = 300.0
A_DAY = timedelta(days=1)

TIDY_MS = 2000
"""After a visit has ended."""


class Station:
    """A whole station, built from its configuration. Made, started and stopped in the GUI thread, with a Qt application
    running around it."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._clock = SystemClock(configuration.zone)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._store = StoreThread(self._executor)
        self._mirror = Mirror(configuration.data)
        # A station of a library system has the mirror that somebody filled (kiosk catalogue import).
        has_centre = isinstance(configuration.catalogue, CentreSettings)
        self._mirror_process = MirrorProcess(configuration) if has_centre else None
        self._network = NetworkThread()
        self._desk: asyncio.Future[LoanDesk] = self._network.future()
        self._journal: Journal | None = None

        self.bridge = Bridge(self._on_press)
        self._alarm = Alarm()
        self.inbox = Inbox(lambda event: self.machine.take(event), self._alarm.ring)
        self._timers = Timers(self.inbox.post)
        self._sounds = Sounds(
            assets.folder() / "sounds", configuration.screen.player if configuration.screen.sounds else ""
        )
        runner = Runner(self._timers, self._sounds, self._network, self._desk_when_ready, self.inbox.post)
        self.machine = Machine(State(configuration.flow()), self._show, runner.run)
        self.drivers: list[Driver] = [NfcDriver(settings) for settings in configuration.nfc]
        self.drivers += [ScannerDriver(settings) for settings in configuration.scanner]
        self.watchdog = Watchdog(
            {f"device {driver.name}": driver.last_progress_s for driver in self.drivers}
            | {"network": self._network.last_progress_s, "store": self._store.last_progress_s}
        )
        self.watch_view: Callable[[ViewState], None] = _nobody
        self.watch_frame: Callable[[], None] = _nobody_looks
        self.window: Window | None = None
        self._shown = Screen.WELCOME
        self._tidy = QTimer(singleShot=True, interval=TIDY_MS)
        self._tidy.timeout.connect(self._tidy_up)

    def start(self) -> None:
        """Draw the first picture, then start everything else."""
        screen = self._configuration.screen
        self.machine.begin()
        look = Look(size=None if screen.fullscreen else (screen.width, screen.height), motion=screen.motion)
        self.window = open_window(
            self.bridge, look, read_theme(screen.theme), on_touch=self._on_touch, on_frame=lambda: self.watch_frame()
        )
        self._network.start()
        self._network.submit(self._alarm.guard(self._store.beat()))
        self._network.submit(self._alarm.guard(self._serve()))
        for driver in self.drivers:
            driver.start(self.inbox.post)
        self.watchdog.start()

    def stop(self) -> None:
        """Stop what was started, last things first. An act under way is in the journal and is looked up next time."""
        for driver in self.drivers:
            if not driver.stop():
                log.warning("%s does not stop", driver.name)
        if not self._network.stop():
            log.warning("the network thread does not stop")
        self._executor.submit(self._mirror.close)
        self._executor.shutdown(wait=True)
        if self._journal is not None:
            self._journal.close()
        self._sounds.stop()
        if self.window is not None:
            self.window.close()

    # ── the screen ──

    def _on_touch(self) -> None:
        self.inbox.post(Touched())

    def _on_press(self, press: Press, arg: str) -> None:
        self.inbox.post(Pressed(press, arg))

    def _show(self, view: ViewState) -> None:
        if view.screen is Screen.WELCOME and self._shown is not Screen.WELCOME:
            self._tidy.start()
        self._shown = view.screen
        self.bridge.show(view)
        self.watch_view(view)

    def _tidy_up(self) -> None:
        """A while after a visit, when nobody is likely to touch the screen."""
        if self.window is not None and self._shown is Screen.WELCOME:
            self.window.tidy()

    # ── the network thread ──

    async def _desk_when_ready(self) -> LoanDesk:
        return await asyncio.shield(self._desk)

    async def _serve(self) -> None:
        guard = JournalGuard(self._store, self.inbox.post)
        settings = self._configuration.catalogue
        self._journal = journal = await guard.open(
            self._configuration.data / "journal.db", self._configuration.station.id, self._clock
        )
        connection = connect(self._configuration, journal, self._store, self._clock)

        def link_changed(up: bool) -> None:
            self.inbox.post(LinkUp() if up else LinkDown())
            if up:
                connection.courier.line_is_back()
                if self._mirror_process is not None:
                    self._mirror_process.look_now()

        link = Link(
            connection.catalogue, link_changed, deadline_s=settings.deadline_s, longest_pause_s=float(settings.retry_s)
        )
        self._desk.set_result(
            LoanDesk(
                catalogue=connection.catalogue,
                courier=connection.courier,
                link=link,
                journal=journal,
                store=self._store,
                offline=OfflineDesk(self._mirror, journal, self._store, self._clock),
                throttle=PinThrottle(self._clock),
                post=self.inbox.post,
                failed=guard.failed,
            )
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(guard.watch(journal))
                tasks.create_task(link.keep(connection.heartbeat_s))
                tasks.create_task(connection.courier.run(link.wait_up))
                tasks.create_task(self._keep_mirror(link))
                tasks.create_task(self._let_go(journal))
                tasks.create_task(self._keep_mark(journal))
        finally:
            await connection.aclose()

    async def _let_go(self, journal: Journal) -> None:
        """Some times a day: erase patrons from acts that have long been settled, and what has long been delivered; and
        begin a new incarnation where this one has had its day."""
        while True:
            try:
                erased = await self._store.run(forget_patrons, journal, self._clock)
                emptied = await self._store.run(retire, journal, self._clock)
                if self._clock.now() - journal.began_at > A_DAY:
                    await self._store.run(journal.begin_incarnation)
                log.info("let go of %d patrons and %d acts", erased, emptied)
            except KioskError as error:
                log.warning("nothing let go: %s", error.code)
            await asyncio.sleep(LET_GO_EVERY_S)

    async def _keep_mark(self, journal: Journal) -> None:
        """Note beside the journal where it stands, by which one that is put back from a backup is known."""
        while True:
            try:
                if not await self._store.run(journal.mark):
                    log.error("the journal has lost acts: it was put back from a backup (see: kiosk journal verify)")
                    return
            except KioskError as error:
                log.warning("journal not marked: %s", error.code)
            await asyncio.sleep(MARK_EVERY_S)

    async def _keep_mirror(self, link: Link) -> None:
        """From the first time that the line is up: a process that fills the mirror."""
        if self._mirror_process is not None:
            await link.wait_up()
            await self._mirror_process.keep()


def _nobody(_view: ViewState) -> None:
    """Watches no views."""


def _nobody_looks() -> None:
    """Watches no frames."""
