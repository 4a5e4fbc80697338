"""Checkin (09). A return is a fact: it is never refused, and an item that the centre does not know is staff's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import Outcome, Verdict
from sync.central.models import Card, HoldRow, PatronRow
from sync.central.sip2.items import media_type
from sync.central.sip2.rooms import Call, barcode
from sync.sip2.answers import CheckinResponse
from sync.sip2.codes import AlertType
from sync.sip2.requests import Checkin

CLOCKS_DIFFER = timedelta(hours=1)
"""A return date that is older than this is meant: the book drop was emptied later. A younger one is a clock that goes
wrong, and would end a loan before it began."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where an item goes from the machine."""

    bin: str
    alert: AlertType | None = None
    destination: str | None = None
    hold_patron: str | None = None
    hold_patron_name: str | None = None


def checkin(call: Call, request: Checkin) -> CheckinResponse:
    """09. The return date holds with no block (it happened then), and without where it is well in the past."""
    item = barcode(request.item)
    if request.cancel is True:
        return _refused(call, request, "not_cancelled")
    if item is None:
        return _refused(call, request, "unknown_item")
    at = _returned_at(call, request)
    if at is None:
        verdict = call.rooms.desk.happened(call.account.name, ActKind.CHECKIN, item, None)
    else:
        verdict = call.rooms.desk.told(call.account.name, ActKind.CHECKIN, item, None, at)
    return _answered(call, request, verdict)


def _returned_at(call: Call, request: Checkin) -> datetime | None:
    """When it came back, where that was not now."""
    said = next((one for one in (request.return_date, request.transaction_date) if isinstance(one, datetime)), None)
    if request.no_block:
        return said
    stated = request.return_date
    return stated if isinstance(stated, datetime) and call.now - stated > CLOCKS_DIFFER else None


def _refused(call: Call, request: Checkin, why: str) -> CheckinResponse:
    return CheckinResponse(
        alert=True,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        item=request.item or "",
        screen_messages=call.say(why),
    )


def _answered(call: Call, request: Checkin, verdict: Verdict) -> CheckinResponse:
    item = verdict.item
    route = _route(call, verdict)
    extensions = call.account.settings.extensions
    return CheckinResponse(
        ok=verdict.outcome.yes or request.no_block,
        resensitize=verdict.outcome.yes,
        alert=route.alert is not None,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        item=request.item or "",
        permanent_location=item.branch if item else "",
        title=item.title if item else None,
        sort_bin=route.bin or None,
        media_type=media_type(item.media) if item else None,
        screen_messages=call.of_verdict(verdict),
        call_number=item.shelf if item and item.shelf and extensions else None,
        destination=route.destination if extensions else None,
        alert_type=route.alert if extensions else None,
        hold_patron=route.hold_patron,
        hold_patron_name=route.hold_patron_name,
    )


def _route(call: Call, verdict: Verdict) -> Route:
    bins, home = call.account.settings.bins, verdict.item.branch if verdict.item else ""
    match verdict.outcome:
        case Outcome.RETURNED_FOR_HOLD:
            here = home == call.account.branch
            card, name = _waits_for_it(call, verdict) if call.account.settings.hold_patron else (None, None)
            alert = AlertType.HOLD_HERE if here else AlertType.HOLD_ELSEWHERE
            return Route(bins.hold if here else bins.transit, alert, home, card, name)
        case Outcome.RETURNED_ELSEWHERE:
            return Route(bins.transit, AlertType.TRANSIT, home)
        case outcome if not outcome.yes:
            return Route(bins.staff, AlertType.OTHER)
    return Route(bins.shelf)


def _waits_for_it(call: Call, verdict: Verdict) -> tuple[str | None, str | None]:
    """Card and name of the reader for whom the item stands ready."""
    with Session(call.rooms.reads) as db:
        ready = select(HoldRow.patron).where(HoldRow.item == (verdict.item.barcode if verdict.item else ""))
        ref = db.scalar(ready)
        patron = db.get(PatronRow, ref or "")
        first = select(Card.value).where(Card.patron == ref).order_by(Card.kind != "barcode", Card.kind).limit(1)
        return (db.scalar(first), patron.name) if patron else (None, None)
