"""One connection, and its bytes as they are."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from sync.sip2.framing import LONGEST

JUNK = b"\r\n \t\x00"
"""What stands between messages and is none."""

_PIECE = 65536


class Came(StrEnum):
    """What came back."""

    LINE = "a line"
    TEXT = "text without an end"
    NOTHING = "no answer"
    END = "hung up"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came for something that was sent, and how long it took. `line` is without terminator and leading junk."""

    came: Came
    line: bytes
    took_s: float


class Wire:
    """Sends bytes, and gives what comes as it is. One message in flight, never two.

    `ends`: with what each message ended. `unasked`: messages that nobody had asked for.

    Args:
        reader, writer: of the connection.
        answer_s: how long an answer may take.
        settle_s: after so long a silence, text without CR is all that will come.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer_s: float, settle_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer_s = answer_s
        self._settle_s = settle_s
        self._buffer = b""
        self._ended = False  # by the other side, or by us
        self._lost = False  # what comes next can be of no use
        self.ends: list[bytes] = []
        self.unasked = 0

    @property
    def alive(self) -> bool:
        """Whether anything may still come."""
        return not (self._ended or self._lost)

    @property
    def encryption(self) -> str:
        """'TLSv1.3' and the like; '' for clear text."""
        shown: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return (shown.version() or "") if shown else ""

    async def exchange(self, data: bytes) -> Heard:
        """Send a message and wait for what comes. After silence or an end the connection is of no more use."""
        self._drop_unasked()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        came, line = Came.END, b""
        self._lost = True  # whoever stops waiting leaves an answer on its way, which is nobody's
        with suppress(OSError):  # also of TLS; what it means stands in what came
            self._writer.write(data)
            await self._writer.drain()
            came, line = await self._next(began_s + self._answer_s)
        self._lost = came is not Came.LINE
        return Heard(came, line, loop.time() - began_s)

    async def aclose(self) -> None:
        """Hang up."""
        self._take_junk()
        self._ended = True
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _next(self, until_s: float) -> tuple[Came, bytes]:
        while (line := self._take_line(b"\r")) is None:
            settling = bool(self._buffer) and (self._buffer.endswith(b"\n") or not self._buffer[:2].isdigit())
            left_s = max(0.0, until_s - asyncio.get_running_loop().time())
            try:
                async with asyncio.timeout(min(self._settle_s, left_s) if settling else left_s):
                    piece = await self._reader.read(_PIECE)
            except TimeoutError:
                return self._without_cr() if self._buffer else (Came.NOTHING, b"")
            if not piece:
                self._ended = True
                return self._without_cr() if self._buffer else (Came.END, b"")
            self._buffer += piece
            if len(self._buffer) > LONGEST:
                return self._without_cr()
            self._take_junk()
        return Came.LINE, line

    def _without_cr(self) -> tuple[Came, bytes]:
        """A message that ends with LF, or text that has no end."""
        line = self._take_line(b"\n") if self._buffer[:2].isdigit() else None
        if line is not None:
            return Came.LINE, line
        text, self._buffer = self._buffer, b""
        return Came.TEXT, text.rstrip(JUNK)

    def _take_line(self, terminator: bytes) -> bytes | None:
        line, found, rest = self._buffer.partition(terminator)
        if not found:
            return None
        self.ends.append(terminator)
        self._buffer = rest
        self._take_junk()
        return line

    def _take_junk(self) -> None:
        """What precedes a message belongs to the end of the one before."""
        rest = self._buffer.lstrip(JUNK)
        if self.ends:
            self.ends[-1] += self._buffer[: len(self._buffer) - len(rest)]
        self._buffer = rest

    def _drop_unasked(self) -> None:
        while self._take_line(b"\r") is not None:
            self.unasked += 1
