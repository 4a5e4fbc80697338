"""An upgrade that is interrupted: whatever the power cut or the kill left, the station starts, and has its acts.

Every version there ever was is upgraded to the newest, and cut off at every step of that.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from kiosk.errors import KioskError
from kiosk.store import database
from kiosk.store.database import HEAD, MIGRATIONS, open_engine, upgrade
from kiosk.store.journal import Journal
from kiosk.store.reading import Entry
from sync.acts import ActKind, ActState
from tests.crash.campaign import images
from tests.crash.check import faults, put
from tests.crash.recorder import Recording, recorded
from tests.crash.workload import JOURNAL, STATION
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import rows

EARLIER = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions() if script.revision != HEAD]

JOURNALS = Path(__file__).parent / "journals"
"""A journal as each earlier kiosk left one, named by its revision: what `.dump` of `sqlite3` said. Whoever writes a
migration adds the one of the version before it."""

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "next", "{head}"

def upgrade():
    op.add_column("delivery", sa.Column("lane", sa.String, nullable=False, server_default=""))
    op.execute("UPDATE delivery SET lane = key")
    {between}
    op.create_table("lanes", sa.Column("lane", sa.String, primary_key=True))
    op.execute("INSERT INTO lanes SELECT lane FROM delivery")
"""


def left_by(revision: str, folder: Path) -> None:
    """A journal of an earlier kiosk."""
    with closing(sqlite3.connect(folder / JOURNAL)) as db:
        db.executescript((JOURNALS / f"{revision}.sql").read_text())
        db.execute("PRAGMA journal_mode = WAL")


def opened(folder: Path) -> Journal:
    return Journal(folder / JOURNAL, STATION, MovableClock())


def acts_in(folder: Path) -> tuple[Entry, ...]:
    with closing(opened(folder)) as journal:
        return journal.in_state(*ActState)


def wrong_after_cuts(recording: Recording, acts: tuple[Entry, ...], folder: Path) -> list[str]:
    """What is wrong with the journal after a cut at each step; empty where nothing is."""
    found = []
    for image in images(recording, list(range(len(recording.steps) + 1)), random.Random(1)):
        put(image.files, folder)
        found.append(wrong_with(folder, acts))
    return [fault for fault in found if fault]


def wrong_with(folder: Path, acts: tuple[Entry, ...]) -> str:
    try:
        with closing(opened(folder)) as journal:
            found = journal.in_state(*ActState)
            journal.record(ActKind.CHECKIN, "301", None, ActState.EXECUTED)
            version = rows(folder / JOURNAL, "SELECT version_num FROM alembic_version")
            broken = faults(journal, folder / JOURNAL)
    except KioskError as error:
        return str(error)
    if version != [{"version_num": database.HEAD}]:
        return f"stands at {version}"
    return broken or ("" if found == acts else "other acts than before")


@pytest.fixture
def folders(scratch: Path) -> tuple[Path, Path, Path]:
    """Where an upgrade is recorded, where it is done undisturbed, and where it is looked at after a cut."""
    here, undisturbed, after = (scratch / name for name in ("here", "undisturbed", "after"))
    here.mkdir()
    after.mkdir()
    return here, undisturbed, after


def wrong_after_interrupted_start(folders: tuple[Path, Path, Path]) -> list[str]:
    here, undisturbed, after = folders
    shutil.copytree(here, undisturbed)
    acts = acts_in(undisturbed)
    assert len(acts) > 20
    with recorded(here) as recording:
        opened(here).close()
    return wrong_after_cuts(recording, acts, after)


def test_a_journal_of_every_earlier_version_is_kept() -> None:
    assert sorted(file.stem for file in JOURNALS.glob("*.sql")) == sorted(EARLIER)


@pytest.mark.parametrize("revision", EARLIER)
def test_an_upgrade_can_be_interrupted_anywhere(folders: tuple[Path, Path, Path], revision: str) -> None:
    left_by(revision, folders[0])
    assert wrong_after_interrupted_start(folders) == []


def test_making_all_of_it_by_migrations_can_be_interrupted_anywhere(folders: tuple[Path, Path, Path]) -> None:
    here, _, after = folders
    with recorded(here) as recording:
        engine = open_engine(here / JOURNAL)
        upgrade(engine, "head")
        engine.dispose()
    assert wrong_after_cuts(recording, (), after) == []


@pytest.mark.parametrize(
    ("between", "bears_it"),
    [
        pytest.param("", True, id="in one transaction"),
        pytest.param("op.execute('COMMIT'); op.execute('BEGIN IMMEDIATE')", False, id="in two"),
    ],
)
def test_the_next_migration_must_be_one_transaction(
    folders: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: str, bears_it: bool
) -> None:
    left_by(EARLIER[0], folders[0])
    acts_in(folders[0])  # brings it to what is the newest now
    shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations/versions/next.py").write_text(NEXT.format(head=HEAD, between=between))
    monkeypatch.setattr(database, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(database, "HEAD", "next")
    wrong = wrong_after_interrupted_start(folders)
    assert bears_it == (wrong == [])
    assert bears_it or "duplicate column name: lane" in wrong[0]
