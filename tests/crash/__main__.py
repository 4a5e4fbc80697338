"""`make crash`: the power goes at every step of the journal's writing, and nothing acknowledged may be gone.

`make crash IMAGES=n SEED=n` ends with one line of JSON; it fails where an image has lost something or is corrupt.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import click
import msgspec

from tests.crash.campaign import Campaign, Image, Tally, scratch_folder
from tests.crash.check import Finding, put
from tests.crash.workload import Shift

EVIDENCE = Path("var/crash")
MOST_EVIDENCE = 5
COLUMNS = ("calls", "steps", "checkpoints", "images", "lost", "corrupt", "worst_loss")


class Evidence:
    """Keeps the first images with a fault in them, and says what it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = 0
        shutil.rmtree(folder, ignore_errors=True)  # that of an earlier run

    def keep(self, shift: Shift, image: Image, finding: Finding) -> None:
        """Put the files aside as they were found."""
        if self._kept == MOST_EVIDENCE:
            return
        self._kept += 1
        folder = self._folder / str(self._kept)
        folder.mkdir(parents=True)
        put(image.files, folder)
        what = finding.broken or f"acknowledged and lost: the last {finding.lost} calls"
        click.echo(f"  {folder}: {shift.name}, after step {image.steps}: {what}", err=True)


@click.command()
@click.option("--images", type=click.IntRange(1), default=5000, show_default=True, help="How many power cuts.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, other power cuts.")
@click.option(
    "--synchronous",
    type=click.Choice(["FULL", "NORMAL", "OFF"]),
    help="How SQLite syncs, in place of what the station asks of it: to see what that loses.",
)
def main(images: int, seed: int, synchronous: str | None) -> None:
    """Cut the power, start the station, count what is missing. What was found broken is kept in var/crash."""
    started_s = time.monotonic()
    with scratch_folder() as scratch:
        tallies = Campaign(seed, scratch, synchronous, on_fault=Evidence(EVIDENCE).keep).run(images)
    total = Tally("all")
    for tally in tallies:
        total.add(tally)
    click.echo(table([*tallies, total]))
    figures = {name: getattr(total, name) for name in COLUMNS}
    figures |= {"seed": seed, "seconds": round(time.monotonic() - started_s, 1)}
    click.echo(msgspec.json.encode(figures).decode())
    sys.exit(bool(total.lost or total.corrupt))


def table(tallies: list[Tally]) -> str:
    """A report for people."""
    width = max(len(tally.name) for tally in tallies)
    heads = "".join(f"{name.replace('_', ' '):>12}" for name in COLUMNS)
    lines = [f"  {tally.name:{width}}" + "".join(f"{getattr(tally, name):12}" for name in COLUMNS) for tally in tallies]
    return "\n".join(["── power cuts", f"  {'':{width}}{heads}", *lines])


if __name__ == "__main__":
    main()
