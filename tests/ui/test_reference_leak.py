"""PySide6 6.12.0 drops a reference of None at every void call under Python 3.11, and crashes after some thousands."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

CALLS = 2000
NOISE = 50  # other code takes and gives back references meanwhile


def test_void_calls_leave_none_alone() -> None:
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        timer.setInterval(10)
    assert abs(sys.getrefcount(None) - before) < NOISE
