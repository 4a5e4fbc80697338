"""The search index follows the mirror in use, whatever ends half-way, and is in nobody's way."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.mirroring.files import MirrorFolder
from kiosk.mirroring.room import LEFT_FREE
from kiosk.mirroring.search import RETRY, NoSearch, SearchKeeper, is_behind
from kiosk.mirroring.titles import MirrorTitles
from kiosk.store.search import CatalogueSearch
from sync.feed.pages import Page
from sync.feed.records import TitleRecord
from sync.feed.schema import Half, title_row
from sync.feed.search.build import swap_in
from sync.feed.search.schema import FORMAT
from sync.feed.snapshot import MirrorItem
from tests.fakes.clock import MovableClock
from tests.fakes.mirror import Content, fill_mirror

LATER = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = ("Emma", "Persuasion", "Middlemarch", "Villette", "Jane Eyre", "Shirley", "Cranford", "Romola", "Evelina")


@dataclass
class Place:
    """A station's folder, what keeps its index, and who searches it."""

    folder: Path
    clock: MovableClock = field(default_factory=MovableClock)
    free: int = 1 << 40

    def __post_init__(self) -> None:
        self.keeper = self.new_keeper()
        self.search = CatalogueSearch(self.folder)

    def new_keeper(self) -> SearchKeeper:
        """As after a restart."""
        return SearchKeeper(self.folder, self.clock.now, lambda _: self.free)

    def fill(self, *names: str) -> None:
        """A snapshot with these titles becomes the mirror in use; t300, t301 … are their ids."""
        items = tuple(MirrorItem(barcode=str(number), title=name) for number, name in enumerate(names, 300))
        fill_mirror(self.folder, Content(items=items))

    def feed(self, *titles: TitleRecord, gone: tuple[str, ...] = ()) -> None:
        """A page of the feed is taken in."""
        file = MirrorFolder(self.folder).in_use(Half.CATALOGUE)
        assert file
        with closing(file):
            upserts = {"titles": [title_row(title) for title in titles]}
            file.apply(
                Page(cursor="h.0.9.", at=LATER, branch="main", upserts=upserts, gone={"titles": list(gone)}), None
            )

    def found(self, text: str) -> list[str]:
        return [title.id for title in self.search.search(text).titles]

    @property
    def index(self) -> Path:
        return self.folder / "search.db"

    @property
    def mirror(self) -> Path:
        return (self.folder / "mirror.db").resolve()

    def notes(self) -> int:
        """How many changes the index has not been told."""
        with closing(sqlite3.connect(self.mirror)) as db:
            (number,) = db.execute("SELECT count(*) FROM noted").fetchone()
        return int(number)

    def made(self, caplog: pytest.LogCaptureFixture) -> list[str]:
        """Why an index was made, each time."""
        said = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
        return [line.partition(": ")[2] for line in said if line.startswith("making a search index")]


@pytest.fixture
def place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Place]:
    caplog.set_level("INFO", "kiosk.mirroring.search")
    place = Place(tmp_path)
    place.fill(*NAMES)
    yield place
    place.search.close()


@pytest.fixture
def indexed(place: Place, caplog: pytest.LogCaptureFixture) -> Place:
    assert place.keeper.round()
    assert place.made(caplog) == ["there is none"]
    caplog.clear()
    return place


def title(id_: str, text: str) -> TitleRecord:
    return TitleRecord(id=id_, title=text)


# ── made and fed ──


def test_the_first_index_holds_the_mirror_in_use(indexed: Place) -> None:
    assert [indexed.found(name) for name in NAMES] == [[f"t{number}"] for number in range(300, 300 + len(NAMES))]
    assert [path.name for path in indexed.folder.glob("search*")] == ["search.db"]


def test_what_is_fed_is_told_to_the_index_that_there_is(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    indexed.feed(title("t300", "Mansfield Park"), title("t399", "Agnes Grey"), gone=("t301", "t398"))
    assert indexed.keeper.round()
    assert (indexed.found("mansfield"), indexed.found("agnes")) == (["t300"], ["t399"])
    assert (indexed.found("emma"), indexed.found("persuasion")) == ([], [])
    assert indexed.made(caplog) == []
    assert indexed.notes() == 0


def test_nothing_new_is_no_work(indexed: Place) -> None:
    before = indexed.index.stat()
    assert indexed.keeper.round()
    assert indexed.index.stat() == before


def test_more_than_is_told_at_once(
    indexed: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kiosk.mirroring.search.AT_ONCE", 2)
    indexed.feed(*(title(f"n{number}", f"Novel {number}") for number in range(3)), gone=("t300", "t301"))
    assert indexed.keeper.round()
    assert indexed.found("novel") == ["n0", "n1", "n2"]
    assert indexed.found("emma") == []
    assert indexed.made(caplog) == []


def test_a_new_snapshot_has_an_index_of_its_own(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    assert not is_behind(indexed.folder)
    indexed.fill("Northanger Abbey")
    assert is_behind(indexed.folder)
    assert indexed.found("villette") == [], "the mirror has it no more"
    assert indexed.keeper.round()
    assert indexed.found("northanger") == ["t300"]
    assert indexed.made(caplog) == ["the one there is was made from another mirror"]


def test_too_much_that_leads_nowhere_is_left_behind(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    for turn in range(4):
        indexed.feed(title("t300", f"Emma {turn}"))
        assert indexed.keeper.round()
    assert indexed.made(caplog) == ["25% of the one there is leads nowhere"]
    assert indexed.found("emma") == ["t300"]


def test_without_a_mirror_there_is_nothing_to_index(tmp_path: Path) -> None:
    assert Place(tmp_path).keeper.round()
    assert not is_behind(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_comes_while_an_index_is_made_is_not_forgotten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be in it or not: it is told."""

    def swap_in_late(fresh: Path, path: Path) -> None:
        place.feed(title("t399", "Agnes Grey"))
        swap_in(fresh, path)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("sync.feed.search.build.swap_in", swap_in_late)
        assert place.keeper.round()
    assert (place.found("agnes"), is_behind(place.folder)) == ([], True)
    assert place.keeper.round()
    assert (place.found("agnes"), is_behind(place.folder)) == (["t399"], False)


# ── ended half-way, or put back a little ──


def test_what_was_fed_before_the_end_is_told_after_it(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    indexed.feed(title("t399", "Agnes Grey"), gone=("t300",))
    assert indexed.new_keeper().round()
    assert (indexed.found("agnes"), indexed.found("emma")) == (["t399"], [])
    assert indexed.made(caplog) == []


@pytest.mark.logs("search index not renewed: the power is out")
def test_what_the_index_has_and_the_mirror_still_notes_is_told_twice(
    indexed: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut off between the index's commit and the mirror's."""
    indexed.feed(title("t300", "Mansfield Park"), gone=("t301",))
    with monkeypatch.context() as broken:
        broken.setattr(MirrorTitles, "forget", _power_cut)
        assert not indexed.keeper.round()
    assert indexed.notes() == 2
    assert indexed.new_keeper().round()
    assert (indexed.found("mansfield"), indexed.found("emma"), indexed.found("persuasion")) == (["t300"], [], [])
    assert (indexed.notes(), indexed.made(caplog)) == (0, [])


@pytest.mark.logs("search index not renewed: the power is out")
def test_cut_off_at_the_swap_the_old_index_is_used_on(indexed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed.fill("Northanger Abbey", "Emma")
    with monkeypatch.context() as broken:
        broken.setattr("sync.feed.search.build.swap_in", _power_cut)
        assert not indexed.keeper.round()
    assert (indexed.folder / "search.fresh").exists()
    assert indexed.search._index.search("persuasion").titles == ("t301",), "the old one"
    assert indexed.new_keeper().round()
    assert indexed.found("northanger") == ["t300"]
    assert [path.name for path in indexed.folder.glob("search*")] == ["search.db"]


def test_what_a_making_left_that_was_ended_is_taken_away(indexed: Place) -> None:
    for name in ("search.fresh", "search.fresh.staging", "search.fresh-journal"):
        (indexed.folder / name).write_bytes(b"half of it")
    assert indexed.new_keeper().round()
    assert [path.name for path in indexed.folder.glob("search*")] == ["search.db"]


def _power_cut(*_: object) -> None:
    raise OSError("the power is out")


def test_what_a_mirror_forgets_in_a_power_cut_is_told_again(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    """SQLite may lose the last commits of a mirror, not those of the index: it is ahead then, and its number too."""
    before = indexed.mirror.read_bytes()
    indexed.feed(title("t300", "Mansfield Park"), title("t398", "Agnes Grey"), title("t397", "Lady Susan"))
    assert indexed.keeper.round()
    indexed.search.close()
    indexed.mirror.write_bytes(before)
    indexed.feed(title("t300", "Sanditon"), title("t398", "Agnes Grey"), title("t397", "Lady Susan"))
    assert indexed.new_keeper().round()
    assert [indexed.found(text) for text in ("sanditon", "mansfield", "agnes")] == [["t300"], [], ["t398"]]
    assert indexed.made(caplog) == []


def test_an_index_that_was_put_back_is_noticed(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What it was not told is noted no more."""
    shutil.copy(indexed.index, indexed.folder / "kept")
    indexed.feed(title("t300", "Mansfield Park"))
    assert indexed.keeper.round()
    swap_in(indexed.folder / "kept", indexed.index)
    assert is_behind(indexed.folder)
    assert indexed.keeper.round()
    assert indexed.found("mansfield") == ["t300"]
    assert indexed.made(caplog) == ["the one there is has come to 0, and what followed is told no more"]


def test_one_that_has_other_titles_is_noticed(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody has been at it."""
    with closing(sqlite3.connect(indexed.index)) as db, db:
        db.execute("DELETE FROM titles WHERE id = 't305'")
    indexed.feed(title("t399", "Agnes Grey"))
    assert indexed.keeper.round()
    assert indexed.found("shirley") == ["t305"]
    assert indexed.made(caplog) == ["the one there is has 9 titles, the mirror 10"]


# ── missing, damaged ──


@pytest.mark.logs("no search index at|cannot be used")
@pytest.mark.parametrize("damage", ["missing", "nonsense", "emptied", "of another format", "half made", "no tables"])
def test_one_that_cannot_be_used_is_made_anew(indexed: Place, damage: str) -> None:
    _damage(indexed.index, damage)
    assert indexed.found("emma") == []
    indexed.feed(title("t399", "Agnes Grey"))
    assert indexed.keeper.round()
    assert indexed.found("emma") == ["t300"]


@pytest.mark.logs("the search index cannot be used any more")
def test_damage_that_nobody_has_met_is_found_at_night(indexed: Place) -> None:
    with closing(sqlite3.connect(indexed.index)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'reversed'").fetchone()
    with indexed.index.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert indexed.keeper.round(), "it does not come by there"
    assert indexed.keeper.look_for_damage()
    assert indexed.found("middelmarch") == ["t302"]


def test_one_that_is_whole_is_not_made_at_night(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    assert indexed.keeper.look_for_damage()
    assert indexed.made(caplog) == []


def _damage(path: Path, damage: str) -> None:
    match damage:
        case "missing":
            path.unlink()
        case "nonsense":
            path.write_bytes(b"no database at all " * 1000)
        case "emptied":
            path.write_bytes(b"")
        case _:
            with closing(sqlite3.connect(path)) as db, db:
                db.execute(
                    {
                        "of another format": f"PRAGMA user_version = {FORMAT + 1}",
                        "half made": "DELETE FROM facts",
                        "no tables": "DROP TABLE facts",
                    }[damage]
                )


# ── what does not work stays out of the way ──


@pytest.mark.logs("search index not renewed: the search index needs 1000 bytes")
def test_the_journal_s_room_is_left_to_it(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    indexed.fill("Northanger Abbey")
    indexed.free = LEFT_FREE
    assert [indexed.keeper.round() for _ in range(3)] == [False] * 3
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1, "said once"
    indexed.free = LEFT_FREE + 1000
    indexed.clock.advance(RETRY.total_seconds())
    assert indexed.keeper.round()
    assert indexed.found("northanger") == ["t300"]


@pytest.mark.logs("search index not renewed")
def test_a_title_that_nobody_can_understand_ends_no_process(indexed: Place) -> None:
    with closing(sqlite3.connect(indexed.mirror)) as db, db:
        db.execute("UPDATE titles SET subjects = '{' WHERE id = 't300'")
    assert not indexed.keeper.round()


@pytest.mark.logs("search index not renewed: database is locked")
def test_one_that_is_locked_is_not_made_anew(
    indexed: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, **options | {"timeout": 0.0}))
    indexed.feed(title("t399", "Agnes Grey"))
    with closing(connect(indexed.index, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not indexed.keeper.round()
    indexed.clock.advance(RETRY.total_seconds())
    assert indexed.keeper.round()
    assert (indexed.found("agnes"), indexed.made(caplog)) == (["t399"], [])


# ── a library that wants none ──


@pytest.mark.logs("no search index at")
def test_where_none_is_wanted_none_is_kept(indexed: Place, caplog: pytest.LogCaptureFixture) -> None:
    indexed.feed(title("t300", "Mansfield Park"))
    off = NoSearch(indexed.folder)
    assert off.round()
    assert off.look_for_damage()
    assert list(indexed.folder.glob("search*")) == []
    assert indexed.notes() == 0, "the mirror does not grow by what nobody will hear"
    assert indexed.found("mansfield") == []
    assert indexed.keeper.round(), "it is wanted again"
    assert indexed.found("mansfield") == ["t300"]
    assert indexed.made(caplog) == ["there is none"]
