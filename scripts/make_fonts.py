"""Cut the station's fonts from Debian's Noto packages (fonts-noto-cjk, fonts-noto-core) and write assets/fonts.

Noto Sans CJK SC for all scripts it has, Noto Sans Arabic beside it. GB 2312 and what the sample library and the texts
use: rarer characters come from the system's full font, which kiosk.service asks for.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "assets" / "fonts"
CJK = Path("/usr/share/fonts/opentype/noto")
CORE = Path("/usr/share/fonts/truetype/noto")
SC_FACE = 2  # of the .ttc: JP, KR, SC, TC, HK

RANGES = [
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin-1, Latin Extended-A
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),  # currency
    (0x2190, 0x2193),  # arrows
    (0x3000, 0x30FF),  # CJK punctuation, kana
    (0xFF01, 0xFF60),  # full-width forms
]


def gb2312() -> set[str]:
    """All characters of GB 2312, by its own rows and cells."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def used() -> set[str]:
    """Every character of the sample library and of the screen's texts."""
    files = [*(ROOT / "assets/sample").glob("*.t*"), *(ROOT / "assets/translations").glob("*.ts")]
    return set().union(*(set(file.read_text(encoding="utf-8")) for file in files))


def cut(source: Path, target: Path, characters: set[str], *options: str) -> None:
    """Make a subset of `source` with `characters`."""
    listed = OUT / "characters.txt"
    listed.write_text("".join(sorted(characters)), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "pyftsubset"), str(source), f"--text-file={listed}"]
    command += [f"--output-file={target}", "--flavor=woff2", "--layout-features=*", "--no-hinting"]
    subprocess.run([*command, "--desubroutinize", "--name-IDs=*", *options], check=True)
    listed.unlink()


def main() -> None:
    """Cut all fonts."""
    OUT.mkdir(exist_ok=True)
    characters = {chr(code) for first, last in RANGES for code in range(first, last + 1)} | gb2312() | used()
    arabic = {chr(code) for code in (*range(0x600, 0x700), *range(0xFB50, 0xFDFF), *range(0xFE70, 0xFEFF))}
    for weight in ("Regular", "Bold"):
        target = OUT / f"NotoSansCJKsc-{weight}.woff2"
        cut(CJK / f"NotoSansCJK-{weight}.ttc", target, characters - arabic, f"--font-number={SC_FACE}")
        cut(CORE / f"NotoSansArabic-{weight}.ttf", OUT / f"NotoSansArabic-{weight}.woff2", arabic | {" "})


if __name__ == "__main__":
    main()
