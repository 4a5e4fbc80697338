"""An index says what it was made from and how far it has come, and whether it is what was written."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.feed.records import TitleRecord
from sync.feed.search.build import apply, build
from sync.feed.search.index import SearchIndex
from sync.feed.search.origin import Origin, check_whole, origin_of
from sync.feed.search.schema import FORMAT, NotCurrent
from tests.sync.feed.searching import LIBRARY

NEW = TitleRecord(id="new", title="Middlemarch")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "search.db"
    build(path, LIBRARY, origin=Origin("mirror-1", 7))
    return path


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "search.db"))


def test_it_says_where_its_titles_came_from(path: Path) -> None:
    assert origin_of(path) == Origin("mirror-1", 7)
    apply(path, [NEW], origin=Origin("mirror-1", 8))
    assert origin_of(path) == Origin("mirror-1", 8)
    apply(path, (), ["new"])
    assert origin_of(path) == Origin("mirror-1", 8), "nothing was said"


def test_it_has_come_no_further_with_changes_that_fail(path: Path) -> None:
    def cut_off() -> Iterator[TitleRecord]:
        yield NEW
        raise ConnectionError

    with pytest.raises(ConnectionError):
        apply(path, cut_off(), origin=Origin("mirror-1", 8))
    assert origin_of(path) == Origin("mirror-1", 7)


def test_where_there_is_none_that_can_be_read(path: Path) -> None:
    with pytest.raises(NotCurrent):
        origin_of(path.with_name("none.db"))
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(NotCurrent):
        origin_of(path)


def test_only_its_owner_may_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_one_that_is_whole_is_left_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    check_whole(path)
    assert path.read_bytes() == before
    assert SearchIndex(path).search("emma").titles[0] == "emma1"


@pytest.mark.parametrize("table", ["terms_data", "titles", "beginnings"])
def test_damage_is_seen_wherever_it_is(path: Path, table: str) -> None:
    _scribble(path, table)
    with pytest.raises((NotCurrent, sqlite3.DatabaseError)):
        check_whole(path)


def test_what_is_missing_in_the_terms_is_seen(path: Path) -> None:
    """Each page of the file is right, and what stands in them is not."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM terms_data WHERE id > 10 AND length(block) > 200")
    with pytest.raises((NotCurrent, sqlite3.DatabaseError)):
        check_whole(path)


def _scribble(path: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
