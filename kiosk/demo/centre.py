"""The demo's centre: its process, its library, and the line that leads to it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

from kiosk.demo.peer import START_S, DemoError, last_words, start, stop
from sync.feed.package import SigningKey

FILES = ("centre.db", "centre.db-wal", "centre.db-shm", "snapshots", "token", "port")
"""What it leaves in its folder."""


class Centre:
    """The centre with the sample library, on loopback.

    Args:
        folder: where its data and its log go.
        sample: the library's files.
        station: the station that is let in.
    """

    def __init__(self, folder: Path, sample: Path, station: str) -> None:
        self.log = folder / "centre.log"
        self.token_file = folder / "token"
        self.database = f"sqlite:///{folder / 'centre.db'}"
        self._folder = folder
        self._sample = sample
        self._station = station
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0  # where the station looks for it
        self._real_port = 0  # where it is
        self._cut: socket.socket | None = None

    @property
    def running(self) -> bool:
        """Whether it is there for anybody."""
        return self._process is not None

    @property
    def url(self) -> str:
        """Its address as the station has it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def real_url(self) -> str:
        """Where everybody else finds it, also while the station's line is cut."""
        return f"http://127.0.0.1:{self._real_port}"

    @property
    def token(self) -> str:
        """The station's token."""
        return self.token_file.read_text().strip()

    @property
    def key(self) -> str:
        """What its snapshots are checked with."""
        return SigningKey.open(self._folder / "snapshots" / "signing.key").public

    # ── up and down ──

    def start(self) -> None:
        """Start it where the station looks for it: at the port it had before. Raises `DemoError`."""
        if not self.token_file.exists():
            self._init()
        self._let_go_of_the_line()
        self._serve(self._port)
        self._port = self._real_port

    def stop(self) -> None:
        """End it, for everybody."""
        if self._process is not None:
            stop(self._process)
            self._process = None
        self._let_go_of_the_line()

    # ── the line ──

    def cut_line(self) -> None:
        """Let the station lose it and nobody else: it moves to another port. The old one stays ours, so that nothing
        answers there until the line is mended."""
        self.stop()
        self._cut = socket.socket()
        self._cut.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._cut.bind(("127.0.0.1", self._port))  # and never listens: whoever connects is turned away
        self._serve(0)

    def mend_line(self) -> None:
        """Bring it back to where the station looks for it, wherever it is now."""
        if not self.running or self._cut is not None:
            self.stop()
            self.start()

    def _let_go_of_the_line(self) -> None:
        if self._cut is not None:
            self._cut.close()
            self._cut = None

    # ── commands ──

    def admit(self, station: str) -> str:
        """Let one more station in, at the same branch. Returns its token."""
        token_file = self._folder / f"token-{station}"
        self._command("admit", "--station", station, "--token-file", str(token_file))
        return token_file.read_text().strip()

    def _init(self) -> None:
        names = ["--station", self._station, "--token-file", str(self.token_file)]
        self._command("init", "--sample", str(self._sample), *names)

    def _command(self, name: str, *arguments: str) -> None:
        line = [sys.executable, "-m", "sync.central", name, "--database", self.database, *arguments]
        done = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise DemoError(f"the centre's {name} went wrong: {done.stderr.strip()}")

    def _serve(self, port: int) -> None:
        port_file = self._folder / "port"
        port_file.unlink(missing_ok=True)
        line = [sys.executable, "-m", "sync.central", "serve", "--database", self.database]
        self._process = start([*line, "--port", str(port), "--port-file", str(port_file)], self.log)
        self._real_port = self._heard(self._process, port_file)

    def _heard(self, process: subprocess.Popen[bytes], port_file: Path) -> int:
        until_s = time.monotonic() + START_S
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > until_s:
                raise DemoError(f"the centre does not start\n{last_words(self.log)}")
            time.sleep(0.01)
        return int(port_file.read_text())
