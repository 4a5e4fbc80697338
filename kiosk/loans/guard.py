"""The journal's guard: opens it, notices when it cannot be written, and says when it can again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Clock
from kiosk.errors import KioskError
from kiosk.flow.events import Event, InOrder, OutOfOrder, OutOfOrderReason
from kiosk.store.journal import Journal
from kiosk.store.thread import StoreThread

log = logging.getLogger(__name__)

TRY_AGAIN_S = 5.0


class JournalGuard:
    """Keeps a station out of order for exactly as long as acts cannot be recorded.

    Args:
        store: the thread that writes.
        post: takes `OutOfOrder` and `InOrder`.
        try_again_s: seconds between two tries.
    """

    def __init__(self, store: StoreThread, post: Callable[[Event], None], try_again_s: float = TRY_AGAIN_S) -> None:
        self._store = store
        self._post = post
        self._try_again_s = try_again_s
        self._failed = asyncio.Event()

    async def open(self, path: Path, station: str, clock: Clock) -> Journal:
        """The journal, as soon as it can be opened."""
        while True:
            try:
                journal = await self._store.run(Journal, path, station, clock)
            except KioskError as error:
                self._out_of_order(error)
                await asyncio.sleep(self._try_again_s)
            else:
                self._in_order()
                return journal

    def failed(self, error: KioskError) -> None:
        """An act could not be recorded."""
        self._out_of_order(error)

    async def watch(self, journal: Journal) -> None:
        """Until cancelled: after a failure, write something harmless until it works again."""
        while True:
            await self._failed.wait()
            await asyncio.sleep(self._try_again_s)
            try:
                await self._store.run(journal.probe)
            except KioskError as error:
                log.debug("journal still: %s", error)
            else:
                self._in_order()

    def _out_of_order(self, error: KioskError) -> None:
        if not self._failed.is_set():
            log.error("out of order: %s: %s", error.code, error)
            self._failed.set()
            self._post(OutOfOrder(OutOfOrderReason.JOURNAL))

    def _in_order(self) -> None:
        if self._failed.is_set():
            log.warning("in order again")
            self._failed.clear()
            self._post(InOrder())
