"""The mirror, read: what the station knows of the catalogue, for the time without a line.

Two files: `mirror.db` (copies, titles, which are waited for, rules) and `patron.db` (what the library's policy lets the
station know of patrons: no name, cards only as keyed hashes). `kiosk.mirroring`, a process of its own, fills them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sync.catalogue import Credential, ItemStatus
from sync.feed.records import TitleRecord
from sync.feed.schema import BLOCKED, PATRONS, TITLES, Row, patron_of, title_of
from sync.feed.snapshot import BLOCKED_DIGITS, HAS_PIN, ListedCard, MirrorItem, MirrorPatron, card_digest
from sync.rules import LendingRules

log = logging.getLogger(__name__)
T = TypeVar("T")

MIRROR, PATRON = "mirror.db", "patron.db"

# ruff: noqa: S608 — the names are those of our own schema
ITEM = """
    SELECT items.barcode, coalesce(titles.title, items.barcode), coalesce(titles.author, ''),
           coalesce(titles.media, 'book'), items.status, items.branch, items.shelf, items.recalled
    FROM items LEFT JOIN titles ON titles.id = items.title WHERE items.barcode = ?"""
TITLE = f"SELECT {TITLES.names} FROM titles WHERE id = ?"
IS_RESERVED = "SELECT 1 FROM reserved WHERE barcode = ?"
HOLD_SHELF = "SELECT hold_shelf FROM branches WHERE code = ?"
KNOWN_PATRON = f"SELECT {PATRONS.names} FROM patrons WHERE card = ?"
BLOCKED_CARD = f"SELECT {BLOCKED.names} FROM blocked WHERE card = ?"
FACT = "SELECT body FROM facts WHERE name = ?"


class Mirror:
    """The mirror in a folder. Used from the store thread.

    A mirror that is missing or damaged is an empty one: offline the station then takes returns and lends nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._public = _File(folder / MIRROR)
        self._private = _File(folder / PATRON)

    def close(self) -> None:
        """Let go of the files. The next question opens them again."""
        self._public.close()
        self._private.close()

    def item(self, barcode: str) -> MirrorItem | None:
        """What is known of an item."""
        return self._public.ask(ITEM, barcode, _item)

    def title(self, title_id: str) -> TitleRecord | None:
        """What is known of a title, by the catalogue's number."""
        return self._public.ask(TITLE, title_id, title_of)

    def is_reserved(self, barcode: str) -> bool:
        """Whether somebody waits for this item."""
        return self._public.ask(IS_RESERVED, barcode, bool) or False

    def hold_shelf(self) -> str:
        """Where items somebody waits for are put."""
        branch = self._public.fact("branch", str)
        return (self._public.ask(HOLD_SHELF, branch, lambda row: str(row[0])) if branch else None) or ""

    def rules(self) -> LendingRules | None:
        """The library's lending rules."""
        return self._public.fact("rules", LendingRules)

    def made_at(self) -> datetime | None:
        """The moment whose catalogue this is, by the centre's clock."""
        return self._public.fact("made_at", datetime)

    def position(self) -> int:
        """Where the journal stood before the centre was asked last: what was settled later may be missing here. Where
        one half of the mirror is behind the other, the earlier."""
        return min(file.fact("position", int) or 0 for file in (self._public, self._private))

    def patron(self, credential: Credential) -> MirrorPatron | None:
        """What is known of whoever holds this card."""
        card = self._digest(credential)
        return self._private.ask(KNOWN_PATRON, card, patron_of) if card else None

    def listed(self, credential: Credential) -> ListedCard | None:
        """What the blocked list says of a card, where the library keeps one here; None for a card that is not on it."""
        card = self._digest(credential)
        return self._private.ask(BLOCKED_CARD, card[:BLOCKED_DIGITS], _listed) if card else None

    def _digest(self, credential: Credential) -> str | None:
        key = self._private.fact("card_key", str)
        return self._private.understood(lambda: card_digest(key, credential)) if key else None


def _listed(row: Row) -> ListedCard:
    after = str(row[1])
    return ListedCard(after=date.min, has_pin=True) if after == HAS_PIN else ListedCard(after=date.fromisoformat(after))


def _item(row: Row) -> MirrorItem:
    barcode, title, author, media, status, branch, shelf, recalled = row
    return MirrorItem(
        barcode=str(barcode),
        title=str(title),
        author=str(author),
        media=str(media),
        status=ItemStatus(str(status)),
        branch=str(branch),
        shelf=str(shelf),
        recalled=bool(recalled),
    )


class _File:
    """One of the files, kept open: opening costs more than asking. Opened anew when another one lies there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def ask(self, question: str, about: str, understand: Callable[[Any], T]) -> T | None:
        """The row that answers, understood; None where there is none, or where another kiosk wrote it and it cannot be
        understood."""
        row = self._row(question, about)
        return None if row is None else self.understood(lambda: understand(row))

    def fact(self, name: str, kind: type[T]) -> T | None:
        """Something about the file as a whole."""
        return self.ask(FACT, name, lambda row: msgspec.json.decode(row[0], type=kind))

    def understood(self, call: Callable[[], T]) -> T | None:
        """What `call` makes of what is written; None, and a line in the log, where it cannot."""
        try:
            return call()
        except (ValueError, TypeError, msgspec.MsgspecError):
            log.exception("%s cannot be read", self._path.name)
            return None

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db, self._opened = None, None

    def _row(self, question: str, about: str) -> Row | None:
        try:
            db = self._current()
            row: Row | None = db.execute(question, (about,)).fetchone() if db else None
        except (sqlite3.Error, OSError):
            log.exception("%s cannot be read", self._path.name)
            self.close()
            return None
        return row

    def _current(self) -> sqlite3.Connection | None:
        """A connection to the file that lies there now. To find out costs a microsecond or two."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self.close()
            return None
        lies_there = (status.st_dev, status.st_ino)
        if self._db is None or self._opened != lies_there:
            self.close()
            # Read-only, as is. Made in the store thread, and closed by whoever stops it.
            self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=1.0, check_same_thread=False)
            self._opened = lies_there
        return self._db
