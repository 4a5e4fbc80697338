"""The end of a station that cannot go on: it leaves with an error, and systemd starts it anew within seconds."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

log = logging.getLogger(__name__)

SOFTWARE_FAULT = 70
"""EX_SOFTWARE of sysexits.h."""


class Alarm(QObject):
    """Ends the process, from any thread. What was recorded is looked up at the next start."""

    _rang = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rang.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def ring(self) -> None:
        """Leave with `SOFTWARE_FAULT` as soon as the GUI thread is free."""
        self._rang.emit()

    async def guard(self, vital: Coroutine[Any, Any, None]) -> None:
        """Run what the station cannot be without; ring where it ends by itself."""
        try:
            await vital
        except Exception:
            log.exception("a part that the station needs has failed")
            self.ring()

    @Slot()
    def _end(self) -> None:
        QCoreApplication.exit(SOFTWARE_FAULT)
