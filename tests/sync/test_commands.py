"""The centre's commands as processes, and TLS with a library's own authority."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sync.catalogue import NotAuthorised, Unreachable
from sync.central.client import CentreCatalogue
from sync.central.models import ItemRow, open_engine
from sync.central.snapshots import signing_key
from sync.feed.client import FeedClient
from sync.feed.package import verify
from sync.feed.schema import Half
from tests.sync.library import write_library
from tests.sync.processes import LONGEST_S, centre

Serve = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A centre's database with the small library and the station s1."""
    url = f"sqlite:///{tmp_path}/centre.db"
    sample = str(write_library(tmp_path / "sample"))
    done = centre(
        "init", "--database", url, "--sample", sample, "--station", "s1", "--token-file", str(tmp_path / "s1.token")
    )
    assert done.returncode == 0, done.stderr
    return url


@pytest.fixture
def serve(tmp_path: Path, database: str) -> Iterator[Serve]:
    """Serves it at a free port; returns the port."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> str:
        port_file = tmp_path / "port"
        command = [sys.executable, "-m", "sync.central", "serve", "--database", database, "--port", "0"]
        running.append(subprocess.Popen([*command, "--port-file", str(port_file), *options]))
        while not port_file.exists():
            assert running[-1].poll() is None
        return port_file.read_text()

    yield start
    for process in running:
        process.terminate()
        assert process.wait(LONGEST_S) in (0, -signal.SIGTERM), "uvicorn hands the signal on once it has closed"


async def test_a_station_is_let_in_and_gets_a_new_token(tmp_path: Path, database: str, serve: Serve) -> None:
    port = serve()
    old = (tmp_path / "s1.token").read_text()
    token_file = tmp_path / "new.token"
    token_file.write_text("something that was there")
    token_file.chmod(0o644)
    for station in ("s2", "s1"):
        done = centre(
            "admit", "--database", database, "--station", station, "--branch", "east", "--token-file", str(token_file)
        )
        assert done.returncode == 0, done.stderr
        assert token_file.stat().st_mode & 0o777 == 0o600
        client = CentreCatalogue(f"http://127.0.0.1:{port}", token_file.read_text())
        assert await client.item("301")
        await client.aclose()
    client = CentreCatalogue(f"http://127.0.0.1:{port}", old)
    with pytest.raises(NotAuthorised):
        await client.item("301")
    await client.aclose()


def test_the_key_that_stations_trust_is_printed_and_stays(tmp_path: Path, database: str) -> None:
    said = [centre("key", "--database", database).stdout for _ in range(2)]
    assert said == [signing_key(tmp_path / "snapshots").public + "\n"] * 2
    assert (tmp_path / "snapshots" / "signing.key").stat().st_mode & 0o777 == 0o600
    elsewhere = centre("key", "--database", database, "--folder", str(tmp_path / "other")).stdout
    assert elsewhere not in said


def test_snapshots_are_made_before_anybody_asks(tmp_path: Path, database: str) -> None:
    done = centre("snapshot", "--database", database)
    assert (done.returncode, done.stdout) == (0, "catalogue\npatrons main\n"), done.stderr
    assert len(list((tmp_path / "snapshots").glob("*.zst"))) == 2


async def test_a_centre_put_back_from_a_backup_begins_a_new_history(
    tmp_path: Path, database: str, serve: Serve
) -> None:
    """Its log is shorter than a snapshot says that it was: no station's cursor may be believed any more."""

    def cursor_of(port: str) -> str:
        client = FeedClient(f"http://127.0.0.1:{port}", (tmp_path / "s1.token").read_text())
        with closing(client):
            return verify(client.offer(Half.CATALOGUE), signing_key(tmp_path / "snapshots").public).cursor

    backup = (tmp_path / "centre.db").read_bytes()
    engine = open_engine(database)
    with Session(engine) as db, db.begin():
        db.get_one(ItemRow, "301").status = "lost"
    engine.dispose()
    assert centre("snapshot", "--database", database).returncode == 0
    before = cursor_of(serve())
    (tmp_path / "port").unlink()
    (tmp_path / "centre.db").write_bytes(backup)
    for log in ("centre.db-wal", "centre.db-shm"):
        (tmp_path / log).unlink(missing_ok=True)
    after = cursor_of(serve())
    assert before.split(".")[0] != after.split(".")[0]


def test_an_unknown_branch_is_refused(tmp_path: Path, database: str) -> None:
    arguments = ["--station", "s3", "--branch", "moon", "--token-file", str(tmp_path / "s3.token")]
    done = centre("admit", "--database", database, *arguments)
    assert done.returncode == 1
    assert "no branch 'moon'" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_address_but_loopback_without_tls(database: str) -> None:
    done = centre("serve", "--database", database, "--host", "0.0.0.0", "--port", "0")  # noqa: S104 — it must refuse
    assert done.returncode == 2
    assert "needs --certificate and --key" in done.stderr


def make_authority(folder: Path) -> None:
    """An authority of the library's own (ca.pem), and the centre's certificate from it (tls.crt, tls.key)."""
    folder.mkdir()
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Library",
        "req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=localhost",
        "x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tls.crt -days 2 -extfile names",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


async def test_tls_with_the_library_s_own_authority(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = tmp_path / "tls"
    make_authority(tls)
    port = serve("--certificate", str(tls / "tls.crt"), "--key", str(tls / "tls.key"))
    token = (tmp_path / "s1.token").read_text()

    stranger = CentreCatalogue(f"https://localhost:{port}", token)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        await stranger.heartbeat()
    await stranger.aclose()

    # What the machine trusts: the system's authorities, or a file that OpenSSL's own variable names.
    monkeypatch.setenv("SSL_CERT_FILE", str(tls / "ca.pem"))
    client = CentreCatalogue(f"https://localhost:{port}", token)
    assert await client.item("301")
    await client.aclose()

    with socket.create_connection(("127.0.0.1", int(port))) as plain:
        plain.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in plain.recv(100), "nothing is answered without TLS"
    assert ssl.create_default_context().check_hostname
