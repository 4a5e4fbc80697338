"""The one thread that writes the journal, seen from the network thread."""

from __future__ import annotations

import asyncio
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

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`call(*args, **kwargs)`, in the store thread."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._executor, partial(call, *args, **kwargs)))
