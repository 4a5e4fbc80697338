"""The library of a soak: a few readers and books, and a centre that anybody may kill."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.demo.peer import start, stop
from sync.central.models import Card, open_engine
from sync.central.sample import load, register_station
from tests.sync.postgresql import Server

READERS = ("anna", "ben", "cleo")
LANES = tuple(tuple(str(100 * lane + number) for number in range(1, 5)) for lane in range(1, 4))
STATION, TOKEN = "s1", "a-token-of-the-soak"


def write_library(folder: Path) -> Path:
    """Its files, as the centre loads them."""
    folder.mkdir()
    items = [item for lane in LANES for item in lane]
    (folder / "library.toml").write_text('name = "L"\ntime_zone = "UTC"\n[[branch]]\ncode = "main"\nname = "Main"\n')
    (folder / "rules.toml").write_text("[[rule]]\nloan_days = 28\nlimit = 50\nrenewals = 500\n")
    head = "id\ttitle\tauthor\tlanguage\tyear\tisbn\tmedia\taudience\tshelf\n"
    (folder / "titles.tsv").write_text(head + "".join(f"{n}\tT{n}\t\ten\t\t\tbook\tadult\t\n" for n in items))
    head = "barcode\ttitle_id\tbranch\tstatus\n"
    (folder / "items.tsv").write_text(head + "".join(f"{n}\t{n}\tmain\tavailable\n" for n in items))
    patron = '[[patron]]\nalias = "{0}"\nname = "{0}"\ncards = [{{kind = "uid", value = "{0}"}}]\n'
    (folder / "patrons.toml").write_text("".join(patron.format(name) for name in READERS))
    return folder


class Centre:
    """A real centre's process, and the database behind it. `server`: PostgreSQL; without, it is SQLite."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self._folder = folder
        self.server = server
        self.database = server.new_database() if server else f"sqlite:///{folder / 'centre.db'}"
        self._port_file = folder / "port"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def load(self) -> tuple[str, ...]:
        """Fill the database. Returns the readers' refs."""
        engine = open_engine(self.database)
        load(engine, write_library(self._folder / "library"), datetime.now(UTC))
        register_station(engine, STATION, TOKEN)
        with Session(engine) as db:
            refs = tuple(db.scalars(select(Card.patron).order_by(Card.value)))
        engine.dispose()
        return refs

    def start(self) -> None:
        """Start it, at the port that it had."""
        self._port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sync.central", "serve", "--database", self.database]
        command += ["--port", str(self.port), "--port-file", str(self._port_file)]
        command += ["--folder", str(self._folder / "snapshots")]
        self.process = start(command, self._folder / "centre.log")

    def listens(self) -> bool:
        """Whether it has come so far. Raises `RuntimeError` where it has ended by itself."""
        if self.process is None or self.process.poll() is not None:
            log = (self._folder / "centre.log").read_text(errors="replace")
            raise RuntimeError(f"the centre has ended by itself:\n{log[-2000:]}")
        if self._port_file.exists():
            self.port = int(self._port_file.read_text())
        return self._port_file.exists()

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            stop(self.process)


class StationProcess:
    """The station's process, started again and again over the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, settings: bytes) -> None:
        """A new life."""
        path = self.folder / "settings.json"
        path.write_bytes(settings)
        command = [sys.executable, "-m", "tests.soak.station", str(path)]
        self.process = start(command, self.folder / "station.log", stdout=subprocess.PIPE)

    def wait_begun(self) -> None:
        """Return once it works, or has ended."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.readline()

    def kill(self) -> None:
        """SIGKILL. Raises `RuntimeError` where it had ended by itself."""
        if self.process is None:
            return
        ended = self.process.poll()
        self.process.kill()
        self._reap()
        if ended is not None:
            log = (self.folder / "station.log").read_text(errors="replace")
            raise RuntimeError(f"the station has ended by itself ({ended}):\n{log[-2000:]}")

    def wait_told(self, longest_s: float) -> bool:
        """Whether it has told everything, and ended, within this time."""
        if self.process is None:
            return False
        try:
            return self.process.wait(longest_s) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.process.kill()
            self._reap()

    def _reap(self) -> None:
        if self.process is not None:
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None
