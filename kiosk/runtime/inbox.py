"""The one inbox: from any thread in, in the GUI thread out, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.flow.events import Event


class Inbox(QObject):
    """Hands events over to the GUI thread.

    Args:
        take: called there with each event, in the order of posting.
    """

    _posted = Signal(object)

    def __init__(self, take: Callable[[Event], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Put an event in, from any thread; returns at once."""
        self._posted.emit(event)

    @Slot(object)
    def _deliver(self, event: Event) -> None:
        self._take(event)
