"""Disks that are full, read-only, locked or broken: the station says so plainly, loses nothing, and comes back."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

from kiosk.demo.stack import Stack
from kiosk.demo.stage import Stage
from kiosk.flow.keys import Key
from tests.faults.test_kill import assert_all_told
from tests.journeys.conftest import NewStage

BACK_S = 15.0


def expect_errors(stack: Stack) -> None:
    """The station will log errors: it is meant to."""
    (stack.folder / "expects-errors").touch()


def rests(stage: Stage) -> bool:
    """Whether the screen says that the station is resting, and nothing that only a technician understands."""
    picture = stage.wait(screen="sorry", timeout_s=BACK_S)
    text = " ".join([picture.words.sentence, picture.words.detail, *picture.words.rows])
    assert not [word for word in ("Traceback", "Error", "sqlite", "journal", "disk") if word in text]
    return bool(picture.view["sentence"]["key"] == Key.SORRY)


def limit_files(stage: Stage, size: str) -> None:
    """Let the station write files up to this size: beyond it, a write fails as on a full disk (EFBIG for ENOSPC)."""
    assert stage.stack.station is not None
    subprocess.run(["prlimit", "--pid", str(stage.stack.station.pid), f"--fsize={size}:"], check=True)


def test_a_full_disk_puts_the_station_to_rest_until_there_is_room(stage: Stage) -> None:
    expect_errors(stage.stack)
    stage.tap("anna")
    assert stage.scan("3").texts == [Key.ROW_LENT]
    limit_files(stage, "1")
    stage.stack.box.ask(do="scan", code=stage.code("5"))
    assert rests(stage)
    assert stage.code("5") not in stage.loans_at_centre("anna"), "what could not be recorded did not happen"
    limit_files(stage, "unlimited")
    stage.wait(screen="welcome", timeout_s=BACK_S)
    stage.tap("anna")
    assert stage.scan("5").texts == [Key.ROW_LENT]
    assert sorted(stage.loans_at_centre("anna")) == [stage.code(number) for number in ("3", "5", "41")]


def test_a_folder_that_cannot_be_written_is_said_at_the_start(new_stage: NewStage, tmp_path: Path) -> None:
    # To root permissions do not count, so root's station runs without root's privileges over them.
    stage = new_stage(wrap=("setpriv", "--bounding-set=-all") if os.geteuid() == 0 else ())
    expect_errors(stage.stack)
    stage.stack.stop_station()
    data = stage.stack.data
    for file in data.iterdir():
        file.unlink()
    data.chmod(0o555)
    stage.stack.start_station()
    assert rests(stage)
    assert "cannot open" in stage.stack.last_words("station")
    data.chmod(0o755)
    stage.wait(screen="welcome", timeout_s=BACK_S)
    assert stage.tap("liwei").screen == "borrow"


def test_another_process_on_the_journal(stage: Stage) -> None:
    expect_errors(stage.stack)
    stage.stack.stop_station()
    with (stage.stack.data / "journal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stage.stack.start_station()
        assert rests(stage)
        assert "another process holds" in stage.stack.last_words("station")
    stage.wait(screen="welcome", timeout_s=BACK_S)
    assert stage.tap("liwei").screen == "borrow"


def test_a_broken_journal_is_left_as_it_is(stage: Stage) -> None:
    expect_errors(stage.stack)
    stage.stack.stop_station()
    journal = stage.stack.data / "journal.db"
    for extra in stage.stack.data.glob("journal.db-*"):
        extra.unlink()
    broken = b"this was a journal once" * 1000
    journal.write_bytes(broken)
    stage.stack.start_station()
    assert rests(stage)
    assert journal.read_bytes() == broken, "it is evidence"


def test_a_locked_database_delays_and_loses_nothing(stage: Stage) -> None:
    expect_errors(stage.stack)
    lock = subprocess.Popen(
        ["python3", "-c", LOCK, str(stage.stack.data / "journal.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert lock.stdin is not None
    assert lock.stdout is not None
    try:
        before = stage.tap("anna")
        lock.stdin.write(b"lock\n")
        lock.stdin.flush()
        assert lock.stdout.readline()
        stage.stack.box.ask(do="scan", code=stage.code("3"))
        waiting = stage.wait(after=before.serial)
        assert waiting.texts == [Key.ROW_WAITING]
    finally:
        lock.stdin.close()
        lock.wait(10)
        lock.stdout.close()
    assert stage.wait(after=waiting.serial, settled=True).texts == [Key.ROW_LENT]
    assert_all_told(stage)
    assert stage.code("3") in stage.loans_at_centre("anna")


LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
sys.stdin.readline()
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
"""
