"""The bench window: what is pressed in it is a command of the console."""

from __future__ import annotations

import json

from PySide6.QtCore import QPointF, Qt
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.demo.bench_window import open_bench

MIDDLES = """
(function look(item, out) {
    if (!item.visible) return out
    const middle = item.mapToItem(null, item.width / 2, item.height / 2)
    if ("checkable" in item) out[item.text] = [middle.x, middle.y]
    for (let i = 0; i < item.children.length; i++) look(item.children[i], out)
    return out
})
"""


def test_each_thing_says_a_command(qtbot: QtBot) -> None:
    engine, window = open_bench((0, 380, 800))
    said: list[str] = []
    window.said.connect(said.append)  # type: ignore[attr-defined]
    qtbot.waitUntil(window.isExposed)
    window.grabWindow()  # the lists are laid out before a frame
    context = qmlContext(window)
    assert context is not None
    found = QQmlExpression(context, window, f"JSON.stringify({MIDDLES}(contentItem, {{}}))").evaluate()
    middles = json.loads(str(found[0] if isinstance(found, tuple) else found))
    presses = {
        "anna": ["tap anna"],
        "3 · Frankenstein": ["scan 3"],
        "Scanner": ["unplug scanner", "plug scanner"],
        "Card reader": ["unplug nfc", "plug nfc"],
        "Catalogue": ["centre down", "centre up"],
        "Power cut": ["kill"],
    }
    for name, commands in presses.items():
        place = QPointF(*middles[name]).toPoint()
        for _ in commands:
            QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert said == [command for commands in presses.values() for command in commands]
    window.close()
    del engine
