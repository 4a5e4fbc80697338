"""Patrons at the centre: who holds a card, whether the PIN is right, what they have and owe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Engine, exists, false, func, or_, select
from sqlalchemy.orm import Session

from sync.catalogue import (
    Block,
    BlockCode,
    Credential,
    Fee,
    Hold,
    Loan,
    Money,
    Patron,
    PatronAnswer,
    PatronState,
)
from sync.central.models import (
    Branch,
    Card,
    ExceptionRow,
    FeeRow,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Title,
    again_after_collision,
    utc_now,
)
from sync.conflicts import Conflict
from sync.rules import LendingRules, blocks_of

PIN_TRIES = 5
PIN_REST_S = 300.0

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with what OWASP asks for (Password Storage Cheat Sheet): about 30 ms a PIN on two slow cores."""


class People:
    """The centre's patrons.

    Args:
        engine: the database.
        rules: the library's rules.
        zone: its time zone.
        now: the centre's clock, UTC.
    """

    def __init__(
        self,
        engine: Engine,
        rules: LendingRules,
        zone: ZoneInfo,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._zone = zone
        self._now = now

    @again_after_collision
    def answer(self, credential: Credential, pin: str | None) -> PatronAnswer:
        """Who holds this card. Of a patron with a PIN nothing is told before the PIN was right."""
        with Session(self._engine) as db, db.begin():
            card = db.get(Card, (credential.kind, credential.value))
            if card is None:
                return PatronAnswer(state=PatronState.UNKNOWN)
            patron = db.get_one(PatronRow, card.patron)
            refused = self._refused(patron, pin)
            return refused or PatronAnswer(state=PatronState.WELCOME, patron=self._told(db, patron))

    def _refused(self, patron: PatronRow, pin: str | None) -> PatronAnswer | None:
        if not patron.pin:
            return None
        rest_s = self._rest_s(patron)
        if rest_s > 0:
            return PatronAnswer(state=PatronState.PIN_LOCKED, wait_s=rest_s)
        if pin is None:
            return PatronAnswer(state=PatronState.PIN_NEEDED)
        if _is_right(patron.pin, pin):
            patron.wrong_pins, patron.rests_until = 0, None
            return None
        patron.wrong_pins += 1
        if patron.wrong_pins >= PIN_TRIES:
            patron.wrong_pins, patron.rests_until = 0, self._now() + timedelta(seconds=PIN_REST_S)
            return PatronAnswer(state=PatronState.PIN_LOCKED, wait_s=int(PIN_REST_S))
        return PatronAnswer(state=PatronState.PIN_WRONG, tries_left=PIN_TRIES - patron.wrong_pins)

    def _rest_s(self, patron: PatronRow) -> int:
        until = patron.rests_until
        if until is None:
            return 0
        return max(0, int((until - self._now()).total_seconds() + 0.999))

    def _told(self, db: Session, patron: PatronRow) -> Patron:
        today = self._now().astimezone(self._zone).date()
        loans = _loans(db, self._rules, patron, today)
        return Patron(
            ref=patron.ref,
            name=patron.name,
            language=patron.language,
            category=patron.category,
            expires=patron.expires,
            limit=self._rules.limit_for(patron.category),
            borrowed=len(loans),
            blocks=patron_blocks(db, self._rules, patron, today),
            loans=loans,
            holds=_holds(db, patron),
            fees=_fees(db, self._rules, patron),
            messages=tuple(patron.messages),
        )


def _is_right(verifier: str, pin: str) -> bool:
    try:
        return HASHER.verify(verifier, pin)
    except VerifyMismatchError:
        return False


def patron_blocks(db: Session, rules: LendingRules, patron: PatronRow, today: date) -> tuple[Block, ...]:
    """Why a patron may not borrow today. Whether a block counts for a renewal too, the rules say."""
    owed = db.scalar(select(func.coalesce(func.sum(FeeRow.minor), 0)).where(FeeRow.patron == patron.ref)) or 0
    overdue = db.scalar(
        select(func.count())
        .select_from(LoanRow)
        .where(LoanRow.patron == patron.ref, LoanRow.returned_at.is_(None), LoanRow.due < today)
    )
    return blocks_of(
        rules,
        today=today,
        expires=patron.expires,
        owed_minor=owed,
        overdue=overdue or 0,
        codes=tuple(BlockCode(code) for code in patron.block_codes),
    )


def _loans(db: Session, rules: LendingRules, patron: PatronRow, today: date) -> tuple[Loan, ...]:
    needed = exists().where(
        ExceptionRow.conflict == Conflict.LIMIT, ExceptionRow.key == LoanRow.key, ExceptionRow.key != ""
    )
    query = (
        select(LoanRow, Title, or_(needed, func.coalesce(ItemRow.recalled, false())))
        .outerjoin(ItemRow, ItemRow.barcode == LoanRow.item)
        .outerjoin(Title, Title.id == ItemRow.title_id)
        .where(LoanRow.patron == patron.ref, LoanRow.returned_at.is_(None))
        .order_by(LoanRow.due, LoanRow.id)
    )
    return tuple(
        _loan(rules, patron, row, title, today, asked_back=asked_back) for row, title, asked_back in db.execute(query)
    )


def _loan(
    rules: LendingRules, patron: PatronRow, row: LoanRow, title: Title | None, today: date, *, asked_back: bool
) -> Loan:
    media = title.media if title else "book"
    return Loan(
        item=row.item,
        title=title.title if title else row.item,
        author=title.author if title else "",
        media=media,
        due=row.due,
        overdue=row.due < today,
        asked_back=asked_back,
        renewals_left=max(0, rules.for_case(patron.category, media).renewals - row.renewals),
    )


def _holds(db: Session, patron: PatronRow) -> tuple[Hold, ...]:
    query = (
        select(HoldRow, Title, Branch)
        .join(Title, Title.id == HoldRow.title_id)
        .outerjoin(ItemRow, ItemRow.barcode == HoldRow.item)
        .outerjoin(Branch, Branch.code == ItemRow.branch)
        .where(HoldRow.patron == patron.ref)
        .order_by(HoldRow.id)
    )
    return tuple(
        Hold(
            title=title.title,
            ready=hold.item is not None,
            shelf=branch.hold_shelf if branch else "",
            until=hold.until,
            position=None if hold.item else hold.position,
        )
        for hold, title, branch in db.execute(query)
    )


def _fees(db: Session, rules: LendingRules, patron: PatronRow) -> tuple[Fee, ...]:
    rows = db.scalars(select(FeeRow).where(FeeRow.patron == patron.ref).order_by(FeeRow.id))
    return tuple(Fee(reason=row.reason, amount=Money(row.minor, rules.currency), title=row.title) for row in rows)
