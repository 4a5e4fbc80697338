"""What every command that imports MARC files asks for. Loads nothing of `sync.feed.marc` before it is run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sync.feed.marc import MarcOptions


def pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Options that say KEY=VALUE."""
    for value in values:
        if "=" not in value:
            raise click.BadParameter(f"'{value}' is not KEY=VALUE")
    return {key: word for key, _, word in (value.partition("=") for value in values)}


_PARAMETERS = (
    click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)),
    click.option("--profile", "profile_name", default="koha", show_default=True, help="Where the copies stand."),
    click.option("--set", "changes", multiple=True, callback=pairs, metavar="KEY=VALUE", help="Change the profile."),
    click.option("--charset", type=click.Choice(["utf-8", "gb18030", "marc-8", "latin-1"]), help="Without: found out."),
    click.option("--flavour", type=click.Choice(["marc21", "unimarc"]), help="Without: found out."),
    click.option("--romanised", is_flag=True, help="Show titles in Latin letters where the files have both."),
)


def takes_marc_files(command: Callable[..., None]) -> Callable[..., None]:
    """The command gets `files`, and how they are read as `options`."""

    @wraps(command)
    def run(
        *,
        profile_name: str,
        changes: dict[str, str],
        charset: str | None,
        flavour: str | None,
        romanised: bool,
        **others: Any,
    ) -> None:
        command(options=_options(profile_name, changes, charset, flavour, romanised=romanised), **others)

    taking: Callable[..., None] = run
    for parameter in reversed(_PARAMETERS):
        taking = parameter(taking)
    return taking


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
