"""The journal among real processes: killed, shut out, out of room, without permission."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import JournalUnwritable
from kiosk.store.journal import Journal
from sync.acts import ActState
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import broken_links, rows
from tests.kiosk.store.conftest import OpenJournal, output_of, python

PREAMBLE = """
import json, resource, sys
from pathlib import Path
from kiosk.errors import KioskError
from kiosk.store.journal import Journal
from sync.acts import ActKind, ActState
from tests.fakes.clock import MovableClock

path = Path(sys.argv[1])

def open_it(path=path):
    return Journal(path, "s1", MovableClock())

def lend(journal):
    return journal.record(ActKind.CHECKOUT, "301", "p-anna", ActState.PROPOSED).key

def error_of(call, *args):
    try:
        call(*args)
    except KioskError as error:
        return [error.code, str(error)]
"""

WRITES_UNTIL_KILLED = (
    PREAMBLE
    + """
journal = open_it()
while True:
    key = lend(journal)
    journal.move(key, ActState.PROPOSED, ActState.EXECUTED)
    print(key, flush=True)
"""
)

OPENS = PREAMBLE + "print(json.dumps(error_of(open_it)))"

RUNS_OUT_OF_ROOM = (
    PREAMBLE
    + """
journal = open_it()
kept = [lend(journal)]
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
largest = max(file.stat().st_size for file in path.parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
errors = [error_of(lend, journal), error_of(journal.move, kept[0], ActState.PROPOSED, ActState.EXECUTED),
          error_of(journal.probe)]
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
journal.probe()
kept.append(lend(journal))
print(json.dumps({"errors": errors, "kept": kept}))
"""
)

MAY_NOT_WRITE = (
    PREAMBLE
    + """
print(json.dumps([error_of(open_it, path.parent / place / "journal.db") for place in sys.argv[2:]]))
"""
)


def told(process: Any) -> Any:
    return json.loads(output_of(process))


def test_two_processes_cannot_hold_one_journal(restart: OpenJournal, path: Path) -> None:
    journal = restart()
    assert told(python(OPENS, path)) == ["journal_unwritable", f"another process holds {path.with_suffix('.lock')}"]
    assert len(rows(path, "SELECT * FROM incarnations")) == 1
    journal.close()
    assert told(python(OPENS, path)) is None


def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_acknowledged(path: Path, clock: MovableClock) -> None:
    acknowledged: list[str] = []
    for count in (1, 20, 60):
        with python(WRITES_UNTIL_KILLED, path) as process:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().strip() for _ in range(count)]
            process.kill()
            acknowledged += process.stdout.read().split()
    journal = Journal(path, "s1", clock)
    states = {entry.act.key: entry.state for entry in journal.in_state(*ActState)}
    journal.close()
    assert len(acknowledged) >= 81
    assert {states.get(key) for key in acknowledged} == {ActState.EXECUTED}
    assert len(states) <= len(acknowledged) + 3, "at most the one that each process was writing"
    assert broken_links(path) == []


def test_without_room_an_act_is_refused_and_with_room_the_station_goes_on(path: Path, clock: MovableClock) -> None:
    said = told(python(RUNS_OUT_OF_ROOM, path))
    assert [code for code, _ in said["errors"]] == ["journal_unwritable"] * 3
    journal = Journal(path, "s1", clock)
    assert [(entry.act.key, entry.state) for entry in journal.in_state(*ActState)] == [
        (key, ActState.PROPOSED) for key in said["kept"]
    ]
    journal.close()
    assert broken_links(path) == []


def test_without_permission_the_journal_says_so(tmp_path: Path, path: Path, clock: MovableClock) -> None:
    (tmp_path / "empty").mkdir()
    Journal(tmp_path / "used" / "journal.db", "s1", clock).close()
    with ExitStack() as later:
        for folder in ("empty", "used"):
            (tmp_path / folder).chmod(0o500)
            later.callback((tmp_path / folder).chmod, 0o700)
        said = told(python(MAY_NOT_WRITE, path, "empty", "empty/new", "used", unprivileged=True))
    assert [code for code, _ in said] == ["journal_unwritable"] * 3
    Journal(tmp_path / "used" / "journal.db", "s1", clock).close()


def test_where_the_folder_should_be_there_is_a_file(tmp_path: Path, clock: MovableClock) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(JournalUnwritable, match="data"):
        Journal(tmp_path / "data" / "journal.db", "s1", clock)
