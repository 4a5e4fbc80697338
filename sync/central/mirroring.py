"""The mirror's rows as the centre's tables say them: the same for a snapshot, for a page of the feed and for counting.

Nothing here depends on the day: a row changes only where something was changed, and that was noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from sync.batches import in_batches
from sync.catalogue import Block, BlockCode, Credential, ItemStatus
from sync.central.changes import Change, Kind, card_key
from sync.central.models import Branch, Card, FeeRow, HoldRow, ItemRow, LoanRow, PatronRow, Setting, Title
from sync.feed.records import ItemRecord, TitleRecord
from sync.feed.schema import BLOCKED, BRANCHES, ITEMS, PATRONS, RESERVED, TITLES, Row, item_row, patron_row, title_row
from sync.feed.snapshot import BLOCKED_DIGITS, HAS_PIN, MirrorPatron, card_digest
from sync.rules import LendingRules, PatronLevel, blocks_of

T = TypeVar("T")
Query = Select[*tuple[Any, ...]]

AT_ONCE = 1000
"""Rows asked for in one statement, where it names them."""

Rows = Iterator[tuple[str, Row]]
"""A table's name with a row of it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Rows that are true now, and keys under which there is nothing any more."""

    upserts: dict[str, list[Row]]
    gone: dict[str, list[str]]


def rules_of(db: Session) -> LendingRules:
    """The library's rules as they stand in the database."""
    return msgspec.json.decode(db.get_one(Setting, "rules").body, type=LendingRules)


# ── the catalogue: everybody's ──


def catalogue_rows(db: Session) -> Rows:
    """Everything, in memory that does not grow with it."""
    yield from ((BRANCHES.name, row) for row in _branches(db))
    yield from ((TITLES.name, row) for row in _streamed(db, _titles(), _title))
    yield from ((ITEMS.name, row) for row in _streamed(db, _items(), _item))
    yield from ((RESERVED.name, (barcode,)) for barcode in sorted(_reserved(db)))


def catalogue_changes(db: Session, changes: Collection[Change]) -> Rendered:
    """What these changes have come to."""
    refs = _by_kind(changes)
    titles = {int(ref) for ref in refs[Kind.TITLE]}
    # A copy that comes or goes changes whether the others are reserved, where somebody waits.
    about = {int(ref) for ref in refs[Kind.COPIES]} | _waited_for(db, refs[Kind.ITEM])
    barcodes = refs[Kind.ITEM].union(*(db.scalars(_copies_of(some)) for some in _chunks(about)))
    upserts: dict[str, list[Row]] = {
        TITLES.name: [_title(row) for some in _chunks(titles) for row in db.execute(_titles(Title.id.in_(some)))],
        ITEMS.name: [_item(row) for some in _chunks(barcodes) for row in db.execute(_items(ItemRow.barcode.in_(some)))],
        RESERVED.name: [(code,) for code in sorted(_reserved(db, barcodes))],
        BRANCHES.name: [row for row in _branches(db) if row[0] in refs[Kind.BRANCH]],
    }
    asked: dict[str, set[str]] = {
        TITLES.name: {str(title) for title in titles},
        ITEMS.name: barcodes,
        RESERVED.name: barcodes,
        BRANCHES.name: refs[Kind.BRANCH],
    }
    return Rendered(upserts, _missing(asked, upserts))


def _branches(db: Session) -> list[Row]:
    return [tuple(row) for row in db.execute(select(Branch.code, Branch.hold_shelf).order_by(Branch.position))]


def _titles(*where: ColumnElement[bool]) -> Query:
    columns = (Title.id, Title.title, Title.author, Title.isbn, Title.language, Title.year, Title.media, Title.audience)
    return select(*columns).where(*where).order_by(Title.id)


def _title(row: Any) -> Row:
    return title_row(
        TitleRecord(
            id=str(row.id),
            title=row.title,
            author=row.author,
            isbn=(row.isbn,) if row.isbn else (),
            language=row.language,
            year=row.year,
            media=row.media,
            audience=row.audience,
        )
    )


def _items(*where: ColumnElement[bool]) -> Query:
    lent = exists().where(LoanRow.item == ItemRow.barcode, LoanRow.returned_at.is_(None))
    ready = exists().where(HoldRow.item == ItemRow.barcode)
    status = case((lent, str(ItemStatus.ON_LOAN)), (ready, str(ItemStatus.ON_HOLD_SHELF)), else_=ItemRow.status).label(
        "status"
    )
    columns = (ItemRow.barcode, ItemRow.title_id, ItemRow.branch, Title.shelf, status, ItemRow.recalled)
    return select(*columns).join(Title, Title.id == ItemRow.title_id).where(*where).order_by(ItemRow.barcode)


def _item(row: Any) -> Row:
    return item_row(
        ItemRecord(
            barcode=row.barcode,
            title=str(row.title_id),
            branch=row.branch,
            shelf=row.shelf,
            status=ItemStatus(row.status),
            recalled=bool(row.recalled),
        )
    )


def _copies_of(titles: Collection[int]) -> Select[str]:
    return select(ItemRow.barcode).where(ItemRow.title_id.in_(titles))


def _waited_for(db: Session, barcodes: Collection[str]) -> set[int]:
    """Titles of these copies for which somebody waits."""
    query = select(ItemRow.title_id).where(exists().where(HoldRow.title_id == ItemRow.title_id))
    return {title for some in _chunks(barcodes) for title in db.scalars(query.where(ItemRow.barcode.in_(some)))}


def _reserved(db: Session, among: Collection[str] | None = None) -> set[str]:
    """Copies on the hold shelf, and all copies of titles for which no fewer readers wait than copies are free. Of all
    copies, or of those in `among`."""
    ready = _scalars_among(db, select(HoldRow.item).where(HoldRow.item.is_not(None)), HoldRow.item, among)
    waiting = select(HoldRow.title_id, func.count().label("readers")).where(HoldRow.item.is_(None))
    waited_for = waiting.group_by(HoldRow.title_id).subquery()
    lent = exists().where(LoanRow.item == ItemRow.barcode, LoanRow.returned_at.is_(None))
    stands = exists().where(HoldRow.item == ItemRow.barcode)
    is_free = (ItemRow.status == "available") & ~lent & ~stands
    scarce = (
        select(ItemRow.title_id)
        .join(waited_for, waited_for.c.title_id == ItemRow.title_id)
        .group_by(ItemRow.title_id, waited_for.c.readers)
        .having(func.sum(case((is_free, 1), else_=0)) <= waited_for.c.readers)
    )
    if among is not None:
        scarce = scarce.where(ItemRow.title_id.in_(_waited_for(db, among)))
    copies = select(ItemRow.barcode).where(ItemRow.title_id.in_(scarce))
    return ready | _scalars_among(db, copies, ItemRow.barcode, among)


def _scalars_among(db: Session, query: Query, column: Any, among: Collection[str] | None) -> set[str]:
    if among is None:
        return set(db.scalars(query))
    return {value for some in _chunks(among) for value in db.scalars(query.where(column.in_(some)))}


# ── patrons: a branch's own ──


def patron_rows(db: Session, branch: str) -> Rows:
    """All that a station of this branch may know of patrons."""
    rules = rules_of(db)
    if rules.offline.patrons is PatronLevel.NONE:
        return
    last = ""
    query = select(PatronRow.ref).order_by(PatronRow.ref).limit(AT_ONCE)
    while refs := db.scalars(query.where(PatronRow.ref > last)).all():
        last = refs[-1]
        for known, _ in _cards(db, rules, branch, refs):
            yield from known
        db.expunge_all()


def patron_changes(db: Session, branch: str, changes: Collection[Change]) -> Rendered:
    """What these changes have come to, for a station of this branch."""
    refs = _by_kind(changes)
    rules = rules_of(db)
    upserts: dict[str, list[Row]] = {PATRONS.name: [], BLOCKED.name: []}
    asked: dict[str, set[str]] = {table: set() for table in upserts}
    cards = list(refs[Kind.CARD])
    for some in _chunks(refs[Kind.PATRON]):
        for known, card in _cards(db, rules, branch, some):
            cards.append(card)
            for table, row in known:
                upserts[table].append(row)
    asked[PATRONS.name].update(cards)
    asked[BLOCKED.name].update(card[:BLOCKED_DIGITS] for card in cards)
    return Rendered(upserts, _missing(asked, upserts))


def _cards(
    db: Session, rules: LendingRules, branch: str, refs: Collection[str]
) -> Iterator[tuple[list[tuple[str, Row]], str]]:
    """For each card of these patrons: the rows that a station of this branch may have, and the card's hash."""
    key = card_key(db)
    patrons = {row.ref: row for row in db.scalars(select(PatronRow).where(PatronRow.ref.in_(refs)))}
    owed = dict(
        db.execute(
            select(FeeRow.patron, func.sum(FeeRow.minor)).where(FeeRow.patron.in_(refs)).group_by(FeeRow.patron)
        ).all()
    )
    due: defaultdict[str, list[date]] = defaultdict(list)
    loans = select(LoanRow.patron, LoanRow.due).where(LoanRow.patron.in_(refs), LoanRow.returned_at.is_(None))
    for ref, day in db.execute(loans):
        due[ref].append(day)
    here = _active(db, branch, refs)
    for card in db.scalars(select(Card).where(Card.patron.in_(refs)).order_by(Card.kind, Card.value)):
        digest = card_digest(key, Credential(card.kind, card.value))
        known = _known(rules, patrons[card.patron], digest, owed.get(card.patron) or 0, due[card.patron])
        yield list(_allowed(rules, known, is_here=card.patron in here)), digest


def _active(db: Session, branch: str, refs: Collection[str]) -> set[str]:
    """Readers of this branch: those who are registered there or nowhere, have something of its, or wait for it."""
    lent = exists().where(
        LoanRow.patron == PatronRow.ref,
        LoanRow.returned_at.is_(None),
        LoanRow.item == ItemRow.barcode,
        ItemRow.branch == branch,
    )
    waits = exists().where(
        HoldRow.patron == PatronRow.ref, HoldRow.title_id == ItemRow.title_id, ItemRow.branch == branch
    )
    query = select(PatronRow.ref).where(PatronRow.ref.in_(refs))
    return set(db.scalars(query.where(or_(PatronRow.branch.in_(("", branch)), lent, waits))))


def _known(rules: LendingRules, patron: PatronRow, card: str, owed: int, due: list[date]) -> MirrorPatron:
    most_overdue = rules.overdue_limit
    return MirrorPatron(
        card=card,
        ref=patron.ref,
        category=patron.category,
        limit=rules.limit_for(patron.category),
        borrowed=len(due),
        blocks=_lasting_blocks(rules, patron, owed),
        has_pin=bool(patron.pin),
        expires=patron.expires,
        overdue_after=sorted(due)[most_overdue] if len(due) > most_overdue else None,
        language=patron.language,
    )


def _lasting_blocks(rules: LendingRules, patron: PatronRow, owed: int) -> tuple[Block, ...]:
    codes = tuple(BlockCode(code) for code in patron.block_codes)
    return blocks_of(rules, today=date.min, expires=None, owed_minor=owed, overdue=0, codes=codes)


def _allowed(rules: LendingRules, patron: MirrorPatron, *, is_here: bool) -> Rows:
    """What the library's policy lets a station have of this card."""
    level = rules.offline.patrons
    if level is PatronLevel.ACTIVE and is_here:
        yield PATRONS.name, patron_row(patron)
    if level is PatronLevel.BLOCKED and (after := _blocked_after(patron)):
        yield BLOCKED.name, (patron.card[:BLOCKED_DIGITS], after)


def _blocked_after(patron: MirrorPatron) -> str:
    """The last day on which this card may borrow, or that it has a PIN; '' where it may for ever."""
    if patron.has_pin:
        return HAS_PIN
    days = [day for day in (patron.expires, patron.overdue_after) if day is not None]
    if patron.blocks:
        return date.min.isoformat()
    return min(days).isoformat() if days else ""


# ── what both need ──


def _streamed(db: Session, query: Query, render: Any) -> Iterator[Row]:
    """The rows of a long answer, as they come."""
    for row in db.execute(query, execution_options={"yield_per": 5000}):
        yield render(row)


def _by_kind(changes: Collection[Change]) -> defaultdict[Kind, set[str]]:
    refs: defaultdict[Kind, set[str]] = defaultdict(set)
    for kind, ref in changes:
        refs[kind].add(ref)
    return refs


def _missing(asked: dict[str, set[str]], found: dict[str, list[Row]]) -> dict[str, list[str]]:
    missing = {table: sorted(keys - {str(row[0]) for row in found[table]}) for table, keys in asked.items()}
    return {table: keys for table, keys in missing.items() if keys}


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    return in_batches(sorted(values), AT_ONCE)  # type: ignore[type-var]  # texts or numbers
