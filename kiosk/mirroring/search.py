"""The search index of the mirror in use: made beside the one in use and swapped in, then told what has changed.

The mirror comes first: nothing that goes wrong here keeps it from being fed.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.mirroring.files import MirrorFolder
from kiosk.mirroring.room import NoRoom, free_on, make_sure
from kiosk.mirroring.titles import MirrorTitles, Noted
from kiosk.store.search import SEARCH
from sync.feed.schema import Half
from sync.feed.search.origin import Origin, check_whole, origin_of
from sync.feed.search.schema import NotCurrent

if TYPE_CHECKING:
    from sync.feed.search.build import Applied

log = logging.getLogger(__name__)

STALE = 0.25
"""The share of an index that may lead nowhere before it is made anew."""

AT_ONCE = 1000
"""Notes that are taken in one transaction; whoever types waits for its commit."""

ROOM_PER_TITLE = 1000
"""Bytes, while it is being made. When it is done it takes a fifth of that."""

RETRY = timedelta(minutes=15)
"""After something went wrong. An index that cannot be made costs minutes of work each time."""

MAY_PASS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
    }
)
"""What SQLite says of the disk and of others at work, not of the file. (sqlite.org/rescode.html)"""

LARGEST_PRIMARY = 0xFF  # an extended result code has the primary one in its lowest byte


class SearchKeeper:
    """Keeps the search index in a folder. The only one to write it.

    Args:
        folder: the station's folder.
        now: UTC.
        free: bytes on the disk.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        free: Callable[[Path], int] = free_on,
    ) -> None:
        self._folder = folder
        self._path = folder / SEARCH
        self._now = now
        self._free = free
        self._again_at = now()
        self._damage = ""

    def round(self) -> bool:
        """Bring the index up to the mirror in use. What cannot be done now is logged, and what was there stays. True
        where the index is up to date, or there is no mirror to index."""
        if self._now() < self._again_at:
            return False
        try:
            self._bring_up_to_date()
        except (OSError, sqlite3.Error, NotCurrent, NoRoom) as error:
            log.warning("search index not renewed: %s", error)
        except Exception:  # the mirror's process goes on, whatever it is
            log.exception("search index not renewed")
        else:
            return True
        self._again_at = self._now() + RETRY
        return False

    def look_for_damage(self) -> bool:
        """Read the index through, and make it anew where it is not what was written. True where all is well then."""
        try:
            check_whole(self._path)
        except (NotCurrent, sqlite3.Error) as error:
            if _may_pass(error):
                log.warning("the search index was not looked through: %s", error)
                return False
            log.warning("the search index cannot be used any more: %s", error)
            self._damage = str(error)
        return self.round()

    def _bring_up_to_date(self) -> None:
        _tidy(self._folder)
        with _titles_in_use(self._folder) as titles:
            if titles is None:
                return
            try:
                self._catch_up(titles)
            except (NotCurrent, sqlite3.DatabaseError) as reason:
                if _may_pass(reason):
                    raise
                log.info("making a search index: %s", reason)
                self._make(titles)

    def _catch_up(self, titles: MirrorTitles) -> None:
        """Tell the index what the mirror has noted. Raises `NotCurrent` where it has to be made anew."""
        if self._damage:
            raise NotCurrent(self._damage)
        origin = origin_of(self._path)
        if origin.source != titles.name:
            raise NotCurrent("the one there is was made from another mirror")
        if not titles.reach_back_to(origin.position):
            raise NotCurrent(f"the one there is has come to {origin.position}, and what followed is told no more")
        applied = None
        while (noted := titles.noted(AT_ONCE)) is not None:
            applied = self._tell(titles, noted)
        if applied is None:
            return
        if applied.living != titles.count():
            raise NotCurrent(f"the one there is has {applied.living} titles, the mirror {titles.count()}")
        if applied.stale >= STALE:
            raise NotCurrent(f"{applied.stale:.0%} of the one there is leads nowhere")

    def _tell(self, titles: MirrorTitles, noted: Noted) -> Applied:
        from sync.feed.search.build import apply  # dictionaries: not where there is nothing to tell

        applied = apply(self._path, noted.changed, noted.gone, Origin(titles.name, noted.last))
        titles.forget(noted.last)
        return applied

    def _make(self, titles: MirrorTitles) -> None:
        from sync.feed.search.build import build, swap_in

        number = titles.count()
        make_sure("the search index", number * ROOM_PER_TITLE, self._free(self._folder))
        position = titles.position()  # what is noted from here on may be in already, and costs a look then
        fresh = _fresh(self._folder)
        build(fresh, titles.all(), origin=Origin(titles.name, position))
        swap_in(fresh, self._path)
        self._damage = ""
        titles.forget(position)
        log.info("search index: %d titles", number)


def is_behind(folder: Path) -> bool:
    """Whether the index in a folder has not all that the mirror in use has. Costs a look, and loads no dictionary.

    Raises:
        sqlite3.Error: the mirror cannot be read.
    """
    with _titles_in_use(folder) as titles:
        if titles is None:
            return False
        try:
            origin = origin_of(folder / SEARCH)
        except (NotCurrent, sqlite3.Error):
            return True
        return origin.source != titles.name or titles.any_noted() or not titles.reach_back_to(origin.position)


class NoSearch:
    """Where the library wants no search index: none takes room, and none that is old is found by anybody."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def round(self) -> bool:
        """See that there is none. True where that could be done."""
        try:
            _tidy(self._folder)
            for path in self._folder.glob(f"{SEARCH}*"):
                path.unlink(missing_ok=True)
            with _titles_in_use(self._folder) as titles:
                if titles is not None:
                    titles.forget(titles.position())
        except (OSError, sqlite3.Error) as error:
            log.warning("search index not taken away: %s", error)
            return False
        return True

    def look_for_damage(self) -> bool:
        """There is nothing that could be damaged."""
        return True


@contextmanager
def _titles_in_use(folder: Path) -> Iterator[MirrorTitles | None]:
    used = MirrorFolder(folder).in_use(Half.CATALOGUE)
    if used is None:
        yield None
        return
    used.close()
    with closing(MirrorTitles(used.path)) as titles:
        yield titles


def _fresh(folder: Path) -> Path:
    return folder / "search.fresh"


def _tidy(folder: Path) -> None:
    """Take away what a process left that was ended while it made an index."""
    for path in folder.glob(f"{_fresh(folder).name}*"):
        path.unlink(missing_ok=True)


def _may_pass(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & LARGEST_PRIMARY in MAY_PASS
