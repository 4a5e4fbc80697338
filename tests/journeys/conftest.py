"""Whole stations: every process of the demo, as `make run` starts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.stack import Stack, StackSettings
from kiosk.demo.stage import Stage

HARMLESS = re.compile(
    r"<[67]>"  # information
    r"|<4>drivers\.worker: \w+: down, "  # a test pulled a plug
    r"|<4>kiosk\.loans\.link: catalogue away: "  # or ended the centre
)
"""Lines that a station's log may have. All else is unexpected: Qt's and QML's warnings, tracebacks, errors."""

NewStage = Callable[..., Stage]


@pytest.fixture
def new_stage(tmp_path: Path) -> Iterator[NewStage]:
    """Starts a station and all around it, in a folder of the test's own; settings as of `StackSettings`."""
    stacks: list[Stack] = []

    def start(**settings: object) -> Stage:
        stack = Stack(StackSettings(folder=tmp_path / "demo", motion=False, **settings))  # type: ignore[arg-type]
        stacks.append(stack)
        stack.start()
        stage = Stage(stack)
        if stack.centre is not None:
            stage.ready()
        return stage

    yield start
    for stack in stacks:
        stack.stop()
        said = stack.last_words("station", 1000).splitlines()
        unexpected = [line for line in said if not HARMLESS.match(line)]
        assert not unexpected or (stack.folder / "expects-errors").exists(), unexpected


@pytest.fixture
def stage(new_stage: NewStage) -> Stage:
    """A station on the sample library."""
    return new_stage()
