"""What the commands for a shell have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from kiosk.config import Configuration, catalogue_token

if TYPE_CHECKING:
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
