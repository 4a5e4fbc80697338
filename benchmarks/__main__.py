"""`make bench`: every figure beside a peer or a limit in the same run.

`make -s bench ONLY=name JSON=1` ends with one line `{"name": …, "figures": {…}}`.
"""

from __future__ import annotations

import click
import msgspec

from benchmarks import codec, journal, latency, mirror, search
from benchmarks.report import Bench, table

BENCHES: dict[str, Bench] = {
    "latency": latency.measure,
    "journal": journal.measure,
    "mirror": mirror.measure,
    "search": search.measure,
    "codec": codec.measure,
}


@click.command()
@click.option("--only", type=click.Choice(list(BENCHES)), help="This one alone.")
@click.option("--json", "as_json", is_flag=True, help="End with a line of JSON for each.")
@click.option("--short", is_flag=True, help="A fraction of the rounds: to see that it runs, not for figures.")
def main(only: str | None, *, as_json: bool, short: bool) -> None:
    """Measure, and print a report."""
    for name in [only] if only else list(BENCHES):
        figures = BENCHES[name](short)
        click.echo(table(name, figures))
        if as_json:
            values = {figure.name: figure.value for figure in figures}
            click.echo(msgspec.json.encode({"name": name, "figures": values}).decode())


if __name__ == "__main__":
    main()
