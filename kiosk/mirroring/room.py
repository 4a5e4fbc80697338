"""The disk is the journal's first: what is filled anew leaves room for acts."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync.catalogue import SyncError

LEFT_FREE = 256 << 20
"""Bytes that are left to the journal."""


class NoRoom(SyncError):
    """Something would take the disk that acts are written to."""

    code = "no_room"


def free_on(folder: Path) -> int:
    """Bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def make_sure(what: str, needed: int, free: int) -> None:
    """See that there is room for `needed` bytes, of `free` ones. Raises `NoRoom`."""
    if free < needed + LEFT_FREE:
        raise NoRoom(f"{what} needs {needed} bytes, and {LEFT_FREE} are the journal's")
