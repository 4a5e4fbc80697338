"""The mirror is filled by snapshots and fed with changes, and keeps what it has where something is wrong with them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from kiosk.mirroring.filler import REST_S
from kiosk.mirroring.importing import Wanted, import_mirror
from kiosk.mirroring.room import LEFT_FREE
from sync.acts import ActKind
from sync.catalogue import Credential, ItemStatus
from sync.central.models import Card, HoldRow, ItemRow, PatronRow, Setting, StationRow, Title
from sync.feed.marc import MarcOptions
from sync.feed.package import Manifest, Signed, SigningKey
from sync.feed.pages import Counts
from sync.feed.schema import Half
from sync.feed.snapshot import ListedCard
from tests.kiosk.mirroring.conftest import Place
from tests.sync.conftest import START, Mint
from tests.sync.feed.marcfiles import book, iso2709

ANNA, BEN = Credential("uid", "04A1"), Credential("uid", "04B2")


# ── the first time ──


def test_a_mirror_says_what_the_centre_knows(place: Place) -> None:
    place.position = 7
    assert place.filler.round()
    item = place.mirror.item("302")
    assert item
    assert (item.title, item.author, item.status, item.shelf) == ("红楼梦", "曹雪芹", ItemStatus.AVAILABLE, "B 2")
    assert place.mirror.item("309").status is ItemStatus.ON_LOAN  # type: ignore[union-attr]
    assert place.mirror.item("304").status is ItemStatus.ON_HOLD_SHELF  # type: ignore[union-attr]
    assert place.mirror.item("399") is None
    assert [place.mirror.is_reserved(barcode) for barcode in ("304", "301")] == [True, False]
    title = place.mirror.title("2")
    assert title
    assert (title.title, title.language, title.year) == ("红楼梦", "zh", "1791")
    assert place.mirror.hold_shelf() == "red shelf"
    assert place.mirror.rules().fee_limit == 1000  # type: ignore[union-attr]
    assert (place.mirror.made_at(), place.mirror.position()) == (START, 7)
    anna, ben = place.mirror.patron(ANNA), place.mirror.patron(BEN)
    assert anna
    assert ben
    assert (anna.borrowed, anna.has_pin, ben.has_pin) == (1, False, True)
    assert len(place.files()) == 4, "two links, two files, and nothing else"


def test_no_name_and_no_card_number_reaches_the_station(place: Place) -> None:
    place.filler.round()
    for file in place.folder.iterdir():
        content = file.read_bytes()
        assert not [word for word in (b"Berg", b"04A1", b"\x04\xa1", b"2001") if word in content], file


def test_only_the_station_may_read_the_files(place: Place) -> None:
    place.filler.round()
    assert {file.stat().st_mode & 0o077 for file in place.folder.glob("*.db")} == {0}


# ── the feed ──


def test_what_changes_is_fed(place: Place, mint: Mint) -> None:
    place.filler.round()
    snapshots = place.files()
    place.clock.advance(60)
    desk, anna = place.circulation(), place.mirror.patron(ANNA)
    assert anna
    assert desk.propose(mint(ActKind.CHECKOUT, "301", anna.ref)).outcome.yes
    assert desk.propose(mint(ActKind.CHECKIN, "304")).outcome.yes
    with Session(place.engine) as db, db.begin():
        db.get_one(Title, 2).title = "Dream of the Red Chamber"
        db.get_one(Title, 2).shelf = "B 3"
        db.delete(db.get_one(ItemRow, "307"))
        db.add(ItemRow(barcode="310", title_id=3, branch="main"))
    place.position = 9
    assert place.filler.round()
    mirror = place.mirror
    assert mirror.item("301").status is ItemStatus.ON_LOAN  # type: ignore[union-attr]
    assert [mirror.item(barcode).title for barcode in ("302", "306")] == ["Dream of the Red Chamber"] * 2  # type: ignore[union-attr]
    assert mirror.item("302").shelf == "B 3"  # type: ignore[union-attr]
    assert mirror.item("307") is None
    assert mirror.item("310").title == "Metropolis"  # type: ignore[union-attr]
    assert mirror.patron(ANNA).borrowed == 2  # type: ignore[union-attr]
    assert (mirror.made_at(), mirror.position()) == (place.clock.now(), 9)
    assert place.files() == snapshots, "no other snapshot was taken"


def test_who_waits_is_fed(place: Place) -> None:
    place.filler.round()
    with Session(place.engine) as db, db.begin():
        waits = [HoldRow(title_id=1, patron=db.get_one(Card, ("uid", "04B2")).patron) for _ in range(2)]
        db.add_all(waits)
    place.filler.round()
    assert [place.mirror.is_reserved(barcode) for barcode in ("301", "305")] == [True, True]
    with Session(place.engine) as db, db.begin():
        for hold in waits:
            db.delete(db.merge(hold))
    place.filler.round()
    assert [place.mirror.is_reserved(barcode) for barcode in ("301", "305")] == [False, False]


def test_a_copy_that_is_returned_frees_the_others(place: Place, mint: Mint) -> None:
    """One waits for two copies. With one of them lent, the other is reserved; with both here, none is."""
    with Session(place.engine) as db, db.begin():
        ben = db.get_one(Card, ("uid", "04B2")).patron
        db.add(HoldRow(title_id=1, patron=ben))
    desk = place.circulation()
    place.filler.round()
    anna = place.mirror.patron(ANNA)
    assert anna
    assert not place.mirror.is_reserved("305")
    assert desk.propose(mint(ActKind.CHECKOUT, "301", anna.ref)).outcome.yes
    place.filler.round()
    assert place.mirror.is_reserved("305")


def test_a_card_that_is_taken_away_is_forgotten(place: Place) -> None:
    place.filler.round()
    barcode = Credential("barcode", "2001")
    assert place.mirror.patron(barcode)
    with Session(place.engine) as db, db.begin():
        db.delete(db.get_one(Card, ("barcode", "2001")))
    place.filler.round()
    assert place.mirror.patron(barcode) is None
    assert place.mirror.patron(ANNA)


def test_new_rules_are_fed_and_patrons_come_anew(place: Place) -> None:
    place.filler.round()
    place.clock.advance(1)
    with Session(place.engine) as db, db.begin():
        rules = place.mirror.rules()
        assert rules
        setting = db.get_one(Setting, "rules")
        rule = msgspec.structs.replace(rules.rule[0], limit=7)
        setting.body = msgspec.json.encode(msgspec.structs.replace(rules, rule=(rule,), version="2")).decode()
    place.new_snapshots()
    place.filler.round()
    assert place.mirror.rules().version == "2"  # type: ignore[union-attr]
    assert place.mirror.patron(ANNA).limit == 7  # type: ignore[union-attr]


def test_a_station_that_moves_gets_the_readers_of_its_new_branch(place: Place) -> None:
    with Session(place.engine) as db, db.begin():
        for patron in db.query(PatronRow):
            patron.branch = "main"
    place.filler.round()
    with Session(place.engine) as db, db.begin():
        db.execute(update(StationRow).values(branch="east"))
    place.filler.round()
    assert place.mirror.hold_shelf() == "east shelf"
    assert place.mirror.patron(ANNA) is None
    assert place.mirror.patron(Credential("uid", "04D4")), "she has a book of theirs"


@pytest.mark.parametrize(("level", "known", "on_list"), [("none", False, False), ("blocked", False, True)])
def test_the_library_decides_what_a_station_knows_of_patrons(
    place: Place, level: str, known: bool, on_list: bool
) -> None:
    with Session(place.engine) as db, db.begin():
        setting = db.get_one(Setting, "rules")
        rules = msgspec.json.decode(setting.body)
        rules["offline"] = {"patrons": level}
        setting.body = msgspec.json.encode(rules).decode()
    place.filler.round()
    dora = Credential("uid", "04D4")
    assert bool(place.mirror.patron(dora)) is known
    assert place.mirror.listed(dora) == (ListedCard(after=date.min) if on_list else None), "she owes too much"
    ben = Credential("uid", "04B2")
    assert place.mirror.listed(ben) == (ListedCard(after=date.min, has_pin=True) if on_list else None), "he has a PIN"
    assert place.mirror.listed(ANNA) is None


def test_too_much_overdue_follows_from_the_day(place: Place, mint: Mint) -> None:
    """One overdue item is allowed: it is the second that counts, from the day after it was due."""
    place.filler.round()
    anna = place.mirror.patron(ANNA)
    assert anna
    assert anna.overdue_after is None
    assert place.circulation().propose(mint(ActKind.CHECKOUT, "301", anna.ref)).outcome.yes
    place.filler.round()
    assert place.mirror.patron(ANNA).overdue_after == START.date() + timedelta(days=28)  # type: ignore[union-attr]


# ── what is not taken ──


def said(place: Place) -> tuple[object, ...]:
    return (place.mirror.made_at(), place.mirror.item("301"), place.mirror.patron(ANNA))


def fall_behind(place: Place) -> None:
    """Make the feed useless for both halves: only a snapshot helps."""
    place.filler.round()
    place.clock.advance(3600)
    with Session(place.engine) as db, db.begin():
        db.get_one(Setting, "history").body = "another"
    place.new_snapshots()


def test_a_feed_that_does_not_reach_back_leads_to_a_snapshot(place: Place) -> None:
    fall_behind(place)
    before = place.files()
    assert place.filler.round()
    assert place.mirror.made_at() == place.clock.now()
    assert place.files() != before
    assert len(place.files()) == len(before), "and the old files are gone"


@pytest.mark.logs(r"mirror not renewed: snapshot_signature")
def test_a_snapshot_that_another_key_signed_is_refused(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    fall_behind(place)
    before = said(place)
    stranger = SigningKey.open(tmp_path_factory.mktemp("stranger") / "key").public
    assert not place.filler_with(key=stranger).round()
    assert said(place) == before


@pytest.mark.logs(r"mirror not renewed: snapshot_signature")
def test_a_changed_manifest_is_refused(place: Place) -> None:
    fall_behind(place)
    before = said(place)
    for path in place.snapshots.glob("*.json"):
        path.write_bytes(path.read_bytes().replace(b"2026-04", b"2036-04"))
    assert not place.filler.round()
    assert said(place) == before


@pytest.mark.logs(r"mirror not renewed: snapshot_hash")
@pytest.mark.parametrize("at", [0, 200, -1])
def test_a_flipped_byte_is_refused_and_the_file_fetched_anew(place: Place, at: int) -> None:
    fall_behind(place)
    before = said(place)
    good = {path: path.read_bytes() for path in place.snapshots.glob("*.zst")}
    for path, content in good.items():
        flipped = bytearray(content)
        flipped[at] ^= 1
        path.write_bytes(flipped)
    assert not place.filler.round()
    assert said(place) == before
    for path, content in good.items():
        path.write_bytes(content)
    assert place.filler.round()
    assert place.mirror.made_at() == place.clock.now()


def sign_again(place: Place, **changes: object) -> None:
    """The centre's own key has signed it, but it says something else."""
    key = SigningKey.open(place.snapshots / "signing.key")
    for path in place.snapshots.glob("*.json"):
        manifest = msgspec.json.decode(msgspec.json.decode(path.read_bytes(), type=Signed).manifest, type=Manifest)
        path.write_bytes(msgspec.json.encode(key.sign(msgspec.structs.replace(manifest, **changes))))


@pytest.mark.logs(r"mirror not renewed: snapshot_(expired|rolled_back|schema|hash)")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"made_at": START - timedelta(hours=1)}, "snapshot_rolled_back", id="older than the one in use"),
        pytest.param({"min_app": "0.2.0"}, "snapshot_schema", id="for a newer station"),
        pytest.param({"size": 5}, "snapshot_hash", id="another size"),
        pytest.param({"plain_sha256": "0" * 64}, "snapshot_hash", id="another content"),
    ],
)
def test_a_snapshot_that_does_not_fit_is_refused(
    place: Place, changes: dict[str, object], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    fall_behind(place)
    before = said(place)
    sign_again(place, **changes)
    assert not place.filler.round()
    assert said(place) == before
    assert [record for record in caplog.records if code in record.getMessage()]
    place.clock.advance(25 * 3600)
    assert place.filler.round(), "the next one is taken"


@pytest.mark.logs(r"mirror not renewed: snapshot_expired")
def test_a_snapshot_that_has_expired_is_refused(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    fall_behind(place)
    before = said(place)
    later = place.filler_with(now=lambda: place.clock.now() + timedelta(days=31))
    assert not later.round()
    assert said(place) == before
    assert "snapshot_expired" in caplog.text


@pytest.mark.logs(r"mirror not renewed: no_room")
def test_what_would_take_the_journal_s_room_is_not_fetched(place: Place) -> None:
    fall_behind(place)
    before, files = said(place), place.files()
    place.free = LEFT_FREE
    assert not place.filler.round()
    assert (said(place), place.files()) == (before, files)


@pytest.mark.logs(r"mirror not renewed: the centre says 401")
def test_a_wrong_token_is_told_once(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.client._headers["Authorization"] = "Bearer wrong"
    assert not place.filler.round()
    assert len([record for record in caplog.records if "401" in record.getMessage()]) == 1


def test_a_centre_that_comes_later_takes_over_from_files(place: Place, tmp_path: Path) -> None:
    """Its snapshots are older than the import, and are taken all the same."""
    place.new_snapshots()
    place.clock.advance(3600)
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(iso2709(book("b1", barcode="3001")))
    import_mirror(place.folder, Wanted((path,), MarcOptions()), place.clock.now)
    assert place.mirror.item("3001")
    assert place.filler.round()
    assert place.mirror.item("301").title == "Emma"  # type: ignore[union-attr]
    assert place.mirror.item("3001") is None


# ── half-way ──


def test_what_a_process_left_that_was_ended_half_way_is_taken_away(place: Place) -> None:
    for name in ("mirror-01J.db", "mirror-01J.db-wal", "patron-01J.db", "catalogue-01J.part"):
        (place.folder / name).write_bytes(b"half of it")
    place.filler.round()
    assert not [name for name in place.files() if "01J" in name]


@pytest.mark.logs(r"kiosk\.mirroring\.files: (mirror|patron)\.db cannot be used any more")
@pytest.mark.parametrize("name", ["mirror.db", "patron.db"])
def test_a_damaged_mirror_is_made_anew(place: Place, name: str) -> None:
    place.filler.round()
    place.mirror.close()
    (place.folder / name).write_bytes(b"no database" * 1000)
    for log in place.folder.glob("*-wal"):
        log.unlink()
    assert place.filler.round()
    assert None not in said(place)


def test_of_another_schema_it_is_made_anew(place: Place) -> None:
    place.filler.round()
    with closing(sqlite3.connect(place.folder / "mirror.db")) as db, db:
        db.execute("UPDATE facts SET body = '0' WHERE name = 'schema'")
        db.execute("DELETE FROM items")
    assert place.filler.round()
    assert None not in said(place)


# ── drift ──


def damage(place: Place) -> None:
    """Something that nobody noted: a row is wrong here, or was changed at the centre past the log."""
    place.mirror.close()
    with closing(sqlite3.connect(place.folder / "mirror.db")) as db, db:
        db.execute("UPDATE items SET status = 'lost' WHERE barcode = '301'")


def test_without_drift_nothing_is_fetched(place: Place) -> None:
    place.filler.round()
    before = place.files()
    assert place.filler.look_for_drift()
    assert (place.files(), place.paused) == (before, [])


@pytest.mark.logs(r"catalogue: drift in 1 buckets of items; taking a snapshot")
def test_drift_is_found_and_mended(place: Place) -> None:
    place.filler.round()
    damage(place)
    assert place.filler.look_for_drift()
    assert place.mirror.item("301").status is ItemStatus.AVAILABLE  # type: ignore[union-attr]
    assert place.paused == [REST_S, REST_S]


@pytest.mark.logs(r"drift in 1 buckets of items; taking a snapshot")
def test_what_went_past_the_log_at_the_centre_is_found(place: Place) -> None:
    place.filler.round()
    place.clock.advance(3600)
    with Session(place.engine) as db, db.begin():
        db.execute(text("UPDATE items SET status = 'lost' WHERE barcode = '301'"))
    assert place.filler.look_for_drift()
    assert place.mirror.item("301").status is ItemStatus.LOST  # type: ignore[union-attr]


def test_what_changes_meanwhile_is_no_drift(place: Place) -> None:
    """What differs is something else each time."""
    place.filler.round()
    barcodes = iter(["301", "302", "303", "305"])

    def change(now: bool = False) -> None:
        with Session(place.engine) as db, db.begin():
            db.get_one(ItemRow, next(barcodes)).status = "lost"

    place.while_paused = change
    counts = place.client.counts

    def counts_then_change(half: Half) -> Counts:
        told = counts(half)
        change()
        return told

    place.client.counts = counts_then_change  # type: ignore[method-assign]
    before = place.files()
    place.filler._mend_drift(Half.CATALOGUE)
    assert place.files() == before
