"""A line that fails: a TCP proxy before the centre, under which real bytes are held up, swallowed and torn apart."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from enum import StrEnum
from random import Random

CHUNK_BYTES = 65_536
LATEST_S = 3.0
"""The longest that bytes are held up: longer than a reader waits, shorter than the courier does."""

DRIP_BYTES, DRIP_S = 24, 0.03


class Weather(StrEnum):
    """What happens to bytes on the line."""

    FAIR = "fair"
    CUT = "cut"  # every connection is reset, and every new one
    DELAY = "delay"  # each piece arrives late, also after its sender has died
    HALF_OPEN = "half_open"  # taken, and never seen again
    SLOW = "slow"  # a few bytes at a time
    TORN = "torn"  # the question arrives; its answer breaks off in the middle


class TornError(Exception):
    """This connection ends now."""


class FaultProxy:
    """Passes connections on to `target`, a port on loopback, as the weather is."""

    def __init__(self, target: int, dice: Random) -> None:
        self._target = target
        self._dice = dice
        self._weather = Weather.FAIR
        self._ends: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen. Returns the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """No new connection, and an end of the old ones."""
        self.turn(Weather.CUT)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def turn(self, weather: Weather) -> None:
        """From now on it is like this, also for what is connected already."""
        self._weather = weather
        if weather is Weather.CUT:
            for end in tuple(self._ends):
                _reset(end)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            if self._weather is not Weather.CUT:
                await self._join(reader, writer)
        except (OSError, TornError):
            pass  # a fault that was meant, or a centre that is not there
        finally:
            _reset(writer)
            self._ends.discard(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        centre_reader, centre_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._ends.add(centre_writer)
        ways = (
            asyncio.create_task(self._carry(reader, centre_writer, is_answer=False)),
            asyncio.create_task(self._carry(centre_reader, writer, is_answer=True)),
        )
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._ends.discard(centre_writer)
            with suppress(OSError):
                centre_writer.close()  # in order: what was sent on is read, as after a sender's death

    async def _carry(self, source: asyncio.StreamReader, goal: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while data := await source.read(CHUNK_BYTES):
            match self._weather:
                case Weather.FAIR:
                    goal.write(data)
                case Weather.CUT:
                    raise TornError
                case Weather.DELAY:
                    await asyncio.sleep(self._dice.uniform(0.0, LATEST_S))
                    goal.write(data)
                case Weather.HALF_OPEN:
                    await _swallow(source)
                case Weather.SLOW:
                    await _drip(data, goal)
                case Weather.TORN:
                    goal.write(data[: self._dice.randrange(len(data))] if is_answer else data)
                    if is_answer:
                        await goal.drain()
                        raise TornError
            await goal.drain()


async def _swallow(source: asyncio.StreamReader) -> None:
    """Till the sender gives up."""
    while await source.read(CHUNK_BYTES):
        pass


async def _drip(data: bytes, goal: asyncio.StreamWriter) -> None:
    for start in range(0, len(data), DRIP_BYTES):
        goal.write(data[start : start + DRIP_BYTES])
        await goal.drain()
        await asyncio.sleep(DRIP_S)


def _reset(end: asyncio.StreamWriter) -> None:
    """RST instead of FIN (socket(7), SO_LINGER of 0 s): what is under way is lost."""
    sock = end.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()
