"""The file of an index: built whole or not at all, swapped, changed, missing, damaged."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from sync.feed.records import TitleRecord
from sync.feed.search import schema
from sync.feed.search.build import Applied, Progress, apply, build, swap_in
from sync.feed.search.index import Hits, SearchIndex
from tests.sync.feed.searching import LIBRARY


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "search.db"
    build(path, LIBRARY)
    return path


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "search.db"))


@pytest.fixture
def search(path: Path) -> Iterator[SearchIndex]:
    index = SearchIndex(path)
    yield index
    index.close()


def title(id_: str, text: str) -> TitleRecord:
    return TitleRecord(id=id_, title=text)


# ── building ──


def test_building_says_how_far_it_is(tmp_path: Path) -> None:
    heard: list[Progress] = []
    build(tmp_path / "search.db", LIBRARY, heard.append)
    assert heard == [Progress(step, len(LIBRARY)) for step in ("read", "index", "order")]
    assert [file.name for file in tmp_path.iterdir()] == ["search.db"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def cut_off() -> Iterator[TitleRecord]:
        yield from LIBRARY
        raise ConnectionError

    with pytest.raises(ConnectionError):
        build(tmp_path / "search.db", cut_off())
    assert list(tmp_path.iterdir()) == []


def test_two_titles_with_one_id(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        build(tmp_path / "search.db", [title("1", "One"), title("1", "Other")])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_library(tmp_path: Path) -> None:
    build(tmp_path / "search.db", [])
    assert SearchIndex(tmp_path / "search.db").search("emma") == Hits()
    assert apply(tmp_path / "search.db", [title("1", "Emma")]).added == 1
    assert SearchIndex(tmp_path / "search.db").search("emma").titles == ("1",)


# ── changes ──


def test_changes_are_seen_by_who_has_it_open(path: Path, search: SearchIndex) -> None:
    assert search.search("emma").titles[0] == "emma1"
    applied = apply(path, [title("new", "Emma in Love"), title("gatsby", "Emmanuel")], ["emma1", "unknown"])
    assert (applied.added, applied.changed, applied.removed, applied.unchanged) == (1, 1, 1, 0)
    assert applied.stale == pytest.approx(2 / (len(LIBRARY) + 2))
    assert search.search("emma").titles == ("gatsby", "emma2", "new", "emma3", "emma4", "emma5")
    assert search.search("great gatsby").titles == ()


def test_the_same_again_changes_nothing(path: Path) -> None:
    before = path.stat().st_size
    assert apply(path, LIBRARY) == Applied(
        added=0, changed=0, removed=0, unchanged=len(LIBRARY), living=len(LIBRARY), stale=0.0
    )
    assert path.stat().st_size == before


def test_of_several_changes_to_one_title_the_last_holds(path: Path, search: SearchIndex) -> None:
    apply(path, [title("new", "First thought"), title("new", "Second thought")])
    assert search.search("thought").titles == ("new",)
    assert search.search("first thought").titles == ()


def test_a_removed_title_may_come_back(path: Path, search: SearchIndex) -> None:
    apply(path, [], ["emma1"])
    apply(path, [record for record in LIBRARY if record.id == "emma1"])
    assert search.search("emma").titles[0] == "emma1"


def test_words_of_changes_are_known_to_the_correction(path: Path, search: SearchIndex) -> None:
    apply(path, [title("new", "Middlemarch")])
    assert search.search("midlemarch").titles == ("new",)


def test_changes_that_fail_change_nothing(path: Path, search: SearchIndex) -> None:
    def cut_off() -> Iterator[TitleRecord]:
        yield title("new", "Middlemarch")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        apply(path, cut_off(), ["emma1"])
    assert search.search("emma").titles[0] == "emma1"
    assert search.search("middlemarch").titles == ()


def test_changes_that_a_power_cut_ended_are_undone_by_the_next_search(path: Path, tmp_path: Path) -> None:
    _cut_off(path, tmp_path / "after")
    assert SearchIndex(tmp_path / "after" / "search.db").search("emma").titles[0] == "emma1"


def test_an_index_of_another_format_is_not_changed(path: Path, tmp_path: Path) -> None:
    with pytest.raises(schema.NotCurrent):
        apply(tmp_path / "none.db", LIBRARY)
    _of_another_format(path)
    with pytest.raises(schema.NotCurrent):
        apply(path, LIBRARY)


def test_an_index_that_is_full_of_changes_is_not_changed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        schema.keep(db, "numbered", 1 << 24)
    with pytest.raises(schema.NotCurrent):
        apply(path, [title("new", "One too many")])


# ── files ──


def test_a_file_that_is_swapped_in_is_used_from_then_on(path: Path, tmp_path: Path, search: SearchIndex) -> None:
    assert search.search("emma").titles[0] == "emma1"
    build(tmp_path / "fresh.db", [msgspec.structs.replace(record, id=f"new-{record.id}") for record in LIBRARY])
    swap_in(tmp_path / "fresh.db", path)
    assert search.search("emma").titles[0] == "new-emma1"


def test_what_was_cut_off_in_the_old_file_does_not_get_into_the_new_one(path: Path, tmp_path: Path) -> None:
    build(tmp_path / "fresh.db", [title(str(number), f"Emma {number}") for number in range(500)])
    _cut_off(path, tmp_path / "after")
    swap_in(tmp_path / "fresh.db", tmp_path / "after" / "search.db")
    assert [file.name for file in (tmp_path / "after").iterdir()] == ["search.db"]
    assert SearchIndex(tmp_path / "after" / "search.db").search("emma 7").titles[0] == "7"


@pytest.mark.logs("no search index at")
def test_without_a_file_nothing_is_found_until_one_comes(
    built: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    search = SearchIndex(tmp_path / "search.db")
    assert [search.search("emma") for _ in range(3)] == [Hits()] * 3
    assert len(caplog.records) == 1
    shutil.copy(built, tmp_path / "search.db")
    assert search.search("emma").titles[0] == "emma1"
    (tmp_path / "search.db").unlink()
    assert search.search("emma") == Hits()
    assert len(caplog.records) == 2


@pytest.mark.logs("database is locked")
def test_a_file_that_is_locked_too_long_is_tried_again(path: Path) -> None:
    search = SearchIndex(path, wait_s=0.0)
    assert search.search("emma").titles[0] == "emma1"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        assert search.search("emma") == Hits()
    assert search.search("emma").titles[0] == "emma1"


@pytest.mark.logs("cannot be used")
@pytest.mark.parametrize("damage", ["nonsense", "emptied", "cut", "scribbled", "half made", "of another format"])
def test_in_a_damaged_file_nothing_is_found_until_another_comes(
    built: Path, path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    _damage(path, damage)
    search = SearchIndex(path)
    assert [search.search(typed) for typed in ("emma", "emma", "红楼梦", "9787020002207")] == [Hits()] * 4
    assert len(caplog.records) == 1
    shutil.copy(built, path.with_name("fresh.db"))
    path.with_name("fresh.db").replace(path)
    assert search.search("emma").titles[0] == "emma1"


def _cut_off(path: Path, folder: Path) -> None:
    """The index in a folder as a power cut leaves it in the middle of a change."""
    folder.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM titles; UPDATE words SET titles = 0")
        for name in ("search.db", "search.db-journal"):
            shutil.copy(path.with_name(name), folder / name)


def _damage(path: Path, damage: str) -> None:
    content = path.read_bytes()
    if damage == "nonsense":
        path.write_bytes(b"no database at all " * 1000)
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "scribbled":
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    elif damage == "half made":
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("DELETE FROM facts")
    else:
        _of_another_format(path)


def _of_another_format(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {schema.FORMAT + 1}")


def test_searching_loads_no_dictionary() -> None:
    asked = "import sys, sync.feed.search.index; print({'pypinyin', 'opencc'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
