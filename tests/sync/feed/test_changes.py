"""The log of changes: nothing that mirrors hold changes unnoticed, and no reader skips a slow writer's row."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.orm import Session

from sync.catalogue import Credential
from sync.central.changes import (
    KEPT,
    Cursor,
    Kind,
    Place,
    begin_new_history,
    card_key,
    changes_after,
    end,
    history,
    note,
    prune,
    went_backwards,
)
from sync.central.models import (
    Branch,
    Card,
    ChangeRow,
    FeeRow,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Setting,
    Title,
    open_engine,
    reading,
)
from sync.feed.pages import Gone
from sync.feed.schema import Half
from sync.feed.snapshot import card_digest
from tests.sync.conftest import START
from tests.sync.feed.conftest import Reader

Do = Callable[[Session], object]


def patron(db: Session) -> str:
    return db.get_one(Card, ("uid", "04A1")).patron


def noted(engine: Engine, do: Do) -> set[tuple[str, str]]:
    """What a transaction leaves in the log."""
    with Session(engine) as db, db.begin():
        last = end(db)
        do(db)
    with Session(reading(engine)) as db:
        rows = db.execute(select(ChangeRow.kind, ChangeRow.ref).where(ChangeRow.id > last.id))
        return {(kind, ref) for kind, ref in rows}


def test_a_library_that_was_just_loaded_has_no_changes(engine: Engine) -> None:
    with Session(engine) as db:
        assert db.scalars(select(ChangeRow)).all() == []


def change(table: type, key: object, **values: object) -> Do:
    """An attribute is set."""

    def do(db: Session) -> None:
        row: object = db.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)

    return do


def add(table: type, **values: object) -> Do:
    return lambda db: db.add(table(**values))


def remove(table: type, key: object) -> Do:
    return lambda db: db.delete(db.get_one(table, key))


CATALOGUE = {
    "a new copy": (add(ItemRow, barcode="399", title_id=3, branch="main"), {("item", "399"), ("copies", "3")}),
    "a copy's status": (change(ItemRow, "301", status="lost"), {("item", "301"), ("copies", "1")}),
    "of another title": (change(ItemRow, "301", title_id=2), {("item", "301"), ("copies", "1"), ("copies", "2")}),
    "a copy less": (remove(ItemRow, "307"), {("item", "307"), ("copies", "3")}),
    "a title": (change(Title, 1, author="J. A."), {("title", "1"), ("copies", "1")}),
    "a new title": (add(Title, id=77, title="New"), {("title", "77"), ("copies", "77")}),
    "a shelf": (change(Branch, "east", hold_shelf="x"), {("branch", "east")}),
    "rules": (change(Setting, "rules", body="{}"), {("rules", "")}),
    "another setting": (add(Setting, name="other", body=""), set()),
    "nothing": (change(ItemRow, "301"), set()),
    "what it was before": (change(ItemRow, "301", status="available"), set()),
}


@pytest.mark.parametrize(("do", "expected"), CATALOGUE.values(), ids=CATALOGUE)
def test_what_the_catalogue_changes_is_noted(engine: Engine, do: Do, expected: set[tuple[str, str]]) -> None:
    assert noted(engine, do) == expected


def bring_back(db: Session) -> None:
    loan = db.scalars(select(LoanRow).where(LoanRow.item == "309")).one()
    loan.returned_at = START


PATRONS: dict[str, tuple[Callable[[str], Do], set[tuple[str, str]]]] = {
    "a loan": (
        lambda ref: add(LoanRow, item="301", patron=ref, lent_at=START, due=date(2026, 4, 1)),
        {("item", "301"), ("patron", "REF")},
    ),
    "a return": (lambda _: bring_back, {("item", "309"), ("patron", "REF")}),
    "a hold": (lambda ref: add(HoldRow, title_id=2, patron=ref), {("copies", "2"), ("patron", "REF")}),
    "a fee": (lambda ref: add(FeeRow, patron=ref, reason="late", minor=5), {("patron", "REF")}),
    "a patron": (lambda ref: change(PatronRow, ref, expires=date(2027, 1, 1)), {("patron", "REF")}),
    "a new card": (lambda ref: add(Card, kind="uid", value="04FF", patron=ref), {("patron", "REF")}),
    "a card less": (lambda _: remove(Card, ("uid", "04A1")), {("patron", "REF"), ("card", "HASH")}),
}


@pytest.mark.parametrize(("do", "expected"), PATRONS.values(), ids=PATRONS)
def test_what_patrons_do_is_noted(engine: Engine, do: Callable[[str], Do], expected: set[tuple[str, str]]) -> None:
    with Session(engine) as db:
        ref = patron(db)
        digest = card_digest(card_key(db), Credential("uid", "04A1"))
    words = {"REF": ref, "HASH": digest}
    assert noted(engine, do(ref)) == {(kind, words.get(about, about)) for kind, about in expected}


def test_a_card_that_changes_hands_concerns_both(engine: Engine) -> None:
    with Session(engine) as db:
        anna, ben = patron(db), db.get_one(Card, ("uid", "04B2")).patron
    found = noted(engine, lambda db: setattr(db.get_one(Card, ("uid", "04A1")), "patron", ben))
    assert found == {("patron", anna), ("patron", ben)}


def test_what_is_rolled_back_was_never_noted(engine: Engine) -> None:
    with Session(engine) as db:
        db.get_one(ItemRow, "301").status = "lost"
        db.flush()
        db.rollback()
        assert db.scalars(select(ChangeRow)).all() == []


# ── what a reader sees ──


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_a_slow_writer_began_first_is_read_last(catalogue: Reader) -> None:
    """Its row has the lower number. A reader that goes by numbers has passed it before it can be seen."""
    writers = catalogue.engine.execution_options(isolation_level="READ COMMITTED")
    with Session(writers) as slow, Session(writers) as quick:
        slow.get_one(ItemRow, "301").status = "lost"
        slow.flush()
        quick.get_one(ItemRow, "302").status = "lost"
        quick.commit()
        naive = _numbers_after(catalogue.engine, 0)
        page = catalogue.read_all()
        assert (page.rows, page.complete) == (0, False), "held back behind the one that still runs"
        slow.commit()
    assert _numbers_after(catalogue.engine, max(naive)) == [], "who goes by numbers never sees it"
    page = catalogue.read_all()
    assert page.complete
    assert {row[0] for row in page.upserts["items"]} >= {"301", "302"}
    assert catalogue.agrees()


def _numbers_after(engine: Engine, number: int) -> list[int]:
    with Session(reading(engine)) as db:
        return list(db.scalars(select(ChangeRow.id).where(ChangeRow.id > number).order_by(ChangeRow.id)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_eight_ragged_writers_no_row_is_skipped(engine: Engine, database: str) -> None:
    """Each change names itself, so that it can be looked for. Beside the reader below the horizon one that goes by
    numbers: it must lose some, or the writers were not ragged enough to prove anything."""
    written: list[str] = []
    lock = threading.Lock()

    def write(number: int) -> None:
        luck = random.Random(number)
        own = open_engine(database).execution_options(isolation_level="READ COMMITTED")
        for turn in range(40):
            refs = [f"{number}-{turn}-{row}" for row in range(luck.randint(1, 5))]
            with Session(own) as db, db.begin():
                for ref in refs:
                    note(db, [(Kind.ITEM, ref)])
                    time.sleep(luck.random() * 0.004)
            with lock:
                written.extend(refs)
        own.dispose()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with Session(reading(engine)) as db:
        cursor = Cursor(history(db), "", end(db))
    read: list[str] = []
    naive, last = [], 0
    with ExitStack() as later:
        for writer in writers:
            writer.start()
            later.callback(writer.join)
        running = True
        while running:
            running = any(writer.is_alive() for writer in writers)  # before looking: the last look sees all
            with Session(reading(engine)) as db:
                found = changes_after(db, Half.CATALOGUE, cursor, 100_000)
            read += [ref for _, ref in found.found]
            cursor = Cursor(cursor.history, "", found.place)
            with Session(reading(engine)) as db:
                rows = db.execute(select(ChangeRow.id, ChangeRow.ref).where(ChangeRow.id > last)).all()
            naive += [ref for _, ref in rows]
            last = max([last, *(number for number, _ in rows)])
    assert sorted(read) == sorted(written), "each once, none skipped"
    assert set(naive) < set(written), "who goes by numbers skips some"


def test_pages_follow_each_other(engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        cursor = Cursor(history(db), "", end(db))
        note(db, [(Kind.ITEM, str(number)) for number in range(25)])
        note(db, [(Kind.PATRON, "p")])
    found: list[str] = []
    more = True
    while more:
        with Session(reading(engine)) as db:
            page = changes_after(db, Half.CATALOGUE, cursor, 10)
        found += [ref for _, ref in page.found]
        cursor, more = Cursor(cursor.history, "", page.place), page.more
    assert found == [str(number) for number in range(25)]
    with Session(reading(engine)) as db:
        assert cursor.place == end(db), "past the patrons' changes too"


# ── where the feed does not reach ──


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c.d", "other.0.0."])
def test_a_cursor_of_another_history_is_gone(catalogue: Reader, text: str) -> None:
    catalogue.cursor = text
    with pytest.raises(Gone):
        catalogue.read()


def test_a_cursor_beyond_the_end_is_gone(catalogue: Reader) -> None:
    cursor = Cursor.read(catalogue.cursor)
    catalogue.cursor = str(Cursor(cursor.history, "", Place(cursor.place.xid, cursor.place.id + 1)))
    with pytest.raises(Gone):
        catalogue.read()


def test_patrons_of_another_branch_are_gone(patrons: Reader) -> None:
    patrons.cursor = patrons.cursor.replace(".main", ".east")
    with pytest.raises(Gone):
        patrons.read()


def test_what_is_old_is_pruned_and_who_was_away_for_so_long_is_told(engine: Engine, catalogue: Reader) -> None:
    away = catalogue.cursor
    with Session(engine) as db, db.begin():
        note(db, [(Kind.ITEM, "301"), (Kind.ITEM, "302")])
        db.execute(text("UPDATE changes SET at = :then"), {"then": START - KEPT})
    with Session(engine) as db, db.begin():
        note(db, [(Kind.ITEM, "303")])
    with Session(engine) as db:
        now = db.scalars(select(ChangeRow.at).order_by(ChangeRow.id.desc()).limit(1)).one() + timedelta(days=1)
    catalogue.read_all()
    assert prune(lambda: Session(engine), now) == 2
    assert prune(lambda: Session(engine), now) == 0
    assert catalogue.read_all().rows == 0
    catalogue.cursor = away
    with pytest.raises(Gone):
        catalogue.read()


def test_the_last_change_is_kept_however_old(engine: Engine, catalogue: Reader) -> None:
    with Session(engine) as db, db.begin():
        note(db, [(Kind.ITEM, "301")])
    catalogue.read_all()
    prune(lambda: Session(engine), START + timedelta(days=9999))
    assert catalogue.read_all().rows == 0


def test_a_database_that_went_back_is_noticed(engine: Engine, catalogue: Reader) -> None:
    with Session(engine) as db, db.begin():
        note(db, [(Kind.ITEM, "301")])
    catalogue.read_all()
    with Session(engine) as db, db.begin():
        assert not went_backwards(db, catalogue.cursor)
        db.execute(delete(ChangeRow))
        assert went_backwards(db, catalogue.cursor)
        begin_new_history(db)
    with pytest.raises(Gone):
        catalogue.read()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_log_from_another_server_is_noticed(engine: Engine) -> None:
    """A dump put into a new PostgreSQL: its transactions count from the beginning again."""
    with Session(engine) as db, db.begin():
        note(db, [(Kind.ITEM, "301")])
    with Session(engine) as db, db.begin():
        assert not went_backwards(db, None)
        db.execute(text("UPDATE changes SET xid = 4000000000000"))
        assert went_backwards(db, None)
