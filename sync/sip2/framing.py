"""Cutting a stream of bytes into messages (SIP 2.00, section 'Message format').

A message ends with CR. Systems send CR LF, LF, several of them, and leave blanks and NUL before the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sync.sip2.errors import ProtocolError

LONGEST = 1 << 18
"""Bytes after which something that has no end is no message. A list of a thousand items stays far below."""

_JUNK = b"\r\n \t\x00"


class Framer:
    """Takes bytes as they come and gives whole messages, without their terminators.

    Args:
        lf_terminates: LF ends a message as well; otherwise it may stand in one.
        longest: bytes of a message; what is longer is none.
    """

    def __init__(self, *, lf_terminates: bool = True, longest: int = LONGEST) -> None:
        self._terminator = re.compile(rb"[\r\n]" if lf_terminates else rb"\r")
        self._longest = longest
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that `data` completes, in order. It is taken at once, also where nobody looks at them yet.

        Raises:
            ProtocolError: by the iterator, where a message is too long. The connection cannot be used further.
        """
        self._buffer += data
        return self._messages()

    @property
    def pending(self) -> bytes:
        """What has come of a message whose end has not."""
        return bytes(self._buffer).lstrip(_JUNK)

    def _messages(self) -> Iterator[bytes]:
        while (line := self._next_line()) is not None:
            if message := line.lstrip(_JUNK):
                yield message

    def _next_line(self) -> bytes | None:
        end = self._find_end()
        if (len(self._buffer) if end < 0 else end) > self._longest:
            self._buffer.clear()
            self._searched = 0
            raise ProtocolError(f"no end of message within {self._longest} bytes")
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _find_end(self) -> int:
        """Where the first terminator stands, or -1. Looks at no byte twice while a message grows."""
        match = self._terminator.search(self._buffer, self._searched)
        return -1 if match is None else match.start()
