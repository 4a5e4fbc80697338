"""`make soak MINUTES=n SEED=s`: real processes, killed again and again on a line that fails, and nothing may be lost.

The last line is JSON (`tests.soak.judging.Report`).
"""

from __future__ import annotations

import itertools
import sys
import time

import click
import msgspec

from tests.soak.campaign import soak
from tests.soak.judging import Report

ROUND_S = 30.0
DATABASES = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}


@click.command()
@click.option("--minutes", default=3.0, show_default=True, help="How long, in rounds of half a minute each.")
@click.option("--seed", default=1, show_default=True, help="Of the first round; the others follow.")
@click.option("--database", type=click.Choice(list(DATABASES)), default="both", show_default=True, help="The centre's.")
def main(minutes: float, seed: int, database: str) -> None:
    """Soak. Exits with 1 where something was lost, doubled, or not true in the end."""
    total = Report()
    until_s = time.monotonic() + minutes * 60
    for number, kind in zip(itertools.count(seed), itertools.cycle(DATABASES[database]), strict=False):
        left_s = until_s - time.monotonic()
        if total.rounds and left_s < ROUND_S / 3:
            break
        report = soak(kind, min(ROUND_S, left_s), number)
        for fault in report.faults:
            click.echo(f"seed {number} ({kind}): {fault}")
        click.echo(f"seed {number} ({kind}): {report.kills} kills, {report.done} acts done", err=True)
        total.add(report)
    click.echo(msgspec.json.encode(total).decode())
    sys.exit(1 if total.faults else 0)


if __name__ == "__main__":
    main()
