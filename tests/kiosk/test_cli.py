"""The command `kiosk`: what a technician and systemd get from it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import _JournalFormatter, main, set_up_logging
from kiosk.config import Configuration
from kiosk.shell import WRONG_CONFIGURATION

ROOT = Path(__file__).parents[2]
GOOD = """
[station]
id = "s1"
[catalogue]
url = "http://127.0.0.1:8000"
key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "kiosk.toml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.toml"
    file.write_text(GOOD.replace('"s1"', "1"))
    return file


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """The command sets up the process's logging; here the process is pytest's."""
    root, httpcore = logging.getLogger(), logging.getLogger("httpcore")
    kept = root.handlers[:], root.level, httpcore.level
    root.handlers = []
    yield
    root.handlers, level, httpcore_level = kept
    root.setLevel(level)
    httpcore.setLevel(httpcore_level)


def kiosk(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as systemd starts it."""
    command = [sys.executable, "-m", "kiosk", *map(str, arguments)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONWARNINGS": "error"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)


# ── what it says ──


def test_a_good_configuration_is_called_good(good: Path) -> None:
    result = kiosk("run", "--config", good, "--check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{good}: good\n", "")


def test_a_wrong_configuration_is_explained(bad: Path) -> None:
    result = kiosk("run", "--config", bad, "--check")
    assert (result.exit_code, result.stdout) == (78, "")
    assert result.stderr == f"<3>{bad}: Expected `str`, got `int` - at `$.station.id`\n"


def test_a_missing_configuration_is_explained_without_check_too(tmp_path: Path) -> None:
    result = kiosk("run", "--config", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (78, "")
    assert result.stderr == f"<3>{tmp_path}/none.toml: No such file or directory\n"


def test_checking_starts_nothing(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Configuration] = []

    def run_station(configuration: Configuration) -> int:
        started.append(configuration)
        return 7

    monkeypatch.setattr("kiosk.cli.run_station", run_station)
    assert kiosk("run", "--config", good, "--check").exit_code == 0
    assert not started
    assert kiosk("run", "--config", good).exit_code == 7, "and without it the station's own code comes back"
    assert [configuration.station.id for configuration in started] == ["s1"]


def test_without_a_configuration_it_says_how_it_is_used() -> None:
    result = kiosk("run")
    assert result.exit_code == 2
    assert "--config" in result.stderr


# ── the same, as a process ──


@pytest.mark.parametrize("check", [True, False])
def test_systemd_sees_one_line_and_a_code_that_it_does_not_restart_for(bad: Path, check: bool) -> None:
    done = process("run", "--config", bad, *(["--check"] if check else []))
    assert done.returncode == WRONG_CONFIGURATION == 78
    assert done.stderr == f"<3>{bad}: Expected `str`, got `int` - at `$.station.id`\n"
    assert done.stdout == ""


def test_a_good_configuration_ends_with_0(good: Path) -> None:
    done = process("run", "--config", good, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{good}: good\n", "")


def test_a_token_that_cannot_be_read_is_found_by_the_check(good: Path, tmp_path: Path) -> None:
    good.write_text(GOOD + f'token_file = "{tmp_path}/token"\n')
    done = process("run", "--config", good, "--check")
    assert done.returncode == 78
    assert done.stderr.startswith(f"<3>{good}: {tmp_path}/token: No such file")
    assert done.stderr.count("\n") == 1


# ── the log ──


@pytest.mark.parametrize(
    ("level", "prefix"),
    [
        (logging.DEBUG, "<7>"),
        (logging.INFO, "<6>"),
        (logging.WARNING, "<4>"),
        (logging.ERROR, "<3>"),
        (logging.CRITICAL, "<2>"),
        (25, "<5>"),
    ],
)
def test_levels_are_written_as_systemd_reads_them(level: int, prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(logging.DEBUG)
    logging.getLogger("kiosk.test").log(level, "item %s", "301")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (f"{prefix}kiosk.test: item 301\n", "")


def test_every_line_of_a_traceback_bears_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()

    def fail() -> None:
        raise RuntimeError("then") from ValueError("first\nsecond")

    try:
        fail()
    except RuntimeError:
        logging.getLogger("kiosk.test").exception("it failed")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "<3>kiosk.test: it failed"
    assert "<3>ValueError: first" in lines
    assert "<3>second" in lines
    assert lines[-1] == "<3>RuntimeError: then"
    assert {line[:3] for line in lines} == {"<3>"}


def test_a_stack_bears_its_level_too() -> None:
    record = logging.LogRecord("kiosk.test", logging.WARNING, __file__, 1, "here", (), None, sinfo="Stack:\n  a\n  b")
    text = _JournalFormatter("%(message)s").format(record)
    assert text.splitlines() == ["<4>here", "<4>Stack:", "<4>  a", "<4>  b"]


def test_wire_traces_do_not_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(logging.DEBUG)
    logging.getLogger("httpcore.http11").debug("send_request_body.started 04A1")
    logging.getLogger("kiosk.test").info("begun")
    assert capsys.readouterr().out == "<6>kiosk.test: begun\n"
