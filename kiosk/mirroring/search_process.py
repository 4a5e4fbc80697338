"""The search index, kept in a process of its own that ends when it is done.

Dictionaries and what making an index takes come to 140 MB, which Python would not give back: the mirror's process would
keep them for ever for what is done in seconds. And so the mirror is fed while a large index is made.
"""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from kiosk.mirroring.search import RETRY, is_behind

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "kiosk", "catalogue", "index", "--piped")

FEED_S = 60.0
"""How old the mirror may get while an index is made."""


class Search(Protocol):
    """What keeps an index, here or elsewhere."""

    def round(self) -> bool:
        """Bring it up to the mirror in use. True where it is."""

    def look_for_damage(self) -> bool:
        """Read it through, and mend it. True where all is well then."""


class SearchProcess:
    """Has the search index in a folder kept by another process, and only where there is something to do. That process
    ends with this one, however that is: their pipe is closed then.

    Args:
        folder: the station's folder.
        meanwhile: feeds the mirror while an index is being made.
        now: UTC.
        command: what keeps the index; gets `--data FOLDER`, and `--look` to look for damage.
        feed_s: between two calls of `meanwhile`.
    """

    def __init__(
        self,
        folder: Path,
        meanwhile: Callable[[], object],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        command: Sequence[str] = COMMAND,
        feed_s: float = FEED_S,
    ) -> None:
        self._folder = folder
        self._meanwhile = meanwhile
        self._now = now
        self._command = command
        self._feed_s = feed_s
        self._again_at = now()

    def round(self) -> bool:
        """Bring the index up to the mirror in use. True where it is."""
        if self._now() < self._again_at:
            return False
        try:
            return self._run() if is_behind(self._folder) else True
        except (OSError, sqlite3.Error) as error:
            log.warning("search index not renewed: %s", error)
            self._again_at = self._now() + RETRY
            return False

    def look_for_damage(self) -> bool:
        """Have the index read through, and made anew where it is damaged."""
        try:
            return self._run("--look")
        except OSError as error:
            log.warning("the search index was not looked through: %s", error)
            return False

    def _run(self, *options: str) -> bool:
        command = (*self._command, "--data", str(self._folder), *options)
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            while not _has_ended(process, self._feed_s):
                self._meanwhile()
        if process.returncode < 0 or process.returncode > 1:  # with 1 it has said why
            log.warning("the search index's process ended with %d", process.returncode)
        if process.returncode:
            self._again_at = self._now() + RETRY
        return process.returncode == 0


def _has_ended(process: subprocess.Popen[bytes], within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True
