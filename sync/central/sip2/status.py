"""SC Status (99): what the centre can do for machines."""

from __future__ import annotations

import logging

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sync.central.models import Branch
from sync.central.sip2.rooms import Call
from sync.sip2.answers import ACSStatus
from sync.sip2.codes import Supported
from sync.sip2.requests import SCStatus

log = logging.getLogger(__name__)

SUPPORTED = frozenset(Supported) - {
    Supported.FEE_PAID,  # the centre keeps what is owed, and takes no payments
    Supported.ITEM_STATUS_UPDATE,
    Supported.PATRON_ENABLE,
    Supported.HOLD,
}
"""BX. The others are answered too, with a no."""

TIMEOUT_TENTHS = 100
RETRIES = 3


def status(call: Call, _request: SCStatus) -> ACSStatus:
    """99. Without its database the centre is not there: machines go on by themselves and ask again."""
    try:
        with Session(call.rooms.reads) as db:
            branch = db.get(Branch, call.account.branch) if call.account.branch else None
            location, online = branch.name if branch else None, True
    except OperationalError as error:
        log.error("the database cannot be used: %s", type(error).__name__)  # noqa: TRY400  its text may hold values
        location, online = None, False
    return ACSStatus(
        online=online,
        checkin_ok=online,
        checkout_ok=online,
        renewal_policy=online,
        status_update_ok=False,
        offline_ok=True,
        timeout_tenths=TIMEOUT_TENTHS,
        retries_allowed=RETRIES,
        system_date=call.now,
        institution=call.rooms.settings.institution,
        library_name=call.rooms.library,
        supported=SUPPORTED,
        terminal_location=location,
    )
