"""The one thread that writes the journal, seen from the network thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Runs calls on the store's executor (one worker: the journal has one writer).

    A call that has begun is carried to its end even where the caller was cancelled meanwhile.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._progress_s = time.monotonic()
        self._lock = threading.Lock()
        self._waiting: list[_Write] = []

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the last beat that came through: a thread that hangs in the disk lets none through."""
        return self._progress_s

    async def beat(self, every_s: float = 2.0) -> None:
        """Until cancelled: send a beat through the thread."""
        while True:
            self._progress_s = await self.run(time.monotonic)
            await asyncio.sleep(every_s)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`call(*args, **kwargs)`, in the store thread."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._executor, partial(call, *args, **kwargs)))

    async def write(self, together: Together, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a call that writes: those that have come to wait for the disk meanwhile share one commit, made
        with `together`. None has an answer before all of them are on the disk."""
        write = _Write(asyncio.get_running_loop().create_future(), partial(call, *args, **kwargs))
        with self._lock:
            self._waiting.append(write)
            first = len(self._waiting) == 1
        if first:
            self._executor.submit(self._write_all, together)
        return await asyncio.shield(write.done)

    def _write_all(self, together: Together) -> None:
        with self._lock:
            writes, self._waiting = self._waiting, []
        try:
            with together() if len(writes) > 1 else nullcontext():
                for write in writes:
                    write.run()
        except Exception as error:  # the commit failed: nothing of it is on the disk  # noqa: BLE001
            for write in writes:
                write.failed = write.failed or error
        for write in writes:
            write.answer()


Together = Callable[[], AbstractContextManager[None]]


class _Write:
    """A call that waits for its turn, and whoever waits for it."""

    def __init__(self, done: asyncio.Future[Any], call: Callable[[], Any]) -> None:
        self.done = done
        self.failed: Exception | None = None
        self._call = call
        self._result: Any = None

    def run(self) -> None:
        try:
            self._result = self._call()
        except Exception as error:  # its caller's, and nobody else's  # noqa: BLE001
            self.failed = error

    def answer(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            self.done.get_loop().call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.done.done():
            return
        if self.failed is not None:
            self.done.set_exception(self.failed)
        else:
            self.done.set_result(self._result)
