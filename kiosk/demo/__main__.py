"""The demo: `make run`.

Station, device box and centre with a sample library, each a process of its own; a console on standard input, and with
a display a bench window with cards and books beside the station.

Environment: KEEP=1 goes on with the data of last time; FULLSCREEN=1 takes the whole screen; SCREEN=vnc serves the
screen on loopback.
"""

from __future__ import annotations

import fcntl
import io
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from kiosk.demo.console import Console, Quit
from kiosk.demo.peer import DemoError, start, stop
from kiosk.demo.stack import Stack, StackSettings
from kiosk.demo.stage import Stage
from kiosk.demo.vnc import Vnc

FOLDER = Path("var/demo")
SIZE = (1280, 800)
BENCH_WIDTH = 380


class Lines:
    """Lines from standard input and from the bench window, in one queue."""

    END = "\0end"

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read(self, stream: IO[str], end: str | None) -> None:
        """Take lines from `stream` in a thread; at its end put `end` in."""

        def work() -> None:
            for line in stream:
                self._queue.put(line)
            if end is not None:
                self._queue.put(end)

        threading.Thread(target=work, daemon=True).start()

    def get(self) -> str:
        """The next line."""
        return self._queue.get()


def main() -> int:
    """Run the demo until `quit`, the end of the commands, or a signal. Returns the exit code."""
    lines = Lines()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        with ExitStack() as around:
            folder = FOLDER.resolve()
            around.enter_context(_alone(folder))
            vnc = (
                around.enter_context(Vnc((SIZE[0] + BENCH_WIDTH, SIZE[1])))
                if os.environ.get("SCREEN") == "vnc"
                else None
            )
            stack = Stack(_settings(folder, display=vnc is not None or _has_display()))
            around.callback(stack.stop)
            stack.start()
            stage = Stage(stack)
            stage.ready()
            console = Console(stage, _say)
            _greet(stack, vnc)
            if not stack.settings.platform and stack.settings.size is not None:  # else it would lie over the station
                around.enter_context(_bench_window(lines, folder))
            lines.read(sys.stdin, Lines.END)
            return _serve(console, lines)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def _serve(console: Console, lines: Lines) -> int:
    """Carry out lines. Their end after some ends the demo; their end with none lets it serve on."""
    while True:
        line = lines.get()
        if line is Lines.END:
            if console.done:
                return 1 if console.failed else 0
            continue
        try:
            console.run(line)
        except Quit:
            return 1 if console.failed else 0


def _end(_number: int, _frame: object) -> None:
    """End in order, once: a second signal must not cut the ending short."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _settings(folder: Path, *, display: bool) -> StackSettings:
    return StackSettings(
        folder=folder,
        keep=os.environ.get("KEEP") == "1",
        size=None if os.environ.get("FULLSCREEN") == "1" else SIZE,
        platform=os.environ.get("QT_QPA_PLATFORM", "" if display else "offscreen"),
        sounds=display,
    )


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo at a time in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError(f"another demo runs in {folder}") from error
        yield


@contextmanager
def _bench_window(lines: Lines, folder: Path) -> Iterator[None]:
    """The window with cards and books: a process that prints commands."""
    log = folder / "bench.log"
    process = start(
        [sys.executable, "-m", "kiosk.demo.bench_window", str(SIZE[0]), str(BENCH_WIDTH), str(SIZE[1])],
        log,
        stdout=subprocess.PIPE,
    )
    if process.stdout is not None:
        lines.read(io.TextIOWrapper(process.stdout, encoding="utf-8"), None)
    try:
        yield
    finally:
        stop(process)


def _greet(stack: Stack, vnc: Vnc | None) -> None:
    _say("The station is up, with the sample library. Logs: " + os.path.relpath(stack.folder))
    if vnc is not None:
        _say(f"Screen: vnc://127.0.0.1:{vnc.port}  password (this time only): {vnc.password}")
    elif stack.settings.platform == "offscreen":
        _say(
            "There is no display: it runs offscreen. `shot FILE` takes a picture; SCREEN=vnc make run shows it by VNC."
        )
    if sys.stdin.isatty():
        _say("Try: tap anna · scan 3 · press finish · help · quit")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
