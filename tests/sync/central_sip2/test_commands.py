"""SIP2 as the centre's commands serve it: processes, accounts, TLS."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.catalogue import NotAuthorised
from sync.central.client import CentreCatalogue
from sync.sip2.requests import SCStatus
from tests.sync.central_sip2.conftest import Machine
from tests.sync.library import write_library
from tests.sync.processes import LONGEST_S, centre
from tests.sync.test_commands import make_authority


class Centre:
    """A centre with an account, served by a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder}/centre.db"
        self._running: list[subprocess.Popen[bytes]] = []
        files = (
            "--sample",
            str(write_library(folder / "sample")),
            "--station",
            "s1",
            "--token-file",
            str(folder / "token"),
        )
        assert centre("init", "--database", self.database, *files).returncode == 0

    def admit(self, account: str, *options: str) -> str:
        """Lets an account in; its password."""
        file = self.folder / "password"
        arguments = "--sip2-account", account, "--password-file", str(file), *options
        done = centre("admit", "--database", self.database, *arguments)
        assert done.returncode == 0, done.stderr
        assert file.stat().st_mode & 0o777 == 0o600
        return file.read_text()

    def serve(self, *options: str) -> tuple[int, int]:
        """Serves the API and SIP2; their ports."""
        files = self.folder / "api", self.folder / "sip2"
        command = [sys.executable, "-m", "sync.central", "serve", "--database", self.database, "--port", "0"]
        command += ["--port-file", str(files[0]), "--sip2", "127.0.0.1:0", "--sip2-port-file", str(files[1])]
        self._running.append(subprocess.Popen([*command, *options]))
        while not all(file.exists() for file in files):
            assert self._running[-1].poll() is None
        return int(files[0].read_text()), int(files[1].read_text())

    def end(self) -> None:
        for process in self._running:
            process.terminate()
            assert process.wait(LONGEST_S) in (0, -signal.SIGTERM), "uvicorn hands the signal on once it has closed"


@pytest.fixture
def centre_(tmp_path: Path) -> Iterator[Centre]:
    running = Centre(tmp_path)
    yield running
    running.end()


async def test_an_account_is_let_in_and_its_password_opens_nothing_else(centre_: Centre) -> None:
    old = centre_.admit("gate")
    password = centre_.admit("gate", "--branch", "east")
    api, sip2 = centre_.serve()
    machine = Machine(("127.0.0.1", sip2))
    assert not machine.log_in("gate", old)
    assert machine.log_in("gate", password)
    assert machine.ask(SCStatus()).terminal_location == "East"
    machine.close()
    client = CentreCatalogue(f"http://127.0.0.1:{api}", password)
    with pytest.raises(NotAuthorised):
        await client.item("301")
    await client.aclose()


def test_tls_is_the_api_s(centre_: Centre, tmp_path: Path) -> None:
    make_authority(tmp_path / "tls")
    _, sip2 = centre_.serve(
        "--certificate", str(tmp_path / "tls" / "tls.crt"), "--key", str(tmp_path / "tls" / "tls.key")
    )
    trusting = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
    machine = Machine(("127.0.0.1", sip2))
    machine.connection = trusting.wrap_socket(machine.connection, server_hostname="localhost")
    assert machine.exchange(b"97\r") == b"96AZFEF6"
    machine.close()
    with socket.create_connection(("127.0.0.1", sip2), LONGEST_S) as plain:
        plain.sendall(b"9900802.00\r")
        assert b"98" not in plain.recv(100), "nothing is answered without TLS"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sip2", "0.0.0.0:0"), "needs --certificate and --key, or --sip2-plain"),
        (("--sip2", "6001"), "is no address and port"),
        (("--sip2", "localhost:6001"), "is no address and port"),
        (("--sip2-plain",), "need --sip2 HOST:PORT"),
    ],
)
def test_what_cannot_be_served_is_refused(centre_: Centre, options: tuple[str, ...], said: str) -> None:
    done = centre("serve", "--database", centre_.database, "--port", "0", *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_settings_that_cannot_be_are_refused(centre_: Centre, tmp_path: Path) -> None:
    (tmp_path / "sip2.toml").write_text("[account.gate]\nlanguage = 'fr'\n")
    options = "--sip2", "127.0.0.1:0", "--sip2-config", str(tmp_path / "sip2.toml")
    done = centre("serve", "--database", centre_.database, "--port", "0", *options)
    assert done.returncode == 1
    assert "$.account[...].language" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--station", "s2"),
        ("--sip2-account", "gate"),
        ("--station", "s2", "--token-file", "t", "--sip2-account", "gate", "--password-file", "p"),
        (),
    ],
)
def test_a_station_or_an_account_is_let_in(centre_: Centre, options: tuple[str, ...]) -> None:
    done = centre("admit", "--database", centre_.database, *options)
    assert done.returncode == 2
    assert "either --station and --token-file, or --sip2-account and --password-file" in done.stderr
