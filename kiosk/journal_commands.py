"""`kiosk journal`: whether it is what was written, and how it gets to another machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.config import Configuration, read_configuration
from kiosk.shell import ask_centre, config_option, reading_journal, said_to_people

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from kiosk.store.verification import Finding
    from sync.stream import Head

FOUND, UNREADABLE = 1, 2

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

    with said_to_people(UNREADABLE):
        configuration = read_configuration(config)
        cursors = None if offline else _ask_centre(configuration)
        with reading_journal(configuration) as engine:
            number = count_acts(engine)
            findings = _findings(engine, _path(configuration), cursors or {})
    for line in _in_words(number, findings):
        click.echo(line)
    if as_json:
        click.echo(msgspec.json.encode({"acts": number, "findings": findings}).decode())
    unasked = cursors is None and not offline
    sys.exit(FOUND if findings else UNREADABLE if unasked else 0)


@journal.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def status(config: Path, *, as_json: bool) -> None:
    """How much waits to be told to the catalogue, since when, and what staff should look at. Nothing is written.

    Ends with 0 where nothing has been waiting for a week, else with 1; with 2 where the journal could not be read.
    """
    import msgspec

    from kiosk.clock import SystemClock
    from kiosk.staff.exceptions import in_words
    from kiosk.store.exceptions import own_exceptions
    from kiosk.store.reading import JournalReader

    with said_to_people(UNREADABLE):
        configuration = read_configuration(config)
        with reading_journal(configuration) as engine:
            clock = SystemClock(configuration.zone)
            progress = JournalReader(engine, clock).progress()
            found = own_exceptions(engine, configuration.station.id, clock)
    open_ones = tuple(each for each in found if not each.resolved_at)
    click.echo(f"waiting to be told: {progress.waiting}, of which the outcome has to be asked for: {progress.asked}")
    if progress.waiting:
        click.echo(f"the oldest has been waiting for {_duration(progress.waiting_s)}")
    told = progress.told.astimezone(configuration.zone) if progress.told else None
    click.echo(f"told last: {told:%Y-%m-%d %H:%M}" if told else "told last: never")
    for each in open_ones:
        click.echo("\n".join(in_words(each)))
    if as_json:
        click.echo(msgspec.json.encode({"progress": progress, "exceptions": open_ones}).decode())
    sys.exit(FOUND if open_ones else 0)


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


@journal.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def export_(file: Path, config: Path) -> None:
    """Write the journal into FILE, for another machine or to keep. The station may go on working."""
    from datetime import UTC, datetime

    from kiosk.store.archive import export

    with said_to_people(UNREADABLE):
        configuration = read_configuration(config)
        with reading_journal(configuration) as engine:
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

    with said_to_people(UNREADABLE):
        configuration = read_configuration(config)
        clock = SystemClock(configuration.zone)
        done = take_in(file, _path(configuration), configuration.station.id, clock)
    click.echo(f"acts taken in: {done.added}, here already: {done.known}")


def _path(configuration: Configuration) -> Path:
    return configuration.data / "journal.db"


def _ask_centre(configuration: Configuration) -> dict[str, Head] | None:
    """The centre's cursors, from before the journal is read: what the centre has by then stands in it. None, and a line
    that says so, where it cannot be asked."""
    from sync.catalogue import SyncError

    try:
        return ask_centre(configuration, lambda centre: centre.cursors())
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
