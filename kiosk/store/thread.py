"""The one thread that writes the journal, seen from the network thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Runs calls on the store's executor (one worker: the journal has one writer).

    A call that has begun is carried to its end even where the caller was cancelled meanwhile.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._progress_s = time.monotonic()

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
