"""An item as a library system tells one (18), in the words of the port."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from sync.catalogue import Item, ItemStatus
from sync.sip2.answers import ItemInformationResponse
from sync.sip2.codes import CirculationStatus, MediaType

STATUSES: dict[str, ItemStatus] = {
    CirculationStatus.ON_ORDER: ItemStatus.NOT_FOR_LOAN,
    CirculationStatus.AVAILABLE: ItemStatus.AVAILABLE,
    CirculationStatus.CHARGED: ItemStatus.ON_LOAN,
    CirculationStatus.CHARGED_NOT_RECALLABLE: ItemStatus.ON_LOAN,
    CirculationStatus.IN_PROCESS: ItemStatus.NOT_FOR_LOAN,
    CirculationStatus.RECALLED: ItemStatus.ON_LOAN,
    CirculationStatus.ON_HOLD_SHELF: ItemStatus.ON_HOLD_SHELF,
    CirculationStatus.TO_BE_RESHELVED: ItemStatus.AVAILABLE,
    CirculationStatus.IN_TRANSIT: ItemStatus.IN_TRANSIT,
    CirculationStatus.CLAIMED_RETURNED: ItemStatus.ON_LOAN,
    CirculationStatus.LOST: ItemStatus.LOST,
    CirculationStatus.MISSING: ItemStatus.LOST,
}

MEDIA: dict[str, str] = {
    MediaType.MAGAZINE: "magazine",
    MediaType.BOUND_JOURNAL: "magazine",
    MediaType.AUDIO_TAPE: "audiobook",
    MediaType.VIDEO_TAPE: "dvd",
    MediaType.CD: "cd",
    MediaType.DISKETTE: "software",
}


def item_of(answer: ItemInformationResponse, zone: tzinfo) -> Item | None:
    """The item of an answer; None where the library system does not know it, which it says by telling nothing.

    Args:
        answer: what came.
        zone: the library's, in which due dates are days.
    """
    if not answer.title and answer.circulation_status not in STATUSES:
        return None
    return Item(
        barcode=answer.item or "",
        title=answer.title or answer.item or "",
        author=answer.contributor or "",
        media=MEDIA.get(answer.media_type or "", "book"),
        status=STATUSES.get(answer.circulation_status, ItemStatus.UNKNOWN),
        due=day_of(answer.due_date, zone),
        shelf=answer.call_number or "",
        branch=answer.permanent_location or answer.owner or "",
    )


def day_of(due: datetime | str | None, zone: tzinfo) -> date | None:
    """The day of a due date in the library's zone; None where it is text that the profile cannot read."""
    return due.astimezone(zone).date() if isinstance(due, datetime) else None
