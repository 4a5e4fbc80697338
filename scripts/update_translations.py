"""Bring assets/translations/*.ts up to the sentences of kiosk/ui/words.py; new ones are marked unfinished."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "translations"
SOURCE_LANGUAGE = "en"


def update(source: Path, target: Path) -> None:
    """Run lupdate for one language. English holds only its plural forms: the rest is the source itself."""
    language = target.stem.removeprefix("kiosk_")
    plural = ["-pluralonly"] if language == SOURCE_LANGUAGE else []
    options = ["-silent", "-no-obsolete", "-locations", "none", *plural]
    languages = ["-source-language", SOURCE_LANGUAGE, "-target-language", language]
    tool = Path(sys.executable).parent / "pyside6-lupdate"
    subprocess.run([str(tool), *options, *languages, str(source), "-ts", str(target)], check=True)


if __name__ == "__main__":
    for found in sorted(FOLDER.glob("*.ts")):
        update(ROOT / "kiosk" / "ui" / "words.py", found)
