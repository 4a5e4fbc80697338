"""The device box as a process: `python -m drivers.simulated DIRECTORY`, one JSON object per line each way.

First it says `{"ready": true, "devices": {NAME: PATH}}`, PATH as the station's configuration wants it. Then each
request on stdin gets `{"ok": true}` or `{"ok": false, "error": TEXT}`. It ends at `quit` or when stdin closes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from drivers.errors import DriverError
from drivers.simulated.box import BoxError, DeviceBox
from drivers.simulated.cards import Card


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """What the box is asked to do."""

    def carry_out(self, box: DeviceBox) -> None:
        """Do it on `box`. Raises DriverError or ValueError where it cannot be done."""
        raise NotImplementedError


class Tap(_Request, frozen=True, tag="tap"):
    """Lay `card` on a reader, until `lift` or for `hold_ms` milliseconds."""

    card: Card
    device: str | None = None
    hold_ms: int | None = None

    def carry_out(self, box: DeviceBox) -> None:
        box.tap(self.device, self.card, self.hold_ms)


class Lift(_Request, frozen=True, tag="lift"):
    """Take the card away. `polls`: answer only after the reader has looked for cards so many times since."""

    device: str | None = None
    polls: int = 0

    def carry_out(self, box: DeviceBox) -> None:
        box.lift(self.device)
        if self.polls and not box.wait_polls(self.device, self.polls):
            raise BoxError("nobody looks for cards")


class Scan(_Request, frozen=True, tag="scan"):
    """Scan a label: its `code`, ended by CR, or bytes just so (`raw_hex`)."""

    code: str = ""
    raw_hex: str | None = None
    device: str | None = None

    def carry_out(self, box: DeviceBox) -> None:
        if self.raw_hex is None:
            box.scan(self.device, self.code)
        else:
            box.scan_bytes(self.device, bytes.fromhex(self.raw_hex))


class Unplug(_Request, frozen=True, tag="unplug"):
    """Pull the plug of `device`."""

    device: str

    def carry_out(self, box: DeviceBox) -> None:
        box.unplug(self.device)


class Replug(_Request, frozen=True, tag="replug"):
    """Plug `device` in again."""

    device: str

    def carry_out(self, box: DeviceBox) -> None:
        box.replug(self.device)


class Silence(_Request, frozen=True, tag="silence"):
    """Let `device` play dead."""

    device: str

    def carry_out(self, box: DeviceBox) -> None:
        box.silence(self.device)


class Speak(_Request, frozen=True, tag="speak"):
    """End `silence`."""

    device: str

    def carry_out(self, box: DeviceBox) -> None:
        box.speak(self.device)


class Quit(_Request, frozen=True, tag="quit"):
    """End the process."""

    def carry_out(self, box: DeviceBox) -> None:
        box.close()


Request = Tap | Lift | Scan | Unplug | Replug | Silence | Speak | Quit

_requests = msgspec.json.Decoder(Request)


def serve(box: DeviceBox, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line of `requests`, until `quit` or the end."""
    _say(answers, {"ready": True, "devices": box.paths})
    for line in requests:
        try:
            request = _requests.decode(line)
            request.carry_out(box)
        except (DriverError, ValueError) as error:  # msgspec's errors are ValueErrors
            _say(answers, {"ok": False, "error": str(error)})
            continue
        _say(answers, {"ok": True})
        if isinstance(request, Quit):
            return


def _say(answers: BinaryIO, answer: dict[str, object]) -> None:
    answers.write(msgspec.json.encode(answer) + b"\n")
    answers.flush()


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--nfc", multiple=True, default=("nfc",), show_default=True, help="Name of an NFC reader.")
@click.option("--scanner", multiple=True, default=("scanner",), show_default=True, help="Name of a scanner.")
def main(directory: Path, nfc: tuple[str, ...], scanner: tuple[str, ...]) -> None:
    """Simulated devices behind links in DIRECTORY, steered by JSON lines on stdin."""
    with DeviceBox(directory, nfc, scanner) as box:
        serve(box, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
