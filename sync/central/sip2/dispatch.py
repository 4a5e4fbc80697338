"""Which request is answered by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.central.sip2 import items, loans, patrons, refusals, returns, status
from sync.central.sip2.rooms import Call
from sync.sip2 import Answer, Request, requests

Handler = Callable[[Call, Any], Answer]

HANDLERS: dict[type[Request], Handler] = {
    requests.BlockPatron: patrons.block_patron,
    requests.Checkin: returns.checkin,
    requests.Checkout: loans.checkout,
    requests.EndSession: patrons.end_session,
    requests.FeePaid: refusals.fee_paid,
    requests.Hold: refusals.hold,
    requests.ItemInformation: items.item_information,
    requests.ItemStatusUpdate: items.item_status_update,
    requests.PatronEnable: refusals.patron_enable,
    requests.PatronInformation: patrons.patron_information,
    requests.PatronStatusRequest: patrons.patron_status,
    requests.Renew: loans.renew,
    requests.RenewAll: loans.renew_all,
    requests.SCStatus: status.status,
}
"""Login and the requests to send again belong to the conversation itself."""

CHANGES: tuple[type[Request], ...] = (
    requests.BlockPatron,
    requests.Checkin,
    requests.Checkout,
    requests.Renew,
    requests.RenewAll,
)
"""What must not be done twice."""


def answer(call: Call, request: Request) -> Answer:
    """The answer to a request. Whatever it says, its request has been carried out or refused when it is there."""
    return HANDLERS[type(request)](call, request)
