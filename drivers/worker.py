"""The one thread that owns a device: open, serve, lose, find again.

Unplugging is the normal case. Both drivers share this; what differs between them is a `Link`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

import msgspec
import tenacity

from drivers.base import Post
from drivers.errors import DeviceLost
from drivers.events import DeviceDown, DeviceUp, DownReason

log = logging.getLogger(__name__)


class Link(Protocol):
    """A device that is open. Made, used and closed by one thread."""

    @property
    def detail(self) -> str:
        """What technicians want to read when the device is up."""

    def turn(self, post: Post, stop: threading.Event) -> None:
        """One turn of at most 0.5 s: read, post what was read. Raises `DeviceLost` when the device is gone."""

    def close(self) -> None:
        """Release the device. Raises nothing, whatever state it is in."""


class BackOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait before a device is tried again: `first_s`, doubled each time up to `longest_s`.

    A jitter of up to `jitter_s` keeps several devices behind one hub from being tried in step.
    """

    first_s: float = 0.1
    longest_s: float = 5.0
    jitter_s: float = 0.1


class Worker:
    """Runs a `Link` in a thread of its own, and makes a new one when it is lost."""

    def __init__(self, name: str, connect: Callable[[], Link], back_off: BackOff) -> None:
        """`connect` opens the device named `name`, or raises `DeviceLost`."""
        self.name = name
        self._connect = connect
        self._back_off = back_off
        self._stop = threading.Event()
        self._progress_s = time.monotonic()
        self._down = False
        self._post: Post = _nobody
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)

    def start(self, post: Post) -> None:
        """Start the thread; once only (a second start raises RuntimeError, as `threading.Thread` does)."""
        self._post = post
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Ask the thread to end and wait up to `timeout_s` seconds. True where it has ended."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def last_progress_s(self) -> float:
        """`time.monotonic()` of the last turn or try; in a healthy thread never older than the longest back-off
        and one opening together (about 7 s)."""
        return self._progress_s

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                link = self._open()
            except tenacity.RetryError:
                return  # stopped while the device was away: it is down already and was said to be
            self._serve(link)

    def _open(self) -> Link:
        retrying = tenacity.Retrying(
            sleep=self._pause,
            wait=tenacity.wait_exponential_jitter(
                multiplier=self._back_off.first_s, max=self._back_off.longest_s, jitter=self._back_off.jitter_s
            ),
            stop=tenacity.stop_when_event_set(self._stop),
        )
        return retrying(self._try_once)

    def _pause(self, delay_s: float) -> None:
        self._stop.wait(delay_s)

    def _try_once(self) -> Link:
        self._progress_s = time.monotonic()
        try:
            return self._connect()
        except DeviceLost as lost:
            self._say_down(lost)
            raise
        except Exception as error:
            log.exception("%s: the driver failed while opening", self.name)
            self._say_down(DeviceLost(DownReason.SILENT, repr(error)))
            raise

    def _serve(self, link: Link) -> None:
        self._down = False
        log.info("%s: up %s", self.name, link.detail)
        self._post(DeviceUp(self.name, link.detail))
        try:
            self._take_turns(link)
        except DeviceLost as lost:
            self._say_down(lost)
        except Exception as error:
            log.exception("%s: the driver failed while serving", self.name)
            self._say_down(DeviceLost(DownReason.SILENT, repr(error)))
        finally:
            link.close()

    def _take_turns(self, link: Link) -> None:
        while not self._stop.is_set():
            self._progress_s = time.monotonic()
            link.turn(self._post, self._stop)
        raise DeviceLost(DownReason.STOPPED)

    def _say_down(self, lost: DeviceLost) -> None:
        """Once per outage: the tries after the first say nothing."""
        if not self._down:
            self._down = True
            level = logging.INFO if lost.reason is DownReason.STOPPED else logging.WARNING
            log.log(level, "%s: down, %s %s", self.name, lost.reason, lost.detail)
            self._post(DeviceDown(self.name, lost.reason, lost.detail))


def _nobody(_event: object) -> None:
    """Takes events before `start` has said who wants them: there are none."""
