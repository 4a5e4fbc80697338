"""Titles found without a line: what the index has, as the mirror says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.mirroring.search import SearchKeeper
from kiosk.store.search import CatalogueSearch, Found
from sync.feed.records import TitleRecord
from sync.feed.search.index import Correction
from sync.feed.snapshot import MirrorItem
from tests.fakes.mirror import Content, fill_mirror

EMMA = TitleRecord(id="t300", title="Emma", author="Jane Austen")
NAMES = ("Emma", "Emma Brown", "Middlemarch", "红楼梦")


def fill(folder: Path, *names: str) -> None:
    items = (
        MirrorItem(barcode=str(number), title=name, author="Jane Austen") for number, name in enumerate(names, 300)
    )
    fill_mirror(folder, Content(items=tuple(items)))


@pytest.fixture
def search(tmp_path: Path) -> Iterator[CatalogueSearch]:
    fill(tmp_path, *NAMES)
    assert SearchKeeper(tmp_path).round()
    search = CatalogueSearch(tmp_path)
    yield search
    search.close()


def test_titles_are_the_mirror_s_best_first(search: CatalogueSearch) -> None:
    found = search.search("emma")
    assert found.titles[0] == EMMA
    assert ([title.title for title in found.titles], found.more) == (["Emma", "Emma Brown"], False)
    assert [title.title for title in search.search("hlm").titles] == ["红楼梦"]


def test_a_screenful_and_whether_there_is_more(search: CatalogueSearch) -> None:
    assert search.search("emma", 1) == Found((EMMA,), more=True)


def test_what_was_taken_for_something_else_is_said(search: CatalogueSearch) -> None:
    found = search.search("midlemarch")
    assert [title.title for title in found.titles] == ["Middlemarch"]
    assert found.corrected == (Correction("midlemarch", "middlemarch"),)


def test_what_the_mirror_has_no_more_is_not_shown(search: CatalogueSearch, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mirror.db")) as db, db:
        db.execute("DELETE FROM titles WHERE id = 't300'")
    assert [title.title for title in search.search("emma").titles] == ["Emma Brown"]


def test_another_index_and_mirror_are_used_at_the_next_search(search: CatalogueSearch, tmp_path: Path) -> None:
    assert search.search("emma").titles
    fill(tmp_path, "Persuasion")
    assert SearchKeeper(tmp_path).round()
    assert [title.title for title in search.search("persuasion").titles] == ["Persuasion"]
    assert search.search("middlemarch").titles == ()


@pytest.mark.logs("no search index at")
def test_without_an_index_nothing_is_found_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path, *NAMES)
    with closing(CatalogueSearch(tmp_path)) as search:
        assert [search.search("emma") for _ in range(3)] == [Found()] * 3
    assert len(caplog.records) == 1


@pytest.mark.logs("the search index at .* cannot be used")
def test_in_a_damaged_one_nothing_is_found_until_another_comes(search: CatalogueSearch, tmp_path: Path) -> None:
    search.close()
    (tmp_path / "search.db").write_bytes(b"no database" * 1000)
    assert [search.search("emma") for _ in range(2)] == [Found()] * 2
    assert SearchKeeper(tmp_path).round()
    assert search.search("emma").titles[0] == EMMA
