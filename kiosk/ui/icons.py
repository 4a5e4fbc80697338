"""`image://icon/NAME/RRGGBB`: an icon of assets/icons in one colour; `image://icon/NAME` as it was drawn.

Tinted here, because the software renderer has no shader effects.
"""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

FALLBACK_PX = 96


class IconProvider(QQuickImageProvider):
    """Renders line icons at the size and in the colour that QML asks for."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, name: str, size: QSize, wanted: QSize) -> QImage:
        """Qt's own. A name that does not exist gives a null image, and so a warning of the engine."""
        icon, _, colour = name.partition("/")
        source = files("assets") / "icons" / f"{icon}.svg"
        if not source.is_file():
            return QImage()
        image = render(source.read_bytes(), QSize(wanted) if not wanted.isEmpty() else QSize(FALLBACK_PX, FALLBACK_PX))
        size.setWidth(image.width())
        size.setHeight(image.height())
        return tint(image, QColor(f"#{colour}")) if colour else image


def render(svg: bytes, box: QSize) -> QImage:
    """The drawing as large as fits into `box`."""
    renderer = QSvgRenderer(QByteArray(svg))
    shape = renderer.defaultSize().scaled(box, Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(shape, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def tint(image: QImage, colour: QColor) -> QImage:
    """Everything that was drawn, in one colour."""
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), colour)
    painter.end()
    return image
