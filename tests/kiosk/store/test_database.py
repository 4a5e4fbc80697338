"""Opening the file: as durable as it must be, at the newest schema, and never something else's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from kiosk.errors import JournalCorrupt, JournalUnwritable
from kiosk.store.database import HEAD, alembic_config, migrate, open_engine, upgrade
from kiosk.store.journal import Journal
from kiosk.store.schema import metadata
from kiosk.store.verification import verify
from sync.acts import ActKind, ActState
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import edit, rows
from tests.kiosk.store.conftest import output_of, python, streamed

TABLES = set(metadata.tables)


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_engine(path)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def laid_out(path: Path) -> dict[str, object]:
    """Every table and index as SQLite understands it, however it was written down."""
    names = [row["name"] for row in rows(path, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")]
    pragmas = ("table_info", "foreign_key_list", "index_list", "index_info")
    return {
        f"{pragma} {name}": sorted(map(str, rows(path, f"PRAGMA {pragma}({name})")))
        for name in names
        for pragma in pragmas
    }


# ── durability ──


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)], ids=str
)
def test_what_durability_rests_on(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as db:
        assert db.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_transaction_has_the_right_to_write_from_its_beginning(engine: Engine, path: Path) -> None:
    with engine.begin(), closing(sqlite3.connect(path, timeout=0)) as other:
        other.isolation_level = None
        assert other.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


# ── migrations ──


def test_from_nothing_up_and_down_and_up_again(engine: Engine) -> None:
    upgrade(engine, "head")
    assert tables(engine) == TABLES
    command.downgrade(alembic_config(engine), "base")
    assert tables(engine) == set()
    migrate(engine)
    assert tables(engine) == TABLES


def test_head_is_the_newest_migration(engine: Engine) -> None:
    assert ScriptDirectory.from_config(alembic_config(engine)).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    upgrade(engine, "head")
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_journal_is_what_the_migrations_make(engine: Engine, path: Path, tmp_path: Path) -> None:
    migrate(engine)
    migrated = open_engine(tmp_path / "migrated.db")
    upgrade(migrated, "head")
    migrated.dispose()
    assert laid_out(path) == laid_out(tmp_path / "migrated.db")
    version = "SELECT version_num FROM alembic_version"
    assert rows(path, version) == rows(tmp_path / "migrated.db", version) == [{"version_num": HEAD}]


@pytest.mark.parametrize("make", [migrate, partial(upgrade, revision="head")], ids=["new", "migrated"])
@pytest.mark.parametrize(
    ("table", "columns"), [("transitions", ["key", "from_state"]), ("acts", ["incarnation", "seq"])]
)
def test_the_constraints_that_the_code_leans_on_are_made(
    engine: Engine, make: Callable[[Engine], None], table: str, columns: list[str]
) -> None:
    make(engine)
    assert [constraint["column_names"] for constraint in inspect(engine).get_unique_constraints(table)] == [columns]


def test_a_new_journal_is_opened_without_the_weight_of_alembic(path: Path) -> None:
    code = """
import sys
from pathlib import Path
from kiosk.store.journal import Journal
from tests.fakes.clock import MovableClock
for _start in range(2):
    Journal(Path(sys.argv[1]), "s1", MovableClock()).close()
print([name for name in sys.modules if name.partition(".")[0] == "alembic"])
"""
    assert output_of(python(code, path)) == "[]\n"


def test_migrating_what_is_up_to_date_touches_nothing(engine: Engine, path: Path) -> None:
    migrate(engine)
    before = rows(path, "PRAGMA data_version"), path.stat().st_mtime_ns, path.with_name("journal.db-wal").read_bytes()
    migrate(engine)
    after = rows(path, "PRAGMA data_version"), path.stat().st_mtime_ns, path.with_name("journal.db-wal").read_bytes()
    assert after == before


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("CREATE TABLE delivery (something_else TEXT)"))  # the last table but its index
    with pytest.raises(JournalUnwritable, match="delivery already exists"):
        migrate(engine)
    assert tables(engine) == {"delivery"}


def test_an_act_outlives_an_upgrade(path: Path, clock: MovableClock) -> None:
    journal = Journal(path, "s1", clock)
    act = journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
    refused = journal.record(ActKind.CHECKOUT, "302", "p-anna", ActState.PROPOSED)
    journal.move(refused.key, ActState.PROPOSED, ActState.REFUSED)
    command.downgrade(alembic_config(journal._engine), "0001")
    journal.close()
    journal = Journal(path, "s1", clock)
    assert verify(journal._engine, clock.now()) == ()
    assert streamed(journal) == [act]
    journal.close()


# ── files that are no journal ──


def test_a_file_that_is_no_database_is_corrupt_and_is_left_as_it_is(path: Path, clock: MovableClock) -> None:
    garbage = b"this is no database" * 1000
    path.write_bytes(garbage)
    with pytest.raises(JournalCorrupt, match="not a database"):
        Journal(path, "s1", clock)
    assert path.read_bytes() == garbage
    path.rename(path.with_suffix(".broken"))
    Journal(path, "s1", clock).close()  # the lock was let go


def test_a_journal_of_a_newer_kiosk_is_not_touched(path: Path, clock: MovableClock) -> None:
    Journal(path, "s1", clock).close()
    edit(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(JournalCorrupt, match="9999"):
        Journal(path, "s1", clock)
    assert rows(path, "SELECT version_num FROM alembic_version") == [{"version_num": "9999"}]


def _long_journal(path: Path, clock: MovableClock) -> None:
    journal = Journal(path, "s1", clock)
    for number in range(60):
        journal.record(ActKind.CHECKOUT, str(number), "p-anna", ActState.EXECUTED)
    journal.close()


def test_pages_of_garbage_are_noticed(path: Path, clock: MovableClock) -> None:
    _long_journal(path, clock)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)  # the first page says what tables there are
    path.write_bytes(content)
    with pytest.raises(JournalCorrupt, match="malformed"):
        Journal(path, "s1", clock)


def test_a_file_cut_short_is_noticed(path: Path, clock: MovableClock) -> None:
    _long_journal(path, clock)
    path.write_bytes(path.read_bytes()[: 3 * 4096])
    with pytest.raises(JournalCorrupt, match="malformed"):
        Journal(path, "s1", clock)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE acts SET kind = 'checkuot'",
        "UPDATE acts SET at = 'yesterday'",
        "UPDATE transitions SET verdict = '{\"outcome\":'",
        "UPDATE acts SET due_before = '2026-13-01'",
    ],
)
def test_a_row_that_cannot_be_understood_is_said_to_be_corrupt(path: Path, clock: MovableClock, statement: str) -> None:
    _long_journal(path, clock)
    edit(path, statement)
    with pytest.raises(JournalCorrupt), closing(Journal(path, "s1", clock)) as journal:
        journal.in_state(*ActState)
