"""The stage door: how the demo and the rehearsal steer a station that they started.

A socket pair, made by the launcher and inherited by number; `kiosk run` knows nothing of it. One JSON line asks, one
JSON line answers. Buttons are pressed by real touch events, and an answer that tells of a picture comes when the
picture is on the screen, not before.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QPoint, QSocketNotifier, QTimer
from PySide6.QtGui import QPointingDevice
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickWindow

from kiosk.app import Station
from kiosk.flow.view import Countdown, Tone, ViewState
from kiosk.ui.picture import Picture

log = logging.getLogger(__name__)

Reply = dict[str, Any]

_RUNS = Countdown(0, 0)
# Walked where it lives: Python's wrappers of delegates outlive the delegates (PySide6), and `findChild` sees none.
_FIND = """
(function find(item, name) {
    if (!item.visible) return null
    if (item.objectName === name) {
        const middle = item.mapToItem(null, item.width / 2, item.height / 2)
        return {x: middle.x, y: middle.y, usable: item.enabled}
    }
    for (let i = item.children.length - 1; i >= 0; i--) {
        const found = find(item.children[i], name)
        if (found) return found
    }
    return null
})
"""


class Middle(msgspec.Struct, frozen=True):
    """The middle of a button, in the window's pixels."""

    x: float
    y: float
    usable: bool


def settled(view: ViewState) -> bool:
    """Whether the picture waits for nobody but the reader."""
    waits = view.waiting is not None or (view.pin is not None and view.pin.busy)
    return not waits and all(row.tone is not Tone.WAIT for row in view.rows)


def substance(view: ViewState) -> ViewState:
    """The picture without what changes by itself: the seconds of a countdown, and the line to the catalogue."""
    return replace(
        view,
        closing=view.closing and _RUNS,
        still_there=view.still_there and _RUNS,
        offline=False,
    )


class Door(QObject):
    """Answers the launcher's lines.

    Args:
        station: the station behind the door.
        fd: the inherited end of the socket pair.
    """

    def __init__(self, station: Station, fd: int) -> None:
        super().__init__()
        self._station = station
        self._socket = socket.socket(fileno=fd)
        self._socket.setblocking(False)
        self._buffer = b""
        self._finger: QPointingDevice | None = None
        self._serial = 0
        self._substance: ViewState | None = None
        self._drawn = False
        self._frame_ns = 0
        self._waiting: list[Callable[[], bool]] = []
        station.watch_view = self._on_view
        station.watch_frame = self._on_frame
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._readable)
        self.on_closed: Callable[[], None] = _nothing

    # ── lines ──

    def _readable(self) -> None:
        try:
            received = self._socket.recv(65536)
        except BlockingIOError:
            return
        except ConnectionError:
            received = b""
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
            "wait": self._wait,
            "figures": self._figures,
        }
        try:
            does[request["do"]](request)
        except (OSError, LookupError) as error:
            self._reply(ok=False, error=str(error))

    def _reply(self, **reply: Any) -> None:
        self._socket.setblocking(True)
        try:
            self._socket.sendall(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
        except ConnectionError:
            log.info("the launcher has gone")
        finally:
            self._socket.setblocking(False)

    # ── what can be asked ──

    def _view(self, _request: Reply) -> None:
        self._tell(ok=True)

    def _figures(self, _request: Reply) -> None:
        window = self._station.window
        first_ns = window.first_frame_ns if window is not None else 0
        self._reply(ok=True, step_ms=list(self._station.machine.step_ms), first_frame_ns=first_ns)

    def _shot(self, request: Reply) -> None:
        """A picture, `rest_ms` milliseconds from now: what moves has come to rest then."""
        path = Path(request["path"])
        QTimer.singleShot(int(request["rest_ms"]), self, lambda: self._shoot(path))

    def _shoot(self, path: Path) -> None:
        window = self._station.window
        try:
            if window is not None:
                window.shot(path)
        except OSError as error:
            self._reply(ok=False, error=str(error))
        else:
            self._reply(ok=window is not None, error="" if window is not None else "no window")

    def _press(self, request: Reply) -> None:
        """Touch the button with this name in its middle, as a finger does, `rest_ms` milliseconds from now: what moves
        has come to rest then."""
        QTimer.singleShot(int(request["rest_ms"]), self, lambda: self._press_now(request["name"]))

    def _press_now(self, name: str) -> None:
        before = self._serial
        middle = self._middle(name)
        if middle is None or not middle.usable:
            why = f"there is no button {name!r} on this screen" if middle is None else f"the button {name!r} is off"
            self._reply(ok=False, error=why)
            return
        self._touch(QPoint(round(middle.x), round(middle.y)))
        self._reply(ok=True, serial=before)

    def _touch(self, place: QPoint) -> None:
        from PySide6.QtTest import QTest  # loaded late: it brings QtWidgets, which a station does not have

        if self._finger is None:
            self._finger = QTest.createTouchDevice()
        root = self._root()
        QTest.touchEvent(root, self._finger).press(0, place, root).commit()
        QTest.touchEvent(root, self._finger).release(0, place, root).commit()

    def _wait(self, request: Reply) -> None:
        """Answer once the screen shows what is wanted, or after `timeout_s` seconds with ok false.

        `after`: a picture newer than this serial; `settled`: one that waits for nobody; `screen`: this one;
        `offline`: with or without the offline line.
        """
        done = False

        def look() -> bool:
            nonlocal done
            if not done and self._drawn and self._shows(request):
                done = True
                self._tell(ok=True)
            return done

        def give_up() -> None:
            nonlocal done
            if not done:
                done = True
                self._tell(ok=False, error="nothing of the kind was seen on the screen")

        if not look():
            self._waiting.append(look)
            QTimer.singleShot(int(request["timeout_s"] * 1000), self, give_up)

    # ── inside ──

    def _shows(self, wanted: Reply) -> bool:
        view = self._station.bridge.view
        return (
            view is not None
            and self._serial > wanted.get("after", -1)
            and (not wanted.get("settled") or settled(view))
            and wanted.get("screen", view.screen) == view.screen
            and wanted.get("offline", view.offline) == view.offline
        )

    def _on_view(self, view: ViewState) -> None:
        now = substance(view)
        if now != self._substance:
            self._substance = now
            self._serial += 1
        self._drawn = False
        if self._station.window is not None:
            self._station.window.root.update()  # a frame comes, even where nothing of it differs

    def _on_frame(self) -> None:
        self._drawn = True
        self._frame_ns = time.monotonic_ns()
        self._waiting = [look for look in self._waiting if not look()]

    def _tell(self, **reply: Any) -> None:
        view = self._station.bridge.view
        self._reply(
            **reply,
            serial=self._serial,
            frame_ns=self._frame_ns,
            view=msgspec.to_builtins(view) if view is not None else {},
            words=_words(self._station.bridge.picture),
        )

    def _middle(self, name: str) -> Middle | None:
        root = self._root()
        context = qmlContext(root)
        if context is None:
            raise LookupError("the window has no context")
        found = QQmlExpression(context, root, f"JSON.stringify({_FIND}(contentItem, {json.dumps(name)}))").evaluate()
        text = found[0] if isinstance(found, tuple) else found
        return msgspec.json.decode(str(text), type=Middle | None)

    def _root(self) -> QQuickWindow:
        window = self._station.window
        if window is None:
            raise LookupError("no window")
        return window.root


def _words(picture: Picture) -> Reply:
    """What can be read on the screen."""
    return {
        "sentence": picture.lead.sentence,
        "detail": picture.lead.detail,
        "notice": picture.notice.text,
        "patron": f"{picture.patron.name} {picture.patron.counts}".strip(),
        "item": picture.item.title,
        "rows": [" · ".join(filter(None, (row.title, row.said, row.hint))) for row in picture.rows],
    }


def _nothing() -> None:
    """Nobody minds that the door was closed."""
