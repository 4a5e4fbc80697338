"""Bringing the mirror up to date: by the feed where there is something to feed, by a snapshot where there is not."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from kiosk.mirroring.files import MirrorFile, MirrorFolder
from kiosk.mirroring.room import free_on, make_sure
from sync.catalogue import NoAnswer, NotAuthorised, Overloaded, SyncError, Unreachable
from sync.feed.client import FeedClient
from sync.feed.package import Manifest, SnapshotRefused, check, verify
from sync.feed.pages import Gone
from sync.feed.schema import Half

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 120
"""Times that the centre is asked again while it makes a snapshot or counts."""

LOOKS = 3
"""Drift is what differs each time: a change that was on its way differs once."""

REST_S = 45.0
"""Between two looks; longer than the centre keeps its counts."""


class FeedHeldBack(SyncError):
    """A transaction at the centre has been running for so long that what was done since cannot be read."""

    code = "feed_held_back"


@dataclass(frozen=True, slots=True)
class Outside:
    """What a filler meets of the world.

    `position`: where the journal stands. `now`: UTC. `pause`: waits so many seconds. `free`: bytes on the disk.
    """

    position: Callable[[], int]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    pause: Callable[[float], None] = time.sleep
    free: Callable[[Path], int] = free_on


class Filler:
    """Fills and feeds the mirror in a folder. The only one to write there.

    Args:
        folder: the station's folder.
        client: the centre.
        key: the one that snapshots must be signed by, in base64.
        app: this station's version.
        outside: journal, clock and patience.
    """

    def __init__(self, folder: Path, client: FeedClient, key: str, app: str, outside: Outside) -> None:
        self._folder = folder
        self._files = MirrorFolder(folder)
        self._client = client
        self._key = key
        self._app = app
        self._outside = outside

    def round(self) -> bool:
        """Bring both halves up to date. What cannot be done now is logged, and what was there stays. True where all
        was done."""
        return self._for_each_half(self._bring_up_to_date)

    def look_for_drift(self) -> bool:
        """Compare the mirror with the centre's, and take a new snapshot of a half that differs and should not."""
        return self._for_each_half(self._mend_drift)

    def _for_each_half(self, do: Callable[[Half], None]) -> bool:
        done = True
        for half in Half:
            try:
                do(half)
            except (Unreachable, NoAnswer) as error:
                log.info("mirror not renewed: %s", error)  # that the line is down is told by whoever watches it
                return False
            except NotAuthorised as error:
                log.warning("mirror not renewed: %s", error)
                return False
            except SyncError as error:
                log.warning("%s: mirror not renewed: %s: %s", half, error.code, error)
                done = False
            except (OSError, sqlite3.Error, msgspec.MsgspecError) as error:
                log.warning("%s: mirror not renewed: %s", half, error)
                done = False
        return done

    # ── the feed ──

    def _bring_up_to_date(self, half: Half) -> None:
        used = self._files.in_use(half)
        if used is not None:
            with closing(used):
                try:
                    self._feed(used)
                except Gone as error:
                    log.info("%s: %s", half, error)
                else:
                    return
        self._renew(half)

    def _feed(self, file: MirrorFile) -> bool:
        """Take in what has changed. True where nothing was held back that the centre had settled before."""
        position = self._outside.position()  # before asking: what is settled later may not be in the answer
        rows = 0
        while True:
            page = self._client.page(file.half, file.facts.cursor)
            settled = page.complete and not page.more
            file.apply(page, position if settled else None)
            rows += page.rows
            if not page.more:
                log.debug("%s: %d rows", file.half, rows)
                return settled

    # ── snapshots ──

    def _renew(self, half: Half, newer_than: datetime | None = None) -> None:
        """Take a snapshot. The mirror in use is let go only for one that is whole, indexed and up to date."""
        signed = self._ready(lambda: self._client.offer(half, newer_than))
        manifest = verify(signed, self._key)
        check(manifest, half=half, now=self._outside.now(), app=self._app, in_use=self._made_before(half))
        fresh = self._fetched(manifest)
        try:
            self._feed_all(fresh)
            self._files.use(fresh)
        except BaseException:
            self._files.discard(fresh)
            raise
        fresh.close()
        self._files.package(manifest).unlink()
        log.info("%s: snapshot %s, %s rows", half, manifest.snapshot, sum(manifest.rows.values()))

    def _made_before(self, half: Half) -> datetime | None:
        used = self._files.in_use(half)
        if used is None:
            return None
        used.close()
        return used.facts.snapshot_at

    def _fetched(self, manifest: Manifest) -> MirrorFile:
        package = self._files.package(manifest)
        needed = manifest.size + 2 * manifest.plain_size  # with indexes it grows by less than half
        make_sure("the snapshot", needed, self._outside.free(self._folder))
        try:
            self._client.fetch(manifest, package)
            return self._files.unpack(package, manifest)
        except (SnapshotRefused, OSError, sqlite3.Error):  # it would be refused for ever; it has filled the disk
            package.unlink(missing_ok=True)
            raise

    def _feed_all(self, fresh: MirrorFile) -> None:
        for _ in range(PATIENCE):
            if self._feed(fresh):
                return
            self._outside.pause(1.0)
        raise FeedHeldBack("a long transaction at the centre")

    # ── drift ──

    def _mend_drift(self, half: Half) -> None:
        doubtful = self._differing(half)
        for _ in range(LOOKS - 1):
            if not doubtful:
                return
            self._outside.pause(REST_S)
            doubtful &= self._differing(half)
        if not doubtful:
            return
        tables = sorted({table for table, _ in doubtful})
        log.warning("%s: drift in %d buckets of %s; taking a snapshot", half, len(doubtful), ", ".join(tables))
        self._renew(half, self._made_before(half))

    def _differing(self, half: Half) -> frozenset[tuple[str, int]]:
        theirs = self._ready(lambda: self._client.counts(half))
        self._bring_up_to_date(half)
        used = self._files.in_use(half)
        if used is None:
            return frozenset()
        with closing(used):
            return used.counts().differing(theirs)

    def _ready(self, ask: Callable[[], T]) -> T:
        """The answer, once the centre has made it."""
        for _ in range(PATIENCE):
            try:
                return ask()
            except Overloaded as error:
                if error.after_s is None:
                    raise
                self._outside.pause(error.after_s)
        return ask()


def journal_position(path: Path) -> int:
    """Where the journal stands: the number of its last transition; 0 where there is none yet.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)) as journal:
        (last,) = journal.execute("SELECT coalesce(max(id), 0) FROM transitions").fetchone()
    return int(last)
