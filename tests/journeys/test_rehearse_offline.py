"""`kiosk rehearse --offline`: an outage on the whole real stack, and that it is noticed where it does not end well."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from kiosk.demo.front_desk import FrontDesk
from kiosk.demo.outage import Outage
from kiosk.demo.rehearsal import StepResult, play
from kiosk.demo.stage import Stage
from kiosk.demo.visits import LEAVE, press, tap
from sync.central.sample import PatronFile

STORY = ["before", "alone", "a card with a PIN", "killed in a visit", "a conflict", "the line is back", "settled"]


def rehearse(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [sys.executable, "-m", "kiosk", "rehearse", "--offline", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=90, check=False)


def test_an_outage_is_played_told_and_settled(tmp_path: Path) -> None:
    done = rehearse("--json", "--shots", "shots", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, counted, last = done.stdout.splitlines()
    report = json.loads(last)
    assert report["ok"]
    assert all(step["ok"] for step in report["steps"])
    assert [visit for visit, _ in groupby(step["visit"] for step in report["steps"])] == STORY
    # a loan, a loan and its undo, two returns, and the loan that the front desk had made too
    assert (report["queued"], report["delivered"], report["excepted"]) == (6, 6, 1)
    assert counted == "acts queued: 6, delivered: 6, exceptions: 1"
    assert len(list((tmp_path / "shots").iterdir())) == len(report["steps"])


def test_a_real_catalogue_is_not_cut_off(tmp_path: Path) -> None:
    done = rehearse("--config", "kiosk.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "it is played on the sample library only, without --config" in " ".join(done.stderr.split())
    assert done.stdout == ""


class IdleDesk(FrontDesk):
    """Lends nothing."""

    def lend(self, item: str, patron: PatronFile) -> None:
        """Nothing comes to pass at the centre while the line is cut."""


def test_a_conflict_that_nobody_is_told_of_fails(stage: Stage) -> None:
    told: list[StepResult] = []
    report = play(stage, Outage(stage, IdleDesk(stage.stack)).visits(), told.append, one_story=True)
    assert not report.ok
    assert [(step.step, step.why) for step in told if not step.ok] == [("staff see the conflict", "staff see nothing")]
    assert told[-1].step == "staff see the conflict"


def test_of_one_story_nothing_is_played_after_a_failure_and_the_line_is_mended(stage: Stage) -> None:
    stage.cut_line()
    visits = {"wrong": [press("finish")], "never": [tap("anna", screen="borrow"), *LEAVE]}
    report = play(stage, visits, lambda _step: None, one_story=True)
    assert [step.visit for step in report.steps] == ["wrong"]
    assert stage.view().view["offline"] is False


def test_while_the_line_is_cut_the_station_is_alone_and_others_are_not(stage: Stage) -> None:
    desk = FrontDesk(stage.stack)
    stage.cut_line()
    assert stage.tap("anna").view["patron"]["name"] == ""  # the mirror knows no names
    desk.lend(stage.code("16"), stage.patrons["kim"])
    assert stage.code("16") in stage.loans_at_centre("kim")
