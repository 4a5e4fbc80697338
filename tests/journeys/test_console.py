"""`make run` without a display: commands on standard input."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from PySide6.QtGui import QImage

DEMO = [sys.executable, "-m", "kiosk.demo"]
GREETING_LINES = 2


def environment(**more: str) -> dict[str, str]:
    """No display, whatever this machine has."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return kept | more


def run(commands: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Pipe commands into the demo, to its end."""
    return subprocess.run(
        DEMO, input=commands, cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=90, check=False
    )


@contextmanager
def running(cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo that serves on: its input is at an end, and nothing came."""
    demo = subprocess.Popen(
        DEMO, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        assert demo.stdout is not None
        for _ in range(GREETING_LINES):
            assert demo.stdout.readline()
        yield demo
    finally:
        demo.kill()
        demo.wait()
        demo.stdout.close()  # type: ignore[union-attr]


def test_a_whole_demo_is_a_pipe(tmp_path: Path) -> None:
    done = run("tap anna\nscan 3\nshot s.png\n# a remark\n\npress finish\n", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = done.stdout.splitlines()[GREETING_LINES:]
    assert [answer.split()[0] for answer in answers] == ["ok"] * 4
    assert "Anna B." in answers[0]
    assert "Frankenstein" in answers[1]
    assert re.search(r"1 book till \d+ \w+\.", answers[3])
    picture = QImage(str(tmp_path / "s.png"))
    assert (picture.width(), picture.height()) == (1280, 800)
    assert len({picture.pixel(x, y) for x in range(0, 1280, 8) for y in range(0, 800, 8)}) > 20


def test_a_failed_command_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    done = run("dance\ntap nobody\npress finish\npin 1\nscan\n'\ntap liwei\n", tmp_path)
    assert done.returncode == 1
    answers = done.stdout.splitlines()[GREETING_LINES:]
    assert [answer.split()[0] for answer in answers] == [*["failed"] * 6, "ok"]


def test_every_thing_that_can_be_done(tmp_path: Path) -> None:
    script = """
        help
        look
        press books
        tap ben
        pin 1234
        press finish
        wait welcome
        unplug scanner
        plug scanner
        centre down
        tap anna
        scan 5
        kill
        centre up
        scan anna
        press books
        quit
        tap anna
    """
    done = run(script, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("ok  press books"), "nothing is done after quit"
    assert "2 of 10" in last or "3 of 10" in last


def test_data_is_new_at_each_start_unless_it_is_kept(tmp_path: Path) -> None:
    look = "tap anna\npress books\nlook\n"
    assert "Frankenstein" in run("tap anna\nscan 3\npress finish\n", tmp_path).stdout
    assert "Frankenstein" in run(look, tmp_path, KEEP="1").stdout
    assert "Frankenstein" not in run(look, tmp_path).stdout


def test_without_commands_it_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        children = psutil.Process(demo.pid).children(recursive=True)
        assert len(children) in {3, 4}, (
            "device box, centre, station, and from the first answer on what fills its mirror"
        )
        second = run("", tmp_path)
        assert second.returncode == 1
        assert "another demo runs in" in second.stderr
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(15) == 0
    assert psutil.wait_procs(children, 5)[1] == []


def test_nothing_is_left_running_when_the_launcher_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        children = psutil.Process(demo.pid).children(recursive=True)
        demo.kill()
        demo.wait()
        assert psutil.wait_procs(children, 15)[1] == []


def test_a_part_that_does_not_start_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var/demo").mkdir(parents=True)
    (tmp_path / "var/demo/centre.db").write_text("this is no database")
    (tmp_path / "var/demo/token").write_text("x")
    done = run("", tmp_path, KEEP="1")
    assert done.returncode == 1
    assert done.stderr.startswith("demo: the centre does not start\nError: the database cannot be used: file is not a")


def test_full_screen(tmp_path: Path) -> None:
    done = run("tap anna\nshot s.png\n", tmp_path, FULLSCREEN="1")
    assert done.returncode == 0, done.stdout
    assert QImage(str(tmp_path / "s.png")).width() == 800, "the offscreen platform's screen is 800 px wide"
