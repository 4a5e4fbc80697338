"""`kiosk exceptions`: what staff get to read, and that a decision is made once."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.staff.exceptions import DECISIONS, EXPLAINED, UNHEARD_OF, explain
from kiosk.store.journal import Journal
from kiosk.store.lanes import JournalLanes
from kiosk.store.thread import StoreThread
from sync.acts import ActKind, ActState
from sync.catalogue import Outcome, Verdict
from sync.central.client import CentreCatalogue
from sync.conflicts import CLASSES, Conflict, Resolution
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.test_journal_commands import NOBODY, configured
from tests.sync.conftest import Mint, RunningCentre, Tell
from tests.sync.contract import HANA, ref


def kiosk(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["exceptions", *map(str, arguments)], catch_exceptions=False)


@pytest.mark.parametrize("conflict", list(Conflict))
def test_each_class_is_explained(conflict: Conflict) -> None:
    why = explain(conflict)
    assert why.happened.endswith(".")
    assert why.done.endswith(".")
    assert set(CLASSES[conflict].resolutions) <= set(DECISIONS)


def test_what_a_newer_catalogue_says_is_explained_as_such() -> None:
    assert explain("SOMETHING-NEW") is UNHEARD_OF
    assert len(EXPLAINED) == len(Conflict)


@pytest.fixture
def config(centre: RunningCentre, tmp_path: Path) -> Path:
    return configured(tmp_path, centre.url)


async def test_what_does_not_fit_is_listed_and_resolved_once(
    client: CentreCatalogue, mint: Mint, tell: Tell, config: Path
) -> None:
    await tell(mint(ActKind.CHECKOUT, "309", await ref(client, HANA)))

    listed = await asyncio.to_thread(kiosk, "list", "--config", config, "--json")
    assert listed.exit_code == 1
    assert "RED 1: Lent while the catalogue still had it on loan to another reader" in listed.stdout
    assert "item 309" in listed.stdout
    assert "  accept: Leave it as it was done (suggested)\n  reverse: Take back what was done\n" in listed.stdout
    (found,) = json.loads(listed.stdout.splitlines()[-1])
    assert found["conflict"] == Conflict.OTHER_OLD

    done = await asyncio.to_thread(
        kiosk, "resolve", 1, "accept", "--config", config, "--who", "kim", "--why", "seen on the shelf"
    )
    assert (done.exit_code, done.stdout) == (0, "exception 1 is resolved: accept\n")
    again = await asyncio.to_thread(kiosk, "resolve", 1, "reverse", "--config", config)
    assert again.exit_code == 1
    assert "somebody was first" in again.stderr
    empty = await asyncio.to_thread(kiosk, "list", "--config", config)
    assert (empty.exit_code, empty.stdout) == (0, "exceptions: 0\n")


@pytest.mark.parametrize("command", [["list"], ["resolve", "1", Resolution.ACCEPT]])
def test_a_centre_that_does_not_answer_is_said(tmp_path: Path, command: list[str]) -> None:
    result = kiosk(*command, "--config", configured(tmp_path, NOBODY))
    assert result.exit_code == 2
    assert "The centre could not be asked (ConnectError" in result.stderr


def test_a_wrong_configuration_is_said(tmp_path: Path) -> None:
    result = kiosk("list", "--config", tmp_path / "none.toml")
    assert result.exit_code == 78
    assert "none.toml" in result.stderr


# ── where the station keeps them itself ──

SIP2 = """
[station]
id = "s1"
data = "{data}"
[catalogue]
kind = "sip2"
host = "127.0.0.1"
user = "station"
password = "secret"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The configuration of a station whose library system refused what it was told."""
    file = tmp_path / "kiosk.toml"
    file.write_text(SIP2.format(data=tmp_path))
    clock = MovableClock()
    journal = Journal(tmp_path / "journal.db", "s1", clock)
    act = journal.record(ActKind.CHECKIN, "301", "p-anna", ActState.EXECUTED)
    refused = Verdict(outcome=Outcome.DECLINED, conflict=Conflict.DECLINED)
    lanes = JournalLanes(journal, StoreThread(InlineExecutor()))
    asyncio.run(lanes.settle_fact(act, refused))
    journal.close()
    return file


def test_a_station_s_own_are_listed_and_resolved_once(own: Path) -> None:
    listed = kiosk("list", "--config", own)
    assert listed.exit_code == 1
    assert "RED 1: The library system did not take what was done here while it was away." in listed.stdout
    assert "item 301" in listed.stdout
    assert "p-anna" not in listed.stdout
    assert "  again: Apply it again (suggested)" in listed.stdout

    done = kiosk("resolve", 1, "accept", "--config", own, "--who", "kim")
    assert (done.exit_code, done.stdout) == (0, "exception 1 is resolved: accept\n")
    assert kiosk("resolve", 1, "again", "--config", own).exit_code == 1
    assert kiosk("list", "--config", own).exit_code == 0


def test_a_station_at_work_is_to_be_stopped_first(own: Path, tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.db", "s1", MovableClock())):
        result = kiosk("resolve", 1, "accept", "--config", own)
    assert result.exit_code == 2
    assert "systemctl stop kiosk" in result.stderr


def test_a_station_without_a_journal_says_so(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(SIP2.format(data=tmp_path))
    result = kiosk("list", "--config", file)
    assert (result.exit_code, "there is no journal" in result.stderr) == (2, True)
