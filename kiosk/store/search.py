"""Titles found by what a reader types, without a line. `kiosk.mirroring` keeps the index beside the mirror."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.store.mirror import Mirror
from sync.feed.records import TitleRecord
from sync.feed.search.index import Correction, SearchIndex

SEARCH = "search.db"


@dataclass(frozen=True, slots=True)
class Found:
    """Titles, best first. `more`: there are others. `corrected`: nothing was found until these words were taken for
    others."""

    titles: tuple[TitleRecord, ...] = ()
    more: bool = False
    corrected: tuple[Correction, ...] = ()


class CatalogueSearch:
    """The search in a folder. Belongs to one thread, and that is not the store's: no act waits for a search.

    Without an index, or with a damaged one, nothing is found; the log says so once. A new index or mirror is used from
    the next search on.
    """

    def __init__(self, folder: Path) -> None:
        self._index = SearchIndex(folder / SEARCH)
        self._mirror = Mirror(folder)

    def close(self) -> None:
        """Let go of the files. The next search opens them again."""
        self._index.close()
        self._mirror.close()

    def search(self, text: str, limit: int = 20) -> Found:
        """Titles that the text, typed so far, may mean; at most `limit`. One that the index has and the mirror has no
        more is left out: they are brought up to date one after the other."""
        hits = self._index.search(text, limit)
        known = (self._mirror.title(id_) for id_ in hits.titles)
        return Found(tuple(title for title in known if title is not None), hits.more, hits.corrected)
