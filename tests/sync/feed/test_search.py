"""What readers type, and what they find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.feed.records import TitleRecord
from sync.feed.search.build import apply, build
from sync.feed.search.index import Correction, SearchIndex
from tests.sync.feed.searching import LIBRARY


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "search.db"
    build(path, LIBRARY)
    return path


@pytest.fixture(scope="module")
def search(path: Path) -> Iterator[SearchIndex]:
    index = SearchIndex(path)
    yield index
    index.close()


FOUND = {
    "chinese": "红楼梦=hlm 红楼=hlm 楼梦=hlm 梦=hlm 红=hlm 呐喊=nahan 曹雪芹=hlm 雪芹=hlm 小说=hlm 红楼梦赏析=study",
    "chinese, without the punctuation": "你好旧时光=time 你好=time 旧时光=time 你好，旧=time",
    "traditional for simplified": "紅樓夢=hlm 吶喊=nahan 紅樓=hlm C語言=c",
    "simplified for traditional": "射雕英雄传=dragon 英雄=dragon 射鵰=dragon",
    "pinyin": "hongloumeng=hlm hong_lou_meng=hlm honglou=hlm hongl=hlm hong=hlm ho=hlm Hong_L=hlm nahan=nahan",
    "pinyin from inside": "loumeng=hlm loumen=hlm loum=hlm shangxi=study mingzhu=study chengxu=c yingxiong=dragon",
    "pinyin with ü": "nvsheng=lv nüsheng=lv nusheng=lv lvxing=lv lüxing=lv",
    "pinyin, initials": "hlm=hlm hl=hlm h_l_m=hlm nh=nahan zggdmz=study zggdmzhlmsx=study cyycxsj=c",
    "pinyin of authors": "caoxueqin=hlm cao_xueqin=hlm cao_xue_qin=hlm cxq=hlm luxun=nahan lu_xun=nahan lx=nahan",
    "title and author": "红楼梦_曹雪芹=hlm 曹雪芹_红楼=hlm hongloumeng_caoxueqin=hlm nahan_lu_xun=nahan "
    "scott_great=gatsby 红楼梦_caoxueqin=hlm hongloumeng_曹雪芹=hlm c_tanhaoqiang=c",
    "isbn": "9787020002207=hlm 978-7-02-000220-7=hlm 7-02-000220-7=hlm 7020002200=hlm 978702000220=hlm 70200022=hlm "
    "ISBN_9787020002207=hlm isbn:7-02-000220-7=hlm "
    "7020000673=nahan 9787020000678=nahan 155404295X=eyre 1-55404-295-x=eyre 9781554042951=eyre 0743273567=gatsby",
    "english": "the_great_gatsby=gatsby GATSBY=gatsby great_gatsby=gatsby gatsby_great=gatsby gats=gatsby g=gatsby "
    "great_g=gatsby fitzgerald=gatsby alice's=alice alice=alice adventures_alice=alice won=alice c++=cpp tour_c++=cpp",
    "accents": "bronte=eyre Brontë=eyre BRONTE\u0308=eyre etranger=stranger étranger=stranger l'etranger=stranger "
    "coeurs=hearts ames=hearts anais=hearts anos=years garcia_marquez=years grosse=size strasse=size STRASSE=size "
    "muller=size froken=snow hoeg=snow",
    "full and half width": "ＧＡＴＳＢＹ=gatsby Ｃ＋＋=cpp ﾉﾙｳｪｲ=norway ９７８７０２０００２２０７=hlm",
    "japanese": "ノルウェイの森=norway のるうぇい=norway 森=norway 村上=norway 猫である=cat 猫=cat 図書館=library "
    "圖書館=library 图书馆=library 戦争=library 战争=library",
    "korean": "한국의_역사=history 한국=history 역사=history 역=history 이기백=history 역사_한국=history",
    "russian": "преступление=crime НАКАЗАНИЕ=crime прест=crime достоевский=crime федор=crime елка=tree ёлка=tree",
    "arabic": "اللص=thief الكلاب=thief والكلاب=thief كتاب=book الكتاب=book الاخير=book اخير=book احمد=book أحمد=book",
}


def _pairs() -> list[tuple[str, str, str]]:
    rows = [(kind, pair) for kind, line in FOUND.items() for pair in line.split()]
    return [(kind, *pair.rsplit("=", 1)) for kind, pair in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("kind", "typed", "title"), _pairs())
def test_found(search: SearchIndex, kind: str, typed: str, title: str) -> None:
    hits = search.search(typed.replace("_", " "))
    assert title in hits.titles, kind
    assert not hits.corrected


@pytest.mark.parametrize("record", LIBRARY, ids=lambda record: record.id)
def test_every_title_is_first_for_itself_at_every_key(search: SearchIndex, record: TitleRecord) -> None:
    assert search.search(record.title).titles[0] == record.id
    for end in range(1, len(record.title) + 1):
        assert record.id in search.search(record.title[:end]).titles, record.title[:end]


def test_ranking(search: SearchIndex) -> None:
    assert search.search("emma").titles == ("emma1", "emma2", "emma3", "emma4", "emma5")
    assert search.search("红楼梦").titles == ("hlm", "hlm2", "study")
    assert search.search("hongloumeng").titles == ("hlm", "hlm2", "study")


def test_a_word_that_is_whole_comes_before_one_that_goes_on(path: Path, search: SearchIndex) -> None:
    words = ("My Catalogue", "Anybody's Cat")
    apply(path, [TitleRecord(id=title, title=title) for title in words])
    assert search.search("cat").titles[:2] == ("Anybody's Cat", "My Catalogue")
    apply(path, (), words)


def test_all_words_are_wanted(search: SearchIndex) -> None:
    assert search.search("great nothing").titles == ()
    assert search.search("红楼梦 鲁迅").titles == ()


def test_limit_and_more(search: SearchIndex) -> None:
    hits = search.search("emma", 2)
    assert (hits.titles, hits.more) == (("emma1", "emma2"), True)
    assert search.search("emma", 5).more is False


@pytest.mark.parametrize("typed", ["gatsbi", "gatby", "gattsby", "gastby", "gatbsy"])
def test_one_error(search: SearchIndex, typed: str) -> None:
    hits = search.search(f"great {typed}")
    assert hits.titles == ("gatsby",)
    assert hits.corrected == (Correction(typed, "gatsby"),)


@pytest.mark.parametrize(
    ("typed", "title"),
    [("adventrues wonderlnad", "alice"), ("преступленье", "crime"), ("marques", "years"), ("mueller", "size")],
)
def test_errors_in_several_words_and_scripts(search: SearchIndex, typed: str, title: str) -> None:
    hits = search.search(typed)
    assert hits.titles == (title,)
    assert len(hits.corrected) == len(typed.split())


def test_a_word_that_exists_is_taken_for_another_only_where_nothing_is_found(path: Path, search: SearchIndex) -> None:
    apply(path, [TitleRecord(id="groat", title="The Groat")])
    assert search.search("groat").titles == ("groat",)
    hits = search.search("groat gatsby")
    assert (hits.titles, hits.corrected) == (("gatsby",), (Correction("groat", "great"),))
    apply(path, (), ["groat"])


def test_two_errors_and_short_words_find_nothing(search: SearchIndex) -> None:
    assert search.search("gtasbi").titles == ()
    assert search.search("xqz").titles == ()


ANY_TEXT = st.text(st.characters(), max_size=40) | st.lists(
    st.sampled_from(
        ['"', "'", "*", "(", ")", ":", "^", "-", "+", "AND", "OR", "NOT", "NEAR(", " ", "红", "楼", "a", "xian"]
    )
).map("".join)


@given(ANY_TEXT)
@settings(max_examples=300, deadline=None)
def test_any_text_may_be_typed(search: SearchIndex, typed: str) -> None:
    hits = search.search(typed)  # an expression that FTS5 would not take is a warning in the log
    assert len(hits.titles) == len(set(hits.titles)) <= 20
    assert hits.titles == search.search(typed).titles


@given(title=ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_any_title_is_found_by_itself(path: Path, search: SearchIndex, title: str) -> None:
    title = title.encode("utf-8", "ignore").decode()
    apply(path, [TitleRecord(id="any", title=title)])
    try:
        assert "any" in search.search(title, 100).titles or not any(map(str.isalnum, title))
    finally:
        apply(path, (), ["any"])
