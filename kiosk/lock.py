"""One process at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class Held(Exception):
    """Another process holds the lock."""


class FileLock:
    """`flock` on a file that is made where it is missing, freed by the kernel however the process ends.

    Raises:
        Held: another process has it.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise Held(path) from error

    def release(self) -> None:
        """Let the next process in."""
        fd, self._fd = self._fd, -1  # the number may be another file's by the next call
        with suppress(OSError):
            os.close(fd)
