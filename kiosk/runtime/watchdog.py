"""Tells systemd that the station lives, as long as every thread makes progress (sd_notify(3), `WATCHDOG=1`)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping

import sdnotify
from PySide6.QtCore import QObject, QTimer

log = logging.getLogger(__name__)

STALE_S = 15.0
"""A thread that has not turned for so long is stuck; a driver that waits for its device turns every few seconds."""


class Watchdog(QObject):
    """Fed from the GUI thread, so that a stuck screen starves it too.

    Args:
        progress: for each thread's name, when it last turned (`time.monotonic()`).
    """

    def __init__(self, progress: Mapping[str, Callable[[], float]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._progress = progress
        # Without systemd no notifier: it would throw its socket away unclosed.
        self._notifier = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.feed)

    def start(self) -> None:
        """Say that the station is ready, and feed from now on. Under a compositor the main process is another one,
        so WATCHDOG_PID is not looked at; NotifyAccess=all lets the notice through."""
        self._notify("READY=1")
        interval_us = int(os.environ.get("WATCHDOG_USEC", "0") or 0)
        if interval_us:
            self._timer.start(max(500, interval_us // 3000))

    def feed(self) -> None:
        """Feed, unless a thread is stuck."""
        stuck = self.stuck()
        if stuck:
            log.error("no progress in: %s", ", ".join(stuck))
        else:
            self._notify("WATCHDOG=1")

    def stuck(self) -> list[str]:
        """Names of threads that make no progress."""
        now_s = time.monotonic()
        return sorted(name for name, last_s in self._progress.items() if now_s - last_s() > STALE_S)

    def _notify(self, message: str) -> None:
        if self._notifier is not None:
            self._notifier.notify(message)
