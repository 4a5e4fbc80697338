"""The versions of the centre's tables: the newest is what the code uses, and from each earlier one a way leads there.

Everything on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    inspect,
    text,
)
from sqlalchemy.orm import Session

from sync.central.api import build_api
from sync.central.models import Base, ItemRow, open_engine
from sync.central.sample import load
from sync.central.versions import (
    FIRST,
    HEAD,
    MIGRATIONS,
    UnfitDatabase,
    alembic_config,
    make_ready,
    make_tables,
    upgrade,
    version_of,
)
from tests.sync.conftest import START
from tests.sync.library import write_library
from tests.sync.postgresql import Server
from tests.sync.processes import COMMIT, Upgrade, centre

REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
EARLIER = [revision for revision in REVISIONS if revision != HEAD]
TABLES = set(Base.metadata.tables)

LOCKED = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "pg_advisory_xact_lock"}
"""With what the next one stands in line."""


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """On a database with nothing in it."""
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def another(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Engine]:
    """On a second one of the same kind."""
    server: Server | None = None if database.startswith("sqlite") else request.getfixturevalue("postgresql")
    engine = open_engine(server.new_database() if server else f"sqlite:///{tmp_path}/another.db")
    yield engine
    engine.dispose()


def move(engine: Engine, revision: str) -> None:
    """Up or down to a version."""
    with engine.begin() as db:
        there = version_of(db)
        (command.upgrade if revision >= there else command.downgrade)(alembic_config(db), revision)


def version(engine: Engine) -> str:
    with engine.connect() as db:
        return version_of(db)


def do(engine: Engine, statement: str) -> None:
    with engine.begin() as db:
        db.execute(text(statement))


@pytest.fixture
def library(engine: Engine, tmp_path: Path) -> Engine:
    """With a library, as the first version kept one."""
    load(engine, write_library(tmp_path / "sample"), START)
    move(engine, FIRST)
    return engine


def serves(engine: Engine, folder: Path) -> bool:
    """Whether a centre starts on it and has its items."""
    build_api(engine, folder=folder / "snapshots")
    with Session(engine) as db:
        return db.get(ItemRow, "301") is not None


# ── the newest version is what the code uses ──


def laid_out(engine: Engine) -> dict[str, object]:
    """Every table as the database understands it, in whichever order its columns came."""
    with engine.connect() as db:
        look = inspect(db)
        return {
            name: (
                sorted(str(sorted((key, str(value)) for key, value in column.items())) for column in columns),
                look.get_pk_constraint(name)["constrained_columns"],
                sorted(map(str, look.get_foreign_keys(name))),
                sorted(str(unique["column_names"]) for unique in look.get_unique_constraints(name)),
                sorted(map(_index, look.get_indexes(name))),
                _never_gives_a_number_again(db, name),
            )
            for name in TABLES
            for columns in [look.get_columns(name)]
        }


def _never_gives_a_number_again(db: Connection, table: str) -> bool:
    """On SQLite that is a property of the table; PostgreSQL's sequences never do."""
    if db.dialect.name == "postgresql":
        return True
    sql = db.execute(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}).scalar()
    return "AUTOINCREMENT" in str(sql)


def _index(index: Any) -> str:
    """An index with its condition, which databases write with brackets or without."""
    where = [str(value).strip("()") for key, value in index["dialect_options"].items() if key.endswith("_where")]
    return f"{index['name']} {index['column_names']} {bool(index['unique'])} {where}"


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_that_the_code_uses(engine: Engine, another: Engine) -> None:
    make_tables(engine)
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    Base.metadata.create_all(another)
    assert laid_out(engine) == laid_out(another)
    assert "one_open_loan_per_item ['item'] True ['returned_at IS NULL']" in str(laid_out(engine)["loans"])


def test_what_is_ready_is_left_alone(engine: Engine) -> None:
    assert upgrade(engine) == ""
    assert upgrade(engine) == HEAD
    before = laid_out(engine)
    make_ready(engine)
    make_tables(engine)
    assert laid_out(engine) == before


# ── from each earlier version, with what it held ──


def sample_of(column: Column[Any]) -> object:
    """The same value in every column of a kind, so that every foreign key finds its row."""
    match column.type:
        case Boolean():
            return True
        case Integer():
            return 1
        case DateTime():
            return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        case Date():
            return date(2026, 3, 2)
        case JSON():
            return ["x"]
    return "x"


def reflected(engine: Engine) -> list[Table]:
    tables = MetaData()
    tables.reflect(engine)
    return [table for table in tables.sorted_tables if table.name != "alembic_version"]


def fill(engine: Engine) -> None:
    """A row in every table, with something in every column."""
    tables = reflected(engine)
    with engine.begin() as db:
        for table in tables:
            db.execute(table.insert().values({column.name: sample_of(column) for column in table.columns}))


def rows(engine: Engine) -> dict[str, list[dict[str, object]]]:
    tables = reflected(engine)
    with engine.connect() as db:
        return {table.name: [dict(row) for row in db.execute(table.select()).mappings()] for table in tables}


def first_of(rows: dict[str, list[dict[str, object]]], like: dict[str, list[dict[str, object]]]) -> object:
    """Only those tables and columns that `like` has."""
    return {name: [{key: row[key] for key in like[name][0]} for row in rows[name]] for name in like}


@pytest.mark.parametrize("revision", EARLIER)
def test_every_row_outlives_up_and_down_and_up_again(engine: Engine, revision: str) -> None:
    move(engine, revision)
    fill(engine)
    before = rows(engine)
    assert all(before.values())
    assert upgrade(engine) == revision
    assert first_of(rows(engine), before) == before
    with Session(engine) as db:
        for mapper in Base.registry.mappers:
            assert db.query(mapper.class_).count() == (mapper.class_.__tablename__ in before)
    move(engine, revision)
    assert rows(engine) == before
    assert upgrade(engine) == revision
    assert first_of(rows(engine), before) == before


def test_all_the_way_down_and_up(engine: Engine) -> None:
    upgrade(engine)
    move(engine, HEAD)
    with engine.begin() as db:
        command.downgrade(alembic_config(db), "base")
    assert not TABLES & set(inspect(engine).get_table_names())
    make_tables(engine)
    assert version(engine) == HEAD


def test_what_was_seen_before_there_were_intervals_is_taken_as_exact(engine: Engine) -> None:
    move(engine, "0001")
    fill(engine)
    upgrade(engine)
    (seen,) = rows(engine)["sightings"]
    assert seen["earliest"] == seen["at"] == seen["latest"]
    (cursor,) = rows(engine)["cursors"]
    assert cursor["met_at"] == cursor["delivered_at"]
    assert (cursor["place"], cursor["contacts"], cursor["returns"]) == (0, 0, 0)


def test_tables_from_before_there_were_versions_are_the_first_one_s(library: Engine, tmp_path: Path) -> None:
    do(library, "DROP TABLE alembic_version")
    assert version(library) == FIRST
    assert upgrade(library) == FIRST
    assert version(library) == HEAD
    assert serves(library, tmp_path)


# ── who upgrades ──


def test_a_library_s_own_database_is_upgraded_by_whatever_comes_first(
    library: Engine, database: str, tmp_path: Path
) -> None:
    done = centre("admit", "--database", database, "--station", "s1", "--token-file", str(tmp_path / "s1.token"))
    if library.dialect.name == "sqlite":
        assert (done.returncode, version(library)) == (0, HEAD), done.stderr
        return
    assert (done.returncode, version(library)) == (1, FIRST)
    assert f"version {FIRST}, this program needs {HEAD}" in done.stderr
    assert "python -m sync.central upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_upgrades(library: Engine, database: str, tmp_path: Path) -> None:
    assert [centre("upgrade", "--database", database).stdout for _ in range(2)] == [
        f"version {HEAD}, was {FIRST}\n",
        f"version {HEAD}, nothing to do\n",
    ]
    make_ready(library)
    assert serves(library, tmp_path)


@pytest.mark.parametrize("begun", ["", FIRST])
def test_of_two_who_upgrade_at_once_one_does(engine: Engine, database: str, begun: str) -> None:
    if begun:
        move(engine, begun)
    first = Upgrade(database, "wait", "UPDATE cursors SET met_at")
    first.wait_there()  # in the middle of it
    second = Upgrade(database, "go", LOCKED[engine.dialect.name])
    second.wait_there()  # about to stand in line
    assert first.end() == (0, begun or "empty", "")
    assert second.end() == (0, HEAD, "")
    assert version(engine) == HEAD


def test_only_a_new_library_makes_tables(engine: Engine, database: str) -> None:
    done = centre("serve", "--database", database, "--port", "0")
    assert (done.returncode, done.stderr) == (1, "Error: the database is empty: run `init` first\n")
    assert inspect(engine).get_table_names() == []


def test_a_centre_without_a_library_says_so(engine: Engine, database: str) -> None:
    upgrade(engine)
    done = centre("serve", "--database", database, "--port", "0")
    assert (done.returncode, done.stderr) == (1, "Error: this database holds no library yet: `init` loads one\n")


# ── what is refused, and left as it is ──


def test_a_later_version_is_refused(library: Engine, database: str) -> None:
    upgrade(library)
    do(library, "UPDATE alembic_version SET version_num = '9999'")
    before = laid_out(library)
    for work in (make_ready, make_tables, upgrade):
        with pytest.raises(UnfitDatabase, match="version 9999, which this program does not know"):
            work(library)
    for name in ("serve", "upgrade"):
        done = centre(name, "--database", database)
        assert done.returncode == 1
        assert "a newer centre has used it" in done.stderr
        assert "Traceback" not in done.stderr
    assert (version(library), laid_out(library)) == ("9999", before)


@pytest.mark.parametrize("marked", [False, True], ids=["plain", "with a version of its own"])
def test_a_database_of_something_else_is_refused(engine: Engine, marked: bool) -> None:
    do(engine, "CREATE TABLE acts (id INTEGER)")
    if marked:
        do(engine, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
        do(engine, f"INSERT INTO alembic_version VALUES ('{HEAD}')")  # noqa: S608
    for work in (make_ready, make_tables, upgrade):
        with pytest.raises(UnfitDatabase, match="tables of something else"):
            work(engine)
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == {"acts"}


@pytest.mark.parametrize("older", ["ALTER TABLE loans DROP COLUMN again_at", "DROP TABLE exceptions"])
def test_tables_from_before_the_first_version_are_refused(library: Engine, older: str) -> None:
    do(library, "DROP TABLE alembic_version")
    do(library, older)
    there = inspect(library).get_table_names()
    with pytest.raises(UnfitDatabase, match=f"from before version {FIRST} .no (loans.again_at|exceptions.act)."):
        upgrade(library)
    assert inspect(library).get_table_names() == there


# ── cut off in the middle ──


@pytest.mark.parametrize(
    "where", ["CREATE TABLE boots", "ADD COLUMN", "UPDATE cursors", "UPDATE alembic_version", COMMIT]
)
def test_an_upgrade_that_was_killed_has_not_begun(library: Engine, database: str, tmp_path: Path, where: str) -> None:
    before = rows(library)
    library.dispose()
    killed = Upgrade(database, "die", where)
    killed.wait_there()
    assert killed.end() == (-9, "", "")
    assert version(library) == FIRST
    assert rows(library) == before
    assert upgrade(library) == FIRST
    assert serves(library, tmp_path)


@pytest.mark.parametrize("where", ["CREATE TABLE loans", COMMIT])
def test_the_making_of_the_tables_may_be_killed(engine: Engine, database: str, tmp_path: Path, where: str) -> None:
    killed = Upgrade(database, "die", where)
    killed.wait_there()
    assert killed.end() == (-9, "", "")
    assert inspect(engine).get_table_names() == []
    load(engine, write_library(tmp_path / "sample"), START)
    assert serves(engine, tmp_path)
