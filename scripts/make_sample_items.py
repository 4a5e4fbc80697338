"""Make the copies of the sample library from its titles: assets/sample/items.tsv, always the same.

Item numbers (the order of the lines) are what a newcomer types in the demo, so the first forty are one copy each of the
first forty titles; assets/sample/README.md says which of them are special.
"""

from __future__ import annotations

import csv
from pathlib import Path

from drivers.scanner.checks import codabar_mod10

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "sample"
INSTITUTION = "0423"
SHOWN = 40
BRANCHES = ("main", "east", "west")
NOT_FOR_LOAN, EAST, LOST = 31, 34, 35


def barcode(serial: int) -> str:
    """The label of an item: type 3, institution, serial, mod-10 digit."""
    digits = f"3{INSTITUTION}{serial:08d}"
    return digits + codabar_mod10(digits)


def copies(titles: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """(title id, branch, status) of every copy in order: the shown ones, then one more round, then second copies of
    two titles in three."""
    first = [(title["id"], _branch(number), _status(number, title)) for number, title in enumerate(titles, start=1)]
    second = [
        (title["id"], BRANCHES[number % 3], "not_for_loan" if title["media"] == "magazine" else "available")
        for number, title in enumerate(titles, start=1)
        if number % 9
    ]
    return first + second


def _branch(number: int) -> str:
    if number == EAST:
        return "east"
    return "main" if number <= SHOWN or number % 5 else "west"


def _status(number: int, title: dict[str, str]) -> str:
    if number == NOT_FOR_LOAN or (number > SHOWN and title["media"] == "magazine"):
        return "not_for_loan"
    return "lost" if number == LOST or number % 97 == 0 else "available"


def main() -> None:
    """Write items.tsv."""
    with (FOLDER / "titles.tsv").open(encoding="utf-8", newline="") as file:
        titles = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    lines = ["barcode\ttitle_id\tbranch\tstatus"]
    for serial, (title_id, branch, status) in enumerate(copies(titles), start=1):
        lines.append(f"{barcode(serial)}\t{title_id}\t{branch}\t{status}")
    (FOLDER / "items.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
