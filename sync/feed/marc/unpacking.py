"""Files as they come: plain, or compressed by gzip."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from typing_extensions import Buffer

_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 16


def opened(path: Path, stack: ExitStack, broke: Callable[[str], None]) -> io.BufferedReader:
    """The file's bytes, unpacked where it is packed. `broke` is told why where that cannot be done to the end."""
    plain = stack.enter_context(path.open("rb"))
    if plain.peek(2)[:2] != _GZIP:
        return plain
    return stack.enter_context(io.BufferedReader(_Unpacked(plain, broke), _BLOCK))


class _Unpacked(io.RawIOBase):
    """What can be unpacked of a file; where that breaks off it ends, so that what came before is not lost."""

    def __init__(self, packed: BinaryIO, broke: Callable[[str], None]) -> None:
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._broke = broke
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        room = memoryview(buffer)
        data = b"" if self._ended else self._next(len(room))
        room[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        try:
            return self._unpacked.read1(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._ended = True
            self._broke(str(error))
            return b""
