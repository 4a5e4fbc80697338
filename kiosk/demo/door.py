"""The stage door: how the demo and the rehearsal steer a station that they started.

A socket pair, made by the launcher and inherited by number; `kiosk run` knows nothing of it. One JSON line asks, one
JSON line answers. Buttons are pressed by real touch events.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QPoint, QPointF, QSocketNotifier, QTimer
from PySide6.QtGui import QPointingDevice
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

from kiosk.app import Station
from kiosk.flow.view import Tone, ViewState

log = logging.getLogger(__name__)

Reply = dict[str, Any]


def settled(view: ViewState) -> bool:
    """Whether the picture waits for nobody but the reader."""
    waits = view.waiting is not None or (view.pin is not None and view.pin.busy)
    return not waits and all(row.tone is not Tone.WAIT for row in view.rows)


class Door(QObject):
    """Answers the launcher's lines.

    Args:
        station: the station behind the door.
        fd: the inherited end of the socket pair.
    """

    def __init__(self, station: Station, fd: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._station = station
        self._socket = socket.socket(fileno=fd)
        self._socket.setblocking(False)
        self._buffer = b""
        self._touch: QPointingDevice = QTest.createTouchDevice()
        self._serial = 0
        self._waiting: list[Callable[[], bool]] = []
        station.watch_view = self._on_view
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._readable)
        self.on_closed: Callable[[], None] = _nothing

    # ── lines ──

    def _readable(self) -> None:
        try:
            received = self._socket.recv(65536)
        except BlockingIOError:
            return
        if not received:
            self._notifier.setEnabled(False)
            self.on_closed()
            return
        self._buffer += received
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            self._answer(json.loads(line))

    def _answer(self, request: Reply) -> None:
        does = {
            "press": self._press,
            "shot": self._shot,
            "view": self._view,
            "settled": self._settled,
            "figures": self._figures,
        }
        does[request["do"]](request)

    def _reply(self, **reply: Any) -> None:
        self._socket.sendall(json.dumps(reply, ensure_ascii=False).encode() + b"\n")

    # ── what can be asked ──

    def _view(self, _request: Reply) -> None:
        self._reply(ok=True, serial=self._serial, view=self._told())

    def _figures(self, _request: Reply) -> None:
        self._reply(ok=True, step_ms=list(self._station.machine.step_ms))

    def _shot(self, request: Reply) -> None:
        window = self._station.window
        if window is None:
            self._reply(ok=False, error="no window")
            return
        window.shot(Path(request["path"]))
        self._reply(ok=True)

    def _press(self, request: Reply) -> None:
        """Touch the button with this name in its middle, as a finger does."""
        root = self._root()
        item = _find(root.contentItem(), request["name"])
        if item is None or not item.isEnabled():
            self._reply(ok=False, error="no such button" if item is None else "the button is off")
            return
        middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
        QTest.touchEvent(root, self._touch).press(0, middle, root).commit()
        QTest.touchEvent(root, self._touch).release(0, QPoint(middle), root).commit()
        self._reply(ok=True, serial=self._serial)

    def _settled(self, request: Reply) -> None:
        """Answer once a picture newer than `after` waits for nobody; or after `timeout_s`, with ok false."""
        done = False

        def look() -> bool:
            nonlocal done
            view = self._station.bridge.view
            if not done and view is not None and self._serial > request["after"] and settled(view):
                done = True
                self._reply(ok=True, serial=self._serial, view=self._told())
            return done

        def give_up() -> None:
            nonlocal done
            if not done:
                done = True
                self._reply(ok=False, error="nothing changed", serial=self._serial, view=self._told())

        if not look():
            self._waiting.append(look)
            QTimer.singleShot(int(request["timeout_s"] * 1000), self, give_up)

    # ── inside ──

    def _on_view(self, _view: ViewState) -> None:
        self._serial += 1
        self._waiting = [look for look in self._waiting if not look()]

    def _told(self) -> Reply:
        view = self._station.bridge.view
        told: Reply = msgspec.to_builtins(view) if view is not None else {}
        told["words"] = self._station.bridge.sentence
        return told

    def _root(self) -> QQuickWindow:
        window = self._station.window
        if window is None:
            raise LookupError("no window")
        return window.root


def _find(item: QQuickItem, name: str) -> QQuickItem | None:
    """The visible item with this objectName, delegates included (they are no QObject children)."""
    if not item.isVisible():
        return None
    if item.objectName() == name:
        return item
    for child in reversed(item.childItems()):
        found = _find(child, name)
        if found is not None:
            return found
    return None


def _nothing() -> None:
    """Nobody minds that the door was closed."""
