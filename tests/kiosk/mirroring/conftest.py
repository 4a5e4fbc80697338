"""A filler between a real centre on loopback and a station's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kiosk.mirroring.filler import Filler, Outside
from kiosk.store.mirror import Mirror
from kiosk.store.search import SEARCH
from sync.central.circulation import Circulation
from sync.central.mirroring import rules_of
from sync.central.snapshots import Snapshots, signing_key
from sync.feed.client import FeedClient
from sync.feed.schema import Half
from tests.fakes.clock import MovableClock
from tests.sync.conftest import START, TOKEN, RunningCentre, centre, clock, engine, mint

__all__ = ["centre", "clock", "engine", "mint"]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The centre's database."""
    return f"sqlite:///{tmp_path}/centre.db"


@dataclass
class Place:
    """A station's folder, who fills it, and who reads it."""

    folder: Path
    snapshots: Path
    engine: Engine
    url: str
    clock: MovableClock
    position: int = 0
    free: int = 1 << 40
    paused: list[float] = field(default_factory=list)
    while_paused: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.mirror = Mirror(self.folder)
        self.key = signing_key(self.snapshots).public
        self.client = FeedClient(self.url, TOKEN)
        self.filler = self.filler_with()

    def filler_with(
        self, *, key: str | None = None, app: str = "0.1.0", now: Callable[[], datetime] | None = None
    ) -> Filler:
        """One that is told something else."""
        outside = Outside(
            position=lambda: self.position, now=now or self.clock.now, pause=self._pause, free=lambda _: self.free
        )
        return Filler(self.folder, self.client, key or self.key, app, outside)

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.clock.advance(seconds)
        self.while_paused()

    def circulation(self) -> Circulation:
        """The desk of the centre."""
        with Session(self.engine) as db:
            return Circulation(self.engine, rules_of(db), START.tzinfo, self.clock.now)  # type: ignore[arg-type]

    def new_snapshots(self) -> None:
        """The centre makes new ones."""
        snapshots = Snapshots(self.engine, self.snapshots, self.clock.now)
        snapshots.make(Half.CATALOGUE, "")
        snapshots.make(Half.PATRONS, "main")

    def files(self) -> list[str]:
        """The mirror's files in the folder, but for SQLite's logs."""
        found = (file.name for file in self.folder.iterdir() if file.suffix in {".db", ".part", ".link"})
        return sorted(name for name in found if name != SEARCH)

    def close(self) -> None:
        self.mirror.close()
        self.client.close()


@pytest.fixture
def place(tmp_path: Path, centre: RunningCentre, engine: Engine, clock: MovableClock) -> Iterator[Place]:
    built = Place(tmp_path / "station", tmp_path / "snapshots", engine, centre.url, clock)
    yield built
    built.close()
