"""The centre's commands as processes, and one that upgrades a database and can be held up or killed in the middle.

`python -m tests.sync.processes URL WHAT WHERE` upgrades. Before the first statement that contains WHERE it says so, and
then does WHAT: `go` on, `wait` for a line from outside, or `die`. It prints the version that the database was of.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from sqlalchemy import Engine, event

from sync.central.models import open_engine
from sync.central.versions import upgrade

LONGEST_S = 20.0

COMMIT = "COMMIT"
"""A place to be held up at, as statements are: all is done, and nothing is kept yet."""


def centre(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the centre to its end."""
    command = [sys.executable, "-m", "sync.central", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)


class Upgrade:
    """A process that upgrades."""

    def __init__(self, database: str, what: str, where: str) -> None:
        command = [sys.executable, "-m", "tests.sync.processes", database, what, where]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_there(self) -> None:
        """Return once it has come so far, or has ended."""
        if self._process.stdout is not None:
            self._process.stdout.readline()

    def end(self) -> tuple[int, str, str]:
        """Let it go on, to its end. Returns its status, the version that it found, and its complaints."""
        found, said = self._process.communicate("go on\n", LONGEST_S)
        return self._process.returncode, found.strip(), said


def _hold_up(engine: Engine, what: str, where: str) -> None:
    waiting = [where]

    def before(statement: str) -> None:
        if waiting and waiting[0] in statement:
            waiting.clear()
            print("there", flush=True)
            if what == "wait":
                sys.stdin.readline()
            if what == "die":
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", lambda _db, _cursor, statement, *_more: before(statement))
    event.listen(engine, "commit", lambda _db: before(COMMIT))


def main(database: str, what: str, where: str) -> None:
    """Upgrade, and be held up on the way."""
    engine = open_engine(database)
    _hold_up(engine, what, where)
    print(upgrade(engine) or "empty")
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
