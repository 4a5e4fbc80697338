"""The options by which `python -m sync.central` serves SIP2 and lets its machines in."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from sync.central.sip2.accounts import register_account
from sync.central.sip2.server import Sip2Server
from sync.central.sip2.settings import SettingsError, read_settings

_OPTIONS = (
    click.option("--sip2", "address", metavar="HOST:PORT", help="Answer SIP2 there too, for other makers' machines."),
    click.option("--sip2-config", "config", type=click.Path(path_type=Path), help="Its accounts' settings (TOML)."),
    click.option(
        "--sip2-plain", "plain", is_flag=True, help="In clear text: readers' cards and PINs can be overheard."
    ),
    click.option("--sip2-port-file", type=click.Path(path_type=Path), help="Where its port is written."),
)


def sip2_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of `serving`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextlib.contextmanager
def serving(
    engine: Engine,
    certificate: str | None,
    key: str | None,
    listen: Callable[[str, int], socket.socket],
    write_port: Callable[[Path, socket.socket], None],
    *,
    address: str | None,
    config: Path | None,
    plain: bool,
    sip2_port_file: Path | None,
) -> Iterator[None]:
    """Answers SIP2 while the block runs; does nothing where no address is given.

    Raises:
        click.UsageError: the options cannot be.
    """
    if address is None:
        if config or plain or sip2_port_file:
            raise click.UsageError("the other --sip2 options need --sip2 HOST:PORT")
        yield
        return
    host, port = _host_and_port(address)
    tls = None if plain else _tls(certificate, key)
    if tls is None and not plain and not ipaddress.ip_address(host).is_loopback:
        raise click.UsageError("--sip2: an address other than loopback needs --certificate and --key, or --sip2-plain")
    try:
        server = Sip2Server(engine, read_settings(config))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    listener = listen(host, port)
    if sip2_port_file is not None:
        write_port(sip2_port_file, listener)
    with server.running(listener, tls):
        yield


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
        return host, int(port)
    except ValueError as error:
        raise click.UsageError(f"--sip2: '{address}' is no address and port, as in 127.0.0.1:6001") from error


def _tls(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if not (certificate and key):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def admit_account(engine: Engine, account: str, branch: str, password_file: Path) -> None:
    """Let a machine log in: its password is drawn here and written to the file. An earlier one is void.

    Raises:
        LookupError: there is no such branch.
    """
    password = secrets.token_urlsafe(16)  # 22 characters: machines have short fields
    register_account(engine, account, password, branch)
    password_file.touch(mode=0o600)
    password_file.chmod(0o600)  # a file that was there keeps its rights otherwise
    password_file.write_text(password)
