"""`make bench ONLY=search` in short: it runs, says what it promises to say, and finds what it looks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.titles import titles

PROMISED = {
    "build_s",
    "build_titles_per_s",
    "size_mb",
    "memory_mb",
    "key_p50_ms",
    "key_p99_ms",
    "one_letter_p99_ms",
    "changes_per_s",
    "found_title_pct",
    "found_two_characters_pct",
    "found_three_characters_pct",
    "found_pinyin_pct",
    "found_initials_pct",
    "found_traditional_pct",
    "found_without_accents_pct",
    "found_one_error_pct",
}


def test_search() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "search", "--json", "--short"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "search"
    figures = line["figures"]
    assert set(figures) >= PROMISED
    assert figures["key_p99_ms"] >= figures["key_p50_ms"] > 0
    assert figures["size_mb"] < 10
    assert figures["memory_mb"] < 40
    assert figures["found_two_characters_pct"] == figures["found_three_characters_pct"] == 100
    assert all(value > 90 for name, value in figures.items() if name.startswith("found_"))


def test_the_same_titles_in_every_run() -> None:
    assert list(titles(300)) == list(titles(300))
    assert list(titles(300)) != list(titles(300, seed=2))
    assert len({record.id for record in titles(300)}) == 300
