"""A disk that keeps no more than it promised.

What was written is certain only once its file was synced, and that a file is there (or is gone) only once its folder
was. Until then each write may be there, not there, or partly there, sector by sector and in any order: it was in the
memory of the system or of the drive when the power went. A sector that was being written may hold anything where it was
to be written, but beside that what it held before (https://sqlite.org/psow.html: SQLite counts on it by default).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SMALL_SECTOR, LARGE_SECTOR = 512, 4096


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes into a file. Files are numbered, for a name may be given to another file (as inodes are)."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut, or filled up with zeros, to a size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """What was done to a file is certain from here on. `data_only`: but not that it became shorter."""

    file: int
    data_only: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A new, empty file under a name."""

    name: str
    file: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name is taken away, and the file with it."""

    name: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """Which files there are is certain from here on."""


Change = Write | Truncate
Step = Change | Sync | Link | Unlink | SyncFolder
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of what was not synced. Chances (0 to 1): `kept` of a sector to be as it was written, `names` of a
    file that was made or deleted to be as it was left, `garbled` of a sector that is not kept to hold garbage. `sector`
    in bytes."""

    kept: float
    names: float
    garbled: float = 0.0
    sector: int = SMALL_SECTOR


NOTHING = Fate(0, 0)
EVERYTHING = Fate(1, 1)
"""Also what a process leaves behind that was killed: the system goes on, and writes all of it."""


def torn(luck: random.Random) -> Fate:
    """Some of it."""
    return Fate(
        kept=luck.choice((0.1, 0.5, 0.9, 1.0)),
        names=luck.choice((0.0, 0.5, 1.0)),
        garbled=luck.choice((0.0, 0.1, 0.5)),
        sector=luck.choice((SMALL_SECTOR, LARGE_SECTOR)),
    )


@dataclass(slots=True)
class _File:
    certain: bytearray = field(default_factory=bytearray)
    changes: list[Change] = field(default_factory=list)  # since the last sync

    def sync(self, *, data_only: bool) -> None:
        uncertain = []
        for change in self.changes:
            if data_only and isinstance(change, Truncate) and change.size < len(self.certain):
                uncertain.append(change)
            else:
                _apply(change, self.certain)
        self.changes = [*uncertain]


class Disk:
    """The files of one folder, fed with what is done to them.

    Args:
        before: what is in the folder, all of it certain; these files have the numbers 0, 1, 2 … in this order.
    """

    def __init__(self, before: Mapping[str, bytes]) -> None:
        self._files = {number: _File(bytearray(data)) for number, data in enumerate(before.values())}
        self._names = {name: number for number, name in enumerate(before)}
        self._renamings: list[Link | Unlink] = []

    def do(self, step: Step) -> None:
        """One step further."""
        match step:
            case Write() | Truncate():
                self._files[step.file].changes.append(step)
            case Sync():
                self._files[step.file].sync(data_only=step.data_only)
            case Link():
                self._files[step.file] = _File()
                self._renamings.append(step)
            case Unlink():
                self._renamings.append(step)
            case SyncFolder():
                self._names = _named(self._names, self._renamings)
                self._renamings.clear()

    def after_power_cut(self, fate: Fate, luck: random.Random) -> Files:
        """What could be found if the power went now."""
        kept = [renaming for renaming in self._renamings if luck.random() < fate.names]
        return {
            name: _found(self._files[number], fate, luck) for name, number in sorted(_named(self._names, kept).items())
        }


def _named(names: Mapping[str, int], renamings: list[Link | Unlink]) -> dict[str, int]:
    found = dict(names)
    for renaming in renamings:
        if isinstance(renaming, Link):
            found[renaming.name] = renaming.file
        else:
            found.pop(renaming.name, None)
    return found


def _found(file: _File, fate: Fate, luck: random.Random) -> bytes:
    if not file.changes or fate.kept == 0 == fate.garbled:
        return bytes(file.certain)
    found = bytearray(file.certain)
    for change in file.changes:
        for part in _parts(change, fate.sector):
            if luck.random() < fate.kept:
                _apply(part, found)
            elif isinstance(part, Write) and luck.random() < fate.garbled:
                _apply(Write(part.file, part.offset, luck.randbytes(len(part.data))), found)
    return bytes(found)


def _parts(change: Change, sector: int) -> Iterator[Change]:
    """A write, cut where the file's sectors begin."""
    if isinstance(change, Truncate):
        yield change
        return
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        next_start = min(end, (start // sector + 1) * sector)
        yield Write(change.file, start, change.data[start - change.offset : next_start - change.offset])
        start = next_start


def _apply(change: Change, content: bytearray) -> None:
    start = change.size if isinstance(change, Truncate) else change.offset
    if len(content) < start:
        content.extend(bytes(start - len(content)))
    if isinstance(change, Truncate):
        del content[change.size :]
    else:
        content[start : start + len(change.data)] = change.data
