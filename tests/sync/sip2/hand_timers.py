"""A clock whose hands tests move, as the event loop offers one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Timer:
    at_s: float
    callback: Callable[[], object]
    timers: HandTimers = field(repr=False)

    def cancel(self) -> None:
        if self in self.timers.running:
            self.timers.running.remove(self)


class HandTimers:
    """Time passes only by `advance`. Sockets and futures go on as ever."""

    def __init__(self) -> None:
        self.running: list[Timer] = []
        self._now_s = 1000.0
        self._changed = asyncio.Event()

    def time(self) -> float:
        return self._now_s

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        timer = Timer(self._now_s + delay, callback, self)
        self.running.append(timer)
        self._changed.set()
        return timer

    def advance(self, seconds: float) -> None:
        """Let so much time pass, and ring what is due, in order."""
        end_s = self._now_s + seconds
        while due := [timer for timer in self.running if timer.at_s <= end_s]:
            first = min(due, key=lambda timer: timer.at_s)
            first.cancel()
            self._now_s = max(self._now_s, first.at_s)
            first.callback()
        self._now_s = end_s

    async def until_one_runs_for(self, seconds: float) -> None:
        """Wait until somebody has set a timer that has so long to go."""
        while all(round(timer.at_s - self._now_s, 6) != seconds for timer in self.running):
            self._changed.clear()
            await self._changed.wait()
