"""`kiosk exceptions`: what staff should look at, from a shell: the branch's at a centre, else the station's own."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from kiosk.config import CentreSettings, Configuration, read_configuration
from kiosk.shell import ask_centre, config_option, reading_journal, said_to_people
from sync.conflicts import Decision, ExceptionView, Resolution

if TYPE_CHECKING:
    from sync.central.client import CentreCatalogue

T = TypeVar("T")
WAITING, UNANSWERED = 1, 2


@click.group()
def exceptions() -> None:
    """What did not fit the catalogue, and what to do about it."""


@exceptions.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON. It says who has borrowed what.")
def list_(config: Path, *, as_json: bool) -> None:
    """What waits for staff, oldest first. Names no reader.

    Ends with 0 where nothing waits, with 1 where something does, with 2 where it cannot be found out.
    """
    import msgspec

    from kiosk.staff.exceptions import in_words

    with said_to_people(UNANSWERED):
        configuration = read_configuration(config)
        if isinstance(configuration.catalogue, CentreSettings):
            found = _asked(configuration, lambda centre: centre.exceptions())
        else:
            found = _own(configuration)
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
    """Resolve exception NUMBER, once. WAY is one of those that `list` offers for it. Where the station keeps them
    itself, it must be stopped."""
    decision = Decision(resolution=Resolution(way), who=who, why=why)
    with said_to_people(UNANSWERED):
        configuration = read_configuration(config)
        at_centre = isinstance(configuration.catalogue, CentreSettings)
        resolved = (_resolved_at_centre if at_centre else _resolved_here)(configuration, number, decision)
    if not resolved:
        click.echo(
            f"exception {number} is not resolved: there is none of this number here, somebody was first, or it cannot "
            "be resolved in this way now. See: kiosk exceptions list",
            err=True,
        )
        sys.exit(WAITING)
    click.echo(f"exception {number} is resolved: {way}")


# ── at a centre ──


def _asked(configuration: Configuration, question: Callable[[CentreCatalogue], Awaitable[T]]) -> T:
    """The centre's answer. Ends the command where there is none; raises `Refused` where that is the answer."""
    from sync.catalogue import SyncError
    from sync.central.client import Refused

    try:
        return ask_centre(configuration, question)
    except Refused:
        raise
    except SyncError as error:
        click.echo(f"The centre could not be asked ({error}). Try again when the line is up.", err=True)
        sys.exit(UNANSWERED)


def _resolved_at_centre(configuration: Configuration, number: int, decision: Decision) -> bool:
    from sync.central.client import Refused

    try:
        _asked(configuration, lambda centre: centre.resolve(number, decision))
    except Refused:
        return False
    return True


# ── at the station ──


def _own(configuration: Configuration) -> tuple[ExceptionView, ...]:
    from kiosk.clock import SystemClock
    from kiosk.store.exceptions import own_exceptions

    with reading_journal(configuration) as engine:
        found = own_exceptions(engine, configuration.station.id, SystemClock(configuration.zone))
    return tuple(each for each in found if not each.resolved_at)


def _resolved_here(configuration: Configuration, number: int, decision: Decision) -> bool:
    from kiosk.clock import SystemClock
    from kiosk.store.exceptions import CannotBe
    from kiosk.store.exceptions import resolve as resolve_own
    from kiosk.store.journal import Journal

    journal = Journal(configuration.data / "journal.db", configuration.station.id, SystemClock(configuration.zone))
    try:
        resolve_own(journal, number, decision)
    except CannotBe:
        return False
    finally:
        journal.close()
    return True
