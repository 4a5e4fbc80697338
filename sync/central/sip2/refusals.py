"""What the centre cannot do for machines, each with the no that belongs to it (15, 25, 37)."""

from __future__ import annotations

from sync.central.sip2.patrons import standing
from sync.central.sip2.readers import recognise
from sync.central.sip2.rooms import Call
from sync.sip2.answers import HoldResponse
from sync.sip2.patron_answers import FeePaidResponse, PatronEnableResponse
from sync.sip2.requests import FeePaid, Hold, PatronEnable


def hold(call: Call, request: Hold) -> HoldResponse:
    """15: the library's rules say nothing yet of who may reserve what, so no machine does."""
    return HoldResponse(
        transaction_date=call.now,
        institution=call.institution(request.institution),
        patron=request.patron or "",
        item=request.item,
        title=request.title,
        screen_messages=call.say("unsupported"),
    )


def fee_paid(call: Call, request: FeePaid) -> FeePaidResponse:
    """37: the centre keeps what is owed, and books no payments."""
    return FeePaidResponse(
        accepted=False,
        transaction_date=call.now,
        institution=call.institution(request.institution),
        patron=request.patron or "",
        transaction_id=request.transaction_id,
        screen_messages=call.say("unsupported"),
    )


def patron_enable(call: Call, request: PatronEnable) -> PatronEnableResponse:
    """25: a block is taken away by staff. The answer says how the reader stands, which is as before."""
    reader = recognise(call, request.patron, request.patron_password)
    found = standing(call, request.patron, reader)
    found["screen_messages"] = (*call.say("unsupported"), *found["screen_messages"])
    return PatronEnableResponse(transaction_date=call.now, institution=call.institution(request.institution), **found)
