"""What stations are told, asked for without HTTP between."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.central.changes import Cursor, end, history
from sync.central.feeding import Feeding
from sync.central.mirroring import catalogue_rows, patron_rows
from sync.central.models import reading
from sync.feed.pages import Page
from sync.feed.schema import TABLES, Half, Row, table_named
from tests.fakes.clock import MovableClock

BRANCH = "main"


@dataclass
class Reader:
    """A station that keeps its mirror in memory: rows by table and key."""

    engine: Engine
    feeding: Feeding
    half: Half
    cursor: str = ""
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)

    def begin(self) -> Reader:
        """Take everything, as a snapshot does."""
        with Session(reading(self.engine)) as db:
            scope = BRANCH if self.half is Half.PATRONS else ""
            self.cursor = str(Cursor(history(db), scope, end(db)))
            self.rows = self.true_rows(db)
        return self

    def true_rows(self, db: Session) -> dict[str, dict[str, Row]]:
        rows: dict[str, dict[str, Row]] = {table.name: {} for table in TABLES[self.half]}
        for table, row in catalogue_rows(db) if self.half is Half.CATALOGUE else patron_rows(db, BRANCH):
            rows[table][str(row[0])] = row
        return rows

    def read(self) -> Page:
        """One page."""
        page = self.feeding.page(self.half, BRANCH, self.cursor)
        for table, keys in page.gone.items():
            for key in keys:
                self.rows[table].pop(key, None)
        for table, rows in page.upserts.items():
            self.rows[table] |= {str(row[0]): row for row in rows}
        self.cursor = page.cursor
        return page

    def read_all(self) -> Page:
        while (page := self.read()).more:
            pass
        return page

    def agrees(self) -> bool:
        """Whether the mirror says what the tables say."""
        with Session(reading(self.engine)) as db:
            return self.rows == self.true_rows(db)


@pytest.fixture
def feeding(engine: Engine, clock: MovableClock, tmp_path: Path) -> Feeding:
    return Feeding(engine, tmp_path / "snapshots", clock.now)


@pytest.fixture
def catalogue(engine: Engine, feeding: Feeding) -> Reader:
    return Reader(engine, feeding, Half.CATALOGUE).begin()


@pytest.fixture
def patrons(engine: Engine, feeding: Feeding) -> Reader:
    return Reader(engine, feeding, Half.PATRONS).begin()


def rows_of(path: Path, half: Half, table: str) -> list[Row]:
    """The rows of a snapshot's file."""
    found = table_named(half, table)
    assert found
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT {found.names} FROM {table} ORDER BY 1").fetchall()  # noqa: S608
