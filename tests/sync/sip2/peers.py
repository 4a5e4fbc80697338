"""SIP2 servers that others wrote, as processes on loopback: pysip2 and invenio-sip2, over the library of
`servers/library.toml`.

They run in `.venv-peers` (`scripts/setup test`), which our own code never imports.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
SERVERS = "tests.sync.sip2.servers"
START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  the library's own time; everybody's is UTC
NOW = START.replace(tzinfo=UTC)
USER, PASSWORD = "station", "secret"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that runs. It takes connections on 127.0.0.1 at `port`, and knows the station by USER and PASSWORD."""

    port: int
    process: subprocess.Popen[str]

    def lay_out(self, now: datetime = START) -> None:
        """Forget all that was done: the library is as of this moment, in its own time. Connections stay."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{now.isoformat()}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == now.isoformat()


Start = Callable[[], AbstractContextManager[Peer]]


@contextmanager
def started_when_asked(servers: Mapping[str, Start]) -> Iterator[Callable[[str], Peer]]:
    """Each server by its name, started when it is first asked for."""
    with ExitStack() as running:
        yield cache(lambda name: running.enter_context(servers[name]()))


@contextmanager
def running_pysip2(*, encoding: str = "utf-8", error_detection: str = "auto") -> Iterator[Peer]:
    """pysip2's server.

    Args:
        encoding: of everything it reads and writes. It hangs up where a text cannot be written in it.
        error_detection: 'auto' (as each request has it) or 'required'.
    """
    with _running("pysip2_server", encoding, error_detection) as peer:
        yield peer


@contextmanager
def running_invenio(*, error_detection: bool = True) -> Iterator[Peer]:
    """invenio-sip2's server, in UTF-8, with a Redis of its own. It does not survive CR LF, two requests at once or a
    field that it does not know."""
    with _running_redis() as redis, _running("invenio_server", redis, "on" if error_detection else "off") as peer:
        yield peer


@contextmanager
def _running(server: str, *arguments: str) -> Iterator[Peer]:
    """It says its port when it is ready, and ends with its standard input at the latest."""
    command = [str(PYTHON), "-m", f"{SERVERS}.{server}", START.isoformat(), *arguments]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        with process:
            try:
                yield Peer(_port(server, process, errors), process)
            finally:
                process.kill()


def _port(server: str, process: subprocess.Popen[str], errors: IO[str]) -> int:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        errors.seek(0)
        raise RuntimeError(f"{server} did not start: {errors.read()}")
    return int(line)


@contextmanager
def _running_redis() -> Iterator[str]:
    """The socket of a Redis that keeps nothing. It lies in a folder of its own: a path of 107 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-redis-"))
    address = str(folder / "socket")
    options = ["--port", "0", "--unixsocket", address, "--save", "", "--dir", str(folder)]
    # Whatever ends the tests ends it too.
    command = ["setpriv", "--pdeathsig", "KILL", "redis-server", *options]
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            try:
                _await_redis(address)
                yield address
            finally:
                process.kill()
    finally:
        shutil.rmtree(folder)


def _await_redis(address: str) -> None:
    for attempt in Retrying(retry=retry_if_exception_type(OSError), wait=wait_fixed(0.02), stop=stop_after_delay(30)):
        with attempt, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(address)
            line.sendall(b"PING\r\n")
            assert line.recv(64) == b"+PONG\r\n"
