"""The QML check passes, and fails on what it is there for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import copytree

import pytest

ROOT = Path(__file__).resolve().parents[2]
QML = ROOT / "kiosk" / "ui" / "qml"
LONGEST_FILE = 200


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the check over a tree."""
    command = [str(ROOT / "scripts" / "lint_qml"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_screens_pass() -> None:
    result = lint(QML)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("parts/Lead.qml", "lead.kiosk.sentence", "lead.kiosk.sentense"),
        ("parts/KioskButton.qml", "Theme.primary", "Theme.primery"),
        ("parts/PinPad.qml", "room: parent.height", "rom: parent.height"),
    ],
)
def test_a_property_that_is_not_there_fails(tmp_path: Path, file: str, right: str, wrong: str) -> None:
    copytree(QML, tmp_path / "qml")
    broken = tmp_path / "qml" / file
    assert right in broken.read_text("utf-8")
    broken.write_text(broken.read_text("utf-8").replace(right, wrong), "utf-8")
    result = lint(tmp_path / "qml")
    assert result.returncode != 0
    assert wrong.split(":")[0].rsplit(".", 1)[-1] in result.stdout + result.stderr


def test_files_are_short_and_decide_nothing() -> None:
    for path in QML.rglob("*.qml"):
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) < LONGEST_FILE, path
        assert not [line for line in lines if "function" in line and not line.rstrip().endswith("}")], path


def test_only_controls_can_be_touched() -> None:
    text = "\n".join(path.read_text("utf-8") for path in QML.rglob("*.qml"))
    assert "TapHandler" not in text
    assert "MouseArea" not in text
