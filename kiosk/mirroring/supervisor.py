"""The mirror's process, seen from the station: started, told to look, started again where it ended."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from kiosk.config import Configuration

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "kiosk", "mirror", "--config", "-")
SHORTEST_S, LONGEST_S = 1.0, 300.0
"""Pauses before it is started again: each twice the one before."""

LIVED_S = 60.0
"""One that ran for so long had started well."""

STOP_S = 3.0


class MirrorProcess:
    """Keeps a process that fills the mirror. It ends when this one ends, however that is: their pipe is closed then.

    Args:
        configuration: the station's; handed over through the pipe, where no list of processes shows it.
        command: what to start.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        configuration: Configuration,
        command: Sequence[str] = COMMAND,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._configuration = configuration
        self._command = command
        self._pause = pause
        self._pipe: asyncio.StreamWriter | None = None

    def look_now(self) -> None:
        """There may be something to fetch: the line is back."""
        if self._pipe is not None:
            self._pipe.write(b"now\n")

    async def keep(self) -> None:
        """Until cancelled: have it running."""
        pause_s = SHORTEST_S
        while True:
            started_s = time.monotonic()
            code = await self._run()
            if time.monotonic() - started_s >= LIVED_S:
                pause_s = SHORTEST_S
            log.warning("the mirror's process ended with %s; again in %.0f s", code, pause_s)
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_S)

    async def _run(self) -> int:
        # A session of its own: Ctrl-C at a terminal is for the station, which ends it in order.
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, start_new_session=True
        )
        try:
            self._pipe = process.stdin
            if self._pipe is not None:
                self._pipe.write(msgspec.json.encode(self._configuration) + b"\n")
            return await process.wait()
        finally:
            await self._end(process)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if process.returncode is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_S)
        if process.returncode is None:
            process.kill()
            await process.wait()
