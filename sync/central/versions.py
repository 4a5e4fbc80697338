"""The versions of the centre's tables, and the way from each to the newest.

All that an upgrade does is one transaction, the look at the version included: cut off anywhere, it has not begun.
Whoever else wants to upgrade waits for its end, and finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text

from sync.central.models import Base, reading

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest migration. A database that has it is opened without loading alembic."""

FIRST = "0001"
"""What the tables were like before they had a version."""

MIGRATIONS = Path(__file__).parent / "migrations"

UPGRADES = 0x43454E545245
"""The number of PostgreSQL's advisory lock for upgrades: any that nobody else takes."""


class UnfitDatabase(Exception):
    """The centre cannot work on this database. The message says why, and what to do."""


def make_tables(engine: Engine) -> None:
    """Make the tables of an empty database. Any other is made ready. Raises `UnfitDatabase`."""
    if _version_of(engine):
        make_ready(engine)
    else:
        upgrade(engine)


def make_ready(engine: Engine) -> None:
    """Bring an SQLite database to the newest version: it is one library's own, and nobody there should have to know of
    versions. PostgreSQL's may be in use by other processes, which have to end first: that is for a person to decide.

    Raises:
        UnfitDatabase: the database is empty, of a later version, or no centre's, or a person must upgrade it.
    """
    version = _version_of(engine)
    if version == HEAD:
        return
    if not version:
        raise UnfitDatabase("the database is empty: run `init` first")
    if engine.dialect.name == "postgresql":
        _refuse_unknown(version)
        raise UnfitDatabase(
            f"the database is of version {version}, this program needs {HEAD}: stop every centre that uses it,"
            " make a backup, and run `python -m sync.central upgrade`"
        )
    upgrade(engine)


def _version_of(engine: Engine) -> str:
    with reading(engine).connect() as db:
        return version_of(db)


def upgrade(engine: Engine) -> str:
    """Bring the database to the newest version. Returns the one it was of; '' where it was empty.

    Raises:
        UnfitDatabase: it is of a later version, or no centre's. It is left as it was.
    """
    with _alone(engine) as db:
        before = version_of(db)
        if before not in ("", HEAD):
            _refuse_unknown(before)
        if before != HEAD:
            _migrate(db, before)
        return before


def version_of(db: Connection) -> str:
    """The version of a database: '' where it is empty. Raises `UnfitDatabase` where the tables are no centre's."""
    there = set(inspect(db).get_table_names())
    ours = there & set(Base.metadata.tables)
    if not ours and there - {"alembic_version"}:
        raise UnfitDatabase("the database has tables of something else: give the centre one of its own")
    if "alembic_version" in there:
        return db.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    return FIRST if ours else ""


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else upgrades. On SQLite every transaction has the right to write from its
    beginning; on PostgreSQL this one sees what others did while it waited."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(select(func.pg_advisory_xact_lock(UPGRADES)))
        yield db


def _refuse_unknown(version: str) -> None:
    from alembic.script import ScriptDirectory

    if version not in {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}:
        raise UnfitDatabase(
            f"the database is of version {version}, which this program does not know: a newer centre has used it."
            " Bring the program up to date, or put a backup back"
        )


def _migrate(db: Connection, before: str) -> None:
    from alembic import command  # loaded only where there is something to migrate: it costs start-up time

    config = alembic_config(db)
    if before and not inspect(db).has_table("alembic_version"):
        _refuse_other_tables(db)
        command.stamp(config, before)
    command.upgrade(config, "head")


def _refuse_other_tables(db: Connection) -> None:
    """Tables without a version are the first one's where they have all of its columns."""
    from alembic import command

    with create_engine("sqlite://").connect() as model:
        command.upgrade(alembic_config(model), FIRST)
        missing = _columns(model) - _columns(db) - {("alembic_version", "version_num")}
    if missing:
        table, column = min(missing)
        raise UnfitDatabase(
            f"the database is of a centre from before version {FIRST} (no {table}.{column}), and cannot be upgraded:"
            " put a backup back, or begin anew"
        )


def _columns(db: Connection) -> set[tuple[str, str]]:
    tables = inspect(db).get_multi_columns()
    return {(table, column["name"]) for (_, table), columns in tables.items() for column in columns}


def alembic_config(db: Connection) -> Config:
    """Alembic's configuration for this connection, without an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = db
    return config
