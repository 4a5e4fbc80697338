"""Virtual time: a loop that never waits, and clocks that are as wrong as one likes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class _NothingEverComes(selectors.BaseSelector):
    """A selector that lets the loop's time jump to its next timer. No sockets are waited for."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[fd] = selectors.SelectorKey(fileobj, fd, events, data)
        return self._keys[fd]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen any more")
        self.now_s += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def close(self) -> None:
        self._keys.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock is moved by its own timers alone."""

    def __init__(self) -> None:
        self._virtual = _NothingEverComes()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now_s

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken: everything runs in one thread."""


class WorldClock:
    """The true time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """UTC."""
        return START + timedelta(seconds=self._loop.time())

    def elapsed_s(self) -> float:
        """Since the world began."""
        return self._loop.time()


class StationClock:
    """A machine's clock: off by `skew`, and counting from its own boot. Implements `kiosk.clock.Clock`."""

    def __init__(self, world: WorldClock, name: str) -> None:
        self._world = world
        self._name = name
        self._boots = 0
        self._booted_s = 0.0
        self.skew = timedelta(0)

    def reboot(self) -> None:
        """The time since boot begins anew."""
        self._boots += 1
        self._booted_s = self._world.elapsed_s()

    def now(self) -> datetime:
        return self._world.now() + self.skew

    def boot_ns(self) -> int:
        return int((self._world.elapsed_s() - self._booted_s) * 1e9)

    def boot_id(self) -> str:
        return f"{self._name}-{self._boots}"

    def today(self) -> date:
        return self.now().date()
