"""`ui`: a real window, off screen, touched by real touch events."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QGuiApplication, QPointingDevice
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.ui.window import Look
from tests.ui.hand import Hand

NewHand = Callable[..., Hand]


@pytest.fixture(scope="session")
def qapp_cls() -> type[QGuiApplication]:
    """No widgets."""
    return QGuiApplication


@pytest.fixture(scope="session")
def touch_screen(qapp: QGuiApplication) -> QPointingDevice:
    """A touch screen beyond the window system."""
    return QTest.createTouchDevice()


@pytest.fixture
def new_ui(qtbot: QtBot, touch_screen: QPointingDevice) -> Iterator[NewHand]:
    """Opens windows: `new_ui(size=…, theme=…)`. A warning of the engine fails the test."""
    hands: list[Hand] = []

    def open_one(*, theme: str = "light", **look: object) -> Hand:
        settings = {"size": (1280, 800), "motion": False, "wait_ms": 0} | look
        hands.append(Hand(qtbot, touch_screen, Look(**settings), theme))  # type: ignore[arg-type]
        return hands[-1]

    yield open_one
    warnings = [warning for hand in hands for warning in hand.close()]
    assert not warnings


@pytest.fixture
def ui(new_ui: NewHand) -> Hand:
    """One window, 1280 × 800."""
    return new_ui()
