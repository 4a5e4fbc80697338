"""The mirror: replaced as a whole or not at all, empty where it is damaged, and silent about who people are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk.store.mirror import Mirror
from sync.catalogue import Credential
from sync.feed.snapshot import MirrorItem, MirrorPatron, MirrorSnapshot, card_digest
from sync.rules import LendingRules
from tests.kiosk.store.chain import edit
from tests.kiosk.store.conftest import output_of, python

KEY = "00112233445566778899aabbccddeeff"
ANNA, BERT = Credential("uid", "04A1B2C3D4E5F6"), Credential("barcode", "21234000567890")
FILES = ("mirror.db", "patron.db")


def snapshot(version: str, *, bert: bool = True, key: str = KEY) -> MirrorSnapshot:
    """A small library. What it says bears its version, so that two of them cannot be taken for each other."""
    patrons = [MirrorPatron(card=card_digest(key, ANNA), ref=f"p-anna-{version}", limit=10, has_pin=True)]
    if bert:
        patrons.append(MirrorPatron(card=card_digest(key, BERT), ref=f"p-bert-{version}", limit=5))
    return MirrorSnapshot(
        made_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        rules=LendingRules(version=version),
        card_key=key,
        items=(MirrorItem(barcode="301", title=f"红楼梦 {version}"), MirrorItem(barcode="302", title="Emma")),
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


def holds(shot: MirrorSnapshot) -> tuple[object, ...]:
    known = {patron.card: patron for patron in shot.patrons}
    who = [known.get(card_digest(shot.card_key, card)) for card in (ANNA, BERT)]
    return (*shot.items, False, True, shot.hold_shelf, shot.rules, shot.made_at, *who)


EMPTY = (None, None, False, False, "", None, None, None, None)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path)


@pytest.fixture
def filled(mirror: Mirror) -> Mirror:
    mirror.replace(snapshot("1"))
    return mirror


# ── replacing ──


def test_a_mirror_says_what_its_snapshot_says(filled: Mirror, tmp_path: Path) -> None:
    assert said(filled) == holds(snapshot("1"))
    assert said(Mirror(tmp_path)) == holds(snapshot("1")), "and after a restart too"


def test_a_new_snapshot_replaces_all_of_the_old_one(filled: Mirror, tmp_path: Path) -> None:
    other = snapshot("2", bert=False, key="ff" * 16)
    filled.replace(other)
    assert said(filled) == holds(other)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(FILES), "and leaves nothing lying about"


def test_an_empty_library_is_a_snapshot_too(filled: Mirror) -> None:
    shot = MirrorSnapshot(made_at=datetime(2026, 3, 2, tzinfo=UTC), rules=LendingRules(), card_key=KEY, items=())
    filled.replace(shot)
    assert said(filled) == (None, None, False, False, "", LendingRules(), shot.made_at, None, None)


@pytest.mark.parametrize("name", FILES)
def test_where_one_half_cannot_be_written_both_stay(filled: Mirror, tmp_path: Path, name: str) -> None:
    (tmp_path / name).with_suffix(".new").mkdir()
    with pytest.raises(OSError, match="new"):
        filled.replace(snapshot("2"))
    assert said(filled) == holds(snapshot("1"))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda shot: {"items": shot.items * 2}, id="an item twice"),
        pytest.param(lambda shot: {"patrons": shot.patrons * 2}, id="a card twice"),
    ],
)
def test_a_snapshot_that_cannot_be_taken_is_taken_in_no_part(
    filled: Mirror, broken: Callable[[MirrorSnapshot], dict[str, object]]
) -> None:
    shot = snapshot("2")
    with pytest.raises(OSError, match="UNIQUE"):
        filled.replace(msgspec.structs.replace(shot, **broken(shot)))
    assert said(filled) == holds(snapshot("1"))


REPLACES_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from kiosk.store.mirror import Mirror
from tests.kiosk.store.test_mirror import long_snapshot

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    Mirror(Path(sys.argv[1])).replace(long_snapshot())
except OSError as error:
    print("no room")
"""


def long_snapshot() -> MirrorSnapshot:
    """Its public half takes up 60 kB, its private half far more."""
    items = tuple(MirrorItem(barcode=str(number), title="x" * 100) for number in range(300))
    patrons = tuple(MirrorPatron(card=f"{number:032x}", ref="p" * 200, limit=1) for number in range(5000))
    return msgspec.structs.replace(snapshot("2"), items=items, patrons=patrons)


@pytest.mark.parametrize("room", [16_384, 262_144])
def test_without_room_for_all_of_it_the_old_one_stays(filled: Mirror, tmp_path: Path, room: int) -> None:
    assert output_of(python(REPLACES_WITHOUT_ROOM, tmp_path, room)) == "no room\n"
    assert said(filled) == holds(snapshot("1"))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(FILES), "and the journal gets its room back"
    filled.replace(snapshot("2"))
    assert said(filled) == holds(snapshot("2"))


# ── missing and damaged ──


def test_a_mirror_that_was_never_filled_is_empty(mirror: Mirror, caplog: pytest.LogCaptureFixture) -> None:
    assert said(mirror) == EMPTY
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
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            column = {"keys": "body", "reserved": "barcode"}.get(table, "body")
            db.execute(f"UPDATE {table} SET {column} = 'zz' || {column}")  # noqa: S608 — names from this file


@pytest.mark.logs(r"^kiosk\.store\.mirror: .* cannot be read")
@pytest.mark.parametrize("damage", [_garbage, _cut_short, _emptied, _torn, _of_another_kiosk])
def test_a_damaged_mirror_is_an_empty_one_until_the_next_snapshot(
    filled: Mirror, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    for name in FILES:
        damage(tmp_path / name)
    assert said(filled) == EMPTY
    assert any("cannot be read" in record.getMessage() for record in caplog.records)
    filled.replace(snapshot("2"))
    assert said(filled) == holds(snapshot("2"))


@pytest.mark.logs(r"^kiosk\.store\.mirror: .* cannot be read")
def test_damage_to_one_half_leaves_the_other(filled: Mirror, tmp_path: Path) -> None:
    _garbage(tmp_path / "patron.db")
    assert said(filled) == (*holds(snapshot("1"))[:-2], None, None)


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
        kept = [set(msgspec.json.decode(body)) for (body,) in db.execute("SELECT body FROM patrons")]
    assert kept == [{"card", "ref", "limit", "has_pin"}, {"card", "ref", "limit"}]


@pytest.mark.parametrize("name", FILES)
def test_nobody_but_the_station_may_read_the_files(filled: Mirror, tmp_path: Path, name: str) -> None:
    assert said(filled) != EMPTY
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_reading_writes_nothing(filled: Mirror, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    said(filled)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert edit(tmp_path / "mirror.db", "UPDATE facts SET body = body") == 4, "and no reader holds it"
