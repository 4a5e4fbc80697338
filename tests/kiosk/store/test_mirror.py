"""The mirror, read: what it says, empty where it is damaged, and silent about who people are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk.store.mirror import Mirror
from sync.catalogue import Block, BlockCode, Credential, ItemStatus
from sync.feed.records import TitleRecord
from sync.feed.schema import Half
from sync.feed.snapshot import MirrorItem, MirrorPatron, card_digest
from sync.rules import LendingRules
from tests.fakes.mirror import Content, fill_half, fill_mirror

KEY = "00112233445566778899aabbccddeeff"
ANNA, BERT = Credential("uid", "04A1B2C3D4E5F6"), Credential("barcode", "21234000567890")
FILES = ("mirror.db", "patron.db")


def content(version: str, *, bert: bool = True, key: str = KEY) -> Content:
    """A small library. What it says bears its version, so that two of them cannot be taken for each other."""
    patrons = [
        MirrorPatron(
            card=card_digest(key, ANNA),
            ref=f"p-anna-{version}",
            limit=10,
            has_pin=True,
            expires=date(2027, 1, 31),
            overdue_after=date(2026, 3, 9),
            blocks=(Block(BlockCode.BARRED, since=date(2026, 1, 1)),),
            language="zh_CN",
        )
    ]
    if bert:
        patrons.append(MirrorPatron(card=card_digest(key, BERT), ref=f"p-bert-{version}", limit=5, borrowed=2))
    return Content(
        made_at=datetime(2026, 3, int(version), 8, 0, tzinfo=UTC),
        rules=LendingRules(version=version),
        card_key=key,
        items=(
            MirrorItem(barcode="301", title=f"红楼梦 {version}", author="曹雪芹", shelf="B 2", branch="main"),
            MirrorItem(barcode="302", title="Metropolis", media="dvd", status=ItemStatus.ON_LOAN, recalled=True),
        ),
        reserved=("302",),
        hold_shelf=f"shelf {version}",
        patrons=tuple(patrons),
    )


def said(mirror: Mirror) -> tuple[object, ...]:
    """All that a mirror can be asked."""
    return (
        mirror.item("301"),
        mirror.item("302"),
        mirror.is_reserved("301"),
        mirror.is_reserved("302"),
        mirror.hold_shelf(),
        mirror.rules(),
        mirror.made_at(),
        mirror.patron(ANNA),
        mirror.patron(BERT),
    )


def holds(shot: Content) -> tuple[object, ...]:
    known = {patron.card: patron for patron in shot.patrons}
    who = [known.get(card_digest(shot.card_key, card)) for card in (ANNA, BERT)]
    return (*shot.items, False, True, shot.hold_shelf, shot.rules, shot.made_at, *who)


EMPTY = (None, None, False, False, "", None, None, None, None)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(tmp_path)
    yield mirror
    mirror.close()


@pytest.fixture
def filled(mirror: Mirror, tmp_path: Path) -> Mirror:
    fill_mirror(tmp_path, content("1"))
    return mirror


def test_a_mirror_says_what_it_was_filled_with(filled: Mirror, tmp_path: Path) -> None:
    assert said(filled) == holds(content("1"))
    with closing(Mirror(tmp_path)) as after_a_restart:
        assert said(after_a_restart) == holds(content("1"))


def test_a_title_is_known_by_its_number(filled: Mirror) -> None:
    assert filled.title("t301") == TitleRecord(id="t301", title="红楼梦 1", author="曹雪芹")
    assert filled.title("t399") is None


def test_a_copy_whose_title_is_missing_is_known_by_its_barcode(filled: Mirror, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mirror.db")) as db, db:
        db.execute("DELETE FROM titles")
    assert filled.item("301") == MirrorItem(barcode="301", title="301", shelf="B 2", branch="main")


def test_another_mirror_is_seen_at_the_next_question(filled: Mirror, tmp_path: Path) -> None:
    assert said(filled) == holds(content("1"))
    other = content("2", bert=False, key="ff" * 16)
    fill_mirror(tmp_path, other)
    assert said(filled) == holds(other)
    assert len([file for file in tmp_path.iterdir() if file.suffix == ".db"]) == 4, "and the old files are gone"


def test_what_is_fed_is_seen_at_the_next_question(filled: Mirror, tmp_path: Path) -> None:
    assert filled.item("301")
    with closing(sqlite3.connect(tmp_path / "mirror.db")) as db, db:
        db.execute("UPDATE items SET status = 'lost' WHERE barcode = '301'")
    assert filled.item("301").status is ItemStatus.LOST  # type: ignore[union-attr]


def test_an_empty_library_is_a_mirror_too(mirror: Mirror, tmp_path: Path) -> None:
    empty = Content()
    fill_mirror(tmp_path, empty)
    assert said(mirror) == (None, None, False, False, "", LendingRules(), empty.made_at, None, None)


def test_the_earlier_position_of_both_halves_holds(filled: Mirror, tmp_path: Path) -> None:
    """What was settled between the two may be missing in one of them."""
    fill_half(tmp_path, content("1"), Half.CATALOGUE, 9)
    fill_half(tmp_path, content("1"), Half.PATRONS, 7)
    assert filled.position() == 7
    fill_half(tmp_path, content("1"), Half.PATRONS, 11)
    assert filled.position() == 9


# ── missing and damaged ──


def test_a_mirror_that_was_never_filled_is_empty(mirror: Mirror, caplog: pytest.LogCaptureFixture) -> None:
    assert said(mirror) == EMPTY
    assert mirror.position() == 0
    assert not caplog.records


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _torn(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


def _of_another_kiosk(path: Path) -> None:
    """Written by a version that meant something else by these tables."""
    with closing(sqlite3.connect(path)) as db, db:
        for table, columns in {"facts": ["body"], "items": ["status"], "patrons": ["blocks"]}.items():
            there = db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
            for column in columns if there else []:
                db.execute(f"UPDATE {table} SET {column} = 'zz' || {column}")  # noqa: S608 — names from this file
        db.execute("DROP TABLE IF EXISTS reserved")


@pytest.mark.logs(r"^kiosk\.store\.mirror: .* cannot be read")
@pytest.mark.parametrize("damage", [_garbage, _cut_short, _emptied, _torn, _of_another_kiosk])
def test_a_damaged_mirror_is_an_empty_one_until_the_next_one(
    filled: Mirror, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    filled.close()
    for name in FILES:
        damage(tmp_path / name)
    assert said(filled) == EMPTY
    assert any("cannot be read" in record.getMessage() for record in caplog.records)
    fill_mirror(tmp_path, content("2"))
    assert said(filled) == holds(content("2"))


@pytest.mark.logs(r"^kiosk\.store\.mirror: .* cannot be read")
def test_damage_to_one_half_leaves_the_other(filled: Mirror, tmp_path: Path) -> None:
    _garbage(tmp_path / "patron.db")
    assert said(filled) == (*holds(content("1"))[:-2], None, None)


# ── who people are ──


def test_a_card_is_found_by_its_kind_and_its_number(filled: Mirror) -> None:
    assert filled.patron(Credential("barcode", ANNA.value)) is None
    assert filled.patron(Credential("uid", ANNA.value.lower())) is None


@pytest.mark.parametrize("name", FILES)
def test_no_card_number_is_on_the_disk(filled: Mirror, tmp_path: Path, name: str) -> None:
    assert filled.patron(ANNA), "she is known"
    content = (tmp_path / name).read_bytes().lower()
    for card in (ANNA, BERT):
        assert card.value.lower().encode() not in content
        assert bytes.fromhex(card.value) not in content


def test_only_what_the_policy_names_is_kept_of_a_patron(filled: Mirror, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "patron.db")) as db:
        columns = {row[1] for row in db.execute("PRAGMA table_info(patrons)")}
    assert columns == {
        *("card", "ref", "category", "language", "expires", "overdue_after", "blocks", "most", "borrowed", "has_pin")
    }


@pytest.mark.parametrize("name", FILES)
def test_nobody_but_the_station_may_read_the_files(filled: Mirror, tmp_path: Path, name: str) -> None:
    assert said(filled) != EMPTY
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_reader_holds_nobody_up(filled: Mirror, tmp_path: Path) -> None:
    """With the files open for questions, another process writes at once."""
    said(filled)
    with closing(sqlite3.connect(tmp_path / "mirror.db", timeout=0)) as db, db:
        assert db.execute("UPDATE facts SET body = body").rowcount > 0
