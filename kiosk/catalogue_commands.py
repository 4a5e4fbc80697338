"""`kiosk catalogue`: a station's own catalogue, where no centre feeds it."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.config import CentreSettings
from kiosk.errors import KioskError
from kiosk.shell import TRY_AGAIN, configured
from sync.catalogue import SyncError
from sync.feed.marc_command import takes_marc_files

if TYPE_CHECKING:
    from kiosk.mirroring.importing import MirrorImport, Wanted
    from sync.feed.marc import MarcOptions

FED_BY_CENTRE = """\
{config}: this station has a centre ({url}), which feeds it with titles, copies and rules, and would put its own in \
the place of what is imported here. Import the files at the centre, and all its stations have them:
    python -m sync.central import --database … FILES"""


@click.group()
def catalogue() -> None:
    """The station's own catalogue: for a library without a centre."""


@catalogue.command("import")
@click.option("--config", type=click.Path(path_type=Path), help="The station's configuration (TOML).")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The station's folder, in the place of --config: `data` under [station].",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The library's lending rules (rules.toml). Without: those that the station has.",
)
@takes_marc_files
def import_(
    files: tuple[Path, ...],
    options: MarcOptions,
    config: Path | None,
    data: Path | None,
    rules_file: Path | None,
) -> None:
    """Fill the station with titles and copies from MARC files, for the time without a line.

    FILES are the whole catalogue: what the station had is replaced by them. A station with a centre is fed by the
    centre, and takes no files: import them there (python -m sync.central import).

    Ends with 0 where titles were read, with 1 where none was or they cannot be used, with 75 where another process
    fills this station just now.
    """
    from kiosk.mirroring.importing import Wanted
    from sync.rules.reading import read_rules

    folder = _folder(config, data)
    try:
        rules = read_rules(rules_file) if rules_file else None
        wanted = Wanted(files, options, rules, lambda problem: click.echo(problem, err=True))
        click.echo(_import(folder, wanted))
    except (KioskError, SyncError, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error


@catalogue.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The station's folder: `data` under [station].",
)
@click.option("--look", is_flag=True, help="Read the index through, and make it anew where it is damaged.")
@click.option("--piped", is_flag=True, hidden=True, help="End when standard input does.")
def index(data: Path, *, look: bool, piped: bool) -> None:
    """Bring the search index up to the titles that the station has.

    The station does this by itself. Ends with 0 where the index is up to date, with 1 where it could not be brought
    there, with 75 where another process is at it.
    """
    import os

    from kiosk.cli import set_up_logging
    from kiosk.mirroring.process import Commands, MirrorBusy, alone
    from kiosk.mirroring.search import SearchKeeper

    set_up_logging()
    if piped:
        Commands(sys.stdin, lambda: os._exit(TRY_AGAIN))
    try:
        with alone(data, "search.lock"):
            keeper = SearchKeeper(data)
            done = keeper.look_for_damage() if look else keeper.round()
    except MirrorBusy as error:
        click.echo(f"<4>{error}", err=True)
        sys.exit(TRY_AGAIN)
    sys.exit(0 if done else 1)


def _folder(config: Path | None, data: Path | None) -> Path:
    if data is not None and config is None:
        return data
    if config is None or data is not None:
        raise click.UsageError("either --config or --data is needed")
    configuration = configured(config)
    if isinstance(configuration.catalogue, CentreSettings):
        raise click.ClickException(FED_BY_CENTRE.format(config=config, url=configuration.catalogue.url))
    return configuration.data


def _import(folder: Path, wanted: Wanted) -> MirrorImport:
    """The mirror first, then the search."""
    from kiosk.mirroring.importing import import_mirror
    from kiosk.mirroring.process import MirrorBusy, alone
    from kiosk.mirroring.search import SearchKeeper

    try:
        with alone(folder), alone(folder, "search.lock"):
            done = import_mirror(folder, wanted)
            if not SearchKeeper(folder).round():
                click.echo("The titles are in, but cannot be searched for yet: see above.", err=True)
    except MirrorBusy as error:
        click.echo(f"{error}. Stop the station, and try again.", err=True)
        sys.exit(TRY_AGAIN)
    return done
