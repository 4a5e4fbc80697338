"""The recorder: what it wrote down is what is on the disk, and nobody is recorded who should not be."""

from __future__ import annotations

import random
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kiosk.store.schema import metadata
from sync.acts import ActKind, ActState
from tests.crash.campaign import AS_A_STATION, OFTEN, checkpoints
from tests.crash.disk import EVERYTHING, NOTHING, Disk, Files, Link, Sync, SyncFolder, Unlink, Write
from tests.crash.recorder import Recording, recorded
from tests.crash.workload import JOURNAL, Plan, work

SHORT = Plan("short", lives=2, calls=10, checkpoint_pages=8)


def on_the_disk(folder: Path) -> Files:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix not in {".lock", ".db-shm"}}


def replayed(recording: Recording) -> Disk:
    disk = Disk(recording.before)
    for step in recording.steps:
        disk.do(step)
    return disk


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def test_played_again_a_shift_gives_the_files_that_are_there(tmp_path: Path) -> None:
    shift = work(tmp_path, SHORT, random.Random(1))
    assert replayed(shift.recording).after_power_cut(EVERYTHING, random.Random()) == on_the_disk(tmp_path)
    assert {type(step) for step in shift.recording.steps} >= {Write, Sync, Link, Unlink, SyncFolder}


def test_played_again_in_the_middle_of_things_too(tmp_path: Path) -> None:
    with recorded(tmp_path) as recording, database(tmp_path / JOURNAL) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE things (thing)")
        db.execute("INSERT INTO things VALUES (zeroblob(20000))")
        assert replayed(recording).after_power_cut(EVERYTHING, random.Random()) == on_the_disk(tmp_path)
        assert f"{JOURNAL}-wal" in on_the_disk(tmp_path)


def test_what_was_there_before_belongs_to_it(tmp_path: Path) -> None:
    with database(tmp_path / JOURNAL) as db:
        db.execute("CREATE TABLE things (thing)")
    before = on_the_disk(tmp_path)
    with recorded(tmp_path) as recording, database(tmp_path / JOURNAL) as db:
        db.execute("INSERT INTO things VALUES ('new')")
    assert recording.before == before
    assert replayed(recording).after_power_cut(NOTHING, random.Random())[JOURNAL] == on_the_disk(tmp_path)[JOURNAL]


def test_nothing_else_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with recorded(tmp_path / "here") as recording, database(tmp_path / "elsewhere.db") as db:
        db.execute("CREATE TABLE things (thing)")
    with database(tmp_path / "here" / "later.db") as db:
        db.execute("CREATE TABLE things (thing)")
    assert recording.steps == []


def test_a_disk_that_fails_spoils_the_recording(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="could not write"), recorded(tmp_path):
        run_out_of_room(tmp_path / JOURNAL)


def run_out_of_room(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with database(path) as db:
        db.execute("CREATE TABLE things (thing)")
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
        try:
            with pytest.raises(sqlite3.OperationalError):
                db.execute("INSERT INTO things VALUES (zeroblob(100000))")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_station_s_shift_is_long_enough_for_a_checkpoint_in_the_middle(tmp_path: Path) -> None:
    shift = work(tmp_path, AS_A_STATION, random.Random(1))
    assert checkpoints(shift.recording) == 2, "one as it comes, one at the end"


def test_a_shift_has_something_of_everything(tmp_path: Path) -> None:
    for name in ("often", "station"):
        (tmp_path / name).mkdir()
    often = work(tmp_path / "often", OFTEN, random.Random(1))
    station = work(tmp_path / "station", AS_A_STATION, random.Random(1))

    def seen(table: str, column: str) -> set[object]:
        where = metadata.tables[table].columns.keys().index(column)
        return {row[where] for shift in (often, station) for call in shift.history for row in call.contents[table]}

    assert seen("acts", "kind") == set(ActKind)
    assert seen("transitions", "to_state") == set(ActState)
    assert seen("delivery", "tries") > {0}, "some are put off"
    assert seen("acts", "undoes") > {None}, "some are taken back"
    assert seen("incarnations", "forked") == {0, 1}, "a stream is told anew"
    assert len(seen("incarnations", "told")) > 5, "the centre is told"
    assert seen("acts", "emptied_at") > {""}, "and in the end all is let go of"
    assert often.history[-1].contents["act_patrons"] == []
