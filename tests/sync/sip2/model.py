"""`python -m tests.sync.sip2.model`: many schedules of the model. The last line is JSON."""

from __future__ import annotations

import logging
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from tests.sync.sip2.world import Outcome, play


@click.command()
@click.option("--schedules", default=400, show_default=True, help="Of 25 acts each.")
@click.option("--seed", default=1, show_default=True, help="Of the first one; the others follow.")
def main(schedules: int, seed: int) -> None:
    """Play. Exits with 1 where something was lost, doubled, or not true in the end."""
    logging.disable(logging.CRITICAL)
    total = Outcome()
    for number in range(seed, seed + schedules):
        with tempfile.TemporaryDirectory(prefix="sip2-") as folder:
            outcome = play(number, Path(folder) / "station")
        for fault in outcome.faults:
            click.echo(f"seed {number}: {fault}")
        total.acts += outcome.acts
        total.exceptions += outcome.exceptions
        total.faults += outcome.faults
    click.echo(msgspec.json.encode({"schedules": schedules} | asdict(total) | {"faults": len(total.faults)}).decode())
    sys.exit(1 if total.faults else 0)


if __name__ == "__main__":
    main()
