"""What one can do at a station from outside, each waiting for what it shows: the hands of the console and of the
rehearsal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from drivers.simulated.cards import Card
from kiosk.demo.cards import STRANGERS, barcode_of, card_of
from kiosk.demo.peer import DemoError
from kiosk.demo.stack import Stack
from sync.catalogue import Credential, PatronAnswer
from sync.central.client import CentreCatalogue
from sync.central.sample import PatronFile, read_barcodes, read_patrons

EFFECT_S = 8.0
"""Seconds until a command counts as failed: longer than the station's own deadline for the catalogue."""

REST_MS = 400
"""After so long nothing on the screen moves any more (the theme's slides take 180)."""

DEVICES = {"scanner": "scanner", "nfc": "nfc", "reader": "nfc", "card": "nfc"}

LIFTED_AFTER_POLLS = 4
"""Looks without a card after which the driver has surely said that it was lifted: three misses, and one under way."""


class Words(msgspec.Struct, frozen=True):
    """What can be read on the screen."""

    sentence: str = ""
    detail: str = ""
    notice: str = ""
    patron: str = ""
    item: str = ""
    rows: tuple[str, ...] = ()

    def line(self) -> str:
        """The gist of it in one line: whom it serves, the last thing it said, the newest row."""
        newest = f"[{self.rows[0]}]" if self.rows else ""
        said = self.notice or " ".join(filter(None, (self.sentence, self.item)))
        return " | ".join(filter(None, (self.patron, said, newest)))


class Picture(msgspec.Struct, frozen=True):
    """A picture that was on the screen. `frame_ns`: when its frame was, on the monotonic clock."""

    serial: int
    frame_ns: int
    view: dict[str, Any]
    words: Words

    @property
    def screen(self) -> str:
        """Which screen it is."""
        return str(self.view.get("screen", ""))

    @property
    def tones(self) -> list[str]:
        """How its rows are meant, the newest first."""
        return [row["tone"] for row in self.view.get("rows", [])]

    @property
    def texts(self) -> list[str]:
        """The keys of what its rows say, the newest first."""
        return [row["text"]["key"] for row in self.view.get("rows", [])]


class Stage:
    """A running stack and its sample library."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.patrons: dict[str, PatronFile] = {patron.alias: patron for patron in read_patrons(stack.sample)}
        self.barcodes = read_barcodes(stack.sample)

    # ── looking ──

    def view(self) -> Picture:
        """What is on the screen now."""
        return _picture(self.stack.door.ask(do="view"))

    def wait(self, timeout_s: float = EFFECT_S, **wanted: Any) -> Picture:
        """The picture with what is wanted (see `Door._wait`). Raises `DemoError` where it does not come in time."""
        return _picture(self.stack.door.ask(do="wait", timeout_s=timeout_s, **wanted))

    def ready(self) -> Picture:
        """Wait until the station has found the catalogue."""
        try:
            return self.wait(offline=False)
        except DemoError as error:
            log = "centre" if self.stack.centre else "station"
            raise DemoError(f"the station does not find the catalogue\n{self.stack.last_words(log)}") from error

    def shot(self, path: str | Path) -> Path:
        """Save a picture of the screen."""
        target = Path(path).resolve()
        self.stack.door.ask(do="shot", path=str(target), rest_ms=self._rest_ms)
        return target

    @property
    def _rest_ms(self) -> int:
        return REST_MS if self.stack.settings.motion else 0

    def figures(self) -> dict[str, Any]:
        """What the station measured of itself."""
        return self.stack.door.ask(do="figures")

    def loans_at_centre(self, name: str) -> list[str]:
        """The items that a reader has, as the centre itself says."""

        async def ask() -> PatronAnswer:
            centre = CentreCatalogue(self.stack.own_centre.real_url, self.stack.token)
            card = self.patrons[name].cards[0]
            try:
                return await centre.patron(Credential(card.kind, card.value), self.patrons[name].pin or None)
            finally:
                await centre.aclose()

        patron = asyncio.run(ask()).patron
        return [loan.item for loan in patron.loans] if patron else []

    def _after(self, deed: Callable[[], object]) -> Picture:
        """Do it and wait until the screen answered and waits for nobody but the reader."""
        before = self.view().serial
        deed()
        return self.wait(after=before, settled=True)

    # ── doing ──

    def tap(self, name: str) -> Picture:
        """Lay the card of a reader on the NFC reader and take it away again."""
        return self.tap_card(self.card(name))

    def tap_card(self, card: Card) -> Picture:
        """The same with any card."""
        try:
            return self._after(lambda: self.stack.box.ask(do="tap", card=msgspec.to_builtins(card)))
        finally:
            self.stack.box.ask(do="lift", polls=LIFTED_AFTER_POLLS)

    def card(self, name: str) -> Card:
        """The card called so. Raises `DemoError`."""
        if name in STRANGERS:
            return STRANGERS[name]
        if name not in self.patrons:
            raise DemoError(f"there is no card {name!r}; there are {', '.join([*self.patrons, *STRANGERS])}")
        return card_of(self.patrons[name])

    def scan(self, what: str) -> Picture:
        """Scan an item by its number in the sample library, the card of a reader by name, or any code as it is."""
        return self._after(lambda: self.stack.box.ask(do="scan", code=self.code(what)))

    def scan_bytes(self, data: bytes) -> Picture:
        """Let the scanner send just these bytes."""
        return self._after(lambda: self.stack.box.ask(do="scan", raw_hex=data.hex()))

    def code(self, what: str) -> str:
        """What `scan` sends for it."""
        if what in self.patrons:
            return barcode_of(self.patrons[what])
        if what.isdecimal() and 1 <= int(what) <= len(self.barcodes):
            return self.barcodes[int(what) - 1]
        return what

    def press(self, name: str) -> Picture:
        """Touch a button."""
        pressed = self.stack.door.ask(do="press", name=name, rest_ms=self._rest_ms)
        return self.wait(after=pressed["serial"], settled=True)

    def pin(self, typed: str) -> Picture:
        """Type a PIN or a password and confirm it."""
        for character in typed:
            self._reach(character)
            self.press(f"digit:{character}" if character.isdecimal() else f"letter:{character}")
        return self.press("ok")

    def _reach(self, character: str) -> None:
        """Bring up the key for this character."""
        if character.isdecimal():
            return
        pin = self.view().view["pin"]
        if pin is None:
            raise DemoError("no PIN is asked for on this screen")
        keys = pin["keys"]
        if keys == "digits":
            self.press("keyboard")
        if character.isupper() != (keys == "capital"):
            self.press("capital")

    def unplug(self, device: str) -> Picture:
        """Pull a device's plug, and wait until the screen says so."""
        return self._after(lambda: self.stack.box.ask(do="unplug", device=self._device(device)))

    def plug(self, device: str) -> Picture:
        """Plug a device in again, and wait until the screen says so."""
        return self._after(lambda: self.stack.box.ask(do="replug", device=self._device(device)))

    def _device(self, name: str) -> str:
        if name not in DEVICES:
            raise DemoError(f"there is no device {name!r}; there are scanner and nfc")
        return DEVICES[name]

    def centre_down(self) -> Picture:
        """End the centre, and wait until the screen says that the station is alone."""
        self.stack.own_centre.stop()
        return self.wait(offline=True)

    def centre_up(self) -> Picture:
        """Start the centre again, and wait until the station has found it."""
        if not self.stack.own_centre.running:
            self.stack.own_centre.start()
        return self.wait(offline=False)

    def cut_line(self) -> Picture:
        """Cut the station's line, and nobody else's, and wait until the screen says that the station is alone."""
        self.stack.own_centre.cut_line()
        return self.wait(offline=True)

    def mend_line(self) -> Picture:
        """Mend it, and wait until the station has found the centre."""
        self.stack.own_centre.mend_line()
        return self.wait(offline=False)

    def kill(self) -> Picture:
        """Kill the station in the middle of whatever it does, and start it again."""
        self.stack.kill_station()
        self.stack.start_station()
        return self.view()


def _picture(answer: dict[str, Any]) -> Picture:
    return msgspec.convert(answer, Picture)
