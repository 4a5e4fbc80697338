"""`kiosk journal`: what a technician gets from it, in words, in exit codes and in JSON."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.store.exceptions import close_by_itself, open_once
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.thread import StoreThread
from sync.acts import ActKind, ActState
from sync.central.client import CentreCatalogue
from sync.conflicts import Conflict
from sync.courier import Courier
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.chain import edit, rows
from tests.kiosk.store.conftest import OpenJournal
from tests.kiosk.store.history import copy_of, lent, put_back, returned
from tests.sync.conftest import TOKEN, RunningCentre

CONFIG = """
[station]
id = "s1"
data = "{data}"
[catalogue]
url = "{url}"
token = "{token}"
key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def clock() -> MovableClock:
    """The command goes by the machine's clock."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path, NOBODY)


def configured(folder: Path, url: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(CONFIG.format(data=folder, url=url, token=TOKEN))
    return file


async def delivered(journal: Journal, centre: RunningCentre) -> None:
    client = CentreCatalogue(centre.url, TOKEN)
    await Courier(client, client, JournalOutbox(journal, StoreThread(InlineExecutor()))).round()
    await client.aclose()


def kiosk(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["journal", *map(str, arguments)], catch_exceptions=False)


# ── verify ──


def test_all_is_well_while_the_station_works(journal: Journal, config: Path) -> None:
    lent(journal, "301")
    returned(journal, "301")
    result = kiosk("verify", "--config", config, "--offline", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    words, line = result.stdout.splitlines()
    assert words == "acts: 2, all as they were written"
    assert json.loads(line) == {"acts": 2, "findings": []}
    returned(journal, "302")


def test_it_writes_nothing(journal: Journal, config: Path, path: Path) -> None:
    returned(journal, "301")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.suffix != ".db-shm"}
    kiosk("verify", "--config", config, "--offline")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir() if file.suffix != ".db-shm"} == before


def test_what_is_found_is_said_with_what_to_do(journal: Journal, config: Path, path: Path) -> None:
    lent(journal, "301")
    edit(path, "UPDATE acts SET item = '399'")
    result = kiosk("verify", "--config", config, "--offline", "--json")
    assert result.exit_code == 1
    *words, line = result.stdout.splitlines()
    where = f"act {journal.incarnation}/1"
    assert words == [
        f"EDITED: {where}: the act is not what its hash says",
        "EDITED means: Something in the journal was changed. Keep the file as it is; find out who could write it.",
        "acts: 1, findings: 1",
    ]
    [finding] = json.loads(line)["findings"]
    assert finding == {"fault": "edited", "where": where, "why": "the act is not what its hash says"}


def test_a_journal_that_was_put_back_is_found_by_its_mark(
    restart: OpenJournal, config: Path, path: Path, tmp_path: Path
) -> None:
    journal = restart()
    returned(journal, "301")
    backup = copy_of(path, tmp_path / "backup.db")
    returned(journal, "302")
    journal.mark()
    journal.close()
    put_back(backup, path)
    result = kiosk("verify", "--config", config, "--offline")
    assert result.exit_code == 1
    assert "RESTORED: transition 2: it was there before" in result.stdout
    assert "export it there and import it here" in result.stdout


def test_the_centre_is_asked(
    restart: OpenJournal, centre: RunningCentre, path: Path, tmp_path: Path, clock: MovableClock
) -> None:
    config = configured(tmp_path, centre.url)
    journal = restart()
    returned(journal, "301")
    backup = copy_of(path, tmp_path / "backup.db")
    returned(journal, "302")

    asyncio.run(delivered(journal, centre))
    assert kiosk("verify", "--config", config).exit_code == 0
    journal.close()
    put_back(backup, path)
    result = kiosk("verify", "--config", config)
    assert result.exit_code == 1
    assert f"RESTORED: stream {journal.incarnation}: the centre has 2 facts of it" in result.stdout
    assert kiosk("verify", "--config", config, "--offline").exit_code == 0


def test_a_centre_that_does_not_answer_is_said(journal: Journal, config: Path, path: Path) -> None:
    returned(journal, "301")
    result = kiosk("verify", "--config", config)
    assert result.exit_code == 2, "not checked whole is not well"
    assert "The centre could not be asked (ConnectError" in result.stderr
    assert "--offline" in result.stderr
    edit(path, "UPDATE acts SET item = '399'")
    assert kiosk("verify", "--config", config).exit_code == 1


@pytest.mark.parametrize("command", [["verify", "--offline"], ["export", "out.zst"]])
def test_no_journal_is_said(config: Path, path: Path, command: list[str]) -> None:
    result = kiosk(*command, "--config", config)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: there is no journal (No such file or directory)")


def test_a_file_that_is_no_journal_is_said(config: Path, path: Path) -> None:
    path.write_bytes(b"a shopping list, and long enough to be looked at" * 100)
    result = kiosk("verify", "--config", config, "--offline")
    assert (result.exit_code, result.stderr) == (2, f"{path}: file is not a database\n")


def test_a_journal_of_another_version_is_said(journal: Journal, config: Path, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    result = kiosk("verify", "--config", config, "--offline")
    assert result.exit_code == 2
    assert "written by another version of this program (9999, here" in result.stderr


@pytest.mark.parametrize("command", [["verify"], ["export", "out.zst"]])
def test_a_wrong_configuration_is_said(tmp_path: Path, command: list[str]) -> None:
    result = kiosk(*command, "--config", tmp_path / "none.toml")
    assert result.exit_code == 78
    assert "none.toml" in result.stderr


# ── status ──


def test_what_waits_is_said(journal: Journal, config: Path, clock: MovableClock) -> None:
    clock.advance(-3 * 3600)
    returned(journal, "301")
    journal.record(ActKind.CHECKOUT, "302", "p-anna", ActState.PROPOSED)
    clock.advance(3 * 3600)
    result = kiosk("status", "--config", config, "--json")
    assert result.exit_code == 0
    said = result.stdout.splitlines()
    assert said[0] == "waiting to be told: 2, of which the outcome has to be asked for: 1"
    assert said[1] == "the oldest has been waiting for 3 h 0 min"
    assert said[2] == "told last: never"
    progress = json.loads(said[-1])["progress"]
    assert (progress["waiting"], progress["asked"], progress["told"]) == (2, 1, None)


def test_when_something_was_told_last_is_said(
    journal: Journal, centre: RunningCentre, tmp_path: Path, clock: MovableClock
) -> None:
    returned(journal, "301")
    asyncio.run(delivered(journal, centre))
    result = kiosk("status", "--config", configured(tmp_path, centre.url))
    assert result.stdout == (
        "waiting to be told: 0, of which the outcome has to be asked for: 0\n"
        f"told last: {clock.now().astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M}\n"
    )


def test_what_has_been_waiting_for_a_week_is_for_staff(journal: Journal, config: Path) -> None:
    returned(journal, "301")
    open_once(journal, Conflict.LATE)
    result = kiosk("status", "--config", config, "--json")
    assert result.exit_code == 1
    assert "RED 1: What was done at this station has been waiting for a week" in result.stdout
    assert "kiosk journal export" in result.stdout
    (late,) = json.loads(result.stdout.splitlines()[-1])["exceptions"]
    assert (late["conflict"], late["state"]) == ("LATE", "open")

    close_by_itself(journal, Conflict.LATE)
    assert kiosk("status", "--config", config).exit_code == 0


# ── export, import ──


def test_a_journal_is_carried_to_another_machine(journal: Journal, config: Path, path: Path, tmp_path: Path) -> None:
    lent(journal, "301")
    returned(journal, "302")
    file = tmp_path / "carried.zst"
    result = kiosk("export", file, "--config", config)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{file}: acts: 2. ")
    (tmp_path / "new").mkdir()
    there = configured(tmp_path / "new", NOBODY)
    result = kiosk("import", file, "--config", there)
    assert (result.exit_code, result.stdout) == (0, "acts taken in: 2, here already: 0\n")
    assert kiosk("verify", "--config", there, "--offline").exit_code == 0
    assert rows(tmp_path / "new" / "journal.db", "SELECT * FROM acts") == rows(path, "SELECT * FROM acts")


def test_a_station_that_works_is_to_be_stopped_first(journal: Journal, config: Path, tmp_path: Path) -> None:
    returned(journal, "301")
    file = tmp_path / "carried.zst"
    kiosk("export", file, "--config", config)
    result = kiosk("import", file, "--config", config)
    assert result.exit_code == 2
    assert "systemctl stop kiosk" in result.stderr


def test_a_damaged_file_is_said(journal: Journal, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "carried.zst"
    file.write_bytes(b"nothing")
    journal.close()
    result = kiosk("import", file, "--config", config)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}: cannot be read, or is damaged: ")
