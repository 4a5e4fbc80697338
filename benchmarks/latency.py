"""How long a reader waits: tap to patron, scan to row, start to first frame; what the station costs when idle.

The whole stack runs as in the demo: nfcpy and pyserial on the device box, the centre on loopback. Times run from the
request to the box to the frame that shows the effect.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.report import Figure, median, percentile
from kiosk.demo.stack import Stack, StackSettings
from kiosk.demo.stage import Picture, Stage

TAPS = 100
VISITS = 3
BOOKS = 40  # in a visit: the sample library's staff may have fifty
STARTS = 5
IDLE_S = 10.0
TIDIED_S = 3.0  # a station tidies up 2 s after a visit
TURN_S = 0.09  # the reader's rest and its look for three kinds of card
FIRST_BOOK = 101  # of the sample library: nothing special from here on
FRAME_MS = 1000 / 60


def measure(short: bool) -> list[Figure]:
    """Taps, scans, starts and an idle station."""
    with running() as stage:
        first_frames = [_first_frame_ms(stage)]
        idle_pct, pss_mb = _idle(stage, IDLE_S / 10 if short else IDLE_S)
        luck = random.Random(1)  # the same moments in every run
        taps = [_tap_ms(stage, luck) for _ in range(TAPS // 10 if short else TAPS)]
        rows, settled = scan(stage, VISITS, BOOKS // 10 if short else BOOKS)
        steps = stage.figures()["step_ms"]
        _, pss_after_mb = _idle(stage, TIDIED_S)
        floors = _floors(stage)
        first_frames += [_restarted_first_frame_ms(stage) for _ in range(1 if short else STARTS - 1)]
    poll = "floor: half a turn of the reader, about 45"
    return [
        Figure("tap_p50_ms", median(taps), poll),
        Figure("tap_p95_ms", percentile(taps, 95), "limit 150"),
        Figure("scan_p50_ms", median(rows), f"floor: a frame at 60 Hz, {FRAME_MS:.1f}"),
        Figure("scan_p95_ms", percentile(rows, 95), "limit 50"),
        Figure("scan_done_p50_ms", median(settled), f"floors: {floors[0]:.1f} fsync, {floors[1]:.1f} HTTP on loopback"),
        Figure("scan_done_p95_ms", percentile(settled, 95)),
        Figure("first_frame_ms", median(first_frames), "limit 1500"),
        Figure("pss_mb", pss_mb, "limit 150"),
        Figure(
            "pss_after_mb",
            pss_after_mb,
            "the same after all these visits, with the demo's door and Qt's test touch in it",
        ),
        Figure("idle_cpu_pct", idle_pct, "limit 6 of a core"),
        Figure("step_p99_ms", percentile(steps, 99), "limit 5"),
        Figure("fsync_p50_ms", floors[0], "floor of an act: one is fsynced before it is shown as done"),
        Figure("http_p50_ms", floors[1], "floor of an answer: the centre's health on loopback"),
    ]


@contextmanager
def running() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    stack = Stack(StackSettings(folder=folder, motion=False))
    try:
        stack.start()
        stage = Stage(stack)
        stage.ready()
        yield stage
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _since_ms(started_ns: int, picture: Picture) -> float:
    return (picture.frame_ns - started_ns) / 1e6


def _tap_ms(stage: Stage, luck: random.Random) -> float:
    time.sleep(luck.uniform(0, TURN_S))  # a reader comes at any moment of the reader's turn
    started_ns = time.monotonic_ns()
    picture = stage.tap("anna")
    if picture.screen != "borrow":
        raise RuntimeError(f"a tap led to {picture.screen}")
    stage.press("finish")
    stage.press("close")
    return _since_ms(started_ns, picture)


def scan(stage: Stage, visits: int, books: int) -> tuple[list[float], list[float]]:
    """Milliseconds from scan to row, and from scan to what came of it: borrowed and returned in turn."""
    rows: list[float] = []
    settled: list[float] = []
    for _ in range(visits):
        stage.tap("sam")
        stage.pin("9876")
        _scan_all(stage, books, rows, settled)
        stage.press("return")
        _scan_all(stage, books, rows, settled)
        stage.press("finish")
        stage.press("close")
    return rows, settled


def _scan_all(stage: Stage, books: int, rows: list[float], settled: list[float]) -> None:
    for number in range(FIRST_BOOK, FIRST_BOOK + books):
        before = stage.view()
        started_ns = time.monotonic_ns()
        stage.stack.box.ask(do="scan", code=stage.code(str(number)))
        seen = stage.wait(after=before.serial)
        done = stage.wait(after=before.serial, settled=True)
        if done.tones[0] not in ("done", "mind"):
            raise RuntimeError(f"item {number}: {done.texts[0]}")
        rows.append(_since_ms(started_ns, seen))
        settled.append(_since_ms(started_ns, done))


def _first_frame_ms(stage: Stage) -> float:
    return float(stage.figures()["first_frame_ns"] - stage.stack.station_started_ns) / 1e6


def _restarted_first_frame_ms(stage: Stage) -> float:
    stage.stack.stop_station()
    stage.stack.start_station()
    return _first_frame_ms(stage)


def _idle(stage: Stage, seconds: float) -> tuple[float, float]:
    """Per cent of a core, and megabytes (PSS), of a station that nobody uses."""
    if stage.stack.station is None:
        raise RuntimeError("no station")
    process = psutil.Process(stage.stack.station.pid)
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    used_s = after.user + after.system - before.user - before.system
    return 100 * used_s / seconds, process.memory_full_info().pss / 1e6


def _floors(stage: Stage) -> tuple[float, float]:
    """Medians in ms: a synced write where the journal lies, and a bare request to the centre."""
    return _fsync_ms(stage.stack.data / "probe"), _http_ms(stage.stack.url)


def _fsync_ms(path: Path) -> float:
    times = []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    for _ in range(50):
        started_ns = time.monotonic_ns()
        os.write(fd, b"\0" * 4096)
        os.fsync(fd)
        times.append((time.monotonic_ns() - started_ns) / 1e6)
    os.close(fd)
    return median(times)


def _http_ms(url: str) -> float:
    times = []
    with httpx.Client(base_url=url, trust_env=False) as client:
        for _ in range(50):
            started_ns = time.monotonic_ns()
            client.get("/v1/health").raise_for_status()
            times.append((time.monotonic_ns() - started_ns) / 1e6)
    return median(times)
