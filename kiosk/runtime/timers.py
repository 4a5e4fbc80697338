"""The flow's timers, on Qt's. The only clocks of a visit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from kiosk.flow.effects import StartTimer
from kiosk.flow.events import Timer, TimeUp


class Timers(QObject):
    """One timer of each kind; starting one that runs starts it anew."""

    def __init__(self, post: Callable[[TimeUp], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post
        self._timers: dict[Timer, QTimer] = {}
        self._serials: dict[Timer, int] = {}
        for kind in Timer:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(self._ringer(kind))
            self._timers[kind] = timer

    def start(self, effect: StartTimer) -> None:
        """Ring once, after the effect's time."""
        self._serials[effect.timer] = effect.serial
        self._timers[effect.timer].start(int(effect.seconds * 1000))

    def _ringer(self, kind: Timer) -> Callable[[], None]:
        return lambda: self._post(TimeUp(kind, self._serials[kind]))
