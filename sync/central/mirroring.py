"""The snapshot that stations keep for the time without a line."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from sync.catalogue import Credential, ItemStatus
from sync.central.holdings import free_copies
from sync.central.models import (
    Branch,
    Card,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Setting,
    Title,
    again_after_collision,
)
from sync.central.people import patron_blocks
from sync.feed.snapshot import MirrorItem, MirrorPatron, MirrorSnapshot, card_digest
from sync.rules import LendingRules


def card_key(db: Session) -> str:
    """The library's key for card hashes, drawn at the first call."""
    setting = db.get(Setting, "card_key")
    if setting is None:
        setting = Setting(name="card_key", body=secrets.token_hex(32))
        db.add(setting)
    return setting.body


@again_after_collision
def snapshot(engine: Engine, rules: LendingRules, zone: ZoneInfo, now: datetime, branch: str) -> MirrorSnapshot:
    """The mirror for a station of `branch`, as things stand at this moment."""
    with Session(engine) as db, db.begin():
        key = card_key(db)
        return MirrorSnapshot(
            made_at=now,
            rules=rules,
            card_key=key,
            items=_items(db),
            reserved=_reserved(db),
            hold_shelf=db.get_one(Branch, branch).hold_shelf,
            patrons=_patrons(db, rules, key, now.astimezone(zone)),
        )


def _items(db: Session) -> tuple[MirrorItem, ...]:
    rows = db.execute(select(ItemRow, Title).join(Title, Title.id == ItemRow.title_id))
    return tuple(
        MirrorItem(
            barcode=row.barcode,
            title=title.title,
            author=title.author,
            media=title.media,
            status=ItemStatus(row.status),
            branch=row.branch,
            shelf=title.shelf,
        )
        for row, title in rows
    )


def _reserved(db: Session) -> tuple[str, ...]:
    """Copies on the hold shelf, and all copies of titles for which more readers wait than copies are free."""
    ready = set(db.scalars(select(HoldRow.item).where(HoldRow.item.is_not(None))))
    waiting = select(HoldRow.title_id, func.count()).where(HoldRow.item.is_(None)).group_by(HoldRow.title_id)
    for title_id, readers in db.execute(waiting).all():
        if readers >= free_copies(db, title_id):
            ready |= set(db.scalars(select(ItemRow.barcode).where(ItemRow.title_id == title_id)))
    return tuple(sorted(barcode for barcode in ready if barcode))


def _patrons(db: Session, rules: LendingRules, key: str, now: datetime) -> tuple[MirrorPatron, ...]:
    borrowed = dict(
        db.execute(
            select(LoanRow.patron, func.count()).where(LoanRow.returned_at.is_(None)).group_by(LoanRow.patron)
        ).all()
    )
    rows = db.execute(select(Card, PatronRow).join(PatronRow, PatronRow.ref == Card.patron)).all()
    return tuple(
        MirrorPatron(
            card=card_digest(key, Credential(card.kind, card.value)),
            ref=patron.ref,
            category=patron.category,
            limit=rules.limit_for(patron.category),
            borrowed=borrowed.get(patron.ref, 0),
            blocks=patron_blocks(db, rules, patron, now.date()),
            has_pin=bool(patron.pin),
            expires=patron.expires,
            language=patron.language,
        )
        for card, patron in rows
    )
