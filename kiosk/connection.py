"""The catalogue of a station, whichever it is, and who tells it what has happened."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.clock import Clock
from kiosk.config import CentreSettings, Configuration, catalogue_token, sip2_password, sip2_profile
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.thread import StoreThread
from sync.acts import ClockReading
from sync.catalogue import Catalogue
from sync.courier import Courier
from sync.lanes import LaneCourier
from sync.settings import Sip2Settings

if TYPE_CHECKING:
    from sync.sip2.profile import Profile
    from sync.sip2.trace import TraceFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """`heartbeat_s`: between two looks whether it answers. `aclose` hangs up."""

    catalogue: Catalogue
    courier: Courier | LaneCourier
    heartbeat_s: float
    aclose: Callable[[], Awaitable[None]]


def connect(configuration: Configuration, journal: Journal, store: StoreThread, clock: Clock) -> Connection:
    """Make it. Nothing is sent yet. In the network thread."""
    if isinstance(configuration.catalogue, CentreSettings):
        return _centre(configuration.catalogue, journal, store, clock)
    return _library_system(configuration, configuration.catalogue, journal, store, clock)


def _centre(settings: CentreSettings, journal: Journal, store: StoreThread, clock: Clock) -> Connection:
    from sync.central.client import CentreCatalogue

    def reading() -> ClockReading:
        return ClockReading(clock.now(), clock.boot_ns(), clock.boot_id())

    centre = CentreCatalogue(settings.url, catalogue_token(settings), reading)
    return Connection(
        centre, Courier(centre, centre, JournalOutbox(journal, store)), settings.heartbeat_s, centre.aclose
    )


def _library_system(
    configuration: Configuration, settings: Sip2Settings, journal: Journal, store: StoreThread, clock: Clock
) -> Connection:
    """What a station with a centre never loads."""
    from kiosk.store.lanes import JournalLanes
    from sync.sip2.catalogue import Sip2Catalogue
    from sync.sip2.dialogue import Dialogue
    from sync.sip2.facts import Sip2Facts
    from sync.sip2.link import Account, Address, Link, Tls

    profile = sip2_profile(settings, configuration.station.time_zone)
    trace = _trace(settings, profile)
    tls = Tls(
        ca_file=_path(settings.ca_file),
        certificate=_path(settings.certificate_file),
        key=_path(settings.key_file),
    )
    link = Link(
        Address(host=settings.host, port=settings.port, tls=tls if settings.tls else None),
        profile,
        account=Account(user=settings.user, password=sip2_password(settings)),
        trace=trace,
    )
    zone = configuration.zone
    catalogue = Sip2Catalogue(link, settings, zone, clock.now)
    facts = Sip2Facts(catalogue, Dialogue(link, settings, clock.now, urgent=False), profile.no_block, zone, clock.now)
    courier = LaneCourier(catalogue, facts, JournalLanes(journal, store), 1.0 / settings.backlog_per_s)

    async def aclose() -> None:
        await link.aclose()
        if trace is not None:
            trace.close()

    return Connection(catalogue, courier, profile.heartbeat_s, aclose)


def _trace(settings: Sip2Settings, profile: Profile) -> TraceFile | None:
    """What passes on the wire, for support. A station without it lends as well."""
    from sync.sip2.trace import TraceFile

    if not settings.trace_file:
        return None
    try:
        return TraceFile(Path(settings.trace_file), profile)
    except OSError as error:
        log.warning("no trace of the line is kept: %s: %s", settings.trace_file, error.strerror)
        return None


def _path(file: str) -> Path | None:
    return Path(file) if file else None
