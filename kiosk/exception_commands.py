"""`kiosk exceptions`: what the branch's staff should look at, from a shell."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from kiosk.config import read_configuration
from kiosk.errors import ConfigurationError
from kiosk.shell import WRONG_CONFIGURATION, ask_centre, config_option
from sync.conflicts import Resolution

if TYPE_CHECKING:
    from sync.central.client import CentreCatalogue

T = TypeVar("T")
WAITING, UNANSWERED = 1, 2


@click.group()
def exceptions() -> None:
    """What did not fit the catalogue, at this station's branch, and what to do about it."""


@exceptions.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON. It says who has borrowed what.")
def list_(config: Path, *, as_json: bool) -> None:
    """What waits for staff, oldest first. Names no reader.

    Ends with 0 where nothing waits, with 1 where something does, with 2 where the centre gave no answer.
    """
    import msgspec

    from kiosk.staff.exceptions import in_words

    found = _asked(config, lambda centre: centre.exceptions())
    for each in found:
        click.echo("\n".join(in_words(each)))
    click.echo(f"exceptions: {len(found)}")
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    sys.exit(WAITING if found else 0)


@exceptions.command()
@click.argument("number", type=int)
@click.argument("way", type=click.Choice([str(each) for each in Resolution]))
@config_option
@click.option("--who", default=getpass.getuser, show_default="the user of this shell", help="Who decides.")
@click.option("--why", default="", help="Kept with it.")
def resolve(number: int, way: str, config: Path, who: str, why: str) -> None:
    """Resolve exception NUMBER, once. WAY is one of those that `list` offers for it."""
    from sync.central.client import Refused
    from sync.conflicts import Decision

    decision = Decision(resolution=Resolution(way), who=who, why=why)
    try:
        _asked(config, lambda centre: centre.resolve(number, decision))
    except Refused:
        click.echo(
            f"exception {number} is not resolved: it is not one of this branch, somebody was first, or it cannot be "
            "resolved in this way now. See: kiosk exceptions list",
            err=True,
        )
        sys.exit(WAITING)
    click.echo(f"exception {number} is resolved: {way}")


def _asked(config: Path, question: Callable[[CentreCatalogue], Awaitable[T]]) -> T:
    """The centre's answer. Ends the command where there is none; raises `Refused` where that is the answer."""
    from sync.catalogue import SyncError
    from sync.central.client import Refused

    try:
        return ask_centre(read_configuration(config), question)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)
    except Refused:
        raise
    except SyncError as error:
        click.echo(f"The centre could not be asked ({error}). Try again when the line is up.", err=True)
        sys.exit(UNANSWERED)
