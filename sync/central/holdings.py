"""What stands in the centre's tables about items and loans, asked for in one place."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync.catalogue import Item, ItemStatus
from sync.central.models import HoldRow, ItemRow, LoanRow, Title


def open_loan(db: Session, barcode: str) -> LoanRow | None:
    """Who has an item."""
    return db.scalar(select(LoanRow).where(LoanRow.item == barcode, LoanRow.returned_at.is_(None)))


def open_loans_of(db: Session, patron: str) -> list[LoanRow]:
    """What a patron has."""
    return list(db.scalars(select(LoanRow).where(LoanRow.patron == patron, LoanRow.returned_at.is_(None))))


def media_of(db: Session, barcode: str) -> str:
    """The media of an item; a book where it is unknown."""
    row = db.get(ItemRow, barcode)
    return row.title.media if row else "book"


def free_copies(db: Session, title_id: int) -> int:
    """Copies of a title that could be lent now and stand ready for nobody."""
    lent = select(LoanRow.item).where(LoanRow.returned_at.is_(None))
    ready = select(HoldRow.item).where(HoldRow.item.is_not(None))
    query = select(func.count()).where(
        ItemRow.title_id == title_id,
        ItemRow.status == "available",
        ItemRow.barcode.not_in(lent),
        ItemRow.barcode.not_in(ready),
    )
    return db.scalar(query) or 0


def item_of(db: Session, row: ItemRow) -> Item:
    """An item as stations know it."""
    loan = open_loan(db, row.barcode)
    title: Title = row.title
    status = ItemStatus(row.status)
    if loan is not None:
        status = ItemStatus.ON_LOAN
    elif db.scalar(select(HoldRow.id).where(HoldRow.item == row.barcode)) is not None:
        status = ItemStatus.ON_HOLD_SHELF
    return Item(
        barcode=row.barcode,
        title=title.title,
        author=title.author,
        media=title.media,
        status=status,
        due=loan.due if loan else None,
        shelf=title.shelf,
        branch=row.branch,
    )
