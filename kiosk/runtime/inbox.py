"""The one inbox: from any thread in, in the GUI thread out, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.flow.events import Event

log = logging.getLogger(__name__)


class Inbox(QObject):
    """Hands events over to the GUI thread.

    Args:
        take: called there with each event, in the order of posting.
        failed: called there where `take` raised: the state and its picture may not fit each other any more.
    """

    _posted = Signal(object)

    def __init__(self, take: Callable[[Event], None], failed: Callable[[], None]) -> None:
        super().__init__()
        self._take = take
        self._failed = failed
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Put an event in, from any thread; returns at once."""
        self._posted.emit(event)

    @Slot(object)
    def _deliver(self, event: Event) -> None:
        try:
            self._take(event)
        except Exception:
            log.exception("%s could not be taken", type(event).__name__)
            self._failed()
