"""`kiosk journal`: whether it is what was written, and how it gets to another machine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.config import Configuration, catalogue_token, read_configuration
from kiosk.errors import ConfigurationError, KioskError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from kiosk.store.verification import Finding
    from sync.stream import Head

FOUND, UNREADABLE, WRONG_CONFIGURATION = 1, 2, 78

ADVICE = {
    "damaged": "The disk or a copy has damaged the file. Put it aside, never delete it, and begin a new one: "
    "docs/install.md, 'Putting a damaged journal aside'.",
    "gap": "Something was taken out of the journal. Keep it as it is; send it to whoever looks after the software.",
    "edited": "Something in the journal was changed. Keep the file as it is; find out who could write it.",
    "reordered": "Something in the journal was changed. Keep the file as it is; find out who could write it.",
    "restored": "This journal was put back from a backup, or the machine is a new one. If the journal of before is "
    "still there, export it there and import it here. Then delete journal.mark beside the journal.",
    "forked": "Another machine works, or worked, under this station's name with a copy of its disk. Stop one of them; "
    "the station tells its acts anew by itself.",
    "state": "The list of what waits is not what the acts say. Send the file to whoever looks after the software.",
}

config_option = click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The station's configuration (TOML)."
)


@click.group()
def journal() -> None:
    """The journal: check it, carry it to another machine."""


@journal.command()
@config_option
@click.option("--offline", is_flag=True, help="Do not ask the centre what it has seen.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def verify(config: Path, *, offline: bool, as_json: bool) -> None:
    """Check every hash of the journal, while the station works or not. Nothing is written.

    Ends with 0 where all is well, with 1 where something was found, with 2 where the journal could not be read or the
    centre not be asked.
    """
    import msgspec

    from kiosk.store.verification import count_acts

    with _said_to_people():
        configuration = read_configuration(config)
        cursors = None if offline else _ask_centre(configuration)
        with _reading(configuration) as engine:
            number = count_acts(engine)
            findings = _findings(engine, _path(configuration), cursors or {})
    for line in _in_words(number, findings):
        click.echo(line)
    if as_json:
        click.echo(msgspec.json.encode({"acts": number, "findings": findings}).decode())
    unasked = cursors is None and not offline
    sys.exit(FOUND if findings else UNREADABLE if unasked else 0)


@journal.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def export_(file: Path, config: Path) -> None:
    """Write the journal into FILE, for another machine or to keep. The station may go on working."""
    from datetime import UTC, datetime

    from kiosk.store.archive import export

    with _said_to_people():
        configuration = read_configuration(config)
        with _reading(configuration) as engine:
            header = export(engine, file, configuration.station.id, datetime.now(UTC))
    click.echo(
        f"{file}: acts: {header.counts['acts']}. It says who has borrowed what: keep it as you keep the catalogue."
    )


@journal.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@config_option
def import_(file: Path, config: Path) -> None:
    """Take an exported journal of this station in. The station must be stopped."""
    from kiosk.clock import SystemClock
    from kiosk.store.taking_in import take_in

    with _said_to_people():
        configuration = read_configuration(config)
        clock = SystemClock(configuration.zone)
        done = take_in(file, _path(configuration), configuration.station.id, clock)
    click.echo(f"acts taken in: {done.added}, here already: {done.known}")


def _path(configuration: Configuration) -> Path:
    return configuration.data / "journal.db"


@contextmanager
def _reading(configuration: Configuration) -> Iterator[Engine]:
    from kiosk.store.database import open_reading

    engine = open_reading(_path(configuration))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _said_to_people() -> Iterator[None]:
    """Errors as sentences, with an exit code each."""
    try:
        yield
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)
    except KioskError as error:
        click.echo(f"{error}{_what_to_do(error)}", err=True)
        sys.exit(UNREADABLE)


def _what_to_do(error: KioskError) -> str:
    text = str(error)
    if "another process holds" in text:
        return ". The station works on it: systemctl stop kiosk, and try again."
    if "unable to open" in text or "ermission denied" in text or "readonly" in text:
        return ". Try it as the station's user: runuser -u kiosk -- …"
    return ""


def _ask_centre(configuration: Configuration) -> dict[str, Head] | None:
    """The centre's cursors, from before the journal is read: what the centre has by then stands in it. None, and a line
    that says so, where it cannot be asked."""
    from sync.catalogue import SyncError
    from sync.central.client import CentreCatalogue

    async def ask() -> dict[str, Head]:
        centre = CentreCatalogue(configuration.catalogue.url, catalogue_token(configuration.catalogue))
        try:
            return await centre.cursors()
        finally:
            await centre.aclose()

    try:
        return asyncio.run(ask())
    except SyncError as error:
        click.echo(
            f"The centre could not be asked ({error}): nothing is compared with it. Try again, or use --offline.",
            err=True,
        )
        return None


def _findings(engine: Engine, path: Path, cursors: dict[str, Head]) -> tuple[Finding, ...]:
    from datetime import UTC, datetime

    from kiosk.store.verification import against_mark, compare, verify

    return (*verify(engine, datetime.now(UTC)), *against_mark(engine, path), *compare(engine, cursors))


def _in_words(number: int, findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.fault.upper()}: {finding.where}: {finding.why}"
    for fault in dict.fromkeys(finding.fault for finding in findings):
        yield f"{fault.upper()} means: {ADVICE[fault]}"
    yield f"acts: {number}, findings: {len(findings)}" if findings else f"acts: {number}, all as they were written"
