"""The demo's station: the same as `kiosk run`, and a stage door.

python -m kiosk.demo.station CONFIGURATION DOOR_FD
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kiosk.cli import run_station, set_up_logging
from kiosk.config import Configuration

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

    from kiosk.app import Station
    from kiosk.demo.door import Door


def main() -> int:
    """Run the station that the launcher described (JSON), until the launcher closes the door."""
    set_up_logging()
    configuration = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Configuration)
    doors: list[Door] = []

    def with_door(station: Station, application: QGuiApplication) -> None:
        from kiosk.demo.door import Door

        door = Door(station, int(sys.argv[2]))
        door.on_closed = application.quit
        doors.append(door)

    return run_station(configuration, with_door)


if __name__ == "__main__":
    sys.exit(main())
