"""The device box as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.events import CardLifted, CardSeen, CodeKind, CodeScanned, Credential, CredentialKind, DeviceDown, DeviceUp
from drivers.nfc.driver import NfcDriver
from drivers.nfc.settings import NfcSettings
from drivers.scanner.driver import ScannerDriver
from drivers.scanner.settings import ScannerSettings
from tests.drivers.conftest import QUICK, Start

pytestmark = pytest.mark.logs(r"^drivers\.worker: [\w-]+: down, ")


class BoxProcess:
    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-W", "error", "-m", "drivers.simulated", str(directory), "--nfc", "nfc"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.answer()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline())
        assert isinstance(answer, dict)
        return answer

    def ask(self, **request: Any) -> dict[str, Any]:
        return self.say(json.dumps(request))

    def say(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        self.process.stdout.close()
        return code


@pytest.fixture
def process(tmp_path: Path) -> Iterator[BoxProcess]:
    process = BoxProcess(tmp_path)
    yield process
    assert process.end() == 0


def test_it_is_steered_by_lines(process: BoxProcess, tmp_path: Path, up: Start) -> None:
    devices = process.ready["devices"]
    assert process.ready == {
        "ready": True,
        "devices": {"nfc": f"pn532:{tmp_path}/nfc", "scanner": f"{tmp_path}/scanner"},
    }
    nfc = up(NfcDriver(NfcSettings("nfc", devices["nfc"]), QUICK))
    scanner = up(ScannerDriver(ScannerSettings("scanner", devices["scanner"]), QUICK))
    assert process.ask(do="tap", device="nfc", card={"type": "classic", "uid": "04A1B2C3"}) == {"ok": True}
    assert nfc.next() == CardSeen("nfc", Credential(CredentialKind.UID, "04a1b2c3"))
    assert process.ask(do="lift") == {"ok": True}
    assert nfc.next() == CardLifted("nfc")
    assert process.ask(do="scan", device="scanner", code="4711") == {"ok": True}
    assert scanner.next() == CodeScanned("scanner", CodeKind.FOREIGN, "4711")
    assert process.ask(do="scan", raw_hex="34370d") == {"ok": True}
    assert scanner.next() == CodeScanned("scanner", CodeKind.FOREIGN, "47")
    assert process.ask(do="unplug", device="nfc") == {"ok": True}
    assert isinstance(nfc.next(), DeviceDown)
    assert process.ask(do="replug", device="nfc") == {"ok": True}
    assert isinstance(nfc.next(), DeviceUp)
    assert process.ask(do="silence", device="nfc") == {"ok": True}
    assert isinstance(nfc.next(), DeviceDown)
    assert process.ask(do="speak", device="nfc") == {"ok": True}
    assert isinstance(nfc.next(), DeviceUp)
    assert process.ask(do="quit") == {"ok": True}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no json",
        '{"do": "dance"}',
        '{"do": "lift", "device": "scanner"}',
        '{"do": "scan", "device": "nfc", "code": "1"}',
        '{"do": "scan", "raw_hex": "0"}',
        '{"do": "tap", "card": {"type": "classic", "uid": "04"}}',
        '{"do": "tap", "card": {"type": "ntag", "uid": "04A1B2C3D4E5F6", "text": "' + "x" * 200 + '"}}',
        '{"do": "unplug", "device": "fridge"}',
        '{"do": "speak", "device": "nfc", "volume": 11}',
    ],
)
def test_what_it_cannot_do_it_says(process: BoxProcess, line: str) -> None:
    answer = process.say(line)
    assert answer["ok"] is False
    assert answer["error"]
    assert process.ask(do="lift") == {"ok": True}


def test_scanning_with_an_unplugged_scanner_is_an_error(process: BoxProcess) -> None:
    process.ask(do="unplug", device="scanner")
    assert process.ask(do="scan", code="1") == {"ok": False, "error": "scanner is unplugged"}


def test_it_ends_and_takes_its_links_along(tmp_path: Path) -> None:
    process = BoxProcess(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nfc", "scanner"]
    assert process.end() == 0
    assert list(tmp_path.iterdir()) == []
