"""Many power cuts: shifts are recorded, and at every step of each the power goes."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.check import Finding, examine, put
from tests.crash.disk import EVERYTHING, NOTHING, Disk, Fate, Files, Link, Sync, torn
from tests.crash.recorder import Recording
from tests.crash.workload import JOURNAL, NEW_STATION, Plan, Shift, Start, contents, work

MEMORY = Path("/dev/shm")
IMAGES_PER_STEP = 4
"""After so many there are new shifts, where more images are wanted."""

OFTEN = Plan("checkpoints all the time", lives=2, calls=10, checkpoint_pages=8)
AS_A_STATION = Plan("as a station", lives=1, calls=125)
AFTER_A_CUT = Plan("after an earlier power cut", lives=1, calls=8, checkpoint_pages=20)


@dataclass(frozen=True, slots=True)
class Image:
    """What was found on the disk after a power cut, so many steps into the shift."""

    steps: int
    files: Files


@dataclass(slots=True)
class Tally:
    """What came of one kind of shift. `lost` and `corrupt` count images; `worst_loss`: calls missing in one of them."""

    name: str
    steps: int = 0
    calls: int = 0
    checkpoints: int = 0
    images: int = 0
    lost: int = 0
    corrupt: int = 0
    worst_loss: int = 0

    def add(self, other: Tally) -> None:
        """Those of another shift to it."""
        self.worst_loss = max(self.worst_loss, other.worst_loss)
        for name in ("steps", "calls", "checkpoints", "images", "lost", "corrupt"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def count(self, finding: Finding) -> None:
        """One image more."""
        self.images += 1
        self.lost += finding.lost > 0
        self.corrupt += finding.broken != ""
        self.worst_loss = max(self.worst_loss, finding.lost)


OnFault = Callable[[Shift, Image, Finding], None]
"""Told of each image in which something was lost or broken."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Power cuts without end.

    Args:
        seed: says what is done in the shifts and what becomes of each unsynced write. Keys and salts are new each time.
        synchronous: how SQLite syncs; None: as at a station.
        disk: the disk; another may not keep what it promises.
        scratch: an empty folder.
    """

    seed: int
    scratch: Path
    synchronous: str | None = None
    disk: type[Disk] = Disk
    on_fault: OnFault = field(default=lambda _shift, _image, _finding: None)

    def run(self, images: int) -> list[Tally]:
        """So many images, over all shifts; every step of a shift has its turn before one has its second."""
        tallies: dict[str, Tally] = {}
        number = 0
        while images > 0:
            luck = random.Random(f"{self.seed}/{number}")
            shifts = self._shifts(luck)
            now = min(images, IMAGES_PER_STEP * sum(len(shift.recording.steps) for shift in shifts))
            for shift, cuts in _shared(shifts, now, luck):
                tallies.setdefault(shift.name, Tally(shift.name)).add(self._endure(shift, cuts, luck))
            images -= now
            number += 1
        return list(tallies.values())

    def _shifts(self, luck: random.Random) -> list[Shift]:
        start = self._after_a_cut(luck)
        return [
            self._work(OFTEN, luck, NEW_STATION, self.synchronous),
            self._work(AS_A_STATION, luck, NEW_STATION, self.synchronous),
            self._work(AFTER_A_CUT, luck, start, self.synchronous),
        ]

    def _after_a_cut(self, luck: random.Random) -> Start:
        """What a station found that lost its power late in a shift, with all as it should be."""
        recording = self._work(OFTEN, luck).recording
        cut = luck.randrange(len(recording.steps) // 2, len(recording.steps))
        (image,) = images(recording, [cut], luck)
        with _folder(self.scratch) as folder:
            put(image.files, folder)
            return Start(image.files, contents(folder / JOURNAL))

    def _work(
        self, plan: Plan, luck: random.Random, start: Start = NEW_STATION, synchronous: str | None = None
    ) -> Shift:
        with _folder(self.scratch) as folder:
            return work(folder, plan, luck, start, synchronous)

    def _endure(self, shift: Shift, cuts: list[int], luck: random.Random) -> Tally:
        tally = Tally(shift.name, len(shift.recording.steps), len(shift.history) - 1, checkpoints(shift.recording))
        with _folder(self.scratch) as folder:
            for image in images(shift.recording, cuts, luck, self.disk):
                put(image.files, folder)
                finding = examine(folder, shift, image.steps)
                tally.count(finding)
                if finding != Finding():
                    self.on_fault(shift, image, finding)
        return tally


def images(recording: Recording, cuts: list[int], luck: random.Random, disk: type[Disk] = Disk) -> Iterator[Image]:
    """One image for each of `cuts`, which are numbers of steps after which the power goes, in ascending order."""
    drive = disk(recording.before)
    done = 0
    for cut in cuts:
        for step in recording.steps[done:cut]:
            drive.do(step)
        done = cut
        yield Image(cut, drive.after_power_cut(_fate(luck), luck))


def checkpoints(recording: Recording) -> int:
    """How often the database itself was synced: what stood in the log had been carried over. The first time is its
    making."""
    names = dict(enumerate(recording.before))
    names |= {step.file: step.name for step in recording.steps if isinstance(step, Link)}
    syncs = sum(isinstance(step, Sync) and names[step.file] == JOURNAL for step in recording.steps)
    return syncs if JOURNAL in recording.before else syncs - 1


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder in memory where the system has one: the syncs of thousands of images cost nothing there."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def _fate(luck: random.Random) -> Fate:
    return luck.choice((NOTHING, EVERYTHING, torn(luck), torn(luck)))


def _shared(shifts: list[Shift], number: int, luck: random.Random) -> Iterator[tuple[Shift, list[int]]]:
    """`number` power cuts over all shifts: each step as often as the others, and some once more."""
    all_steps = [(which, cut) for which, shift in enumerate(shifts) for cut in range(len(shift.recording.steps) + 1)]
    rounds, rest = divmod(number, len(all_steps))
    chosen = sorted(all_steps * rounds + luck.sample(all_steps, rest))
    for which, shift in enumerate(shifts):
        yield shift, [cut for of, cut in chosen if of == which]


@contextmanager
def _folder(scratch: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        yield Path(folder)
