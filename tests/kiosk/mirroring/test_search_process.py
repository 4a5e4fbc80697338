"""The index is kept by a process that is there only while there is something to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.mirroring.search import RETRY, SearchKeeper, is_behind
from kiosk.mirroring.search_process import COMMAND, SearchProcess
from kiosk.store.search import CatalogueSearch
from sync.feed.snapshot import MirrorItem
from tests.fakes.clock import MovableClock
from tests.fakes.mirror import Content, fill_mirror

ROOT = Path(__file__).parents[3]
NOTES = "import sys; print(*sys.argv[1:], file=open('{file}', 'a'))"
WAITS = "import pathlib, time\nwhile not pathlib.Path('{file}').exists(): time.sleep(0.01)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A station's, with a mirror and no index."""
    fill_mirror(tmp_path / "station", Content(items=(MirrorItem(barcode="300", title="Emma"),)))
    return tmp_path / "station"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What a process that stands in writes or waits for."""
    return tmp_path / "file"


def stands_in(code: str, file: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", code.format(file=file))


def nothing() -> None:
    """Nobody feeds a mirror."""


def test_the_index_is_made_by_another_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert SearchProcess(folder, nothing).round()
    assert not is_behind(folder)
    with closing(CatalogueSearch(folder)) as search:
        assert [title.title for title in search.search("emma").titles] == ["Emma"]


def test_where_there_is_nothing_to_do_none_is_started(folder: Path, file: Path) -> None:
    search = SearchProcess(folder, nothing, command=stands_in(NOTES, file))
    assert search.round()
    assert file.read_text() == f"--data {folder}\n"
    assert SearchKeeper(folder).round()
    assert search.round()
    assert file.read_text() == f"--data {folder}\n"
    assert search.look_for_damage()
    assert file.read_text() == f"--data {folder}\n--data {folder} --look\n"


def test_while_it_works_the_mirror_is_fed(folder: Path, file: Path) -> None:
    search = SearchProcess(folder, file.touch, command=stands_in(WAITS, file), feed_s=0.01)
    assert search.round(), "else it would wait for ever"


@pytest.mark.logs("the search index's process ended with 3")
@pytest.mark.parametrize("code", [1, 3])
def test_one_that_fails_is_not_started_again_at_once(
    folder: Path, file: Path, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = MovableClock()
    command = stands_in(NOTES + f"; sys.exit({code})", file)
    search = SearchProcess(folder, nothing, clock.now, command)
    assert [search.round() for _ in range(3)] == [False] * 3
    assert len(file.read_text().splitlines()) == 1
    assert len(caplog.records) == (code == 3), "with 1 it has said why itself"
    clock.advance(RETRY.total_seconds())
    assert not search.round()
    assert len(file.read_text().splitlines()) == 2


@pytest.mark.logs("search index not renewed: .*No such file")
def test_one_that_cannot_be_started_ends_nothing(folder: Path) -> None:
    assert not SearchProcess(folder, nothing, command=("/nowhere",)).round()


def test_it_ends_with_whoever_started_it(folder: Path) -> None:
    """Half-way: it waits for the index, which somebody holds."""
    assert SearchKeeper(folder).round()
    with closing(sqlite3.connect(folder / "mirror.db")) as mirror, mirror:
        mirror.execute("UPDATE titles SET title = 'Persuasion'")
    with closing(sqlite3.connect(folder / "search.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        command = (*COMMAND, "--data", str(folder))
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            said, _ = process.communicate(timeout=30)
        assert (process.returncode, said) == (75, b"")
    assert is_behind(folder)


def test_two_do_not_make_one_index(folder: Path) -> None:
    from kiosk.lock import FileLock

    lock = FileLock(folder / "search.lock")
    command = (*(part for part in COMMAND if part != "--piped"), "--data", str(folder))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lock.release()
    assert (done.returncode, "another process holds" in done.stderr) == (75, True)
    assert is_behind(folder)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert not is_behind(folder)
