"""The NFC driver."""

from __future__ import annotations

import errno
import threading
from functools import partial
from typing import Any

import nfc.clf
import nfc.tag
from nfc.clf.pn53x import Chipset

from drivers.base import Post
from drivers.errors import DeviceLost
from drivers.events import DownReason, DriverEvent
from drivers.nfc.credential import identify
from drivers.nfc.debounce import Debounce
from drivers.nfc.reader import Reader, card_of
from drivers.nfc.settings import NfcSettings
from drivers.worker import BackOff, Worker

_REASONS: dict[int | None, DownReason] = {
    errno.EACCES: DownReason.DENIED,
    errno.EPERM: DownReason.DENIED,
    errno.EBUSY: DownReason.BUSY,
    errno.EAGAIN: DownReason.BUSY,  # flock on a port that another program holds
    errno.EIO: DownReason.SILENT,
    errno.ETIMEDOUT: DownReason.SILENT,
}
"""Errors of opening; any other says that nothing is there."""

_FAILURES = (OSError, Chipset.Error, nfc.clf.Error, nfc.tag.TagCommandError)
"""What a look may fail with: the port, the chip, the air, the card."""

SILENT_LOOKS_UNTIL_DOWN = 2
"""A chip that swallows one command answers the next; one that swallows two is down."""


class NfcDriver:
    """An NFC reader: `CardSeen`, `CardUnreadable`, `CardLifted`, and `DeviceUp`, `DeviceDown`."""

    def __init__(self, settings: NfcSettings, back_off: BackOff | None = None) -> None:
        """Nothing is opened before `start`."""
        self._settings = settings
        self._debounce = Debounce(settings.name, settings.misses_until_lifted)
        self._worker = Worker(settings.name, self._connect, back_off or BackOff())

    @property
    def name(self) -> str:
        """The device's name in the configuration."""
        return self._settings.name

    def start(self, post: Post) -> None:
        """Start the thread; `DeviceUp` or `DeviceDown` follows."""
        self._worker.start(post)

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the thread and close the reader. False where it did not end in `timeout_s` seconds."""
        return self._worker.stop(timeout_s)

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the thread's last turn."""
        return self._worker.last_progress_s()

    def _connect(self) -> NfcLink:
        try:
            return NfcLink(Reader(self._settings.path), self._settings, self._debounce)
        except Exception as error:
            raise DeviceLost(_why_closed(error), str(error)) from error


class NfcLink:
    """An open NFC reader in the hands of its thread."""

    def __init__(self, reader: Reader, settings: NfcSettings, debounce: Debounce) -> None:
        self._reader = reader
        self._settings = settings
        self._debounce = debounce
        self._silent_looks = 0
        self.detail = reader.chipset

    def turn(self, post: Post, stop: threading.Event) -> None:
        """One look for a card, then a rest that `stop` cuts short."""
        try:
            self._look(post)
        except _FAILURES as error:
            self._failed(error)
        else:
            self._silent_looks = 0
        stop.wait(self._settings.pause_ms / 1000)

    def close(self) -> None:
        """Release the reader."""
        self._reader.close()

    def _look(self, post: Post) -> None:
        target = self._reader.look()
        events = self._debounce.missed() if target is None else self._found(target)
        for event in events:
            post(event)

    def _found(self, target: Any) -> list[DriverEvent]:
        card = card_of(target)
        if self._debounce.knows(card.key):
            return []
        outcome = identify(card, self._settings.ways, partial(self._reader.read_records, target))
        return self._debounce.read(card.key, outcome)

    def _failed(self, error: Exception) -> None:
        if self._reader.is_unplugged or getattr(error, "errno", None) == errno.ENODEV:
            raise DeviceLost(DownReason.UNPLUGGED, str(error)) from error
        self._silent_looks += 1
        if self._silent_looks >= SILENT_LOOKS_UNTIL_DOWN:
            raise DeviceLost(DownReason.SILENT, str(error)) from error


def _why_closed(error: Exception) -> DownReason:
    """Why a reader cannot be opened."""
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(number, DownReason.MISSING)
