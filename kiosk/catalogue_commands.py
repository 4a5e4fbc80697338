"""`kiosk catalogue`: a station's own catalogue, where no centre feeds it."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.config import CentreSettings, read_configuration
from kiosk.errors import ConfigurationError, KioskError
from kiosk.shell import TRY_AGAIN, WRONG_CONFIGURATION
from sync.catalogue import SyncError

if TYPE_CHECKING:
    from kiosk.mirroring.importing import MirrorImport, Wanted
    from sync.feed.marc import MarcOptions

FED_BY_CENTRE = """\
{config}: this station has a centre ({url}), which feeds it with titles, copies and rules, and would put its own in \
the place of what is imported here. Import the files at the centre, and all its stations have them:
    python -m sync.central import --database … FILES"""


def _pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Options that say KEY=VALUE."""
    for value in values:
        if "=" not in value:
            raise click.BadParameter(f"'{value}' is not KEY=VALUE")
    return {key: word for key, _, word in (value.partition("=") for value in values)}


@click.group()
def catalogue() -> None:
    """The station's own catalogue: for a library without a centre."""


@catalogue.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
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
@click.option("--profile", "profile_name", default="koha", show_default=True, help="Where the copies stand.")
@click.option("--set", "changes", multiple=True, callback=_pairs, metavar="KEY=VALUE", help="Change the profile.")
@click.option("--charset", type=click.Choice(["utf-8", "gb18030", "marc-8", "latin-1"]), help="Without: found out.")
@click.option("--flavour", type=click.Choice(["marc21", "unimarc"]), help="Without: found out.")
@click.option("--romanised", is_flag=True, help="Show titles in Latin letters where the files have both.")
def import_(
    files: tuple[Path, ...],
    config: Path | None,
    data: Path | None,
    rules_file: Path | None,
    profile_name: str,
    changes: dict[str, str],
    charset: str | None,
    flavour: str | None,
    *,
    romanised: bool,
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
    options = _options(profile_name, changes, charset, flavour, romanised=romanised)
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
    try:
        configuration = read_configuration(config)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)
    if isinstance(configuration.catalogue, CentreSettings):
        raise click.ClickException(FED_BY_CENTRE.format(config=config, url=configuration.catalogue.url))
    return configuration.data


def _options(
    profile_name: str, changes: dict[str, str], charset: str | None, flavour: str | None, *, romanised: bool
) -> MarcOptions:
    import msgspec

    from sync.feed.marc import PROFILES, Charset, Flavour, MarcOptions, profile

    try:
        return MarcOptions(
            profile=profile(profile_name, changes),
            charset=Charset(charset) if charset else None,
            flavour=Flavour(flavour) if flavour else None,
            original_script=not romanised,
        )
    except KeyError as error:
        raise click.UsageError(f"no profile {error}; there are {', '.join(PROFILES)}") from error
    except msgspec.ValidationError as error:
        raise click.UsageError(f"--set: {error}") from error


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
