"""A journal carried to another machine: all of it arrives, nothing is doubled, and what is not whole is refused."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import JournalUnwritable
from kiosk.store.archive import ArchiveRefused, Header, export
from kiosk.store.chain import Chains
from kiosk.store.database import open_reading
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.retention import forget_patrons, retire
from kiosk.store.taking_in import TakenIn, take_in
from kiosk.store.thread import StoreThread
from kiosk.store.verification import compare, verify
from sync.acts import ActState
from sync.central.client import CentreCatalogue
from sync.courier import Courier
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor
from tests.kiosk.store.chain import broken_links, rows
from tests.kiosk.store.conftest import OpenJournal, streamed
from tests.kiosk.store.history import A_DAY_S, copy_of, lent, of_everything, put_back, returned, tell

ALL = ("acts", "act_patrons", "transitions", "stream", "delivery", "incarnations")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.zst"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Where the journal of the new machine lies."""
    return tmp_path / "other" / "journal.db"


def write(path: Path, file: Path, clock: MovableClock, station: str = "s1") -> Header:
    engine = open_reading(path)
    try:
        return export(engine, file, station, clock.now())
    finally:
        engine.dispose()


@contextmanager
def opened(path: Path, clock: MovableClock) -> Iterator[Journal]:
    journal = Journal(path, "s1", clock)
    try:
        yield journal
    finally:
        journal.close()


def everything(path: Path) -> dict[str, list[dict[str, object]]]:
    return {table: rows(path, f"SELECT * FROM {table}") for table in ALL}  # noqa: S608


def states(path: Path) -> dict[str, str]:
    return {row["key"]: row["state"] for row in rows(path, "SELECT key, state FROM delivery")}


def sound(path: Path, clock: MovableClock) -> bool:
    engine = open_reading(path)
    try:
        return verify(engine, clock.now()) == ()
    finally:
        engine.dispose()


# ── the file ──


def test_the_file_is_private_whole_and_says_what_it_is(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path
) -> None:
    of_everything(restart, clock)  # and it is still open: the station works on
    header = write(path, file, clock)
    assert header.station == "s1"
    assert header.counts == {"incarnations": 3, "acts": 9, "act_patrons": 6, "transitions": 16, "stream": 6}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [name.name for name in file.parent.iterdir() if ".new" in name.name] == []
    lines = unpacked(file)
    assert json.loads(lines[0])["type"] == "header"
    assert json.loads(lines[-1])["type"] == "trailer"
    assert len(lines) == 2 + 3 + 9 + 6


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    journal: Journal, clock: MovableClock, path: Path, file: Path
) -> None:
    returned(journal, "301")
    write(path, file, clock)
    before = file.read_bytes()
    with pytest.raises(JournalUnwritable, match="No such file"):
        write(path, file.parent / "nowhere" / "journal.zst", clock)
    file.with_name(f"{file.name}.{os.getpid()}.new").write_bytes(b"")  # somebody else's
    with pytest.raises(JournalUnwritable, match="File exists"):
        write(path, file, clock)
    assert file.read_bytes() == before


def unpacked(file: Path) -> list[bytes]:
    with file.open("rb") as raw:
        return zstandard.ZstdDecompressor().stream_reader(raw).read().splitlines(keepends=True)


def pack(file: Path, lines: list[bytes]) -> None:
    file.write_bytes(zstandard.ZstdCompressor().compress(b"".join(lines)))


# ── a new machine ──


def test_a_new_machine_has_all_of_it(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, other: Path
) -> None:
    journal = of_everything(restart, clock)
    before, to_tell = states(path), [fact.key for fact in streamed(journal)]
    write(path, file, clock)
    journal.close()
    assert take_in(file, other, "s1", clock) == TakenIn(added=9, known=0)
    assert sound(other, clock)
    assert broken_links(other) == []
    assert states(other) == before
    for table in ("acts", "act_patrons", "stream"):
        assert everything(other)[table] == everything(path)[table]
    with opened(other, clock) as new:
        assert {stream.told for stream in new.streams()} == {0}, "the centre is asked"
        assert [fact.key for fact in streamed(new)][-len(to_tell) :] == to_tell
        assert [entry.act.item for entry in new.unresolved()] == ["305", "307"], "looked up at once"
        returned(new, "309")
        assert verify(new._engine, clock.now()) == ()


def test_taking_in_twice_changes_nothing(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, other: Path
) -> None:
    of_everything(restart, clock)
    write(path, file, clock)
    take_in(file, other, "s1", clock)
    before = everything(other)
    clock.advance(60)
    assert take_in(file, other, "s1", clock) == TakenIn(added=0, known=9)
    assert everything(other) == before


def test_a_journal_that_it_came_from_is_left_as_it_is(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path
) -> None:
    journal = of_everything(restart, clock)
    write(path, file, clock)
    tell(journal)
    journal.close()
    before = everything(path)
    assert take_in(file, path, "s1", clock) == TakenIn(added=0, known=9)
    assert everything(path) == before


def test_what_was_erased_and_let_go_stays_so(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, other: Path
) -> None:
    journal = restart()
    lent(journal, "301")
    tell(journal)
    clock.advance(50 * A_DAY_S)
    journal = restart()
    lent(journal, "302")
    tell(journal)
    clock.advance(50 * A_DAY_S)
    journal = restart()
    forget_patrons(journal, clock)
    retire(journal, clock)
    write(path, file, clock)
    take_in(file, other, "s1", clock)
    assert sound(other, clock)
    assert [row["item"] for row in rows(other, "SELECT item FROM acts ORDER BY incarnation")] == ["", "302"]
    assert rows(other, "SELECT * FROM act_patrons") == []
    with opened(other, clock) as new:
        assert [entry.act.item for entry in new.in_state(*ActState)] == ["302"]
        assert [fact.item for fact in streamed(new)] == ["302"]
        retire(new, clock)
        assert verify(new._engine, clock.now()) == ()


async def test_what_the_centre_has_is_told_again_and_done_once(
    restart: OpenJournal, clock: MovableClock, client: CentreCatalogue, path: Path, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "journal.db"
    journal = restart()
    lent(journal, "301", state=ActState.EXECUTED)
    await courier_of(journal, client).round()
    returned(journal, "301")
    journal = restart()
    lent(journal, "303", state=ActState.EXECUTED)
    await courier_of(journal, client).round()
    returned(journal, "302")
    write(path, file, clock)
    centre = tmp_path / "centre.db"
    loans, facts = "SELECT * FROM loans", "SELECT * FROM verdicts WHERE kind = 'fact'"
    had_loans, had_facts = rows(centre, loans), rows(centre, facts)
    take_in(file, other, "s1", clock)
    with opened(other, clock) as new:
        await courier_of(new, client).round()
        assert compare(new._engine, await client.cursors()) == ()
    assert rows(centre, loans) == had_loans
    assert rows(centre, facts)[: len(had_facts)] == had_facts
    assert len(rows(centre, facts)) == len(had_facts) + 1, "and the return that it had not heard of"


def courier_of(journal: Journal, centre: CentreCatalogue) -> Courier:
    return Courier(centre, centre, JournalOutbox(journal, StoreThread(InlineExecutor())))


# ── a backup, and what came after it ──


def test_what_came_after_a_backup_is_taken_in_beside_what_was_done_since(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, tmp_path: Path
) -> None:
    journal = restart()
    returned(journal, "301")
    key = lent(journal, "302", state=ActState.PROPOSED)
    backup = copy_of(path, tmp_path / "backup.db")
    returned(journal, "303")
    journal.move(key, ActState.PROPOSED, ActState.CONFIRMED)
    lost = journal.incarnation
    restart()
    journal = restart()
    returned(journal, "304")
    write(path, file, clock)
    journal.close()
    put_back(backup, path)
    with opened(path, clock) as since:
        returned(since, "305")
    assert take_in(file, path, "s1", clock) == TakenIn(added=2, known=2)
    assert sound(path, clock)
    with opened(path, clock) as journal:
        assert [fact.act.item for fact in journal.facts_after(lost, 0)] == ["301", "303", "302"], "as the centre has it"
        assert [fact.item for fact in streamed(journal)] == ["301", "303", "302", "305", "304"]
        entry = journal.entry(key)
        assert entry is not None
        assert entry.state is ActState.PROPOSED, "what was here is left alone, and looked up"
    before = everything(path)
    take_in(file, path, "s1", clock)
    assert everything(path) == before


def test_what_stands_in_no_stream_any_more_is_told_in_a_new_one(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, tmp_path: Path
) -> None:
    """A backup older than the streams: the day's stream was let go, an exception of it was not."""
    journal = restart()
    backup = copy_of(path, tmp_path / "backup.db")
    returned(journal, "301")
    tell(journal, state=ActState.EXCEPTION)
    journal = restart()
    clock.advance(100 * A_DAY_S)
    retire(journal, clock)
    assert journal.streams() == ()
    write(path, file, clock)
    journal.close()
    put_back(backup, path)
    assert take_in(file, path, "s1", clock).added == 1
    assert sound(path, clock)
    with opened(path, clock) as journal:
        assert [fact.item for fact in streamed(journal)] == ["301"]


# ── what is refused ──


def refused(file: Path, path: Path, clock: MovableClock, why: str, station: str = "s1") -> None:
    before = everything(path) if path.exists() else None
    with pytest.raises(ArchiveRefused, match=why):
        take_in(file, path, station, clock)
    assert (everything(path) if path.exists() else None) == before


def test_two_histories_of_one_process_are_refused(
    restart: OpenJournal, clock: MovableClock, path: Path, file: Path, tmp_path: Path
) -> None:
    journal = restart()
    returned(journal, "301")
    twin, ends = copy_of(path, tmp_path / "twin.db"), journal._chains.ends
    returned(journal, "302")
    write(path, file, clock)
    with opened(twin, clock) as resumed:
        resumed.incarnation = journal.incarnation
        resumed._chains = Chains(journal.incarnation, ends)
        returned(resumed, "399")
    assert sound(twin, clock)
    refused(file, twin, clock, "two histories of one process: act .*/2")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:-40]), "damaged", id="cut"),
        pytest.param(lambda file: file.write_bytes(b""), "damaged", id="empty"),
        pytest.param(lambda file: file.write_bytes(b"a journal"), "damaged", id="something else"),
        pytest.param(lambda file: pack(file, unpacked(file)[:-1]), "its end is missing", id="without its end"),
        pytest.param(lambda file: pack(file, unpacked(file)[:5] + unpacked(file)[6:]), "changed", id="a line less"),
        pytest.param(lambda file: pack(file, unpacked(file) + unpacked(file)[1:2]), "after its end", id="a line more"),
        pytest.param(
            lambda file: pack(file, [line.replace(b'"item":"302"', b'"item":"399"') for line in unpacked(file)]),
            "changed",
            id="another item",
        ),
        pytest.param(lambda file: pack(file, [b"{}\n"]), "damaged", id="no journal's lines"),
        pytest.param(lambda file: pack(file, unpacked(file)[1:]), "no journal", id="no header"),
        pytest.param(
            lambda file: pack(file, [unpacked(file)[0].replace(b'"version":1', b'"version":9')]),
            "version 9",
            id="newer",
        ),
    ],
)
def test_a_damaged_file_is_refused_and_nothing_written(
    restart: OpenJournal,
    clock: MovableClock,
    path: Path,
    file: Path,
    other: Path,
    damage: Callable[[Path], object],
    why: str,
) -> None:
    of_everything(restart, clock)
    write(path, file, clock)
    damage(file)
    refused(file, other, clock, why)
    assert not other.exists()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        pytest.param(b'"item":"302"', b'"item":"399"', "act .*/2 is not what its hash says", id="an act"),
        pytest.param(b'"position":2', b'"position":9', "two histories of one process: stream .*/9", id="a stream"),
        pytest.param(b'"patron":"p-ben"', b'"patron":"p-carl"', "act .*/1 is not what its hash says", id="a patron"),
    ],
)
def test_a_file_that_was_changed_by_somebody_who_knows_how_is_refused(
    restart: OpenJournal,
    clock: MovableClock,
    path: Path,
    file: Path,
    tmp_path: Path,
    old: bytes,
    new: bytes,
    why: str,
) -> None:
    of_everything(restart, clock).close()
    write(path, file, clock)
    lines = [line.replace(old, new) for line in unpacked(file)[:-1]]
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    pack(file, [*lines, json.dumps({"type": "trailer", "sha256": digest}).encode() + b"\n"])
    there = tmp_path / "there.db"
    with opened(there, clock) as journal:
        returned(journal, "309")
    refused(file, there, clock, why)


def test_another_station_s_journal_is_refused(journal: Journal, clock: MovableClock, path: Path, file: Path) -> None:
    write(path, file, clock, station="s2")
    journal.close()
    refused(file, path, clock, "of station 's2', and this is 's1'")


def test_a_journal_that_a_station_works_on_takes_nothing_in(
    journal: Journal, clock: MovableClock, path: Path, file: Path
) -> None:
    write(path, file, clock)
    with pytest.raises(JournalUnwritable, match="another process holds"):
        take_in(file, path, "s1", clock)


# ── any history ──

STATES = st.sampled_from([ActState.PROPOSED, ActState.CONFIRMED, ActState.REFUSED, ActState.EXECUTED])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(STATES, max_size=5), after=st.lists(STATES, max_size=5), since=st.lists(STATES, max_size=5))
def test_whatever_was_lost_comes_back_once(
    tmp_path_factory: pytest.TempPathFactory, before: list[ActState], after: list[ActState], since: list[ActState]
) -> None:
    clock, folder = MovableClock(), tmp_path_factory.mktemp("carried")
    path, file = folder / "journal.db", folder / "journal.zst"
    with opened(path, clock) as journal:
        for number, state in enumerate(before):
            lent(journal, f"1{number}", state=state)
        backup = copy_of(path, folder / "backup.db")
        for number, state in enumerate(after):
            lent(journal, f"2{number}", state=state)
        write(path, file, clock)
    had = states(path)
    put_back(backup, path)
    with opened(path, clock) as journal:
        for number, state in enumerate(since):
            lent(journal, f"3{number}", state=state)
    had |= states(path)
    assert take_in(file, path, "s1", clock) == TakenIn(added=len(after), known=len(before))
    assert states(path) == had
    assert sound(path, clock)
    with opened(path, clock) as journal:
        told = [fact.key for fact in streamed(journal)]
    assert sorted(told) == sorted(key for key, state in had.items() if state in {"confirmed", "executed"})
