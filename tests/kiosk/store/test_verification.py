"""Whatever somebody with the file in their hands does to it, or a backup that is put back: it is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from kiosk.errors import JournalCorrupt, JournalUnreadable
from kiosk.store.database import open_reading
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.retention import forget_patrons, retire
from kiosk.store.schema import act_patrons, acts, delivery, stream, transitions
from kiosk.store.thread import StoreThread
from kiosk.store.verification import Fault, Finding, against_mark, compare, count_acts, verify
from sync.central.client import CentreCatalogue
from sync.courier import Courier
from sync.stream import Head
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.chain import rows
from tests.kiosk.store.conftest import OpenJournal
from tests.kiosk.store.history import A_DAY_S, copy_of, found_in, lent, of_everything, put_back, returned, tell

SWAP_ACTS = (
    "UPDATE acts SET seq = -seq WHERE seq IN (1, 2) AND incarnation = {first};"
    "UPDATE acts SET seq = 3 + seq WHERE seq < 0"
)
SWAP_TRANSITIONS = "UPDATE transitions SET id = -id WHERE id IN (2, 3); UPDATE transitions SET id = 5 + id WHERE id < 0"
SWAP_FACTS = (
    "UPDATE stream SET position = -position WHERE position IN (1, 2) AND incarnation = {first};"
    "UPDATE stream SET position = 3 + position WHERE position < 0"
)


@pytest.fixture
def file(restart: OpenJournal, clock: MovableClock, path: Path) -> Path:
    """A closed journal with something of everything in it."""
    of_everything(restart, clock).close()
    return path


def findings(path: Path, clock: MovableClock) -> tuple[Finding, ...]:
    engine = open_reading(path)
    try:
        return verify(engine, clock.now())
    finally:
        engine.dispose()


def change(path: Path, script: str) -> None:
    """By a connection that the journal knows nothing of, and that checks no foreign keys."""
    with closing(sqlite3.connect(path)) as db:
        first = db.execute("SELECT min(id) FROM incarnations").fetchone()[0]
        db.executescript(script.replace("{first}", f"'{first}'"))


def test_what_was_written_is_found_to_be_that(file: Path, clock: MovableClock) -> None:
    assert findings(file, clock) == ()
    assert count_acts(open_reading(file)) == 9


# ── what somebody changes in the file ──


@pytest.mark.parametrize(
    ("script", "fault", "where"),
    [
        pytest.param("DELETE FROM acts WHERE item = '302'", Fault.GAP, "act", id="an act taken out"),
        pytest.param("DELETE FROM acts WHERE item = '308'", Fault.GAP, "transitions", id="the last act taken out"),
        pytest.param("UPDATE acts SET item = '399' WHERE item = '302'", Fault.EDITED, "act", id="an act changed"),
        pytest.param("UPDATE acts SET at = 'noon'", Fault.EDITED, "act", id="an act made unreadable"),
        pytest.param(SWAP_ACTS, Fault.REORDERED, "act", id="two acts in the wrong order"),
        pytest.param("DELETE FROM transitions WHERE id = 3", Fault.GAP, "transition", id="a transition taken out"),
        pytest.param(
            "UPDATE transitions SET to_state = 'refused' WHERE id = 2", Fault.EDITED, "transition", id="another outcome"
        ),
        pytest.param(SWAP_TRANSITIONS, Fault.REORDERED, "transition", id="two transitions in the wrong order"),
        pytest.param("DELETE FROM stream WHERE position = 1", Fault.GAP, "stream", id="a fact taken out"),
        pytest.param(
            "DELETE FROM stream WHERE position = 3 AND incarnation = {first}", Fault.GAP, "stream", id="the end of one"
        ),
        pytest.param("DELETE FROM stream", Fault.GAP, "act", id="nothing left to tell"),
        pytest.param("UPDATE stream SET link = 'x' WHERE position = 2", Fault.EDITED, "stream", id="a link changed"),
        pytest.param(SWAP_FACTS, Fault.EDITED, "stream", id="two facts in the wrong order"),
        pytest.param("UPDATE act_patrons SET patron = 'p-carl'", Fault.EDITED, "act", id="somebody else's acts"),
        pytest.param("UPDATE act_patrons SET salt = 'zz'", Fault.EDITED, "act", id="a salt that is none"),
        pytest.param("UPDATE act_patrons SET patron = x'00'", Fault.EDITED, "act", id="a patron that is no text"),
        pytest.param("DELETE FROM act_patrons", Fault.GAP, "act", id="patrons erased too soon"),
        pytest.param(
            "UPDATE delivery SET state = 'confirmed' WHERE state = 'executed'", Fault.STATE, "act", id="called told"
        ),
        pytest.param("DELETE FROM delivery", Fault.STATE, "act", id="what waits forgotten"),
        pytest.param("INSERT INTO anchors VALUES ('', 3, 'x')", Fault.GAP, "transition", id="a beginning invented"),
        pytest.param(
            "UPDATE acts SET emptied_at = '2026-03-02T09:00:00+00:00', item = '' WHERE item = '302'",
            Fault.EDITED,
            "act",
            id="let go too soon",
        ),
    ],
)
def test_a_change_in_the_file_is_found(file: Path, clock: MovableClock, script: str, fault: Fault, where: str) -> None:
    change(file, script)
    found = findings(file, clock)
    assert [finding for finding in found if finding.fault is fault and finding.where.startswith(where)]
    assert not [finding for finding in found if "p-anna" in str(finding) or "p-carl" in str(finding)]


def numbers_of(path: Path, table: Table) -> list[int]:
    return [row["number"] for row in rows(path, f"SELECT rowid AS number FROM {table}")]  # noqa: S608


@pytest.mark.parametrize("table", [acts, act_patrons, transitions, stream], ids=lambda table: table.name)
def test_no_value_can_be_changed_unseen(file: Path, clock: MovableClock, tmp_path: Path, table: Table) -> None:
    for number in numbers_of(file, table):
        for column in table.columns:
            changed = copy_of(file, tmp_path / "changed" / f"{number}-{column.name}.db")
            value = "7777" if column.type.python_type is int else "'2026-01-01T00:00:00Z'"
            change(changed, f"UPDATE {table} SET {column.name} = {value} WHERE rowid = {number}")  # noqa: S608
            assert findings(changed, clock), f"{column.name} in row {number}"
            changed.unlink()


@pytest.mark.parametrize("table", [acts, transitions, stream, delivery], ids=lambda table: table.name)
def test_no_row_can_be_taken_out_unseen(file: Path, clock: MovableClock, tmp_path: Path, table: Table) -> None:
    for number in numbers_of(file, table):
        changed = copy_of(file, tmp_path / "changed" / f"{number}.db")
        change(changed, f"DELETE FROM {table} WHERE rowid = {number}")  # noqa: S608
        assert findings(changed, clock), f"row {number}"


def test_an_emptied_act_among_full_ones_is_found_however_old_it_says_it_is(file: Path, clock: MovableClock) -> None:
    change(file, "UPDATE acts SET emptied_at = '2026-02-01T00:00:00Z', at = '2025-01-01T00:00:00Z' WHERE item = '302'")
    change(file, "UPDATE acts SET item = '' WHERE item = '302'")
    assert Finding(Fault.EDITED, findings(file, clock)[0].where, findings(file, clock)[0].why) in findings(file, clock)
    assert {finding.fault for finding in findings(file, clock)} == {Fault.EDITED}


def test_a_patron_who_was_forgotten_in_time_is_no_finding(restart: OpenJournal, clock: MovableClock) -> None:
    journal = restart()
    lent(journal, "301")
    tell(journal)
    clock.advance(31 * A_DAY_S)
    assert forget_patrons(journal, clock) == 1
    assert found_in(journal, clock) == ()


def test_a_torn_page_is_found_and_said_or_the_file_cannot_be_read(file: Path, clock: MovableClock) -> None:
    whole = file.read_bytes()
    seen = set[str]()
    for page in range(1, len(whole) // 4096):
        file.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        try:
            seen |= {finding.fault for finding in findings(file, clock)}
        except (JournalCorrupt, JournalUnreadable):
            seen.add("corrupt")
    assert seen <= {Fault.DAMAGED, "corrupt"}
    assert Fault.DAMAGED in seen


def test_a_long_list_ends(restart: OpenJournal, clock: MovableClock, path: Path) -> None:
    journal = restart()
    for number in range(30):
        returned(journal, str(number))
    change(path, "UPDATE acts SET item = 'x'")
    assert len(verify(journal._engine, clock.now(), most=10)) == 10


def test_it_reads_what_stood_when_it_began_while_the_station_goes_on(
    restart: OpenJournal, clock: MovableClock, path: Path
) -> None:
    journal = of_everything(restart, clock)
    engine = open_reading(path)
    with engine.connect() as snapshot:
        before = snapshot.execute(select(func.count()).select_from(acts)).scalar()
        returned(journal, "311")
        assert snapshot.execute(select(func.count()).select_from(acts)).scalar() == before
    assert verify(engine, clock.now()) == ()
    with pytest.raises(sqlite3.OperationalError, match="readonly"), closing(engine.raw_connection()) as raw:
        raw.cursor().execute("DELETE FROM acts")
    engine.dispose()


# ── what the centre has seen ──


def courier_of(journal: Journal, centre: CentreCatalogue) -> Courier:
    return Courier(centre, centre, JournalOutbox(journal, StoreThread(InlineExecutor())))


NEVER_TOLD = pytest.mark.logs(r"the centre has less of stream .* telling it again")
"""This centre has not heard of what the history says it was told."""


@NEVER_TOLD
async def test_a_journal_that_the_centre_knows_to_the_end_agrees(
    restart: OpenJournal, clock: MovableClock, client: CentreCatalogue
) -> None:
    journal = of_everything(restart, clock)
    await courier_of(journal, client).round()
    cursors = await client.cursors()
    assert len(cursors) == 3
    assert compare(journal._engine, cursors) == ()
    returned(journal, "309")
    assert compare(journal._engine, cursors) == (), "there is more here than the centre has"


@NEVER_TOLD
async def test_asking_for_cursors_changes_nothing_at_the_centre(
    restart: OpenJournal, clock: MovableClock, client: CentreCatalogue, tmp_path: Path
) -> None:
    journal = of_everything(restart, clock)
    await courier_of(journal, client).round()
    tables = "SELECT * FROM cursors", "SELECT * FROM stations", "SELECT * FROM exceptions"
    before = [rows(tmp_path / "centre.db", query) for query in tables]
    await client.cursors()
    assert [rows(tmp_path / "centre.db", query) for query in tables] == before


async def test_a_journal_from_a_backup_is_found_by_what_the_centre_has(
    restart: OpenJournal, clock: MovableClock, client: CentreCatalogue, path: Path, tmp_path: Path
) -> None:
    journal = restart()
    returned(journal, "301")
    backup = copy_of(path, tmp_path / "backup.db")
    returned(journal, "302")
    await courier_of(journal, client).round()
    first = journal.incarnation
    journal = restart()
    returned(journal, "303")
    await courier_of(journal, client).round()
    second = journal.incarnation
    journal.close()
    put_back(backup, path)
    cursors = await client.cursors()
    found = compare(restart()._engine, cursors)
    assert [(finding.fault, finding.where) for finding in found] == [
        (Fault.RESTORED, f"stream {first}"),
        (Fault.RESTORED, f"stream {second}"),
    ]
    clock.advance(81 * A_DAY_S)
    assert await client.cursors() == {}, "what may have been let go by now is not asked back"


def test_two_histories_of_one_stream_are_found(restart: OpenJournal, clock: MovableClock) -> None:
    journal = restart()
    returned(journal, "301")
    returned(journal, "302")
    elsewhere = {journal.incarnation: Head(2, "another link")}
    [finding] = compare(journal._engine, elsewhere)
    assert finding.fault is Fault.FORKED
    journal.retell(journal.incarnation)
    assert compare(journal._engine, elsewhere) == (), "they are told anew in another stream"
    assert found_in(journal, clock) == ()


def test_a_stream_that_was_let_go_in_time_is_not_asked_back(restart: OpenJournal, clock: MovableClock) -> None:
    journal = restart()
    returned(journal, "301")
    tell(journal)
    [stream_then] = journal.streams()
    journal = restart()
    clock.advance(91 * A_DAY_S)
    retire(journal, clock)
    assert journal.streams() == ()
    assert compare(journal._engine, {stream_then.incarnation: stream_then.head}) == ()
    [finding] = compare(journal._engine, {stream_then.incarnation: Head(2, "one that was never here")})
    assert finding.fault is Fault.RESTORED


# ── the mark beside the journal ──


@pytest.fixture
def backup(restart: OpenJournal, path: Path, tmp_path: Path) -> Path:
    """Of a journal whose station went on after the backup, and marked that."""
    journal = restart()
    returned(journal, "301")
    assert journal.mark()
    return copy_of(path, tmp_path / "backup.db")


def test_a_journal_that_was_put_back_contradicts_its_mark(
    restart: OpenJournal, backup: Path, path: Path, clock: MovableClock
) -> None:
    journal = restart()
    returned(journal, "302")
    assert journal.mark()
    assert against_mark(journal._engine, path) == ()
    journal.close()
    put_back(backup, path)
    journal = restart()
    assert found_in(journal, clock) == (), "of itself it is as it was written"
    [finding] = against_mark(journal._engine, path)
    assert finding.fault is Fault.RESTORED


def test_the_mark_stays_until_somebody_has_looked_into_it(restart: OpenJournal, backup: Path, path: Path) -> None:
    journal = restart()
    returned(journal, "302")
    journal.mark()
    journal.close()
    put_back(backup, path)
    journal = restart()
    for item in ("303", "304", "305"):  # past the place that the mark speaks of
        returned(journal, item)
        assert not journal.mark()
    assert against_mark(journal._engine, path)
    path.with_suffix(".mark").unlink()
    assert journal.mark()
    assert against_mark(journal._engine, path) == ()


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"id": "x", "hash": 1}'])
def test_a_torn_mark_says_nothing_and_is_written_anew(journal: Journal, path: Path, torn: bytes) -> None:
    returned(journal, "301")
    path.with_suffix(".mark").write_bytes(torn)
    assert against_mark(journal._engine, path) == ()
    assert journal.mark()
    assert against_mark(journal._engine, path) == ()
