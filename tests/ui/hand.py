"""The hand and eye of a test at the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface, QPointingDevice
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.flow.view import Press, ViewState
from kiosk.ui.bridge import Bridge
from kiosk.ui.theme import read_theme
from kiosk.ui.window import Look, open_window

# WORKAROUND: Python's wrappers of items outlive the items, and an address is used again: walking `childItems()` from
# Python crashes once delegates come and go. So the tree is walked where it lives, and only plain values come back.
# `findChild` does not see delegates at all.
WALK = """
(function look(item, within, above, out) {
    if (!item.visible) return out
    const kind = String(item).split(/_QMLTYPE|_QML_|[(]/)[0]
    const at = item.mapToItem(null, 0, 0, item.width, item.height)
    out.push({
        name: item.objectName, kind: kind, within: within, text: "text" in item ? String(item.text) : "",
        home: above, button: "checkable" in item, cut: Boolean(item.truncated), usable: item.enabled,
        x: at.x, y: at.y, width: at.width, height: at.height, focused: item.activeFocus,
        painted_width: item.contentWidth ?? 0, painted_height: item.contentHeight ?? 0
    })
    const below = within.concat([kind])
    const home = "checkable" in item ? item.objectName : above
    for (let i = 0; i < item.children.length; i++) look(item.children[i], below, home, out)
    return out
})
"""


class Seen(msgspec.Struct, frozen=True):
    """An item on the screen: its name, type, text and place in the window."""

    name: str
    kind: str
    within: tuple[str, ...]
    text: str
    button: bool
    home: str
    cut: bool
    usable: bool
    focused: bool
    x: float
    y: float
    width: float
    height: float
    painted_width: float
    painted_height: float

    @property
    def place(self) -> QRectF:
        """Where it is."""
        return QRectF(self.x, self.y, self.width, self.height)

    @property
    def painted(self) -> QRectF:
        """Where its letters are."""
        return QRectF(self.x, self.y, self.painted_width, self.painted_height)

    @property
    def is_text(self) -> bool:
        """True for a text with something in it."""
        return self.kind in {"Words", "QQuickText"} and bool(self.text)

    @property
    def on_button(self) -> bool:
        """True for what stands on a button; `home` is that button's name."""
        return bool(self.home)

    def inside(self, *kinds: str) -> bool:
        """True where it is part of an item of one of these types."""
        return bool(set(kinds) & {*self.within, self.kind})


class Hand:
    """A window and what was pressed in it."""

    def __init__(self, qtbot: QtBot, device: QPointingDevice, look: Look, theme: str) -> None:
        self._device = device
        self.presses: list[tuple[Press, str]] = []
        self.touches = 0
        self.bridge = Bridge(lambda press, arg: self.presses.append((press, arg)))
        self.window = open_window(self.bridge, look, read_theme(theme), on_touch=self._touched)
        qtbot.waitUntil(self.window.root.isExposed)

    def _touched(self) -> None:
        self.touches += 1

    def show(self, view: ViewState) -> None:
        """Show a view and let the layouts settle."""
        self.bridge.show(view)
        self.settle()

    def settle(self) -> None:
        """Layouts polish before a frame. A row that leaves the list is gone with the frame after."""
        self.window.root.grabWindow()
        QCoreApplication.processEvents()
        self.window.root.grabWindow()

    def close(self) -> list[str]:
        """Close the window; returns the engine's warnings."""
        self.window.close()
        return self.window.warnings

    def evaluate(self, script: str) -> str:
        """A script's answer, run in the window's own context."""
        context = qmlContext(self.window.root)
        assert context is not None
        expression = QQmlExpression(context, self.window.root, script)
        answer = expression.evaluate()
        assert not expression.hasError(), expression.error().toString()
        return str(answer[0] if isinstance(answer, tuple) else answer)

    def items(self) -> list[Seen]:
        """Everything that is visible."""
        return msgspec.json.decode(self.evaluate(f"JSON.stringify({WALK}(contentItem, [], '', []))"), type=list[Seen])

    def find(self, name: str) -> Seen:
        """The one visible item of this name."""
        items = self.items()
        found = [item for item in items if item.name == name]
        assert len(found) == 1, f"{len(found)} items named {name!r} of {sorted({item.name for item in items})}"
        return found[0]

    def text(self, name: str) -> str:
        """What stands in a text."""
        return self.find(name).text

    def texts(self) -> list[str]:
        """Every text that can be read."""
        return [item.text for item in self.items() if item.is_text]

    def tap(self, name: str) -> None:
        """Touch the middle of an item and let go."""
        self.tap_at(self.find(name).place.center())

    def tap_at(self, point: QPointF) -> None:
        """Touch a place."""
        self.touch_down(point)
        self.touch_up(point)

    def touch_down(self, point: QPointF) -> None:
        """A finger comes down."""
        place = QPoint(round(point.x()), round(point.y()))
        QTest.touchEvent(self.window.root, self._device).press(0, place, self.window.root).commit()

    def touch_up(self, point: QPointF) -> None:
        """And leaves."""
        place = QPoint(round(point.x()), round(point.y()))
        QTest.touchEvent(self.window.root, self._device).release(0, place, self.window.root).commit()

    def shot(self, path: Path) -> None:
        """A picture of the window."""
        self.window.shot(path)

    def spoken(self) -> list[tuple[QAccessible.Role, str]]:
        """What a screen reader finds: role and name of everything that is not hidden."""
        root = QAccessible.queryAccessibleInterface(self.window.root)
        assert root is not None
        return [(heard.role, heard.name) for heard in walk_spoken(root)]

    def heard(self) -> list[Heard]:
        """The same, with the row that each thing belongs to."""
        root = QAccessible.queryAccessibleInterface(self.window.root)
        assert root is not None
        return list(walk_spoken(root))


class Heard(msgspec.Struct, frozen=True):
    """What a screen reader finds. `row`: the place of the list's row it belongs to; -1: none."""

    role: QAccessible.Role
    name: str
    row: int

    @property
    def touchable(self) -> bool:
        """True for what answers a finger."""
        return self.role in {QAccessible.Role.Button, QAccessible.Role.CheckBox}


def walk_spoken(node: QAccessibleInterface, row: int = -1) -> Iterator[Heard]:
    """A node of the accessibility tree and all visible ones under it."""
    if node.state().invisible:
        return
    yield Heard(node.role(), node.text(QAccessible.Text.Name), row)
    for i in range(node.childCount()):
        child = node.child(i)
        if child is not None:
            within = i if child.role() == QAccessible.Role.ListItem else row
            yield from walk_spoken(child, within)
