"""Every screen as a picture: `scripts/gallery.py FOLDER [--only NAME] [--size 1280x800] [--theme dark] [--scale 1.25]`.

Writes FOLDER/SIZE-LANGUAGE-NAME.png and, for each size and language, a contact sheet FOLDER/sheet-SIZE-LANGUAGE.png.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import click
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest

from kiosk.ui.bridge import Bridge
from kiosk.ui.theme import read_theme
from kiosk.ui.window import Look, Window, open_window
from tests.ui.gallery import gallery

SIZES = ("1024x600", "1280x800", "1920x1080", "1080x1920")
COLUMNS = 4
THUMB_PX = 480
SETTLE_MS = 30


def pixels(text: str) -> tuple[int, int]:
    """`1280x800` as width and height."""
    width, height = text.split("x")
    return int(width), int(height)


def shoot(window: Window, bridge: Bridge, language: str, only: str, stem: Path) -> list[Path]:
    """One picture for each page."""
    shots = []
    for name, view in gallery(language).items():
        if only in name:
            bridge.show(view)
            QTest.qWait(SETTLE_MS)
            shots.append(stem.with_name(f"{stem.name}-{language}-{name}.png"))
            window.shot(shots[-1])
    return shots


def contact_sheet(shots: list[Path], path: Path) -> None:
    """All pictures, small, on one."""
    images = [QImage(str(shot)) for shot in shots]
    cell = images[0].size().scaled(QSize(THUMB_PX, THUMB_PX), Qt.AspectRatioMode.KeepAspectRatio)
    rows = -(-len(images) // COLUMNS)
    sheet = QImage(cell.width() * COLUMNS, cell.height() * rows, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.black)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for i, image in enumerate(images):
        corner = (i % COLUMNS * cell.width(), i // COLUMNS * cell.height())
        small = image.scaled(cell, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(QRect(*corner, cell.width() - 4, cell.height() - 4), small)
    painter.end()
    sheet.save(str(path))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--only", default="", help="pages whose name holds this")
@click.option("--size", "sizes", multiple=True, default=SIZES)
@click.option("--language", "languages", multiple=True, default=("en", "zh_CN"))
@click.option("--theme", default="light")
@click.option("--scale", default=1.0)
def main(folder: Path, only: str, sizes: list[str], languages: list[str], theme: str, scale: float) -> None:
    """Write every screen as a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication([])
    warnings: list[str] = []
    for size in sizes:
        bridge = Bridge(lambda _press, _arg: None)
        look = Look(size=pixels(size), motion=False, wait_ms=0, text_scale=scale)
        window = open_window(bridge, look, read_theme(theme), on_touch=lambda: None)
        for language in languages:
            shots = shoot(window, bridge, language, only, folder / size)
            contact_sheet(shots, folder / f"sheet-{size}-{language}.png")
        window.close()
        warnings += window.warnings
    del app
    if warnings:
        raise SystemExit("\n".join(sorted(set(warnings))))


if __name__ == "__main__":
    main()
