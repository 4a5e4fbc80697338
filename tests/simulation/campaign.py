"""Many schedules, on all cores."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import msgspec

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import Outcome, play, quiet

AT_A_TIME = 20


class Report(msgspec.Struct):
    """What all schedules came to."""

    schedules: int = 0
    acts: int = 0
    lost: int = 0
    doubled: int = 0
    exceptions: int = 0
    destroyed: int = 0
    faults: int = 0

    def add(self, outcome: Outcome) -> None:
        """One more schedule."""
        self.schedules += 1
        self.acts += outcome.acts
        self.lost += outcome.lost
        self.doubled += outcome.doubled
        self.exceptions += outcome.exceptions
        self.destroyed += outcome.destroyed
        self.faults += bool(outcome.faults)


def play_some(seeds: range, mutant: str = "") -> list[tuple[int, Outcome]]:
    """Play these, one after the other, each with its files in memory."""
    quiet()
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
    outcomes = []
    with MUTANTS[mutant]() if mutant else nullcontext():
        for seed in seeds:
            with tempfile.TemporaryDirectory(dir=shared, prefix="simulation-") as folder:
                outcomes.append((seed, play(seed, Path(folder))))
    return outcomes


def play_all(
    schedules: int, seed: int, mutant: str = "", processes: int | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Play `schedules` schedules from `seed` on, on all cores."""
    starts = range(seed, seed + schedules, AT_A_TIME)
    some = [range(start, min(start + AT_A_TIME, seed + schedules)) for start in starts]
    # Not forked: whoever asks may have threads, and half-held locks are no part of any schedule.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for outcomes in pool.map(partial(play_some, mutant=mutant), some):
            yield from outcomes
