"""The command `kiosk`."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk import VERSION
from kiosk.catalogue_commands import catalogue
from kiosk.config import Configuration, read_configuration
from kiosk.errors import ConfigurationError
from kiosk.exception_commands import exceptions
from kiosk.journal_commands import journal
from kiosk.shell import TRY_AGAIN, WRONG_CONFIGURATION, config_option
from kiosk.sip2_commands import sip2

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

    from kiosk.app import Station


@click.group()
@click.version_option(package_name=None, version=VERSION)
def main() -> None:
    """Self-service station for libraries: borrow, return and renew, online and offline."""


@main.command()
@config_option
@click.option("--check", is_flag=True, help="Only say whether the configuration can be used.")
def run(config: Path, *, check: bool) -> None:
    """Run the station."""
    set_up_logging()
    try:
        configuration = read_configuration(config)
        if check:
            click.echo(f"{config}: good")
            return
        sys.exit(run_station(configuration))
    except ConfigurationError as error:
        click.echo(f"<3>{error}", err=True)
        sys.exit(WRONG_CONFIGURATION)


@main.command()
@click.option(
    "--config", type=click.Path(path_type=Path, allow_dash=True), required=True, help="The same as for `run`."
)
@click.option("--once", is_flag=True, help="Fill it once and end: 0 where all was done.")
def mirror(config: Path, *, once: bool) -> None:
    """Fill and feed the mirror: what the station knows while the line is down.

    The station starts this by itself, and hands its configuration over through the pipe ('-', a line of JSON). It ends
    when its standard input does. A further line there means: look now.
    """
    import msgspec

    from kiosk.mirroring.process import MirrorBusy, fill_for_ever, fill_once

    set_up_logging()
    try:
        handed_over = str(config) == "-"
        configuration = (
            msgspec.json.decode(sys.stdin.readline(), type=Configuration) if handed_over else read_configuration(config)
        )
        if once:
            sys.exit(0 if fill_once(configuration) else 1)
        fill_for_ever(configuration, sys.stdin)
    except ConfigurationError as error:
        click.echo(f"<3>{error}", err=True)
        sys.exit(WRONG_CONFIGURATION)
    except MirrorBusy as error:
        click.echo(f"<4>{error}", err=True)
        sys.exit(TRY_AGAIN)


@main.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Rehearse on this station's real catalogue, with the test patron and test items it names ([rehearsal]).",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@click.option("--shots", type=click.Path(path_type=Path, file_okay=False), help="Save a picture of each step here.")
@click.option(
    "--offline",
    is_flag=True,
    help="Play an outage, on the sample library: alone, killed and started again, a conflict, and all of it settled.",
)
def rehearse(config: Path | None, *, as_json: bool, shots: Path | None, offline: bool) -> None:
    """Play whole visits and check each step: the acceptance run of a station."""
    import msgspec

    from kiosk.demo.outage import OutageReport, play_outage
    from kiosk.demo.peer import DemoError
    from kiosk.demo.rehearsal import StepResult, play, rehearsing

    if config and offline:
        raise click.UsageError(
            "--offline cuts the line and makes a conflict at the centre on purpose: it is played on the sample library "
            "only, without --config."
        )

    def tell(step: StepResult) -> None:
        click.echo(f"{'ok' if step.ok else 'FAILED':6}  {step.visit:20}  {step.step:28}  {step.ms:8.1f} ms  {step.why}")

    try:
        real = _to_rehearse_on(config) if config else None
        if shots is not None:
            shots.mkdir(parents=True, exist_ok=True)
        with rehearsing(real) as (stage, visits):
            report = play_outage(stage, tell, shots) if offline else play(stage, visits, tell, shots)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_CONFIGURATION)
    except DemoError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    bad = sum(not step.ok for step in report.steps)
    click.echo(
        f"{len(report.steps)} steps, {bad} not as they must be" if bad else f"{len(report.steps)} steps, all well"
    )
    if isinstance(report, OutageReport):
        click.echo(f"acts queued: {report.queued}, delivered: {report.delivered}, exceptions: {report.excepted}")
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    sys.exit(0 if report.ok else 1)


main.add_command(journal)
main.add_command(exceptions)
main.add_command(catalogue)
main.add_command(sip2)


def _to_rehearse_on(config: Path) -> Configuration:
    configuration = read_configuration(config)
    if configuration.rehearsal is None:
        raise ConfigurationError(f"{config}: names no test patron and no test items - `$.rehearsal` is missing")
    return configuration


def run_station(configuration: Configuration, around: Callable[[Station, QGuiApplication], None] | None = None) -> int:
    """Build a station, run it until SIGTERM or SIGINT, stop it. Returns the exit code.

    Args:
        configuration: what to build.
        around: called with the station before it starts, to watch it.

    Raises:
        ConfigurationError: a file that the configuration names cannot be read.
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication

    from kiosk.app import Station

    application = QGuiApplication(["kiosk"])
    station = Station(configuration)
    if around is not None:
        around(station, application)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: application.quit())
    awake = QTimer()  # Python sees a signal only when it runs: let it, ten times a second
    awake.start(100)
    awake.timeout.connect(_look_for_signals)
    station.start()
    code = int(application.exec())
    station.stop()
    return code


def _look_for_signals() -> None:
    """Python's signal handlers run before the next line of Python, which is here."""


SYSLOG_LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _JournalFormatter(logging.Formatter):
    """Writes levels as systemd reads them: `<3>` to `<7>` before each line (sd-daemon(3), SyslogLevelPrefix)."""

    def format(self, record: logging.LogRecord) -> str:
        level = SYSLOG_LEVELS.get(record.levelno, 5)
        return f"<{level}>" + super().format(record).replace("\n", f"\n<{level}>")


def set_up_logging(level: int = logging.INFO) -> None:
    """Log to standard output for the system's journal. Nothing personal is logged: acts by key, devices by name."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JournalFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # its traces hold readers' cards


if __name__ == "__main__":
    main()
