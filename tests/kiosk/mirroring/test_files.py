"""A page is taken in whole or not at all, and a row that changes keeps its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.mirroring.files import MirrorFile, MirrorFolder
from sync.catalogue import ProtocolFault
from sync.feed.pages import Page
from sync.feed.schema import Half
from sync.feed.snapshot import MirrorItem
from tests.fakes.mirror import Content, fill_mirror

LATER = datetime(2026, 3, 2, tzinfo=UTC)
NEW = ("t301", "Emma", "Austen", "", "", "en", "1815", "book", "adult", "")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[MirrorFile]:
    items = tuple(MirrorItem(barcode=str(number), title=f"Title {number}") for number in (300, 301, 302))
    fill_mirror(tmp_path, Content(items=items))
    file = MirrorFolder(tmp_path).in_use(Half.CATALOGUE)
    assert file
    with closing(file):
        yield file


def page(**what: object) -> Page:
    return Page(cursor="h.0.9.", at=LATER, branch="main", complete=True, **what)  # type: ignore[arg-type]


def all_of(file: MirrorFile) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file.path)) as db:
        tables = [f"SELECT '{table}', * FROM {table}" for table in ("titles", "items", "reserved", "facts")]  # noqa: S608
        return [row for query in tables for row in db.execute(query)]


def test_a_title_that_changes_keeps_its_number(file: MirrorFile) -> None:
    """A search index refers to it."""
    with closing(sqlite3.connect(file.path)) as db:
        number = db.execute("SELECT rowid FROM titles WHERE id = 't301'").fetchone()
        file.apply(page(upserts={"titles": [NEW]}), None)
        assert db.execute("SELECT rowid FROM titles WHERE title = 'Emma'").fetchone() == number


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"upserts": {"titles": [NEW], "secrets": [("x",)]}}, id="a table that is not there"),
        pytest.param({"upserts": {"titles": [NEW], "items": [("301",)]}}, id="a row that is too short"),
        pytest.param({"upserts": {"titles": [NEW], "items": [("301", None, "", "", "", 0)]}}, id="nothing in a row"),
        pytest.param({"gone": {"items": ["301"], "sqlite_master": ["titles"]}}, id="a table that is nobody's"),
    ],
)
def test_a_page_that_cannot_be_taken_is_taken_in_no_part(file: MirrorFile, wrong: dict[str, object]) -> None:
    before = all_of(file)
    with pytest.raises(ProtocolFault):
        file.apply(page(**wrong), 5)
    assert all_of(file) == before
    file.apply(page(gone={"items": ["301"]}), 5)
    assert file.facts.cursor == "h.0.9."


def test_only_with_everything_in_it_the_mirror_is_younger(file: MirrorFile) -> None:
    """Held back behind another transaction, something may be missing that the centre had settled."""
    made_at = file.facts.made_at
    file.apply(page(), None)
    assert (file.facts.made_at, file.facts.cursor) == (made_at, "h.0.9.")
    file.apply(page(), 5)
    assert file.facts.made_at == LATER
