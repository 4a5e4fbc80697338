"""`kiosk sip2`: getting along with a library system."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.config import CentreSettings, sip2_profile
from kiosk.shell import config_option, configured
from sync.settings import Sip2Settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sync.sip2.probe import Exercise, Report, Subject

LOOK_S = 0.5
"""Between two looks whether a trace has grown."""

HIGHEST_PORT = 65_536
LOCALTIME = Path("/etc/localtime")

IS_OFF = """\
This station keeps no trace of its line. To switch it on, name a file that the station may write, and start it anew:

    [catalogue]
    trace_file = "{file}"

It holds what passes, readable, without PINs and names; the last 5 MB are kept. Switch it off again afterwards."""

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)


def _address(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, int]:
    """HOST:PORT; an IPv6 address in brackets."""
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < HIGHEST_PORT:
        raise click.BadParameter(f"'{value}' is no HOST:PORT, as in library.example:6001")
    return host, int(port)


def _zone(_context: click.Context, _option: click.Parameter, value: str | None) -> ZoneInfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(value or _zone_of_machine())
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(f"'{value}' is no time zone, as in Europe/Berlin") from error


def _zone_of_machine() -> str:
    """By the link that says it (localtime(5))."""
    return str(LOCALTIME.resolve()).partition("/zoneinfo/")[2] or "UTC"


def _secret(_context: click.Context, _option: click.Parameter, file: Path | None) -> str:
    """What a file holds."""
    try:
        return file.read_text(encoding="utf-8-sig").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{file}: holds no text that could be read") from error


def _unused(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """Somebody may have worked on a file that is there."""
    if file is not None and file.exists():
        raise click.BadParameter(f"{file} is there already")
    return file


@click.group()
def sip2() -> None:
    """A library system by SIP2: how it speaks, and what passes on the line."""


@sip2.command()
@click.argument("address", metavar="HOST:PORT", callback=_address)
@click.option("--user", default="", help="Of the login (93). Without: the station does not log in.")
@click.option("--password-file", "password", type=FILE, callback=_secret, help="Holds the password of the login.")
@click.option("--institution", default="", help="AO of every message.")
@click.option("--tls", is_flag=True, help="Encrypt the line.")
@click.option("--ca-file", type=FILE, help="Trust these certificates (PEM), not those that the machine trusts.")
@click.option("--certificate-file", type=FILE, help="The station's own certificate, where it is asked for.")
@click.option("--key-file", type=FILE, help="The key of the station's own certificate.")
@click.option("--profile", default="generic", show_default=True, help="What to begin with: a name, or a TOML file.")
@click.option("--zone", callback=_zone, help="The library's time zone, as Europe/Berlin. Without: this machine's.")
@click.option("--patron", "card", default="", metavar="CARD", help="Look this reader up. Use a test reader.")
@click.option(
    "--pin-file", "pin", type=FILE, callback=_secret, help="Holds the reader's PIN. ONE wrong PIN is tried too."
)
@click.option("--item", default="", metavar="BARCODE", help="Look this item up. Use a test item.")
@click.option("--exercise", is_flag=True, help="LEND the item to the reader, renew it and take it back.")
@click.option("--no-block", is_flag=True, help="With --exercise: also as a loan that has happened (no block).")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of the table.")
@click.option("--write", type=NEW_FILE, callback=_unused, help="Write a profile to this file, which is made.")
def probe(
    address: tuple[str, int],
    zone: ZoneInfo,
    card: str,
    pin: str,
    item: str,
    write: Path | None,
    *,
    exercise: bool,
    no_block: bool,
    as_json: bool,
    **system: Any,
) -> None:
    """Find out how the library system at HOST:PORT speaks SIP2, and what a station must be told about it.

    It only asks, and changes nothing; one question at a time, on one connection at a time. With --patron the reader is
    looked up without a PIN; with --pin-file also with the right one, and ONCE with a wrong one. No wrong PIN is sent
    twice, also where the file holds one, so that no account is locked.

    --exercise lends and returns: it begins only if the item is on its shelf and the reader may borrow, and gives the
    item back in the end, also where something fails in between. It says so loudly if it cannot.

    Ends with 0 where the library system can be used, with 1 where it can and staff should know something, with 2 where
    it cannot, or was not reached.
    """
    import msgspec

    from sync.sip2.probe import STILL_LENT, Exercise, Subject, as_profile, as_table

    if pin and not card:
        raise click.UsageError("--pin-file is of no use without --patron")
    if exercise and not (card and pin and item):
        raise click.UsageError("--exercise needs --patron, --pin-file and --item")
    if no_block and not exercise:
        raise click.UsageError("--no-block is tried with --exercise only")
    subject = Subject(card=card, pin=pin, item=item)
    report = _probe(_settings(address, system), subject, Exercise(no_block=no_block) if exercise else None, zone)
    click.echo(msgspec.json.encode(report).decode() if as_json else as_table(report))
    for one in report.observations:
        if one.value == STILL_LENT:
            click.echo(one.meaning, err=True)
    if write is not None and report.usable:
        write.write_text(as_profile(report), encoding="utf-8")
    sys.exit(report.exit_code)


def _settings(address: tuple[str, int], system: dict[str, Any]) -> Sip2Settings:
    """As a configuration would hold them."""
    profile = system["profile"]
    if profile.endswith(".toml"):
        profile = str(Path(profile).resolve())  # a profile that is written here says it, and may lie elsewhere
    files = {name: str(system[name] or "") for name in ("ca_file", "certificate_file", "key_file")}
    host, port = address
    return Sip2Settings(host=host, port=port, **system | files | {"profile": profile})


def _probe(settings: Sip2Settings, subject: Subject, exercise: Exercise | None, zone: ZoneInfo) -> Report:
    from sync.catalogue import SyncError
    from sync.sip2.link import Account, Address, Tls
    from sync.sip2.probe import Target, probe

    def path(file: str) -> Path | None:
        return Path(file) if file else None

    tls = Tls(ca_file=path(settings.ca_file), certificate=path(settings.certificate_file), key=path(settings.key_file))
    try:
        target = Target(
            address=Address(host=settings.host, port=settings.port, tls=tls if settings.tls else None),
            profile=sip2_profile(settings, zone.key),
            settings=settings,
            account=Account(user=settings.user, password=settings.password) if settings.user else None,
        )
        return asyncio.run(probe(target, subject, exercise, zone=zone, now=lambda: datetime.now(UTC)))
    except (SyncError, OSError) as error:
        raise click.UsageError(str(error)) from error


# ── what passes ──


@sip2.command("log")
@config_option
@click.option("--last", default=20, show_default=True, type=click.IntRange(min=0), help="So many lines from the end.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
def log_(config: Path, last: int, *, follow: bool) -> None:
    """Show what passes between the station and its library system, readable, without PINs and names.

    The station must keep a trace of its line; this says how, where it does not. Ends with 1 where there is none.
    """
    trace = _trace_file(config)
    if not trace.exists():
        raise click.ClickException(f"{trace}: not there yet. The station begins it when it starts.")
    click.echo(f"# {trace}")
    lines, place = _last_lines(trace, last)
    for line in lines:
        click.echo(line, nl=False)
    if follow:
        for line in _coming(trace, place, lambda: time.sleep(LOOK_S)):
            click.echo(line, nl=False)


def _trace_file(config: Path) -> Path:
    configuration = configured(config)
    if isinstance(configuration.catalogue, CentreSettings):
        raise click.ClickException(f"{config}: this station has a centre, and no line by SIP2.")
    if not configuration.catalogue.trace_file:
        raise click.ClickException(IS_OFF.format(file=configuration.data / "sip2.log"))
    return Path(configuration.catalogue.trace_file)


def _last_lines(trace: Path, count: int) -> tuple[list[str], int]:
    """The last lines, of the older file too where this one has just begun; and where this one ends."""
    older = trace.with_name(trace.name + ".1")
    lines: deque[str] = deque(maxlen=count)
    if older.exists():
        lines.extend(older.read_text("utf-8", "replace").splitlines(keepends=True))
    text = trace.read_bytes()
    lines.extend(text.decode("utf-8", "replace").splitlines(keepends=True))
    return list(lines), len(text)


def _coming(trace: Path, place: int, pause: Callable[[], None]) -> Iterator[str]:
    """What is written from there on, for ever. A file that has become shorter is a new one: the old one was full."""
    while True:
        with suppress(FileNotFoundError), trace.open("rb") as file:  # missing while it is renamed
            if trace.stat().st_size < place:
                place = 0
            file.seek(place)
            text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            place += len(whole)
            if whole:
                yield whole.decode("utf-8", "replace")
        pause()
