"""The mirror's process, kept by the station: told what it needs, started again, and never left behind."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from kiosk.config import CentreSettings, Configuration, StationSettings
from kiosk.mirroring import supervisor
from kiosk.mirroring.supervisor import MirrorProcess

CONFIGURATION = Configuration(
    station=StationSettings(id="s1"), catalogue=CentreSettings(url="http://127.0.0.1:1", token="secret", key="k")
)
HEARS = "import sys; file = open(sys.argv[1], 'w', buffering=1); [file.write(line) for line in sys.stdin]"
STUBBORN = "import sys, time; print(file=open(sys.argv[1], 'w')); time.sleep(60)"


def command(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 — another process does it
            await asyncio.sleep(0.01)


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_hears_its_configuration_and_when_to_look(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    process = MirrorProcess(CONFIGURATION, command(HEARS, heard))
    process.look_now()  # before there is anybody to hear it: nothing happens
    task = asyncio.create_task(process.keep())
    await until(heard.exists)
    process.look_now()
    await until(lambda: heard.read_text().endswith("now\n"))
    said = heard.read_text().splitlines()
    assert msgspec.json.decode(said[0], type=Configuration) == CONFIGURATION
    assert said[1:] == ["now"]
    assert "secret" not in " ".join(process._command), "no list of processes shows it"
    await end(task)


@pytest.mark.logs(r"the mirror's process ended with 3; again in [124] s")
async def test_one_that_ends_is_started_again_with_growing_pauses() -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            enough.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(MirrorProcess(CONFIGURATION, command("raise SystemExit(3)"), pause).keep())
    async with asyncio.timeout(20):
        await enough.wait()
    assert pauses == [1.0, 2.0, 4.0]
    await end(task)


@pytest.mark.parametrize("code", [HEARS, STUBBORN], ids=["that listens", "that does not"])
async def test_one_is_ended_with_the_station(tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_S", 0.5 if code == STUBBORN else 20.0)
    started = tmp_path / "started"
    others = psutil.Process().children()  # other tests' process pools leave one that Python keeps
    task = asyncio.create_task(MirrorProcess(CONFIGURATION, command(code, started)).keep())
    await until(started.exists)
    (child,) = (child for child in psutil.Process().children() if child not in others)
    await end(task)
    assert not child.is_running()
    assert [child for child in psutil.Process().children() if child not in others] == []


STATION = """
import asyncio, sys
from kiosk.mirroring.supervisor import MirrorProcess
from tests.kiosk.mirroring.test_supervisor import CONFIGURATION
asyncio.run(MirrorProcess(CONFIGURATION, COMMAND).keep())
"""


async def test_one_ends_with_a_station_that_is_killed(tmp_path: Path) -> None:
    """A power cut for the station alone: nobody says goodbye, the pipe is closed."""
    fills = (*supervisor.COMMAND[1:-1], "-")
    code = STATION.replace("COMMAND", repr((sys.executable, *fills)))
    root = Path(__file__).parents[3]
    station = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=root)
    children: list[psutil.Process] = []

    def has_started() -> bool:
        children[:] = [child for child in psutil.Process(station.pid).children() if child.num_threads() > 1]
        return bool(children)

    await until(has_started)
    station.kill()
    await station.wait()
    await until(lambda: not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE)
