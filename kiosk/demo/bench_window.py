"""The bench window of the demo: prints the console's command for whatever is pressed.

python -m kiosk.demo.bench_window X WIDTH HEIGHT
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

import assets
from kiosk.demo.cards import STRANGERS
from kiosk.ui.fonts import load_fonts
from kiosk.ui.window import choose_renderer
from sync.central.sample import PatronFile, read_barcodes, read_patrons

QML = Path(__file__).parent / "qml" / "Bench.qml"
SHOWN_BOOKS = 60


def open_bench(place: tuple[int, int, int]) -> tuple[QQmlApplicationEngine, QQuickWindow]:
    """Open the window at x, with this width and height. Keep both: the engine owns the window.

    Raises:
        RuntimeError: it cannot be built.
    """
    x, width, height = place
    sample = assets.folder() / "sample"
    engine = QQmlApplicationEngine()
    engine.setInitialProperties(
        {"x": x, "y": 0, "width": width, "height": height, "cards": cards(sample), "books": books(sample)}
    )
    engine.load(QUrl.fromLocalFile(str(QML)))
    roots = engine.rootObjects()
    if not roots or not isinstance(roots[0], QQuickWindow):
        raise RuntimeError("the bench window cannot be built")
    return engine, roots[0]


def cards(sample: Path) -> list[dict[str, str]]:
    """The cards there are, each with what is special about its reader."""
    readers = [{"name": patron.alias, "what": what(patron)} for patron in read_patrons(sample)]
    return readers + [{"name": name, "what": "not of this library"} for name in STRANGERS]


def what(patron: PatronFile) -> str:
    """The gist of a reader: name, PIN, what holds them up."""
    pin = f"PIN {patron.pin}" if patron.pin else ""
    expired = "ran out" if patron.expires_in_days is not None and patron.expires_in_days < 0 else ""
    return " · ".join(filter(None, (patron.name, pin, expired, *patron.blocks)))


def books(sample: Path) -> list[dict[str, str]]:
    """The first items, numbered as `scan N` counts them."""
    with (sample / "titles.tsv").open(encoding="utf-8", newline="") as file:
        titles = {row["id"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    with (sample / "items.tsv").open(encoding="utf-8", newline="") as file:
        items = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    shown = min(SHOWN_BOOKS, len(read_barcodes(sample)))
    return [
        {"number": str(number), **{key: titles[item["title_id"]][key] for key in ("title", "author")}}
        for number, item in enumerate(items[:shown], start=1)
    ]


def main() -> int:
    """Show the window until it is closed, which ends the demo."""
    x, width, height = (int(argument) for argument in sys.argv[1:4])
    application = QGuiApplication(["kiosk-bench"])
    choose_renderer()
    load_fonts()
    engine, window = open_bench((x, width, height))
    window.said.connect(_print)  # type: ignore[attr-defined]
    code = int(application.exec())
    del engine
    _print("quit")
    return code


def _print(command: str) -> None:
    print(command, flush=True)


if __name__ == "__main__":
    sys.exit(main())
