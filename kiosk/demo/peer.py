"""Processes of the demo, and talking to them by JSON lines: one asks, one answers."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from kiosk.errors import KioskError
from sync.catalogue import Retry

START_S = 20.0
"""Seconds until a process counts as one that does not start."""

STOP_S = 6.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class DemoError(KioskError):
    """Something in the demo did not happen as asked; the message is for whoever asked."""

    code = "demo"
    retry = Retry.NOW


class Gone(DemoError):
    """The process at the other end has ended."""

    code = "demo_gone"


class Peer:
    """A process that answers each JSON line with one. May be used from several threads, one question at a time."""

    def __init__(self, name: str, answers: IO[bytes], questions: IO[bytes]) -> None:
        self._name = name
        self._answers = answers
        self._questions = questions
        self._one_at_a_time = threading.Lock()

    def hear(self) -> dict[str, Any]:
        """The next line it says. Raises `Gone`."""
        try:
            line = self._answers.readline()
        except OSError as error:
            raise Gone(f"{self._name} has ended") from error
        if not line:
            raise Gone(f"{self._name} has ended")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def ask(self, **question: Any) -> dict[str, Any]:
        """Its answer. Raises `Gone`, or `DemoError` where the answer is a no."""
        with self._one_at_a_time:
            try:
                self._questions.write(json.dumps(question).encode() + b"\n")
                self._questions.flush()
            except OSError as error:
                raise Gone(f"{self._name} has ended") from error
            answer = self.hear()
        if not answer["ok"]:
            raise DemoError(answer["error"])
        return answer

    def close(self) -> None:
        """Hang up."""
        for stream in (self._questions, self._answers):
            try:
                stream.close()
            except OSError:  # what was still unsent has nobody to go to
                continue


def start(command: Sequence[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one, however this one ends. What it says on the way goes to `log`."""
    with log.open("ab") as log_file:
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", log_file)
        return subprocess.Popen(command, stderr=log_file, preexec_fn=_end_with_parent, **options)


def stop(process: subprocess.Popen[bytes], timeout_s: float = STOP_S) -> None:
    """Ask a process to end, and make it."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a process's log; '' where there is none."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _end_with_parent() -> None:
    """prctl(2): the kernel sends SIGTERM when the thread that started us ends, which is the launcher's main thread.
    Ctrl-C at the terminal is for the launcher alone: it ends us in order."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
