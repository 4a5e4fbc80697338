"""Patron Status, Patron Information, Block Patron and End Patron Session (23, 63, 01, 35)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.catalogue import BlockCode, Money, Patron
from sync.central.models import Card, HoldRow, PatronRow, again_after_collision
from sync.central.sip2.readers import Reader, find_card, recognise
from sync.central.sip2.rooms import Call
from sync.central.sip2.words import amount, of_blocks, of_state
from sync.sip2.codes import PatronCondition, Summary
from sync.sip2.patron_answers import EndSessionResponse, PatronInformationResponse, PatronStatusResponse
from sync.sip2.requests import BlockPatron, EndSession, PatronInformation, PatronStatusRequest

DENIED = frozenset(
    {
        PatronCondition.CHARGE_DENIED,
        PatronCondition.RENEWAL_DENIED,
        PatronCondition.RECALL_DENIED,
        PatronCondition.HOLD_DENIED,
    }
)
_CONDITIONS = {
    BlockCode.CARD_LOST: PatronCondition.CARD_LOST,
    BlockCode.OVERDUE: PatronCondition.TOO_MANY_OVERDUE,
    BlockCode.FEES: PatronCondition.EXCESSIVE_FINES,
}
_LISTS = {
    Summary.HOLDS: "hold_items",
    Summary.OVERDUE: "overdue_items",
    Summary.CHARGED: "charged_items",
    Summary.FINES: "fine_items",
    Summary.RECALLS: "recall_items",
    Summary.UNAVAILABLE_HOLDS: "unavailable_holds",
}
MOST_COUNTED = 9999


class Standing(TypedDict):
    """What 24, 26 and 64 have in common."""

    status: frozenset[PatronCondition]
    patron: str
    name: str
    valid_patron: bool
    valid_password: bool | None
    screen_messages: tuple[str, ...]


def patron_status(call: Call, request: PatronStatusRequest) -> PatronStatusResponse:
    """23."""
    reader = recognise(call, request.patron, request.patron_password)
    owed = _owed(reader)
    return PatronStatusResponse(
        language=request.language,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        currency=owed.currency if owed else None,
        fee_amount=amount(owed) if owed else None,
        **standing(call, request.patron, reader),
    )


def patron_information(call: Call, request: PatronInformation) -> PatronInformationResponse:
    """63. Counts are of everything; the list that is asked for is cut by BP and BQ."""
    reader = recognise(call, request.patron, request.patron_password)
    owed = _owed(reader)
    return PatronInformationResponse(
        language=request.language,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        currency=owed.currency if owed else None,
        fee_amount=amount(owed) if owed else None,
        **standing(call, request.patron, reader),
        **_belongings(call, request, reader),
    )


def standing(call: Call, card: str | None, reader: Reader) -> Standing:
    """Who it is and whether they may borrow; no name before the PIN was right."""
    language, patron = call.account.settings.language, reader.patron
    if patron is None:
        status = DENIED
        said: tuple[str, ...] = (of_state(language, reader.state),)
    else:
        status = _conditions(call, patron)
        said = _told(call, patron) if reader.personal else call.say("patron_blocked") if patron.blocks else ()
    return Standing(
        status=status,
        patron=card or "",
        name=patron.name if patron and reader.personal else "",
        valid_patron=reader.known,
        valid_password=reader.pin_right,
        screen_messages=said,
    )


def _told(call: Call, patron: Patron) -> tuple[str, ...]:
    return (*of_blocks(call.account.settings.language, patron.blocks), *patron.messages)


def _conditions(call: Call, patron: Patron) -> frozenset[PatronCondition]:
    """A reader with overdue books may renew where the library's rules say so, and nothing else."""
    found = {_CONDITIONS[block.code] for block in patron.blocks if block.code in _CONDITIONS}
    if patron.blocks:
        found |= DENIED
    if call.rooms.rules.renew_overdue and all(block.code is BlockCode.OVERDUE for block in patron.blocks):
        found.discard(PatronCondition.RENEWAL_DENIED)
    if patron.limit is not None and patron.borrowed >= patron.limit:
        found.add(PatronCondition.TOO_MANY_CHARGED)
    return frozenset(found)


def _owed(reader: Reader) -> Money | None:
    """What the reader owes; None where that is nobody's business, and where it is nothing."""
    fees = reader.patron.fees if reader.patron and reader.personal else ()
    return Money(sum(fee.amount.minor for fee in fees), fees[0].amount.currency) if fees else None


def _belongings(call: Call, request: PatronInformation, reader: Reader) -> dict[str, Any]:
    """Counts, limits and the one list that is asked for."""
    patron = reader.patron
    if patron is None or not reader.personal:
        return {}
    lists = {
        Summary.HOLDS: _ready_for(call, patron.ref),
        Summary.OVERDUE: [loan.item for loan in patron.loans if loan.overdue],
        Summary.CHARGED: [loan.item for loan in patron.loans],
        Summary.FINES: [f"{amount(fee.amount)} {fee.reason} {fee.title}".strip() for fee in patron.fees],
        Summary.RECALLS: [loan.item for loan in patron.loans if loan.asked_back],
        Summary.UNAVAILABLE_HOLDS: [hold.title for hold in patron.holds if not hold.ready],
    }
    counts = {f"{name}_count": min(len(lists[which]), MOST_COUNTED) for which, name in _LISTS.items()}
    wanted: dict[str, tuple[str, ...]] = {}
    if request.summary in lists:
        wanted[_LISTS[request.summary]] = _page(request, lists[request.summary])
    return {
        **counts,
        **wanted,
        "charged_items_limit": None if patron.limit is None else min(patron.limit, MOST_COUNTED),
        "overdue_items_limit": min(call.rooms.rules.overdue_limit, MOST_COUNTED),
        "fee_limit": amount(Money(call.rooms.rules.fee_limit)),
    }


def _page(request: PatronInformation, items: Sequence[str]) -> tuple[str, ...]:
    """From BP to BQ, counted from 1, both of them too; what is no number is as if it were not there."""
    start = request.start_item if isinstance(request.start_item, int) else 1
    end = request.end_item if isinstance(request.end_item, int) else len(items)
    return tuple(items[max(0, start - 1) : max(0, end)])


def _ready_for(call: Call, ref: str) -> list[str]:
    with Session(call.rooms.reads) as db:
        ready = select(HoldRow.item).where(HoldRow.patron == ref, HoldRow.item.is_not(None)).order_by(HoldRow.id)
        return [item for item in db.scalars(ready) if item]


def block_patron(call: Call, request: BlockPatron) -> PatronStatusResponse:
    """01: the card is blocked as a lost one, until staff take that away."""
    _block(call, request.patron)
    reader = recognise(call, request.patron, None)
    found = standing(call, request.patron, reader)
    if reader.known:
        found["status"] |= {PatronCondition.CARD_LOST}
        found["screen_messages"] = call.say("card_lost")
    return PatronStatusResponse(transaction_date=call.now, institution=call.institution(request.institution), **found)


@again_after_collision
def _block(call: Call, card: str | None) -> None:
    with Session(call.rooms.engine) as db, db.begin():
        credential = find_card(db, card)
        if credential is None:
            return
        patron = db.get_one(PatronRow, db.get_one(Card, (credential.kind, credential.value)).patron)
        if BlockCode.CARD_LOST not in patron.block_codes:
            patron.block_codes = [*patron.block_codes, BlockCode.CARD_LOST.value]


def end_session(call: Call, request: EndSession) -> EndSessionResponse:
    """35: nothing of a reader is kept between two requests, so there is nothing to end."""
    return EndSessionResponse(
        ended=True,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        patron=request.patron or "",
    )
