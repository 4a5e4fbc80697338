"""A real PostgreSQL server, Debian's, for as long as the tests run."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

PROGRAMS = Path("/usr/lib/postgresql")


class Server:
    """A running server. It listens on a socket in `folder` and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """The URL of a database with nothing in it."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server and stop it. The socket lies in a folder of its own: a path of 107 bytes at most."""
    bin_folder = max(PROGRAMS.glob("*/bin"), key=lambda folder: int(folder.parent.name))
    data = Path(tempfile.mkdtemp(prefix="kiosk-pg-data-"))  # not pytest's: other sessions tidy what is old there
    sockets = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    user = "postgres" if os.geteuid() == 0 else ""  # it refuses to run as root
    if user:
        for folder in (data, sockets):
            shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        as_user: Sequence[str] = ("setpriv", "--reuid", user, "--regid", user, "--clear-groups") if user else ()
        command = [*as_user, str(bin_folder / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=sockets)

    run("initdb", "-U", "postgres", "-A", "trust", "-N")
    options = f"-k {sockets} -c listen_addresses= -c fsync=off"
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        yield Server(sockets)
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(sockets)
        shutil.rmtree(data)
