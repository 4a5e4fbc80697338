"""A real PostgreSQL server, Debian's, for as long as the tests run."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

PROGRAMS = Path("/usr/lib/postgresql")


class Server:
    """A server of our own. It listens on a socket in `sockets` and nowhere else."""

    def __init__(self, data: Path, sockets: Path) -> None:
        self._data = data
        self._sockets = sockets
        self._bin = max(PROGRAMS.glob("*/bin"), key=lambda folder: int(folder.parent.name))
        self._user = "postgres" if os.geteuid() == 0 else ""  # it refuses to run as root
        self._numbers = itertools.count(1)

    def make(self) -> None:
        """Lay out the data folder."""
        if self._user:
            for folder in (self._data, self._sockets):
                shutil.chown(folder, self._user)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-N")

    def start(self) -> None:
        """Start, and wait until it takes connections; after a kill also until its last children have gone."""
        options = f"-k {self._sockets} -c listen_addresses= -c fsync=off"
        for attempt in Retrying(
            retry=retry_if_exception_type(subprocess.CalledProcessError),
            wait=wait_fixed(0.1),
            stop=stop_after_delay(30),
        ):
            with attempt:
                self._run("pg_ctl", "-w", "-l", str(self._data / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop at once."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL for the server, in the middle of whatever it is doing. Its children notice and end by themselves."""
        os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    def new_database(self) -> str:
        """The URL of a database with nothing in it."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(host=str(self._sockets), user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._sockets}"

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user
        as_user: Sequence[str] = ("setpriv", "--reuid", user, "--regid", user, "--clear-groups") if user else ()
        command = [*as_user, str(self._bin / program), "-D", str(self._data), *arguments]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=self._sockets)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server and stop it. The socket lies in a folder of its own: a path of 107 bytes at most."""
    data = Path(tempfile.mkdtemp(prefix="kiosk-pg-data-"))  # not pytest's: other sessions tidy what is old there
    sockets = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    server = Server(data, sockets)
    server.make()
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(sockets)
        shutil.rmtree(data)
