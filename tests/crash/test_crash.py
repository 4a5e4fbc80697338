"""Power cuts in short: a station's journal keeps what it acknowledged, and what would not keep it is found out.

`make crash` does the same for longer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.crash.__main__ import main
from tests.crash.campaign import Campaign, Tally
from tests.crash.check import Finding, examine
from tests.crash.disk import Disk, Step, Sync, SyncFolder
from tests.crash.recorder import Recording
from tests.crash.workload import JOURNAL, Acknowledged, Shift, contents
from tests.kiosk.store.chain import edit
from tests.kiosk.store.conftest import OpenJournal
from tests.kiosk.store.test_journal import propose, return_of


class LyingDisk(Disk):
    """Says that it has synced, and has not."""

    def do(self, step: Step) -> None:
        if not isinstance(step, Sync | SyncFolder):
            super().do(step)


def total(tallies: list[Tally]) -> Tally:
    everything = Tally("all")
    for tally in tallies:
        everything.add(tally)
    return everything


# ── the proof ──


def test_what_was_acknowledged_outlives_every_power_cut(scratch: Path) -> None:
    faults: list[Finding] = []
    campaign = Campaign(seed=1, scratch=scratch, on_fault=lambda _shift, _image, finding: faults.append(finding))
    tallies = campaign.run(250)
    assert faults == []
    assert total(tallies).images == 250
    assert all(tally.images and tally.checkpoints for tally in tallies)


# ── and that it would be noticed ──


def test_syncing_less_loses_what_was_acknowledged(scratch: Path) -> None:
    tally = total(Campaign(seed=1, scratch=scratch, synchronous="NORMAL").run(60))
    assert tally.lost > 3
    assert tally.corrupt == 0, "it is the last calls that are gone"


def test_not_syncing_at_all_does_worse(scratch: Path) -> None:
    tally = total(Campaign(seed=1, scratch=scratch, synchronous="OFF").run(60))
    assert tally.lost + tally.corrupt > 20


def test_a_disk_that_lies_about_syncing_is_found_out(scratch: Path) -> None:
    tally = total(Campaign(seed=1, scratch=scratch, disk=LyingDisk).run(150))
    assert tally.lost > 20
    assert tally.corrupt > 0, "not even what is there is whole"


@pytest.fixture
def shift(restart: OpenJournal, path: Path) -> Shift:
    """Three calls, as if each had been acknowledged after one step; the journal is closed."""
    journal = restart()
    history = [Acknowledged(0, contents(path))]
    for steps, item in enumerate(("301", "302"), start=1):
        propose(journal, item)
        history.append(Acknowledged(steps, contents(path)))
    return_of(journal, "303")
    history.append(Acknowledged(3, contents(path)))
    journal.close()
    return Shift("three calls", Recording({}), history)


@pytest.mark.parametrize("steps", [2, 3])
def test_what_was_acknowledged_is_there_or_one_more(shift: Shift, path: Path, steps: int) -> None:
    assert examine(path.parent, shift, steps) == Finding()


def test_lost_calls_are_counted(shift: Shift, path: Path) -> None:
    shift.history.extend([Acknowledged(4, {}), Acknowledged(5, {})])
    assert examine(path.parent, shift, 5) == Finding(lost=2)


def test_what_was_not_even_begun_cannot_be_there(shift: Shift, path: Path) -> None:
    assert "never stood there" in examine(path.parent, shift, 1).broken


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM delivery WHERE key IN (SELECT key FROM acts WHERE item = '303')", "state at act"),
        ("DELETE FROM transitions WHERE id = 3", "first transition is missing"),
        ("DELETE FROM stream", "stands in no stream"),
        ("DELETE FROM acts WHERE item = '303'", "without its acts"),
        ("UPDATE acts SET item = '304' WHERE item = '303'", "edited at act"),
        ("UPDATE transitions SET to_state = 'executed' WHERE id = 2", "edited at transition"),
        ("UPDATE delivery SET tries = 7", "never stood there together"),
        ("DELETE FROM act_patrons", "has been erased before it was settled"),
    ],
)
def test_rows_that_do_not_belong_together_are_broken(shift: Shift, path: Path, statement: str, fault: str) -> None:
    assert edit(path, statement)
    assert fault in examine(path.parent, shift, 3).broken


def test_a_file_with_a_hole_is_broken(shift: Shift, path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 4 * 4096] = bytes(4096)
    path.write_bytes(content)
    assert examine(path.parent, shift, 3).broken


# ── the command ──


def test_the_command_ends_with_a_line_for_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["--images", "30", "--seed", "2"])
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["images"], figures["lost"], figures["corrupt"], figures["seed"]) == (30, 0, 0, 2)
    assert done.exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_command_fails_where_something_was_lost_and_keeps_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["--images", "60", "--synchronous", "NORMAL"])
    assert json.loads(done.stdout.splitlines()[-1])["lost"] > 0
    assert done.exit_code == 1
    assert "acknowledged and lost: the last" in done.stderr
    assert (tmp_path / "var/crash/1" / JOURNAL).exists()
    assert len(list((tmp_path / "var/crash").iterdir())) <= 5
