"""The far end of a serial line: a pseudo-terminal whose near end the station opens."""

from __future__ import annotations

import os
import select
import termios
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from drivers.errors import DriverError

_BAUDS = {
    getattr(termios, f"B{baud}"): baud
    for baud in (1200, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
}

Heard = Callable[[bytes, int], None]
"""Called in the line's thread with what the host sent and the speed it sent it at."""


class LineError(DriverError):
    """The far end of a line cannot do what it was asked."""

    code = "simulated_line"


class Line:
    """One pseudo-terminal, from plugging in to unplugging. `link` is the stable name that points at it."""

    def __init__(self, link: Path, heard: Heard) -> None:
        """Make the pseudo-terminal and its link, and listen to the host in a thread."""
        self._link = link
        self._heard = heard
        # The near end is held open here too: else the far end reads EIO whenever no host has it open.
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        os.set_blocking(self._far, False)
        self._wake_read, self._wake_write = os.pipe()
        self._point_link()
        self._thread = threading.Thread(target=self._listen, name=f"line-{link.name}", daemon=True)
        self._thread.start()

    def send(self, data: bytes, timeout_s: float = 10.0) -> None:
        """Send `data` to the host. Raises LineError where it is not taken within `timeout_s` seconds."""
        until_s = time.monotonic() + timeout_s
        while data:
            if not select.select([], [self._far], [], max(0.0, until_s - time.monotonic()))[1]:
                raise LineError(f"{self._link.name}: the host does not read")
            with suppress(BlockingIOError):
                data = data[os.write(self._far, data) :]

    def close(self) -> None:
        """Pull the plug."""
        os.write(self._wake_write, b"x")
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._link.unlink(missing_ok=True)
        for fd in (self._far, self._near, self._wake_read, self._wake_write):
            os.close(fd)

    def _point_link(self) -> None:
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._near))
        fresh.replace(self._link)

    def _listen(self) -> None:
        while self._wake_read not in select.select([self._far, self._wake_read], [], [])[0]:
            with suppress(BlockingIOError):
                self._heard(os.read(self._far, 4096), self._host_baud())

    def _host_baud(self) -> int:
        return _BAUDS.get(termios.tcgetattr(self._near)[5], 0)
