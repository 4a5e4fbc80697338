"""A mirror from MARC files: whole or not at all, searched, and never in the place of a centre's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.mirroring.importing import FedByCentre, MirrorImport, NothingRead, Wanted, import_mirror
from kiosk.mirroring.room import LEFT_FREE, NoRoom
from kiosk.mirroring.search import SearchKeeper
from kiosk.store.mirror import Mirror
from kiosk.store.search import CatalogueSearch
from sync.catalogue import ItemStatus
from sync.feed.marc import MarcOptions, Problem
from sync.feed.schema import Half
from sync.rules import LendingRules
from tests.fakes.clock import MovableClock
from tests.fakes.mirror import Content, fill_half
from tests.sync.feed.marcfiles import CNMARC_LEADER, Spec, book, data, iso2709, shu

RULES = LendingRules(version="7")


@dataclass
class Place:
    """A station's folder and a library's files."""

    folder: Path
    clock: MovableClock = field(default_factory=MovableClock)
    problems: list[Problem] = field(default_factory=list)
    free: int = 1 << 40

    def __post_init__(self) -> None:
        self.station = self.folder / "station"
        self.station.mkdir()
        self.mirror = Mirror(self.station)

    def file(self, *records: list[Spec] | bytes, name: str = "catalogue.mrc") -> Path:
        path = self.folder / name
        path.write_bytes(b"".join(one if isinstance(one, bytes) else iso2709(one) for one in records))
        return path

    def bring(self, *files: Path, rules: LendingRules | None = None) -> MirrorImport:
        wanted = Wanted(files, MarcOptions(), rules, self.problems.append)
        return import_mirror(self.station, wanted, self.clock.now, lambda _: self.free)

    def files(self) -> list[str]:
        """The mirror's, each with SQLite's logs for it as one."""
        return sorted({path.name.removesuffix("-wal").removesuffix("-shm") for path in self.station.iterdir()})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.mirror.close()


def test_a_station_knows_what_the_files_say(place: Place) -> None:
    emma = book("b1", "Emma /", data("100", "1 ", ("a", "Austen, Jane.")), barcode="3001")
    lost = book("b2", "Persuasion /", data("952", "  ", ("a", "main"), ("o", "E 102"), ("p", "3002"), ("1", "1")))
    done = place.bring(place.file(emma, lost), rules=RULES)
    assert (done.titles, done.items, done.before, done.has_rules) == (2, 2, 0, True)
    item = place.mirror.item("3001")
    assert item
    assert (item.title, item.author, item.status, item.shelf) == (
        "Emma",
        "Jane Austen",
        ItemStatus.AVAILABLE,
        "E 101",
    )
    assert place.mirror.item("3002").status is ItemStatus.LOST  # type: ignore[union-attr]
    assert place.mirror.rules() == RULES
    assert place.mirror.made_at() == place.clock.now()
    assert place.mirror.position() == 0, "what was done here is laid over all of it"
    assert {path.stat().st_mode & 0o077 for path in place.station.glob("*.db")} == {0}


def test_it_is_searched_in_every_form(place: Place) -> None:
    place.bring(place.file(iso2709(shu("c1"), leader=CNMARC_LEADER)))
    assert SearchKeeper(place.station).round()
    with closing(CatalogueSearch(place.station)) as search:
        for typed in ("红楼梦", "hong lou meng", "caoxueqin", "章回小说"):
            assert [title.id for title in search.search(typed).titles] == ["c1"], typed
    assert place.mirror.title("c1").also  # type: ignore[union-attr]


def test_the_next_import_takes_the_place_of_the_last(place: Place) -> None:
    place.bring(place.file(book("b1", barcode="3001"), book("b2", "Persuasion /", barcode="3002")), rules=RULES)
    before = place.files()
    place.clock.advance(86_400)
    done = place.bring(place.file(book("b2", "Persuasion : a novel /", barcode="3002")))
    assert (done.titles, done.before) == (1, 2)
    assert place.mirror.item("3001") is None
    assert place.mirror.item("3002").title == "Persuasion : a novel"  # type: ignore[union-attr]
    assert place.mirror.rules() == RULES, "kept"
    assert place.mirror.made_at() == place.clock.now()
    assert len(place.files()) == len(before) == 2, "a link and a file, and the old one is gone"


def test_other_rules_take_the_place_of_the_last(place: Place) -> None:
    place.bring(place.file(book()), rules=RULES)
    place.bring(place.file(book()), rules=LendingRules(version="8"))
    assert place.mirror.rules() == LendingRules(version="8")


def test_without_rules_it_says_what_that_means(place: Place) -> None:
    done = place.bring(place.file(book()))
    assert place.mirror.rules() is None
    assert "takes returns only" in str(done)


def test_of_what_comes_twice_the_last_counts(place: Place) -> None:
    first, second = place.file(book("b1", barcode="3001")), place.file(book("b1", "Emma : a novel /"), name="2.mrc")
    done = place.bring(first, second)
    assert (done.titles, done.items, done.read.records) == (1, 1, 2)
    assert place.mirror.item("3001").title == "Emma : a novel"  # type: ignore[union-attr]


def test_a_broken_record_is_told_and_the_others_are_in(place: Place) -> None:
    done = place.bring(place.file(book("b1", barcode="3001"), b"nonsense\x1d", book("b2", "Persuasion /")))
    assert done.titles == 2
    assert len(place.problems) == 1
    assert "1 × broken: cannot be read as MARC" in str(done)
    assert str(done).startswith("3 records\ntitles: 2, before: 0\ncopies: 1\n")


# ── what is not taken ──


def assert_untouched(place: Place, before: list[str]) -> None:
    assert place.mirror.item("3001").title == "Emma"  # type: ignore[union-attr]
    assert place.files() == before


def test_files_without_a_title_change_nothing(place: Place) -> None:
    place.bring(place.file(book("b1", barcode="3001")))
    before = place.files()
    with pytest.raises(NothingRead):
        place.bring(place.file(b"no MARC at all"))
    assert_untouched(place, before)


def test_a_file_that_cannot_be_read_changes_nothing(place: Place) -> None:
    good = place.file(book("b1", barcode="3001"))
    place.bring(good)
    before = place.files()
    with pytest.raises(FileNotFoundError):
        place.bring(good, place.folder / "none.mrc")
    assert_untouched(place, before)


def test_the_journal_s_room_is_left_to_it(place: Place) -> None:
    place.bring(place.file(book("b1", barcode="3001")))
    before = place.files()
    place.free = LEFT_FREE - 1
    with pytest.raises(NoRoom):
        place.bring(place.file(book("b2")))
    assert_untouched(place, before)


@pytest.mark.parametrize("half", ["catalogue", "patrons"])
def test_a_centre_s_mirror_is_not_replaced(place: Place, half: str) -> None:
    """Where only the other half is left, it is a centre's station all the same."""
    fill_half(place.station, Content(), Half(half))
    before = place.files()
    with pytest.raises(FedByCentre):
        place.bring(place.file(book("b1", barcode="3001")))
    assert place.files() == before
