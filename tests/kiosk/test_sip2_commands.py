"""`kiosk sip2`: what a technician gets from it who connects a library system."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk import sip2_commands
from kiosk.cli import main
from kiosk.config import read_configuration, sip2_profile
from kiosk.connection import Connection, connect
from kiosk.store.journal import Journal
from kiosk.store.thread import StoreThread
from sync.settings import Sip2Settings
from sync.sip2 import requests
from sync.sip2.answers import ACSStatus, CheckinResponse
from sync.sip2.message import Answer, Request
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.sync.sip2.misbehaving import PASSWORD, USER, Acs
from tests.sync.sip2.probed import CARD, ITEM, PIN, Library

CONFIGURATION = """
[station]
id = "s1"
data = "{folder}"
[catalogue]
kind = "sip2"
host = "127.0.0.1"
port = {port}
user = "{user}"
password = "{password}"
"""
CENTRE = """
[station]
id = "s1"
[catalogue]
url = "https://centre.example"
key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""


def sip2(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["sip2", *map(str, arguments)])


class Today(Library):
    """A library whose clock goes."""

    def answer(self, request: Request) -> Answer:
        if isinstance(request, requests.SCStatus):
            return ACSStatus(system_date=datetime.now(UTC), supported=self.supported)
        return super().answer(request)


@contextmanager
def serving(library: Library) -> Iterator[int]:
    """Serve it in a thread of its own; gives the port."""
    started, port = threading.Event(), 0
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        nonlocal port
        async with Acs(answers=library.answer) as acs:
            port = acs.port
            started.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture
def library() -> Library:
    return Today()


@pytest.fixture
def secrets(tmp_path: Path) -> tuple[object, ...]:
    """The options that name files with secrets."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "pin").write_text(f"{PIN}\n")
    return "--user", USER, "--password-file", tmp_path / "password", "--pin-file", tmp_path / "pin", "--zone", "UTC"


@pytest.fixture
def port(library: Library) -> Iterator[int]:
    with serving(library) as port:
        yield port


# ── probe ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_for_people(port: int, library: Library, secrets: tuple[object, ...]) -> None:
    result = sip2("probe", f"127.0.0.1:{port}", *secrets, "--patron", CARD, "--item", ITEM)
    assert result.exit_code == 0, result.output
    assert re.search(r"^  PIN +none: no CQ, given: CQ Y, wrong: CQ N$", result.stdout, re.MULTILINE)
    assert result.stdout.endswith(f"127.0.0.1:{port}: usable.\n")
    assert library.system.done == []
    assert all(secret not in result.output for secret in (CARD, f" {PIN}", PASSWORD))


def test_a_line_for_machines(port: int, secrets: tuple[object, ...]) -> None:
    result = sip2("probe", f"127.0.0.1:{port}", *secrets, "--patron", CARD, "--json")
    report = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    found = {one["name"]: one for one in report["observations"]}
    assert found["error detection"]["profile"] == {"error_detection": "auto"}
    assert found["PIN"]["level"] == "good"
    assert set(found["PIN"]) == {"name", "value", "meaning", "level", "profile"}


def test_lent_given_back_and_written(port: int, library: Library, secrets: tuple[object, ...], tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    wanted = ("--patron", CARD, "--item", ITEM, "--exercise", "--no-block", "--profile", "koha", "--write", path)
    result = sip2("probe", f"127.0.0.1:{port}", *secrets, *wanted)
    assert result.exit_code == 0, result.output
    assert library.system.done[-1] == ("checkin", ITEM, CARD)
    found = sip2_profile(Sip2Settings(host="localhost", profile=str(path)), "Europe/Berlin")
    assert (found.no_block, found.zone) == ("as_due_date", "Europe/Berlin")
    assert found.meanings("10")["CV"] == "alert_type"

    again = sip2("probe", f"127.0.0.1:{port}", *secrets, "--write", path, "--patron", CARD)
    assert (again.exit_code, f"{path} is there already" in again.stderr) == (2, True)


class Keeps(Today):
    """Says that it takes an item back, and does not."""

    def answer(self, request: Request) -> Answer:
        if isinstance(request, requests.Checkin):
            return CheckinResponse(ok=True, transaction_date=None, item=request.item)
        return super().answer(request)


def test_what_could_not_be_given_back_is_said_loudly(secrets: tuple[object, ...]) -> None:
    with serving(Keeps()) as port:
        result = sip2("probe", f"127.0.0.1:{port}", *secrets, "--patron", CARD, "--item", ITEM, "--exercise")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"THE ITEM {ITEM} COULD NOT BE GIVEN BACK")


def test_not_reached(library: Library, tmp_path: Path) -> None:
    with serving(library) as port:
        pass
    result = sip2("probe", f"127.0.0.1:{port}", "--write", tmp_path / "ours.toml")
    assert (result.exit_code, "not usable" in result.stdout) == (2, True)
    assert not (tmp_path / "ours.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["library.example"], "no HOST:PORT"),
        (["library.example:0"], "no HOST:PORT"),
        ([":6001"], "no HOST:PORT"),
        (["localhost:6001", "--zone", "Mars"], "no time zone"),
        (["localhost:6001", "--profile", "nonsense"], "there is none; one of evergreen"),
        (["localhost:6001", "--profile", "missing.toml"], "No such file"),
        (["localhost:6001", "--pin-file", "{pin}"], "without --patron"),
        (["localhost:6001", "--exercise", "--patron", "1", "--item", "2"], "--exercise needs"),
        (["localhost:6001", "--no-block"], "with --exercise only"),
        (["localhost:6001", "--tls", "--ca-file", "{pin}"], "no certificate"),
    ],
)
def test_what_cannot_be_tried_is_explained(arguments: list[str], why: str, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text(PIN)
    result = sip2("probe", *(argument.format(pin=tmp_path / "pin") for argument in arguments))
    assert result.exit_code == 2
    assert why in result.stderr


@pytest.mark.parametrize(
    ("address", "found"),
    [("library.example:6001", ("library.example", 6001)), ("[2001:db8::1]:6001", ("2001:db8::1", 6001))],
)
def test_addresses(address: str, found: tuple[str, int]) -> None:
    command = sip2_commands.probe
    assert sip2_commands._address(command.make_context("probe", ["a:1"]), command.params[0], address) == found


def test_the_zone_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
    monkeypatch.setattr(sip2_commands, "LOCALTIME", link)
    assert sip2_commands._zone_of_machine() in {"Asia/Shanghai", "PRC"}
    monkeypatch.setattr(sip2_commands, "LOCALTIME", tmp_path / "missing")
    assert sip2_commands._zone_of_machine() == "UTC"


# ── log ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(CONFIGURATION.format(folder=tmp_path, port=6001, user=USER, password=PASSWORD))
    return path


@pytest.fixture
def trace(config: Path, tmp_path: Path) -> Path:
    """Where the station of this configuration keeps its trace."""
    path = tmp_path / "sip2.log"
    config.write_text(f'{config.read_text()}trace_file = "{path}"\n')
    return path


def test_where_it_is_off_it_says_how_to_switch_it_on(config: Path, tmp_path: Path) -> None:
    result = sip2("log", "--config", config)
    assert result.exit_code == 1
    assert f'trace_file = "{tmp_path}/sip2.log"' in result.stderr


def test_where_the_station_has_not_begun_it(config: Path, trace: Path) -> None:
    result = sip2("log", "--config", config)
    assert (result.exit_code, f"{trace}: not there yet" in result.stderr) == (1, True)


def test_a_station_with_a_centre_has_none(config: Path) -> None:
    config.write_text(CENTRE)
    result = sip2("log", "--config", config)
    assert (result.exit_code, "has a centre" in result.stderr) == (1, True)
    config.write_text("nonsense = 1")
    assert sip2("log", "--config", config).exit_code == 78


def test_the_last_lines_of_the_older_file_too(config: Path, trace: Path) -> None:
    trace.with_name("sip2.log.1").write_text("one\ntwo\n")
    trace.write_text("three\n")
    assert sip2("log", "--config", config, "--last", "2").stdout == f"# {trace}\ntwo\nthree\n"
    assert sip2("log", "--config", config).stdout == f"# {trace}\none\ntwo\nthree\n"
    assert sip2("log", "--config", config, "--last", "0").stdout == f"# {trace}\n"


def test_it_follows_through_a_new_file(config: Path, trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a letter is not shown before its line is whole, and a file that is full is followed by a new one."""
    trace.write_text("one\n")
    steps = iter([b"one\ntwo\n\xc5", b"one\ntwo\n\xc5\xbb\n", None, b"new\n"])

    def pause(_s: float) -> None:
        try:
            content = next(steps)
        except StopIteration:
            raise KeyboardInterrupt from None
        if content is None:
            trace.unlink()
        else:
            trace.write_bytes(content)

    monkeypatch.setattr("kiosk.sip2_commands.time.sleep", pause)
    result = sip2("log", "--config", config, "--follow")
    assert result.stdout.splitlines() == [f"# {trace}", "one", "two", "Ż", "new"]


# ── the station keeps it ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def station(config: Path, port: int) -> Iterator[Callable[[], Connection]]:
    """The catalogue of a station with this configuration, and a library system at this port."""
    config.write_text(config.read_text().replace("port = 6001", f"port = {port}"))
    configuration = read_configuration(config)
    clock = MovableClock()
    with closing(Journal(configuration.data / "journal.db", "s1", clock)) as journal:
        yield lambda: connect(configuration, journal, StoreThread(InlineExecutor()), clock)


async def heartbeat(connect_it: Callable[[], Connection]) -> None:
    """It asks whether the library system is there, and hangs up."""
    connection = connect_it()
    await connection.catalogue.heartbeat()
    await connection.aclose()


def test_a_station_writes_it_without_secrets(config: Path, trace: Path, port: int) -> None:
    with station(config, port) as connect_it:
        asyncio.run(heartbeat(connect_it))
    result = sip2("log", "--config", config)
    assert "> 93 Login AY0" in result.stdout
    assert "< 98 ACSStatus" in result.stdout
    assert PASSWORD not in result.stdout


def test_without_it_there_is_no_file(config: Path, tmp_path: Path, port: int) -> None:
    with station(config, port) as connect_it:
        asyncio.run(heartbeat(connect_it))
    assert not (tmp_path / "sip2.log").exists()


@pytest.mark.logs("no trace of the line is kept: .*missing/sip2.log: No such file")
def test_a_station_that_cannot_write_it_works_all_the_same(config: Path, tmp_path: Path, port: int) -> None:
    config.write_text(f'{config.read_text()}trace_file = "{tmp_path}/missing/sip2.log"\n')
    with station(config, port) as connect_it:
        asyncio.run(heartbeat(connect_it))
