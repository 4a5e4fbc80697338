"""A station that cannot go on leaves with an error, so that it is started anew."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, sys, threading
from PySide6.QtGui import QGuiApplication
from kiosk.runtime.alarm import Alarm

async def vital():
    if sys.argv[1] == "fails":
        raise LookupError("nobody thought of this")

application = QGuiApplication([])
alarm = Alarm()
threading.Thread(target=lambda: asyncio.run(alarm.guard(vital()))).start()
if sys.argv[1] != "fails":
    from PySide6.QtCore import QTimer
    QTimer.singleShot(50, application.quit)
sys.exit(application.exec())
"""


def run(how: str) -> int:
    return subprocess.run([sys.executable, "-c", SCRIPT, how], capture_output=True, timeout=20, check=False).returncode


def test_a_vital_part_that_fails_ends_the_process() -> None:
    assert run("fails") == 70


def test_one_that_ends_well_does_not() -> None:
    assert run("ends") == 0
