"""The scanner driver: a serial port or a socket, read in a thread of its own."""

from __future__ import annotations

import errno
import threading
import time

import serial

from drivers.base import Post
from drivers.errors import DeviceLost
from drivers.events import CodeScanned, DownReason, DriverEvent, ScanFault, ScanUnreadable
from drivers.scanner.framing import Framed, Framer
from drivers.scanner.rules import sort_code
from drivers.scanner.settings import ScannerSettings
from drivers.worker import BackOff, Worker

_REASONS: dict[int | None, DownReason] = {
    errno.EACCES: DownReason.DENIED,
    errno.EPERM: DownReason.DENIED,
    errno.EBUSY: DownReason.BUSY,
    errno.EAGAIN: DownReason.BUSY,  # flock on a port that another program holds
}

_IDLE_S = 0.25
"""How long one read waits for a first byte: as soon as this, `stop` is heard."""


class ScannerDriver:
    """A barcode scanner: `CodeScanned`, `ScanUnreadable`, and `DeviceUp`, `DeviceDown`."""

    def __init__(self, settings: ScannerSettings, back_off: BackOff | None = None) -> None:
        """Nothing is opened before `start`."""
        self._settings = settings
        self._worker = Worker(settings.name, self._connect, back_off or BackOff())

    @property
    def name(self) -> str:
        """The device's name in the configuration."""
        return self._settings.name

    def start(self, post: Post) -> None:
        """Start the thread; `DeviceUp` or `DeviceDown` follows."""
        self._worker.start(post)

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the thread and close the port. False where it did not end in `timeout_s` seconds."""
        return self._worker.stop(timeout_s)

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the thread's last turn."""
        return self._worker.last_progress_s()

    def _connect(self) -> ScannerLink:
        try:
            return ScannerLink(_open(self._settings), self._settings)
        except (OSError, ValueError) as error:  # ValueError: a URL that pyserial does not understand
            reason = _REASONS.get(getattr(error, "errno", None), DownReason.MISSING)
            raise DeviceLost(reason, str(error)) from error


class ScannerLink:
    """An open port in the hands of its thread."""

    def __init__(self, port: serial.Serial, settings: ScannerSettings) -> None:
        self._port = port
        self._settings = settings
        self._framer = Framer(settings)
        self.detail = settings.path

    def turn(self, post: Post, _stop: threading.Event) -> None:
        """Wait for a byte, take what came with it, post what came to an end."""
        data = self._read()
        now_s = time.monotonic()
        for framed in self._framer.feed(data, now_s) if data else self._framer.gap(now_s):
            post(event_of(framed, self._settings))

    def close(self) -> None:
        """Release the port."""
        self._port.close()

    def _read(self) -> bytes:
        wait_s = min(_IDLE_S, self._framer.quiet_limit_s or _IDLE_S)
        try:
            if self._port.timeout != wait_s:
                self._port.timeout = wait_s
            first = bytes(self._port.read(1))
            return first + bytes(self._port.read(self._port.in_waiting)) if first else first
        except OSError as error:
            raise DeviceLost(DownReason.UNPLUGGED, str(error)) from error


def event_of(framed: Framed, settings: ScannerSettings) -> DriverEvent:
    """What the owner hears of one framed code or fault."""
    found = framed if isinstance(framed, ScanFault) else sort_code(framed, settings.rules)
    if isinstance(found, ScanFault):
        return ScanUnreadable(settings.name, found)
    return CodeScanned(settings.name, found.kind, found.value, found.symbology)


def _open(settings: ScannerSettings) -> serial.Serial:
    """The port, locked against a second program where it is a real one."""
    exclusive = None if "://" in settings.path else True
    return serial.serial_for_url(settings.path, baudrate=settings.baud, timeout=_IDLE_S, exclusive=exclusive)
