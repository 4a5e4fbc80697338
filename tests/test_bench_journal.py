"""`make bench ONLY=journal` in short: it runs, and says what it promises to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROMISED = {
    "record_p50_ms",
    "record_p99_ms",
    "per_s",
    "sqlite3_per_s",
    "fsync_per_s",
    "ratio_to_sqlite3",
    "ratio_to_fsync",
    "record_move_per_s",
    "record_move_ratio_to_sqlite3",
    "group_1_per_s",
    "group_4_per_s",
    "group_16_per_s",
    "group_64_per_s",
}


def test_journal() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "journal", "--json", "--short"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # the ratios; how fast this machine is at the moment is no test
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "journal"
    figures = line["figures"]
    assert set(figures) == PROMISED
    assert all(value > 0 for value in figures.values())
    assert figures["record_p99_ms"] >= figures["record_p50_ms"]
    assert figures["ratio_to_sqlite3"] > 0.1
