"""The device box: readers and scanners that a program, a test or a person plays on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TypeVar

from drivers.errors import DriverError
from drivers.simulated.cards import Card
from drivers.simulated.line import Line
from drivers.simulated.pn532 import Pn532


class BoxError(DriverError):
    """The box has no such device, or it is unplugged."""

    code = "simulated_box"


class _Socket:
    """Where a device is plugged in: a link in the box's folder, and a line while it is plugged in."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.line: Line | None = None
        self._plugging = threading.RLock()

    @property
    def path(self) -> str:
        """What the station's configuration says."""
        return str(self.link)

    def plug(self) -> None:
        """Make a new line; nothing where it is plugged in."""
        with self._plugging:
            if self.line is None:
                self.line = Line(self.link, self._heard)

    def unplug(self) -> None:
        """Drop the line; nothing where it is unplugged."""
        with self._plugging:
            line, self.line = self.line, None
            if line is not None:
                line.close()

    def set_silent(self, *, silent: bool) -> None:
        """Play dead, or answer again."""
        raise NotImplementedError

    def _heard(self, data: bytes, host_baud: int) -> None:
        raise NotImplementedError


class _Scanner(_Socket):
    _silent = False

    def scan(self, data: bytes) -> None:
        """Send `data` as the scanner's trigger would."""
        with self._plugging:
            if self.line is None:
                raise BoxError(f"{self.link.name} is unplugged")
            if not self._silent:
                self.line.send(data)

    def set_silent(self, *, silent: bool) -> None:
        """Send nothing, or send again."""
        self._silent = silent

    def _heard(self, data: bytes, host_baud: int) -> None:
        """A scanner takes no commands here."""


class _NfcReader(_Socket):
    def __init__(self, link: Path) -> None:
        super().__init__(link)
        self._chip = Pn532()
        self._changed = threading.Condition()
        self._taps = 0

    @property
    def path(self) -> str:
        """What the station's configuration says."""
        return f"pn532:{self.link}"

    def plug(self) -> None:
        """Plug in: the chip starts anew, with the card that lies on it."""
        with self._plugging:
            if self.line is None:
                self._power_up()
            super().plug()

    def _power_up(self) -> None:
        with self._changed:
            fresh = Pn532()
            fresh.card, fresh.silent, fresh.polls = self._chip.card, self._chip.silent, self._chip.polls
            self._chip = fresh

    def tap(self, card: Card) -> int:
        """Lay `card` on the reader in place of what lies there; returns the number of this tap."""
        in_field = card.enter_field()
        with self._changed:
            self._chip.card = in_field
            self._taps += 1
            return self._taps

    def lift(self, tap: int | None = None) -> None:
        """Take away what lies there; with `tap`, only where it still lies there by that tap."""
        with self._changed:
            if tap is None or tap == self._taps:
                self._chip.card = None

    def set_silent(self, *, silent: bool) -> None:
        """A dead chip on a living port, or a living chip again."""
        with self._changed:
            self._chip.silent = silent

    def wait_polls(self, count: int, timeout_s: float) -> bool:
        """Wait until the chip has looked for cards `count` times more."""
        with self._changed:
            until = self._chip.polls + count
            return self._changed.wait_for(lambda: self._chip.polls >= until, timeout_s)

    def _heard(self, data: bytes, host_baud: int) -> None:
        line = self.line
        with self._changed:
            replies = self._chip.feed(data, host_baud)
            self._changed.notify_all()
        for reply in replies:
            time.sleep(reply.delay_s)
            if line is not None:
                line.send(reply.data)


class DeviceBox:
    """Simulated devices behind stable links in one folder. Every method may be called from any thread."""

    def __init__(
        self, directory: str | Path, nfc: Sequence[str] = ("nfc",), scanners: Sequence[str] = ("scanner",)
    ) -> None:
        """Plug in readers named `nfc` and scanners named `scanners`; `directory` is made where it is missing."""
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        self._readers = {name: _NfcReader(folder / name) for name in nfc}
        self._scanners = {name: _Scanner(folder / name) for name in scanners}
        if len(self._all) < len(nfc) + len(scanners):
            raise BoxError("two devices of one name")
        self._timers: set[threading.Timer] = set()
        for socket in self._all.values():
            socket.plug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _all(self) -> dict[str, _Socket]:
        return {**self._readers, **self._scanners}

    @property
    def paths(self) -> dict[str, str]:
        """What the station's configuration says for each device."""
        return {name: socket.path for name, socket in self._all.items()}

    def tap(self, device: str | None, card: Card, hold_ms: int | None = None) -> None:
        """Lay `card` on reader `device` (None: the only one) until `lift`, or for `hold_ms` milliseconds.

        Raises BoxError for an unknown reader, ValueError for a card that cannot be.
        """
        reader = _pick(self._readers, device)
        tap = reader.tap(card)
        if hold_ms is not None:
            self._later(hold_ms / 1000, reader, tap)

    def lift(self, device: str | None = None) -> None:
        """Take the card off reader `device`."""
        _pick(self._readers, device).lift()

    def scan(self, device: str | None, code: str, suffix: str = "\r") -> None:
        """Scan a label that says `code`, with scanner `device` (None: the only one)."""
        self.scan_bytes(device, (code + suffix).encode())

    def scan_bytes(self, device: str | None, data: bytes) -> None:
        """Send `data` from scanner `device` just so. Raises LineError where the host does not take it."""
        _pick(self._scanners, device).scan(data)

    def unplug(self, device: str) -> None:
        """Pull the plug of `device`: its port and link are gone."""
        _pick(self._all, device).unplug()

    def replug(self, device: str) -> None:
        """Plug `device` in again, at a new port behind the same link."""
        _pick(self._all, device).plug()

    def silence(self, device: str) -> None:
        """Let `device` play dead while its port stays."""
        _pick(self._all, device).set_silent(silent=True)

    def speak(self, device: str) -> None:
        """End `silence`."""
        _pick(self._all, device).set_silent(silent=False)

    def wait_polls(self, device: str | None, count: int, timeout_s: float = 5.0) -> bool:
        """Wait until reader `device` was made to look for cards `count` times more; False after `timeout_s`."""
        return _pick(self._readers, device).wait_polls(count, timeout_s)

    def close(self) -> None:
        """Unplug everything."""
        for timer in self._timers:
            timer.cancel()
        for socket in self._all.values():
            socket.unplug()

    def _later(self, delay_s: float, reader: _NfcReader, tap: int) -> None:
        self._timers = {timer for timer in self._timers if timer.is_alive()}
        timer = threading.Timer(delay_s, reader.lift, [tap])
        timer.daemon = True
        timer.start()
        self._timers.add(timer)


S = TypeVar("S", bound=_Socket)


def _pick(sockets: dict[str, S], name: str | None) -> S:
    if name is None and len(sockets) == 1:
        return next(iter(sockets.values()))
    if name is None or name not in sockets:
        raise BoxError(f"no device {name!r} of that kind; there are {', '.join(sockets)}")
    return sockets[name]
