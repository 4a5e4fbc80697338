"""The whole station as processes of their own: the centre with a sample library, the device box, the station.

Everything listens on loopback at ports that were free, and ends with this process.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

import assets
from drivers.nfc.settings import IdmWay, NdefTextWay, NdefUriWay, NfcSettings, UidWay
from drivers.scanner.settings import Rule, ScannerSettings
from kiosk.config import CentreSettings, Configuration, ScreenSettings, StationSettings, VisitSettings
from kiosk.demo.cards import URI
from kiosk.demo.centre import FILES, Centre
from kiosk.demo.peer import START_S, DemoError, Peer, last_words, start, stop

STATION = "demo"
WAYS = (NdefTextWay(), NdefUriWay(prefix=re.escape(URI)), UidWay(), IdmWay())
RULES = (
    Rule(kind="patron", mask="20423#########", check="codabar_mod10"),
    Rule(kind="item", mask="30423#########", check="codabar_mod10"),
)


class StackSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the stack is set up.

    `folder`: where data and logs go. `keep`: go on with what is there. `size`: of the station's window; None: full
    screen. `platform`: Qt's, '' for its own choice. `wrap`: a command that the station is started by. `real`: the
    configuration of a real station; its catalogue is used in place of a centre of our own, with its rules for cards
    and labels.
    """

    folder: Path
    keep: bool = False
    size: tuple[int, int] | None = (1280, 800)
    platform: str = "offscreen"
    motion: bool = True
    sounds: bool = False
    visit: VisitSettings = VisitSettings(pin_letters=True)
    wrap: tuple[str, ...] = ()
    real: Configuration | None = None


class Stack:
    """Centre, device box and station. Start and stop it in the main thread: its processes end with that thread."""

    def __init__(self, settings: StackSettings) -> None:
        self.settings = settings
        self.folder = settings.folder
        self.sample = assets.folder() / "sample"
        self.data = self.folder / "station"
        # The links of the devices: a path without spaces, which nfcpy's shell call needs.
        self._links = Path(tempfile.mkdtemp(prefix="kiosk-"))
        self.centre = Centre(self.folder, self.sample, STATION) if settings.real is None else None
        self.station: subprocess.Popen[bytes] | None = None
        self._box_process: subprocess.Popen[bytes] | None = None
        self._box: Peer | None = None
        self._door: Peer | None = None
        self._devices: dict[str, str] = {}
        self.station_started_ns = 0

    @property
    def box(self) -> Peer:
        """The device box."""
        if self._box is None:
            raise DemoError("the device box is not running")
        return self._box

    @property
    def door(self) -> Peer:
        """The station's stage door."""
        if self._door is None:
            raise DemoError("the station is not running")
        return self._door

    @property
    def url(self) -> str:
        """The centre's address, as the station has it."""
        return self.own_centre.url

    @property
    def token(self) -> str:
        """The station's token at the centre."""
        return self.own_centre.token

    @property
    def own_centre(self) -> Centre:
        """The centre. Raises `DemoError` on a real catalogue, which is not ours."""
        if self.centre is None:
            raise DemoError("the catalogue is a real one: it is not ours to steer")
        return self.centre

    # ── all of it ──

    def start(self) -> None:
        """Start everything. Raises `DemoError` with the log's last lines where a part does not start."""
        self._lay_out()
        self._start_box()
        if self.centre is not None:
            self.centre.start()
        self.start_station()

    def stop(self) -> None:
        """End everything, the station first."""
        self.stop_station()
        if self.centre is not None:
            self.centre.stop()
        if self._box_process is not None:
            self.box.close()
            stop(self._box_process)
        shutil.rmtree(self._links, ignore_errors=True)

    def _lay_out(self) -> None:
        if not self.settings.keep:
            for name in ("station", *FILES):
                _remove(self.folder / name)
        self.data.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*.log"):
            log.unlink()

    # ── the device box ──

    def _start_box(self) -> None:
        process = self._start(
            "box", ["-m", "drivers.simulated", str(self._links)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if process.stdin is None or process.stdout is None:
            raise DemoError("the device box has no pipes")
        self._box_process = process
        self._box = Peer("the device box", process.stdout, process.stdin)
        self._devices = self._box.hear()["devices"]

    # ── the station ──

    def start_station(self) -> None:
        """Start the station, and wait until it shows something."""
        configuration = self.folder / "station.json"
        configuration.write_bytes(msgspec.json.encode(self.configuration()))
        ours, theirs = socket.socketpair()
        with theirs:
            self.station_started_ns = time.monotonic_ns()
            self.station = self._start(
                "station",
                ["-m", "kiosk.demo.station", str(configuration), str(theirs.fileno())],
                wrap=self.settings.wrap,
                pass_fds=[theirs.fileno()],
            )
        self._door = Peer("the station", ours.makefile("rb"), ours.makefile("wb"))
        ours.close()
        try:
            self._door.ask(do="wait", after=0, timeout_s=START_S)
        except DemoError as error:
            raise DemoError(f"the station does not start: {error}\n{self.last_words('station')}") from error

    def stop_station(self) -> None:
        """End the station in order."""
        if self._door is not None:
            self._door.close()
            self._door = None
        if self.station is not None:
            stop(self.station)
            self.station = None

    def kill_station(self) -> None:
        """End the station as a power cut does: SIGKILL, in the middle of whatever it is doing."""
        if self.station is not None:
            self.station.kill()
            self.station.wait()
        self.stop_station()

    def configuration(self) -> Configuration:
        """The station's configuration."""
        real = self.settings.real
        nfc = real.nfc[0] if real and real.nfc else NfcSettings(name="nfc", path="usb", ways=WAYS)
        scanner = real.scanner[0] if real and real.scanner else ScannerSettings(name="scanner", path="-", rules=RULES)
        return Configuration(
            station=StationSettings(
                id=real.station.id if real else STATION,
                name=real.station.name if real else "Linden Library",
                data=str(self.data),
                time_zone=real.station.time_zone if real else "Europe/Berlin",
            ),
            catalogue=real.catalogue if real else self._own_catalogue(),
            screen=self._screen(),
            visit=self.settings.visit,
            nfc=(msgspec.structs.replace(nfc, name="nfc", path=self._devices["nfc"]),),
            scanner=(
                msgspec.structs.replace(
                    scanner, name="scanner", path=self._devices["scanner"], suffix="any", prefix=""
                ),
            ),
        )

    def _own_catalogue(self) -> CentreSettings:
        return CentreSettings(
            url=self.url,
            token_file=str(self.own_centre.token_file),
            key=self.own_centre.key,
            heartbeat_s=1,
            retry_s=1,
        )

    def _screen(self) -> ScreenSettings:
        size = self.settings.size or (ScreenSettings().width, ScreenSettings().height)
        return ScreenSettings(
            language="en",
            fullscreen=self.settings.size is None,
            width=size[0],
            height=size[1],
            motion=self.settings.motion,
            sounds=self.settings.sounds,
        )

    # ── processes ──

    def _start(
        self, name: str, arguments: Sequence[str], *, wrap: Sequence[str] = (), **options: object
    ) -> subprocess.Popen[bytes]:
        command = [*wrap, sys.executable, *arguments]
        return start(command, self.folder / f"{name}.log", env=self._environment(), **options)

    def _environment(self) -> Mapping[str, str]:
        environment = dict(os.environ)
        if self.settings.platform:
            environment["QT_QPA_PLATFORM"] = self.settings.platform
        return environment

    def last_words(self, name: str, lines: int = 8) -> str:
        """The end of a process's log."""
        return last_words(self.folder / f"{name}.log", lines)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
