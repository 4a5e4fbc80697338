"""Other forms of a title and of names are found, and stand behind what begins as a reader types."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.feed.records import TitleRecord
from sync.feed.schema import title_of, title_row
from sync.feed.search.build import apply, build
from sync.feed.search.index import SearchIndex

DREAM = TitleRecord(
    id="dream",
    title="红楼梦",
    author="曹雪芹",
    language="zh",
    also=("Dream of the Red Chamber", "Hong lou meng", "Cao, Xueqin", "石頭記"),
)
PLAIN = (
    TitleRecord(id="chamber", title="Chamber Music", language="en"),
    TitleRecord(id="emma", title="Emma", language="en", also=("爱玛",)),
)


@pytest.fixture
def search(tmp_path: Path) -> SearchIndex:
    build(tmp_path / "search.db", (DREAM, *PLAIN))
    return SearchIndex(tmp_path / "search.db")


@pytest.mark.parametrize(
    "typed", ["dream of the red", "hong lou", "cao xueqin", "石头记", "石頭", "shi tou ji", "shitouji", "dreem red"]
)
def test_every_form_is_found(search: SearchIndex, typed: str) -> None:
    assert search.search(typed).titles == ("dream",)


def test_a_title_in_letters_is_found_in_chinese(search: SearchIndex) -> None:
    assert [search.search(typed).titles for typed in ("爱玛", "爱", "ai ma")] == [("emma",)] * 3


def test_what_begins_so_comes_before_what_is_also_called_so(search: SearchIndex) -> None:
    assert search.search("chamber").titles == ("chamber", "dream")


def test_a_form_that_comes_later_is_found(search: SearchIndex, tmp_path: Path) -> None:
    assert search.search("story of the stone").titles == ()
    named = TitleRecord(id="dream", title="红楼梦", also=(*DREAM.also, "The Story of the Stone"))
    assert apply(tmp_path / "search.db", [named]).changed == 1
    assert search.search("story of the stone").titles == ("dream",)


@pytest.mark.parametrize("record", [DREAM, *PLAIN, TitleRecord(id="bare", title="Bare")], ids=lambda record: record.id)
def test_a_mirror_s_row_has_all_of_a_title(record: TitleRecord) -> None:
    assert title_of(title_row(record)) == record
