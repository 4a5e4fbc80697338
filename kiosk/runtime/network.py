"""The network thread: one asyncio loop for the catalogue and the courier."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

BEAT_S = 1.0


class NetworkThread:
    """Runs coroutines in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._progress_s = time.monotonic()
        self._tasks: set[asyncio.Task[Any]] = set()

    def future(self) -> asyncio.Future[Any]:
        """A future of this thread's loop, to be resolved there."""
        return self._loop.create_future()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run `coroutine` there; returns at once. What it raises is logged: nobody waits for it."""
        self._loop.call_soon_threadsafe(self._spawn, coroutine)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Cancel what runs and end the thread. False where it did not end in time. Ending it twice does nothing."""
        if self._loop.is_closed():
            return True
        self._loop.call_soon_threadsafe(self._cancel_all)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the loop's last beat."""
        return self._progress_s

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._beat()
        self._loop.run_forever()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _beat(self) -> None:
        self._progress_s = time.monotonic()
        self._loop.call_later(BEAT_S, self._beat)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the network thread failed", exc_info=error)

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.stop()
