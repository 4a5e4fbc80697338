"""The process: fills and feeds the mirror while its standard input is open, and at once where a line comes in there."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import IO

from kiosk import VERSION
from kiosk.config import Configuration, catalogue_token
from kiosk.errors import KioskError
from kiosk.lock import FileLock, Held
from kiosk.mirroring.filler import Filler, Outside, journal_position
from kiosk.mirroring.search import NoSearch, SearchKeeper
from kiosk.mirroring.search_process import Search, SearchProcess
from sync.catalogue import Retry
from sync.feed.client import FeedClient

log = logging.getLogger(__name__)

NICENESS = 10
"""A reader's act comes first, on the processor too."""


class MirrorBusy(KioskError):
    """Another process fills this mirror."""

    code = "mirror_busy"
    retry = Retry.LATER


class Commands:
    """Lines from whoever started us. When their end of the pipe is closed, this process ends, wherever it is: nothing
    it does is lost by that."""

    def __init__(self, source: IO[str], on_end: Callable[[], None]) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._source = source
        self._on_end = on_end
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def _read(self) -> None:
        for line in self._source:
            self._lines.put(line)
        self._on_end()

    def wait(self, longest_s: float) -> None:
        """Until a line has come, or so many seconds are over. Several lines count once."""
        with suppress(queue.Empty):
            self._lines.get(timeout=longest_s)
            while True:
                self._lines.get_nowait()


def fill_once(configuration: Configuration) -> bool:
    """Bring the mirror up to date. Returns whether all was done. Raises `MirrorBusy`."""
    with alone(configuration.data), closing(_client(configuration)) as client:
        filler = _filler(configuration, client)
        filled = filler.round()
        with alone(configuration.data, "search.lock"):
            return _search(configuration).round() and filled


def fill_for_ever(configuration: Configuration, source: IO[str]) -> None:
    """Keep the mirror up to date until `source` ends. Raises `MirrorBusy`."""
    with suppress(OSError):
        os.nice(NICENESS)
    with alone(configuration.data), closing(_client(configuration)) as client:
        commands = Commands(source, lambda: os._exit(0))
        filler = _filler(configuration, client)
        search = _search_apart(configuration, filler)
        keep_up_to_date(filler, search, configuration, commands.wait, lambda: datetime.now(configuration.zone))


def keep_up_to_date(
    filler: Filler,
    search: Search,
    configuration: Configuration,
    wait: Callable[[float], None],
    now: Callable[[], datetime],
) -> None:
    """Rounds for ever, and once a night a look for drift and damage. The search comes last: nobody borrows by it."""
    settings = configuration.centre
    at = time.fromisoformat(settings.check_at)
    check_at = next_time(now(), at)
    while True:
        filler.round()
        search.round()
        if now() >= check_at:
            filler.look_for_drift()
            search.look_for_damage()
            check_at = next_time(now(), at)
        wait(float(settings.mirror_every_s))


def next_time(now: datetime, at: time) -> datetime:
    """When it is `at` o'clock next, in the zone of `now`."""
    today = datetime.combine(now.date(), at, now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def _client(configuration: Configuration) -> FeedClient:
    return FeedClient(configuration.centre.url, catalogue_token(configuration.centre))


def _filler(configuration: Configuration, client: FeedClient) -> Filler:
    outside = Outside(position=lambda: journal_position(configuration.data / "journal.db"))
    return Filler(configuration.data, client, configuration.centre.key, VERSION, outside)


def _search(configuration: Configuration) -> Search:
    """Here, in a process that ends anyway."""
    return SearchKeeper(configuration.data) if configuration.centre.search_index else NoSearch(configuration.data)


def _search_apart(configuration: Configuration, filler: Filler) -> Search:
    if not configuration.centre.search_index:
        return NoSearch(configuration.data)
    return SearchProcess(configuration.data, filler.round)


@contextmanager
def alone(folder: Path, name: str = "mirror.lock") -> Iterator[None]:
    """One process at a time fills the mirror in a folder, or makes its index. Raises `MirrorBusy`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    try:
        lock = FileLock(path)
    except Held as error:
        raise MirrorBusy(f"another process holds {path}") from error
    try:
        yield
    finally:
        lock.release()
