"""The centre's commands: `python -m sync.central init`, `serve` and others."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from sync.central.models import StationRow, open_engine, utc_now
from sync.central.sip2.command import admit_account, serving, sip2_options
from sync.central.snapshots import Snapshots, default_folder, signing_key
from sync.central.versions import HEAD, UnfitDatabase, make_ready
from sync.central.versions import upgrade as upgrade_database
from sync.feed.marc_command import pairs, takes_marc_files
from sync.feed.schema import Half
from sync.rules import RulesError

if TYPE_CHECKING:
    from sync.feed.marc import MarcOptions

DATABASE = click.option(
    "--database", required=True, help="SQLAlchemy URL: sqlite:///centre.db or postgresql+psycopg://…"
)
FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where snapshots and the key that signs them are kept. Without: 'snapshots', beside an SQLite database.",
)


@click.group()
def main() -> None:
    """The library network's own catalogue service."""


@contextmanager
def _ready(database: str) -> Iterator[Engine]:
    """The database, with the tables that this program needs."""
    with _opened(database) as engine:
        make_ready(engine)
        yield engine


@contextmanager
def _opened(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    try:
        yield engine
    except UnfitDatabase as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        raise click.ClickException(f"the database cannot be used: {error.orig}") from error
    finally:
        engine.dispose()


@main.command()
@DATABASE
@click.option("--sample", type=click.Path(path_type=Path, exists=True), required=True, help="Folder with the files.")
@click.option("--station", required=True, help="Id of a station to let in.")
@click.option("--token-file", type=click.Path(path_type=Path), required=True, help="Where its token is written.")
@FOLDER
def init(database: str, sample: Path, station: str, token_file: Path, folder: Path | None) -> None:
    """Make the tables, load a library, let a station in, draw the key that signs snapshots."""
    from sync.central.sample import load

    with _opened(database) as engine:
        try:
            load(engine, sample, utc_now())
        except RulesError as error:
            raise click.ClickException(str(error)) from error
        _admit(engine, station, "", token_file)
    signing_key(folder or default_folder(database))


@main.command()
@DATABASE
@click.option("--station", help="Id of the station to let in.")
@click.option("--branch", default="", help="Where it stands. Without: the first branch.")
@click.option("--token-file", type=click.Path(path_type=Path), help="Where its token is written.")
@click.option("--sip2-account", help="Instead of a station: name of an account for SIP2.")
@click.option("--password-file", type=click.Path(path_type=Path), help="Where its password is written.")
def admit(
    database: str,
    station: str | None,
    branch: str,
    token_file: Path | None,
    sip2_account: str | None,
    password_file: Path | None,
) -> None:
    """Let a station in, or give one a new token: its old one is void at once. Or so with a machine that speaks SIP2."""
    with _ready(database) as engine:
        try:
            match station, token_file, sip2_account, password_file:
                case str(), Path(), None, None:
                    _admit(engine, station, branch, token_file)
                case None, None, str(), Path():
                    admit_account(engine, sip2_account, branch, password_file)
                case _:
                    raise click.UsageError("either --station and --token-file, or --sip2-account and --password-file")
        except LookupError as error:
            raise click.ClickException(str(error)) from error


def _admit(engine: Engine, station: str, branch: str, token_file: Path) -> None:
    from sync.central.sample import register_station

    token = secrets.token_urlsafe(32)
    register_station(engine, station, token, branch)
    token_file.touch(mode=0o600)
    token_file.chmod(0o600)  # a file that was there keeps its rights otherwise
    token_file.write_text(token)


@main.command("import")
@DATABASE
@click.option("--branch", "branches", multiple=True, callback=pairs, metavar="CODE=BRANCH", help="'*' is all others.")
@takes_marc_files
def import_marc(files: tuple[Path, ...], options: MarcOptions, database: str, branches: dict[str, str]) -> None:
    """Bring titles and copies from MARC files in, or up to date. The same files again change nothing."""
    from sync.central.importing import import_catalogue

    with _ready(database) as engine:
        try:
            summary = import_catalogue(engine, files, options, branches, tell=lambda told: click.echo(told, err=True))
        except (OSError, LookupError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(summary)
    if not summary.read.titles:
        raise click.ClickException("no title could be read")


@main.command()
@DATABASE
@FOLDER
def key(database: str, folder: Path | None) -> None:
    """Print the key that stations trust: `key` under [catalogue] in their configuration."""
    click.echo(signing_key(folder or default_folder(database)).public)


@main.command()
@DATABASE
@FOLDER
def snapshot(database: str, folder: Path | None) -> None:
    """Make new snapshots, of the catalogue and of the readers of each branch with a station, so that nobody waits for
    them. `serve` makes what is missing by itself."""
    with _ready(database) as engine:
        snapshots = Snapshots(engine, folder or default_folder(database))
        with Session(engine) as db:
            branches = db.scalars(select(StationRow.branch).distinct().order_by(StationRow.branch)).all()
        for half, branch in [(Half.CATALOGUE, ""), *((Half.PATRONS, branch) for branch in branches)]:
            snapshots.make(half, branch)
            click.echo(f"{half} {branch}".rstrip())


@main.command()
@DATABASE
def upgrade(database: str) -> None:
    """Bring the tables to the version that this program needs, after the centres that use them were stopped and a
    backup was made. For PostgreSQL: in an SQLite database it is done at the next start."""
    with _opened(database) as engine:
        before = upgrade_database(engine)
    click.echo(f"version {HEAD}, " + ("nothing to do" if before == HEAD else f"was {before or 'empty'}"))


@main.command()
@DATABASE
@click.option("--host", default="127.0.0.1", show_default=True, help="Any other than loopback needs TLS.")
@click.option("--port", default=8470, show_default=True, help="0 for any free port.")
@click.option("--port-file", type=click.Path(path_type=Path), help="Where the port is written once it listens.")
@click.option("--certificate", type=click.Path(exists=True), help="TLS certificate chain (PEM).")
@click.option("--key", type=click.Path(exists=True), help="TLS private key (PEM).")
@FOLDER
@sip2_options
def serve(
    database: str,
    host: str,
    port: int,
    port_file: Path | None,
    certificate: str | None,
    key: str | None,
    folder: Path | None,
    **sip2: Any,
) -> None:
    """Serve the API until SIGTERM, and SIP2 beside it where an address for that is given."""
    import uvicorn

    from sync.central.api import build_api

    if not (certificate and key) and not ipaddress.ip_address(host).is_loopback:
        raise click.UsageError("an address other than loopback needs --certificate and --key")
    with _ready(database) as engine:
        try:
            api = build_api(engine, folder=folder or default_folder(database))
        except LookupError as error:
            raise click.ClickException(f"{error}: `init` loads one") from error
        listener = _listen(host, port)
        if port_file is not None:
            _write_port(port_file, listener)
        settings = uvicorn.Config(
            api,
            access_log=False,  # its lines would hold items and times of readers
            log_level="warning",
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=2,
        )
        with serving(engine, certificate, key, _listen, _write_port, **sip2):
            uvicorn.Server(settings).run(sockets=[listener])


def _write_port(port_file: Path, listener: socket.socket) -> None:
    """At once whole: whoever sees the file can read it."""
    fresh = port_file.with_suffix(".new")
    fresh.write_text(str(listener.getsockname()[1]))
    fresh.replace(port_file)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket that says it is TCP: asyncio switches Nagle's algorithm off only for those, and with it on,
    every answer waits 40 ms for the client's delayed acknowledgement."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


if __name__ == "__main__":
    main()
