"""What readers saw: each act that was asked of the screen, and each that it called done. No kill takes a line back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sync.acts import ActKind


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the ledger. Without `said` somebody asks; with it the screen answers, and `key` is of a yes."""

    kind: ActKind
    item: str
    patron: str
    said: bool = False
    key: str = ""
    offline: bool = False


class Ledger:
    """A file that is only appended to. A line is on the disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: Line) -> None:
        """One write(2), so that a kill leaves the whole line or nothing of it."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        os.fsync(self._file)


def read(path: Path) -> tuple[Line, ...]:
    """All lines, oldest first."""
    decoder = msgspec.json.Decoder(Line)
    return tuple(decoder.decode_lines(path.read_bytes())) if path.exists() else ()


@dataclass
class Shelves:
    """Where each item is, by what readers saw. `unsure`: items over which the screen went dark before it said anything,
    and nothing has been called done since."""

    holder: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, Line] = field(default_factory=dict)
    _asked: dict[str, Line] = field(default_factory=dict)

    @classmethod
    def by(cls, lines: Iterable[Line]) -> Shelves:
        """As it is after these lines."""
        shelves = cls()
        for line in lines:
            shelves.note(line)
        return shelves

    def note(self, line: Line) -> None:
        """One more line. A question without an answer is known as one when the next is asked, or by `settle`."""
        if not line.said:
            self._go_dark(self._asked.get(line.item))
            self._asked[line.item] = line
            return
        self._asked.pop(line.item, None)
        if not line.key or line.kind is ActKind.RENEW:
            return
        self.unsure.pop(line.item, None)
        if line.kind is ActKind.CHECKOUT:
            self.holder[line.item] = line.patron
        else:
            self.holder.pop(line.item, None)

    def settle(self) -> None:
        """Nobody answers what was asked before now."""
        for line in self._asked.values():
            self._go_dark(line)
        self._asked.clear()

    def _go_dark(self, line: Line | None) -> None:
        if line is not None and line.kind is not ActKind.RENEW:
            self.unsure[line.item] = line
