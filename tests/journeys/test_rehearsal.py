"""`kiosk rehearse`, as a technician runs it, and that it fails where something is not as it must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage

from kiosk.demo.rehearsal import StepResult, play
from kiosk.demo.stack import STATION
from kiosk.demo.stage import Stage
from kiosk.demo.visits import LEAVE, press, scan, tap
from kiosk.flow.keys import Key


def rehearse(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [sys.executable, "-m", "kiosk", "rehearse", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=90, check=False)


def test_every_visit_goes_well_and_is_photographed(tmp_path: Path) -> None:
    done = rehearse("--json", "--shots", "shots", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["ok"]
    assert all(step["ok"] and step["ms"] >= 0 for step in report["steps"])
    visits = {step["visit"] for step in report["steps"]}
    assert {"borrow", "undo", "return", "renew", "refused", "offline and back"} <= visits
    assert sum(step["ms"] for step in report["steps"]) < 60_000
    shots = sorted((tmp_path / "shots").iterdir())
    assert len(shots) == len(report["steps"])
    pictures = {QImage(str(shot)).cacheKey() for shot in shots}
    assert len(pictures) == len(shots)
    assert not QImage(str(shots[0])).isNull()


def test_what_is_not_as_it_must_be_fails_and_the_next_visit_is_played_all_the_same(stage: Stage) -> None:
    told: list[StepResult] = []
    visits = {
        "wrong row": [tap("liwei", screen="borrow"), scan("31", rows=(Key.ROW_LENT,)), *LEAVE],
        "wrong button": [press("finish")],
        "wrong screen": [press("return", screen="borrow"), *LEAVE],
        "right": [tap("liwei", screen="borrow"), scan("3", rows=(Key.ROW_LENT,)), *LEAVE],
    }
    report = play(stage, visits, told.append)
    assert not report.ok
    assert [(step.visit, step.step) for step in told if not step.ok] == [
        ("wrong row", "scan 31"),
        ("wrong button", "press finish"),
        ("wrong screen", "press return"),
    ]
    assert told[1].why == "a row says row_not_for_loan, not row_lent"
    assert [step.ok for step in told if step.visit == "right"] == [True] * 4


CONFIGURATION = """
[station]
id = "{station}"
data = "/nonexistent/not-used"
[catalogue]
url = "{url}"
key = "{key}"
token_file = "{token_file}"
[[scanner]]
name = "front"
path = "/dev/not-used"
rules = [
    {{ kind = "patron", mask = "20423#########" }},
    {{ kind = "item", mask = "30423#########" }},
]
"""
TEST_PATRON = """
[rehearsal]
card = "{card}"
pin = "Linden-42"
items = ["{first}", "{second}"]
"""


def configure(stage: Stage, tmp_path: Path) -> str:
    """A real station's configuration, on the catalogue that runs here."""
    stack = stage.stack
    return CONFIGURATION.format(
        station=STATION,
        url=stack.url,
        key=stack.configuration().centre.key,
        token_file=stack.folder / "token",
    )


def test_on_a_real_catalogue_only_the_test_patron_and_test_items_are_touched(stage: Stage, tmp_path: Path) -> None:
    names = {"card": stage.code("ida"), "first": stage.code("120"), "second": stage.code("121")}
    (tmp_path / "kiosk.toml").write_text(configure(stage, tmp_path) + TEST_PATRON.format(**names))
    done = rehearse("--config", "kiosk.toml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert {step["visit"] for step in report["steps"]} == {"borrow", "borrow again", "renew", "return"}
    assert "Linden-42" not in done.stdout
    assert stage.loans_at_centre("ida") == []


def test_without_a_test_patron_a_real_catalogue_is_left_alone(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text(configure(stage, tmp_path))
    done = rehearse("--config", "kiosk.toml", cwd=tmp_path)
    assert done.returncode == 78
    assert "names no test patron" in done.stderr
    assert "Traceback" not in done.stderr
