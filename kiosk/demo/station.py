"""The demo's station: the same as `kiosk run`, and a stage door.

python -m kiosk.demo.station CONFIG DOOR_FD
"""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.cli import run_station
from kiosk.config import read_configuration
from kiosk.demo.door import Door


def main() -> int:
    """Run the station that the launcher described, until the launcher closes the door."""
    configuration = read_configuration(Path(sys.argv[1]))
    doors: list[Door] = []

    def with_door(station, application):  # type: ignore[no-untyped-def]  # Qt is loaded late
        door = Door(station, int(sys.argv[2]), application)
        door.on_closed = application.quit
        doors.append(door)

    return run_station(configuration, with_door)


if __name__ == "__main__":
    sys.exit(main())
