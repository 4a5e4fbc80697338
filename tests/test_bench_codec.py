"""`make bench ONLY=codec` in short: it runs, and says what it promises to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROMISED = {
    f"{figure}_{message}{unit}"
    for message in ("64", "12")
    for figure, unit in (("ours", "_us"), ("pysip2", "_us"), ("invenio", "_us"), ("ratio", ""), ("floor", ""))
}


def test_codec() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "codec", "--json", "--short"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # the ratios; how fast this machine is at the moment is no test
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "codec"
    figures = line["figures"]
    assert set(figures) == PROMISED
    for message in ("64", "12"):
        quickest = min(figures[f"pysip2_{message}_us"], figures[f"invenio_{message}_us"])
        assert abs(figures[f"ratio_{message}"] * figures[f"ours_{message}_us"] - quickest) < 0.01
        assert figures[f"floor_{message}"] > 1
        assert figures[f"ratio_{message}"] > 0.5
