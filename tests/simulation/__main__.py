"""`make simulate SCHEDULES=n SEED=s`: play schedules, and say what must not be.

The last line is JSON: `schedules`, `acts`, `lost`, `doubled`, `exceptions`, `destroyed`, `faults`.
"""

from __future__ import annotations

import sys

import click
import msgspec

from tests.simulation.campaign import Report, play_all
from tests.simulation.mutants import MUTANTS


@click.command()
@click.option("--schedules", default=2000, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="Of the first; the others follow.")
@click.option("--mutant", type=click.Choice(sorted(MUTANTS)), default=None, help="Leave a rule out.")
def main(schedules: int, seed: int, mutant: str | None) -> None:
    """Play schedules. Exits with 1 where something was lost, doubled, or not true in the end."""
    report = Report()
    for number, outcome in play_all(schedules, seed, mutant or ""):
        report.add(outcome)
        for fault in outcome.faults:
            click.echo(f"seed {number}: {fault}")
    click.echo(msgspec.json.encode(report).decode())
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
