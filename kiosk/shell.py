"""What the commands for a shell have in common."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from kiosk.config import Configuration, catalogue_token, read_configuration
from kiosk.errors import ConfigurationError, KioskError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sync.central.client import CentreCatalogue

T = TypeVar("T")

WRONG_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: systemd does not start the service again and again for it (kiosk.service)."""

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h."""

config_option = click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The station's configuration (TOML)."
)


def ask_centre(configuration: Configuration, question: Callable[[CentreCatalogue], Awaitable[T]]) -> T:
    """The centre's answer. Raises `sync.catalogue.SyncError` where there is none."""
    from sync.central.client import CentreCatalogue

    async def ask() -> T:
        centre = CentreCatalogue(configuration.centre.url, catalogue_token(configuration.centre))
        try:
            return await question(centre)
        finally:
            await centre.aclose()

    return asyncio.run(ask())


def configured(config: Path) -> Configuration:
    """The configuration. Ends the command where it cannot be used."""
    try:
        return read_configuration(config)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)


@contextmanager
def reading_journal(configuration: Configuration) -> Iterator[Engine]:
    """The station's journal, to be read, also while the station works. Raises `JournalUnreadable`."""
    from kiosk.store.database import open_reading

    engine = open_reading(configuration.data / "journal.db")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def said_to_people(unreadable: int) -> Iterator[None]:
    """Errors as sentences, with an exit code each: 78 for the configuration, `unreadable` for all else."""
    try:
        yield
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)
    except KioskError as error:
        click.echo(f"{error}{_what_to_do(error)}", err=True)
        sys.exit(unreadable)


def _what_to_do(error: KioskError) -> str:
    text = str(error)
    if "another process holds" in text:
        return ". The station works on it: systemctl stop kiosk, and try again."
    if "unable to open" in text or "ermission denied" in text or "readonly" in text:
        return ". Try it as the station's user: runuser -u kiosk -- …"
    return ""
