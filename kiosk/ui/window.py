"""The window: engine, theme, touches. `open_window` is all that the application needs."""

from __future__ import annotations

import ctypes
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QObject, QSize, QUrl, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine, QQmlError
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface
from shiboken6 import delete

from kiosk.ui.bridge import Bridge
from kiosk.ui.fonts import load_fonts
from kiosk.ui.icons import IconProvider
from kiosk.ui.theme import Theme, read_theme

QML = Path(__file__).parent / "qml"
WAIT_MS = 400  # what takes longer is shown as awaited
MOTION_MS = 180

log = logging.getLogger(__name__)

_LIBC = ctypes.CDLL(None)

BEGINS = frozenset({QEvent.Type.TouchBegin, QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress})
GOES_ON = frozenset(
    {
        QEvent.Type.TouchUpdate,
        QEvent.Type.TouchEnd,
        QEvent.Type.TouchCancel,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.KeyRelease,
    }
)
ENDS = frozenset(
    {QEvent.Type.TouchEnd, QEvent.Type.TouchCancel, QEvent.Type.MouseButtonRelease, QEvent.Type.KeyRelease}
)


class WindowFailed(RuntimeError):
    """The screen could not be built; the message is the engine's."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How a station's screen is set up.

    `size`: width and height in px; None: full screen. `motion`: slides and drops; False: cuts. `wait_ms`: after which
    time what is awaited is drawn. `text_scale`: 1, 1.25 or 1.6. `card_side`, `scan_side`: where the real readers sit,
    seen from the screen: `left`, `right` or `below`.
    """

    size: tuple[int, int] | None = None
    motion: bool = True
    wait_ms: int = WAIT_MS
    text_scale: float = 1.0
    card_side: str = "right"
    scan_side: str = "below"


class TouchFilter(QObject):
    """Tells of every touch and key; swallows the whole first one while the screen sleeps, so that it only wakes."""

    def __init__(self, bridge: Bridge, on_touch: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._on_touch = on_touch
        self._swallowing = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Qt's own."""
        kind = event.type()
        if kind in BEGINS:
            return self._begin()
        swallow = self._swallowing and kind in GOES_ON
        if kind in ENDS:
            self._swallowing = False
        return swallow

    def _begin(self) -> bool:
        self._swallowing = bool(self._bridge.blank)
        self._on_touch()
        return self._swallowing


class FrameWatch(QObject):
    """Brings the news of a frame from the render thread, where there is one, to the GUI thread."""

    def __init__(self, on_frame: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._on_frame = on_frame

    @Slot()
    def swapped(self) -> None:
        """Qt's own: a frame is on the screen."""
        self._on_frame()


class Window:
    """An open window. Keep it: it keeps the engine."""

    def __init__(
        self, bridge: Bridge, look: Look, theme: Theme, on_touch: Callable[[], None], on_frame: Callable[[], None]
    ) -> None:
        self.bridge = bridge
        self.first_frame_ns = 0
        self._on_frame = on_frame
        self.warnings: list[str] = []
        self._engine = QQmlApplicationEngine()
        self._engine.warnings.connect(self._warn)
        self._engine.addImportPath(str(QML))
        self._engine.addImageProvider("icon", IconProvider())
        self._set_theme(look, theme)
        size = QSize(*look.size) if look.size else QGuiApplication.primaryScreen().size()
        self._engine.setInitialProperties({"kiosk": bridge, "width": size.width(), "height": size.height()})
        self._engine.load(QUrl.fromLocalFile(str(QML / "Main.qml")))
        self.root = self._root()
        self._filter = TouchFilter(bridge, on_touch, self.root)
        self.root.installEventFilter(self._filter)
        self._frames = FrameWatch(self._frame_is_up, self.root)
        self.root.frameSwapped.connect(self._frames.swapped)
        self.root.show() if look.size else self.root.showFullScreen()

    def shot(self, path: Path) -> None:
        """Write what the window shows as a PNG.

        Raises:
            OSError: it cannot be written there.
        """
        if not self.root.grabWindow().save(str(path), "PNG"):  # type: ignore[call-overload]
            raise OSError(f"cannot write {path}")

    def close(self) -> None:
        """Close the window and let the engine go, before the application does."""
        self.root.removeEventFilter(self._filter)
        self.root.close()
        delete(self._engine)

    def tidy(self) -> None:
        """Let go of what the last pages left behind: the script engine's garbage, and free memory to the system."""
        self._engine.collectGarbage()
        _LIBC.malloc_trim(0)  # malloc_trim(3): glibc keeps what was freed in the middle of its heap

    def _frame_is_up(self) -> None:
        self.first_frame_ns = self.first_frame_ns or time.monotonic_ns()
        self._on_frame()

    def _set_theme(self, look: Look, theme: Theme) -> None:
        tokens = self._engine.singletonInstance("Look", "Theme")
        if not isinstance(tokens, QObject):
            raise WindowFailed("; ".join(self.warnings) or "no theme")
        for name, value in msgspec.structs.asdict(theme).items():
            tokens.setProperty(name, list(value) if name == "covers" else value)
        tokens.setProperty("motion_ms", MOTION_MS if look.motion else 0)
        tokens.setProperty("wait_ms", look.wait_ms)
        tokens.setProperty("text_scale", look.text_scale)
        tokens.setProperty("card_side", look.card_side)
        tokens.setProperty("scan_side", look.scan_side)

    def _root(self) -> QQuickWindow:
        roots = self._engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise WindowFailed("; ".join(self.warnings) or "no window")
        return roots[0]

    def _warn(self, errors: list[QQmlError]) -> None:
        for error in errors:
            self.warnings.append(error.toString())
            log.warning("screen: %s", error.toString())


def choose_renderer(dri: Path = Path("/dev/dri")) -> None:
    """Take the software renderer where there is no GPU: OpenGL in software is the worst of all. An explicit choice
    in the environment stands."""
    if "QT_QUICK_BACKEND" not in os.environ and not any(dri.glob("renderD*")):
        QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.Software)


def open_window(
    bridge: Bridge,
    look: Look,
    theme: Theme | None = None,
    *,
    on_touch: Callable[[], None],
    on_frame: Callable[[], None] = lambda: None,
) -> Window:
    """Open the station's window. Needs a QGuiApplication, and a view shown to `bridge` before for a first frame.

    Args:
        bridge: what is drawn; it must outlive the window.
        look: size, motion and where the readers sit.
        theme: colours; None: the light ones.
        on_touch: called in the GUI thread at every touch, key or click, also at the one that only wakes the screen.
        on_frame: called in the GUI thread after each frame that is on the screen.

    Raises:
        WindowFailed: the screen could not be built.
    """
    choose_renderer()
    load_fonts()
    return Window(bridge, look, theme or read_theme(), on_touch, on_frame)
