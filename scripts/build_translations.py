"""Compile assets/translations/*.ts to .qm where the .ts is newer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "translations"


def build() -> None:
    """Run lrelease for every translation that changed."""
    for source in sorted(FOLDER.glob("*.ts")):
        compiled = source.with_suffix(".qm")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            tool = Path(sys.executable).parent / "pyside6-lrelease"
            subprocess.run([str(tool), "-silent", str(source), "-qm", str(compiled)], check=True)


if __name__ == "__main__":
    build()
