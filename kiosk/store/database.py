"""Opening SQLite the way the journal needs it, and bringing it to the newest schema."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.exc import DatabaseError

from kiosk.errors import JournalCorrupt, JournalUnreadable, JournalUnwritable
from kiosk.lock import FileLock, Held
from kiosk.store.faults import as_our_errors
from kiosk.store.schema import metadata

HEAD = "0003"
"""The newest migration. A journal that has it is opened without loading alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"


class Lock(FileLock):
    """One process at a time writes a journal. Raises `JournalUnwritable`."""

    def __init__(self, path: Path) -> None:
        try:
            super().__init__(path)
        except Held as error:
            raise JournalUnwritable(f"another process holds {path}") from error
        except OSError as error:
            raise JournalUnwritable(f"cannot open {path}: {error.strerror}") from error


def open_engine(path: Path, *, synchronous: str = "FULL") -> Engine:
    """An engine with one connection, for the one thread that writes `path`.

    WAL with `synchronous=FULL` survives every power cut of `make crash`; NORMAL loses acknowledged loans there.
    """
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 5.0},
        hide_parameters=True,  # they are readers and what they borrow
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins; the driver must not
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # a patron who is erased does not stay in free pages
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        driver_of(connection).execute("BEGIN IMMEDIATE")

    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for what a reader waits for. Its errors are `sqlite3`'s."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def open_reading(path: Path) -> Engine:
    """An engine that only reads: it takes no lock, writes nothing, and a transaction on it sees the journal as it stood
    when it began, also while a station goes on writing.

    Raises:
        JournalUnreadable: there is no journal of this version at `path`, or it cannot be opened.
    """
    try:
        path.stat()
    except OSError as error:
        raise JournalUnreadable(f"{path}: there is no journal ({error.strerror})") from error
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        version = _version(engine)
    except DatabaseError as error:
        engine.dispose()
        raise JournalUnreadable(f"{path}: {error.orig}") from error
    if version != HEAD:
        engine.dispose()
        raise JournalUnreadable(
            f"{path}: written by another version of this program ({version or 'unknown'}, here {HEAD})"
        )
    return engine


def migrate(engine: Engine) -> None:
    """Bring the database to `HEAD`. Raises `JournalUnwritable` or `JournalCorrupt`."""
    with as_our_errors():
        version = _version(engine)
        if version is None and _is_empty(engine):
            _make(engine)
        elif version != HEAD:
            upgrade(engine, "head")


def _is_empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1 FROM sqlite_master")).first() is None


def _make(engine: Engine) -> None:
    """A new journal, as the newest migration leaves one (a test compares them): alembic is not loaded for it, which
    costs 16 MB that a station would keep till its next start."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def upgrade(engine: Engine, revision: str) -> None:
    """Run the migrations up to `revision` in one transaction each.

    Raises:
        JournalCorrupt: the database has a migration that is not known here: a newer kiosk wrote it.
    """
    from alembic import command  # loaded only where there is something to migrate: it costs start-up time
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(engine), revision)
    except CommandError as error:
        raise JournalCorrupt(str(error)) from error


def alembic_config(engine: Engine):  # type: ignore[no-untyped-def]  # alembic.config is loaded late
    """Alembic's configuration for this engine, without an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        there = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).first()
        if there is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
