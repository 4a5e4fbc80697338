"""`make bench ONLY=mirror` in short: it runs, and says what it promises to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROMISED = {
    "ready_s",
    "import_s",
    "disk_mb",
    "lookup_p50_ms",
    "lookup_p99_ms",
    "reader_mb",
    "feed_rows_s",
    "lookup_fed_p99_ms",
    "scan_p50_ms",
    "scan_fed_p50_ms",
}


def test_mirror() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "mirror", "--json", "--short"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "mirror"
    assert set(line["figures"]) >= PROMISED
    assert line["figures"]["lookup_p99_ms"] >= line["figures"]["lookup_p50_ms"] > 0
