"""`make bench` in short: it runs, and says what it promises to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROMISED = {
    "tap_p50_ms",
    "tap_p95_ms",
    "scan_p50_ms",
    "scan_p95_ms",
    "first_frame_ms",
    "pss_mb",
    "idle_cpu_pct",
    "step_p99_ms",
}


def test_latency(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "latency", "--json", "--short"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "latency"
    assert set(line["figures"]) >= PROMISED
    assert all(value >= 0 for value in line["figures"].values())
    assert line["figures"]["tap_p95_ms"] >= line["figures"]["tap_p50_ms"] > 0
