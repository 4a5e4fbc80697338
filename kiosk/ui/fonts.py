"""The bundled fonts: one family for every script, so that lines stand on one height."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

FAMILY = "Noto Sans CJK SC"
SUFFIXES = frozenset({".otf", ".ttf", ".woff2"})


@cache
def load_fonts() -> tuple[str, ...]:
    """Load the fonts of assets/fonts and make them the application's.

    Returns:
        The families found, the one for most scripts first.

    Raises:
        RuntimeError: a file there is no font.
    """
    folder = Path(str(files("assets") / "fonts"))
    families = [family for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES for family in _load(path)]
    ordered = tuple(dict.fromkeys(sorted(families, key=lambda family: (family != FAMILY, family))))
    if ordered:
        font = QFont()
        font.setFamilies(list(ordered))
        QGuiApplication.setFont(font)
    return ordered


def _load(path: Path) -> list[str]:
    number = QFontDatabase.addApplicationFont(str(path))
    if number < 0:
        raise RuntimeError(f"{path} is no font that Qt can read")
    return QFontDatabase.applicationFontFamilies(number)
