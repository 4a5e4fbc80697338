"""The walls between the rooms hold: each contract, broken on purpose, fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kiosk", "drivers", "sync", "assets")
BREACHES = {
    "drivers is a leaf: it knows neither kiosk nor sync": ("drivers/base.py", "import sync.rules"),
    "sync is a leaf: it knows neither kiosk nor drivers": ("sync/acts.py", "import drivers.events"),
    "only the screen, the runtime's Qt parts and the demo know Qt": ("kiosk/loans/link.py", "import PySide6.QtCore"),
    "the flow is pure: no rooms but the words of the leaves": ("kiosk/flow/step.py", "import time"),
    "production never imports the demo": ("kiosk/app.py", "import kiosk.demo.door"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code, to break."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("*.woff2", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_has_a_breach_here() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {contract["name"] for contract in configuration["tool"]["importlinter"]["contracts"]}
    assert names == set(BREACHES)


def test_the_copy_is_clean(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_found(copy: Path, name: str) -> None:
    file, breach = BREACHES[name]
    path = copy / file
    clean = path.read_text()
    path.write_text(f"{clean}\n{breach}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(clean)
    assert done.returncode == 1
    assert f"{name} BROKEN" in done.stdout
