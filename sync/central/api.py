"""The centre's HTTP API, with an OpenAPI document at /schema/openapi.json. One bearer token per station."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from litestar import Litestar, Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath, JSONBody, RawBody
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sync.acts import Act, ClockReading
from sync.catalogue import Credential, Item, PatronAnswer, Verdict
from sync.central import feeding
from sync.central.circulation import Circulation, KeyReused
from sync.central.exceptions import AlreadyResolved, CannotBe, ExceptionsDesk
from sync.central.holdings import item_of
from sync.central.models import ItemRow, Setting, StationRow, utc_now
from sync.central.people import People
from sync.central.streams import LooseDelivery, NotInStep, Streams
from sync.conflicts import Decision, ExceptionView
from sync.rules import LendingRules
from sync.stream import MOST_FACTS, Contact, Head, Receipt, Welcome


class Health(msgspec.Struct, frozen=True):
    """The centre serves; its clock says `now`."""

    now: datetime


class PatronQuestion(msgspec.Struct, frozen=True):
    """Who holds this card? `pin` only where one was asked for."""

    credential: Credential
    pin: str | None = None


class Rooms(NamedTuple):
    """What the handlers work with."""

    engine: Engine
    circulation: Circulation
    streams: Streams
    desk: ExceptionsDesk
    people: People
    rules: LendingRules
    zone: ZoneInfo
    now: Callable[[], datetime]


T = TypeVar("T")
log = logging.getLogger(__name__)
StationRequest = Request[StationRow, str, State]


@get("/v1/health", sync_to_thread=False, summary="Does the centre serve?", security=[], opt={"open": True})
def health(state: State) -> Health:
    """Answers without a token; a wrong one is refused, so that a station learns of it before a reader does."""
    return Health(_rooms(state).now())


@post("/v1/patron", sync_to_thread=True, status_code=200, summary="Who holds this card?")
def patron(state: State, data: JSONBody[PatronQuestion]) -> PatronAnswer:
    """Of a patron with a PIN nothing is told before the PIN was right."""
    return _rooms(state).people.answer(data.credential, data.pin)


@get("/v1/items/{barcode:str}", sync_to_thread=True, summary="What is this item?")
def item(state: State, barcode: FromPath[str]) -> Item:
    """404 where the catalogue does not know it. Never says who has it."""
    with Session(_rooms(state).engine) as db:
        row = db.get(ItemRow, barcode)
        if row is None:
            raise NotFoundException("unknown item")
        return item_of(db, row)


@post("/v1/proposals", sync_to_thread=True, status_code=200, summary="May this be done?")
def propose(request: StationRequest, state: State, data: JSONBody[Act]) -> Verdict:
    """A yes has done it. The same act again gets the same verdict."""
    _own(request, data)
    return _with_conflicts(lambda: _rooms(state).circulation.propose(data))


@post("/v1/lookups", sync_to_thread=True, status_code=200, summary="What became of this proposal?")
def look_up(request: StationRequest, state: State, data: JSONBody[Act]) -> Verdict:
    """404 where it never arrived; it is given up then, and refused should it still come."""
    _own(request, data)
    verdict = _rooms(state).circulation.look_up(data)
    if verdict is None:
        raise NotFoundException("never arrived")
    return verdict


@post("/v1/contact", sync_to_thread=True, status_code=200, summary="How far do you have our streams?")
def contact(request: StationRequest, state: State, data: JSONBody[Contact]) -> Welcome:
    """Asked at each contact: a station believes nothing of what the centre had before. With the header `Station-Clock`,
    as with facts."""
    clock = _clock(request.headers.get("Station-Clock"))
    return _rooms(state).streams.contact(request.user.id, data, clock)


@get("/v1/cursors", sync_to_thread=True, summary="What should a journal of this station hold?")
def cursors(request: StationRequest, state: State) -> dict[str, Head]:
    """The ends of its streams that were delivered not long ago. For whoever checks a journal: it changes nothing, and
    is no contact."""
    return _rooms(state).streams.cursors(request.user.id)


@post("/v1/facts", sync_to_thread=True, status_code=200, summary="These things happened, in this order.")
def deliver(request: StationRequest, state: State, body: RawBody) -> Receipt:
    """The body is a `Delivery`. A fact is never refused; one that does not fit carries its conflict class, one that
    cannot be applied or understood is set aside. 409 where the delivery does not follow on the centre's cursor. The
    header `Station-Clock` (JSON: now, boot_ns, boot_id) lets the centre understand the station's times."""
    clock = _clock(request.headers.get("Station-Clock"))
    try:
        delivery = msgspec.json.decode(body, type=LooseDelivery)
        if len(delivery.facts) > MOST_FACTS:
            raise HTTPException(f"at most {MOST_FACTS} facts", status_code=413)
        return _rooms(state).streams.deliver(request.user.id, delivery, clock)
    except msgspec.DecodeError as error:
        raise HTTPException("the delivery cannot be read", status_code=400) from error
    except NotInStep as error:
        raise HTTPException("not in step: make contact", status_code=409) from error


@get("/v1/exceptions", sync_to_thread=True, summary="What staff of this branch should look at.")
def exceptions(request: StationRequest, state: State) -> tuple[ExceptionView, ...]:
    """Oldest first, with both histories and what can be done."""
    return _rooms(state).desk.waiting(request.user.branch)


@post("/v1/exceptions/{number:int}/resolution", sync_to_thread=True, status_code=200, summary="Resolve it, once.")
def resolve(request: StationRequest, state: State, number: FromPath[int], data: JSONBody[Decision]) -> ExceptionView:
    """404 where there is none, 409 where somebody was first, 422 where it cannot be resolved in this way."""
    try:
        return _rooms(state).desk.resolve(number, request.user.branch, data)
    except LookupError as error:
        raise NotFoundException("no such exception") from error
    except AlreadyResolved as error:
        raise HTTPException(f"already resolved by {error}", status_code=409) from error
    except CannotBe as error:
        raise HTTPException(str(error), status_code=422) from error


def _clock(header: str | None) -> ClockReading | None:
    try:
        return msgspec.json.decode(header, type=ClockReading) if header else None
    except msgspec.DecodeError as error:
        raise HTTPException("Station-Clock cannot be read", status_code=400) from error


def _rooms(state: State) -> Rooms:
    rooms: Rooms = state.rooms
    return rooms


def _own(request: StationRequest, act: Act) -> None:
    if act.station != request.user.id:
        raise PermissionDeniedException("this act is another station's")


def _with_conflicts(call: Callable[[], T]) -> T:
    try:
        return call()
    except KeyReused as error:
        raise HTTPException(f"key {error} was used for another act", status_code=409) from error


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whoever brings a station's token. Only its hash is kept and looked up, so there is nothing to compare in
    constant time."""
    if handler.opt.get("open") and "Authorization" not in connection.headers:
        return
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    station = _station(connection.app.state.rooms.engine, token) if scheme.lower() == "bearer" else None
    if station is None:
        raise NotAuthorizedException("no such station")
    connection.scope["user"] = station


def _station(engine: Engine, token: str) -> StationRow | None:
    with Session(engine, expire_on_commit=False) as db:
        return db.scalar(select(StationRow).where(StationRow.token == token_hash(token)))


def token_hash(token: str) -> str:
    """What is kept of a station's token. It is 256 random bits, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


HANDLERS = [health, patron, item, propose, look_up, contact, cursors, deliver, exceptions, resolve, *feeding.ROUTES]


def _busy(_request: object, error: Exception) -> Response[str]:
    """The database is away, full, or was busy every time it was tried: later it may work."""
    log.error("the database cannot be used: %s", type(error).__name__)
    return Response("later", status_code=503, headers={"Retry-After": "5"})


def build_api(engine: Engine, now: Callable[[], datetime] = utc_now, *, folder: Path) -> Litestar:
    """The application over a database that `sync.central.sample` or another loader has filled.

    Args:
        engine: the database.
        now: the centre's clock, UTC.
        folder: where snapshots and the key that signs them are kept.

    Raises:
        LookupError: the database holds no library yet.
    """
    rules, zone = _library(engine)
    circulation = Circulation(engine, rules, zone, now)
    streams = Streams(engine, circulation, now)
    desk = ExceptionsDesk(engine, streams.release, now)
    rooms = Rooms(engine, circulation, streams, desk, People(engine, rules, zone, now), rules, zone, now)
    return Litestar(
        [Router("/", route_handlers=HANDLERS, guards=[authenticate])],
        exception_handlers={OperationalError: _busy},
        state=State({"rooms": rooms, "feeding": feeding.Feeding(engine, folder, now)}),
        openapi_config=OpenAPIConfig(
            title="Library centre",
            version="1",
            description="What stations ask the network's own catalogue.",
            components=Components(security_schemes={"station": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"station": []}],
        ),
        logging_config=None,
    )


def _library(engine: Engine) -> tuple[LendingRules, ZoneInfo]:
    with Session(engine) as db:
        rules, zone = db.get(Setting, "rules"), db.get(Setting, "time_zone")
        if rules is None or zone is None:
            raise LookupError("this database holds no library yet")
        return msgspec.json.decode(rules.body, type=LendingRules), ZoneInfo(zone.body)
