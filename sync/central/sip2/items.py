"""Item Information and Item Status Update (17, 19). Never says who has an item."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync.catalogue import Item, ItemStatus
from sync.central.holdings import item_of
from sync.central.models import HoldRow, ItemRow
from sync.central.sip2.rooms import Call, barcode
from sync.sip2.answers import ItemInformationResponse, ItemStatusUpdateResponse
from sync.sip2.codes import CirculationStatus, MediaType
from sync.sip2.requests import ItemInformation, ItemStatusUpdate

_CIRCULATION = {
    ItemStatus.AVAILABLE: CirculationStatus.AVAILABLE,
    ItemStatus.ON_LOAN: CirculationStatus.CHARGED,
    ItemStatus.ON_HOLD_SHELF: CirculationStatus.ON_HOLD_SHELF,
    ItemStatus.IN_TRANSIT: CirculationStatus.IN_TRANSIT,
    ItemStatus.LOST: CirculationStatus.LOST,
}
_MEDIA = {"book": MediaType.BOOK, "magazine": MediaType.MAGAZINE, "cd": MediaType.CD}


def media_type(media: str) -> MediaType:
    """CK. SIP 2.00 is older than DVDs."""
    return _MEDIA.get(media, MediaType.OTHER)


def item_information(call: Call, request: ItemInformation) -> ItemInformationResponse:
    """17."""
    with Session(call.rooms.reads) as db:
        row = db.get(ItemRow, barcode(request.item) or "")
        if row is None:
            return ItemInformationResponse(
                transaction_date=call.now, item=request.item or "", screen_messages=call.say("unknown_item")
            )
        item = item_of(db, row)
        waiting = db.scalar(
            select(func.count()).select_from(HoldRow).where(HoldRow.title_id == row.title_id, HoldRow.item.is_(None))
        )
        until = db.scalar(select(HoldRow.until).where(HoldRow.item == row.barcode))
        return _known(call, request, item, recalled=row.recalled, waiting=waiting or 0, until=until)


def _known(
    call: Call, request: ItemInformation, item: Item, *, recalled: bool, waiting: int, until: date | None
) -> ItemInformationResponse:
    called_back = recalled and item.status is ItemStatus.ON_LOAN
    here = item.status in {ItemStatus.AVAILABLE, ItemStatus.ON_HOLD_SHELF, ItemStatus.NOT_FOR_LOAN}
    status = _CIRCULATION.get(item.status, CirculationStatus.OTHER)
    return ItemInformationResponse(
        circulation_status=CirculationStatus.RECALLED if called_back else status,
        transaction_date=call.now,
        hold_queue_length=waiting,
        due_date=call.due(item.due),
        hold_pickup_date=call.due(until),
        item=request.item or "",
        title=item.title,
        owner=item.branch,
        media_type=media_type(item.media),
        permanent_location=item.branch,
        current_location=item.branch if here else None,
        screen_messages=call.say("not_for_loan") if item.status is ItemStatus.NOT_FOR_LOAN else (),
        call_number=item.shelf if item.shelf and call.account.settings.extensions else None,
    )


def item_status_update(call: Call, request: ItemStatusUpdate) -> ItemStatusUpdateResponse:
    """19: the centre keeps no properties of items."""
    return ItemStatusUpdateResponse(
        transaction_date=call.now, item=request.item or "", screen_messages=call.say("unsupported")
    )
