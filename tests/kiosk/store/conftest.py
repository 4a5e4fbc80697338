"""A real journal on a real file, and a clock that is moved."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk.store.journal import Journal
from sync.acts import Act
from tests.fakes.clock import MovableClock
from tests.sync.conftest import centre as centre
from tests.sync.conftest import client as client
from tests.sync.conftest import engine as engine

ROOT = Path(__file__).parents[3]

OpenJournal = Callable[[], Journal]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Of the real centre that a test may ask for."""
    return f"sqlite:///{tmp_path}/centre.db"


@pytest.fixture
def restart(path: Path, clock: MovableClock) -> Iterator[OpenJournal]:
    """Opens the journal as a process would that has just started; the one before has ended."""
    opened: list[Journal] = []

    def open_it() -> Journal:
        while opened:
            opened.pop().close()
        opened.append(Journal(path, "s1", clock))
        return opened[-1]

    yield open_it
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(restart: OpenJournal) -> Journal:
    return restart()


def fill_disk(journal: Journal) -> None:
    """No page more than there are: SQLite itself says SQLITE_FULL."""
    with journal._engine.connect() as db:
        pages = db.execute(text("PRAGMA page_count")).scalar()
        db.execute(text(f"PRAGMA max_page_count = {pages}"))


def make_room(journal: Journal) -> None:
    with journal._engine.connect() as db:
        db.execute(text("PRAGMA max_page_count = 1000000"))


def python(code: str, *arguments: object, unprivileged: bool = False) -> subprocess.Popen[str]:
    """A real second process. `unprivileged`: root's power over permissions is taken away, as a service has none."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    if unprivileged and os.geteuid() == 0:
        assert shutil.which("setpriv"), "util-linux is part of every Debian"
        command = ["setpriv", "--bounding-set=-all", *command]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def output_of(process: subprocess.Popen[str]) -> str:
    """What it printed; fails the test where it failed."""
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return out


def streamed(journal: Journal) -> list[Act]:
    """What the centre has not been told, in the order in which it will be."""
    streams = journal.streams()
    return [fact.act for stream in streams for fact in journal.facts_after(stream.incarnation, stream.told, 1000)]
