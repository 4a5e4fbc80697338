"""Checkout, Renew and Renew All (11, 29, 65)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy.orm import Session

from sync.acts import ActKind
from sync.catalogue import Outcome, Patron, Verdict
from sync.central.holdings import open_loan, open_loans_of
from sync.central.models import ItemRow
from sync.central.sip2.items import media_type
from sync.central.sip2.readers import Reader, recognise, ref_of
from sync.central.sip2.rooms import Call, barcode
from sync.central.sip2.words import of_state
from sync.sip2.answers import CheckoutResponse, LoanResponse, RenewAllResponse, RenewResponse
from sync.sip2.requests import Checkout, Renew, RenewAll

L = TypeVar("L", bound=LoanResponse)

JUST_NOW = timedelta(hours=1)
"""How long a machine may take back a checkout that it could not finish (BI)."""

UNKNOWN_ITEM = Verdict(outcome=Outcome.UNKNOWN_ITEM)


def checkout(call: Call, request: Checkout) -> CheckoutResponse:
    """11. What the reader has already is renewed only where the machine allows it (SC renewal policy)."""
    item = barcode(request.item)
    if item is None:
        return _answered(call, CheckoutResponse, request, UNKNOWN_ITEM)
    if request.cancel is True:
        return _taken_back(call, request, item)
    if request.no_block:
        return _answered(call, CheckoutResponse, request, _told(call, ActKind.CHECKOUT, request, item))
    reader = recognise(call, request.patron, request.patron_password)
    if reader.patron is None:
        return _not_recognised(call, CheckoutResponse, request, reader)
    verdict = call.rooms.desk.propose(call.account.name, ActKind.CHECKOUT, item, reader.ref)
    if verdict.outcome is Outcome.ALREADY_YOURS and request.renewal_policy:
        verdict = call.rooms.desk.propose(call.account.name, ActKind.RENEW, item, reader.ref)
    return _answered(call, CheckoutResponse, request, _discreet(reader, verdict))


def renew(call: Call, request: Renew) -> RenewResponse:
    """29. By AB, or by AJ where just one of the reader's items has that title."""
    reader = recognise(call, request.patron, request.patron_password)
    item = barcode(request.item) or _by_title(reader.patron, request.title)
    if item is None:
        return _answered(call, RenewResponse, request, UNKNOWN_ITEM)
    if request.no_block:
        return _answered(call, RenewResponse, request, _told(call, ActKind.RENEW, request, item))
    if reader.patron is None:
        return _not_recognised(call, RenewResponse, request, reader)
    verdict = call.rooms.desk.propose(call.account.name, ActKind.RENEW, item, reader.ref)
    return _answered(call, RenewResponse, msgspec.structs.replace(request, item=item), _discreet(reader, verdict))


def renew_all(call: Call, request: RenewAll) -> RenewAllResponse:
    """65. Each loan is judged by itself."""
    reader = recognise(call, request.patron, request.patron_password)
    if reader.patron is None:
        return RenewAllResponse(
            transaction_date=call.now,
            institution=call.institution(request.institution),
            renewed_count=0,
            unrenewed_count=0,
            screen_messages=(of_state(call.account.settings.language, reader.state),),
        )
    renewed: dict[bool, list[str]] = {True: [], False: []}
    for item in _items_of(call, reader):
        verdict = call.rooms.desk.propose(call.account.name, ActKind.RENEW, item, reader.ref)
        renewed[verdict.outcome.yes].append(item)
    return RenewAllResponse(
        ok=True,
        renewed_count=len(renewed[True]),
        unrenewed_count=len(renewed[False]),
        transaction_date=call.now,
        institution=call.institution(request.institution),
        renewed_items=tuple(renewed[True]),
        unrenewed_items=tuple(renewed[False]),
    )


def _discreet(reader: Reader, verdict: Verdict) -> Verdict:
    """Why a reader is blocked, and what they owe, is told to whoever has shown that it is them."""
    return verdict if reader.personal else msgspec.structs.replace(verdict, blocks=())


def _items_of(call: Call, reader: Reader) -> list[str]:
    with Session(call.rooms.reads) as db:
        return [loan.item for loan in open_loans_of(db, reader.ref)]


def _by_title(patron: Patron | None, title: str | None) -> str | None:
    found = [loan.item for loan in patron.loans if loan.title == title] if patron else []
    return found[0] if len(found) == 1 else None


def _told(call: Call, kind: ActKind, request: Checkout | Renew, item: str) -> Verdict:
    """No block: it has happened, and is never refused."""
    at = _moment(request.transaction_date) or call.now
    due = _moment(request.nb_due_date)
    told = due.astimezone(call.rooms.zone).date() if due else None
    return call.rooms.desk.told(call.account.name, kind, item, ref_of(call, request.patron), at, told)


def _moment(date_time: datetime | str | None) -> datetime | None:
    return date_time if isinstance(date_time, datetime) else None


def _taken_back(call: Call, request: Checkout, item: str) -> CheckoutResponse:
    """BI: the machine could not finish what it has just begun. A renewal cannot be taken back, nor what is older."""
    with Session(call.rooms.reads) as db:
        loan = open_loan(db, item)
        ref = ref_of(call, request.patron)
        if loan is None or loan.patron != ref or loan.renewals or call.now - loan.lent_at > JUST_NOW:
            return _response(call, CheckoutResponse, request, screen_messages=call.say("not_cancelled"))
        key = loan.key
    call.rooms.desk.happened(call.account.name, ActKind.CHECKIN, item, ref, undoes=key)
    return _response(call, CheckoutResponse, request, ok=True, desensitize=False, screen_messages=call.say("cancelled"))


def _not_recognised(call: Call, response: type[L], request: Checkout | Renew, reader: Reader) -> L:
    said = of_state(call.account.settings.language, reader.state)
    return _response(call, response, request, desensitize=False, screen_messages=(said,))


def _answered(call: Call, response: type[L], request: Checkout | Renew, verdict: Verdict) -> L:
    """What came of it. AH says when it is due also where the answer is no, as far as that concerns this reader. What
    has happened (no block) is taken whatever it is: what does not fit stands on the desk of the staff."""
    yes = verdict.outcome.yes
    mine = yes or verdict.outcome in _MINE
    return _response(
        call,
        response,
        request,
        ok=yes or (request.no_block and verdict is not UNKNOWN_ITEM),
        renewal_ok=verdict.outcome is Outcome.RENEWED,
        desensitize=yes and response is CheckoutResponse and not request.no_block,
        due=verdict.due if mine else None,
        screen_messages=call.of_verdict(verdict),
    )


_MINE = frozenset({Outcome.ALREADY_YOURS, Outcome.RENEWAL_LIMIT, Outcome.OVERDUE, Outcome.TOO_EARLY})


def _response(
    call: Call,
    response: type[L],
    request: Checkout | Renew,
    *,
    ok: bool = False,
    renewal_ok: bool = False,
    desensitize: bool | None = None,
    due: date | None = None,
    screen_messages: tuple[str, ...] = (),
) -> L:
    with Session(call.rooms.reads) as db:
        row = db.get(ItemRow, barcode(request.item) or "")
        title, media = (row.title.title, media_type(row.title.media)) if row else ("", None)
    return response(
        ok=ok,
        renewal_ok=renewal_ok,
        desensitize=desensitize,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        patron=request.patron or "",
        item=request.item or "",
        title=title,
        due_date=call.due(due) or "",
        media_type=media,
        screen_messages=screen_messages,
    )
