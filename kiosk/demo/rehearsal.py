"""The rehearsal: whole visits at a station of its own, each step checked, timed and if wished photographed.

By default everything around the station is simulated: devices, and the centre with the sample library. With the
configuration of a real station the visits are played on its catalogue, with the test patron and test items it names.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import msgspec

from kiosk.config import Configuration
from kiosk.demo.peer import DemoError
from kiosk.demo.stack import Stack, StackSettings
from kiosk.demo.stage import Stage
from kiosk.demo.visits import Step, Visits, real_visits, sample_visits


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a step went. `ms`: from the deed to the frame that showed it."""

    visit: str
    step: str
    ms: float
    ok: bool
    why: str = ""


Tell = Callable[[StepResult], None]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How the whole rehearsal went."""

    ok: bool
    steps: tuple[StepResult, ...]


def play(stage: Stage, visits: Visits, tell: Tell, shots: Path | None = None, *, one_story: bool = False) -> Report:
    """Play all visits; `tell` hears of each step, `shots` gets a picture of each. A visit ends at its first failure,
    and the next begins at the welcome screen again; of `one_story` nothing is played after a failure."""
    numbers = count(1)
    results: list[StepResult] = []
    for visit, steps in visits.items():
        for step in steps:
            result = _play_step(stage, visit, step)
            results.append(result)
            tell(result)
            if shots is not None:
                stage.shot(shots / f"{next(numbers):02}-{_file_name(visit)}-{_file_name(step.name)}.png")
            if not result.ok:
                _clear(stage)
                break
        if one_story and not results[-1].ok:
            break
    return Report(ok=all(result.ok for result in results), steps=tuple(results))


def _play_step(stage: Stage, visit: str, step: Step) -> StepResult:
    started_ns = time.monotonic_ns()
    try:
        picture = step.do(stage)
        why, ended_ns = step.misses(picture), max(picture.frame_ns, started_ns)
    except DemoError as error:
        why, ended_ns = str(error), time.monotonic_ns()
    ms = round((ended_ns - started_ns) / 1e6, 1)
    return StepResult(visit=visit, step=step.name, ms=ms, ok=not why, why=why)


def _clear(stage: Stage) -> None:
    """Back to the welcome screen after a failure, by way of a new start: nothing of the failed visit is left."""
    for device in ("nfc", "scanner"):
        stage.stack.box.ask(do="replug", device=device)
    if stage.stack.centre is not None:
        stage.stack.centre.mend_line()
    stage.stack.stop_station()
    stage.stack.start_station()
    stage.ready()


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()


@contextmanager
def rehearsing(real: Configuration | None = None) -> Iterator[tuple[Stage, Visits]]:
    """A station that is set up for a rehearsal, headless and in a folder of its own, and the visits to play.

    Raises:
        DemoError: it does not start, or does not reach the catalogue.
    """
    folder = Path(tempfile.mkdtemp(prefix="kiosk-rehearsal-"))
    stack = Stack(StackSettings(folder=folder, motion=False, real=real))
    try:
        stack.start()
        stage = Stage(stack)
        stage.ready()
        rehearsal = real.rehearsal if real else None
        yield stage, real_visits(rehearsal) if rehearsal else sample_visits()
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
