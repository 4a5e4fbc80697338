"""What applying an act has in common, whatever its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.acts import Act, MessageKind
from sync.catalogue import Outcome, Verdict, card_of
from sync.central import exceptions
from sync.central.circulation.moment import WELL_KNOWN, Moment
from sync.central.circulation.verdicts import stored_verdict
from sync.central.holdings import free_copies, item_of, open_loan
from sync.central.models import Card, FormerRef, HoldRow, ItemRow, PatronRow
from sync.conflicts import Conflict, Effect
from sync.rules import LendingRules, Opening, due_date

CONFLICTS = {
    Outcome.ALREADY_YOURS: Conflict.SAME,
    Outcome.PATRON_BLOCKED: Conflict.BLOCKED,
    Outcome.UNKNOWN_ITEM: Conflict.UNKNOWN_ITEM,
    Outcome.UNKNOWN_PATRON: Conflict.UNKNOWN_CARD,
    Outcome.NOT_YOURS: Conflict.OTHER_NEW,
}
"""Of a fact that would have been refused as a proposal. Whatever else is refused is a limit of some kind."""

ASKED_BACK_DAYS = 7
"""How long a reader keeps what should not have been lent: somebody waits for it, or others have a right to it too."""


def _account(db: Session, ref: str) -> str:
    """Whose account it is; where the station knew the card and nothing else, whoever holds it."""
    held = card_of(ref)
    card = db.get(Card, (held.kind, held.value)) if held is not None else None
    return card.patron if card is not None else ref


class Application(ABC):
    """One message being applied.

    Args:
        db: its transaction.
        rules: the library's rules.
        zone: its time zone.
        now: the centre's clock, UTC.
        act: what is proposed, or has happened.
        kind: which of the two.
        moment: when; a proposal counts from now.
    """

    def __init__(
        self,
        db: Session,
        rules: LendingRules,
        zone: ZoneInfo,
        now: datetime,
        act: Act,
        kind: MessageKind,
        moment: Moment,
    ) -> None:
        self._db = db
        self._rules = rules
        self._now = now
        self._act = act
        self._is_fact = kind is MessageKind.FACT
        self._moment = moment
        self._at = moment.at  # a fact counts from when it happened
        self._effects: list[Effect] = []
        self._today = self._at.astimezone(zone).date()
        self._row = db.get(ItemRow, act.item)
        self._item = item_of(db, self._row) if self._row else None
        self._loan = open_loan(db, act.item)
        self._former = db.get(FormerRef, act.patron or "")
        self._patron = self._former.ref if self._former is not None else _account(db, act.patron or "")

    def verdict(self) -> Verdict:
        """Apply the act and say what came of it."""
        if self._is_fact and (done := self._confirmed_proposal()):
            return done
        verdict = self._applied()
        if self._former is not None and verdict.conflict is None:
            return msgspec.structs.replace(verdict, conflict=Conflict.REISSUED)
        return verdict

    @abstractmethod
    def _applied(self) -> Verdict:
        """Change loans and holds as the act says, and put on the desk what does not fit."""

    def _confirmed_proposal(self) -> Verdict | None:
        stored = stored_verdict(self._db, self._act.key, MessageKind.PROPOSAL)
        verdict = msgspec.json.decode(stored.body, type=Verdict) if stored else None
        return verdict if verdict is not None and verdict.outcome.yes else None

    def _unsure(self, other: datetime) -> bool:
        """Whether the clocks do not tell which came first, this or what happened at `other`."""
        return self._moment.error > WELL_KNOWN and abs(other - self._at) < self._moment.error

    def _reserved_for_other(self, patron: str) -> bool:
        """Whether this very copy stands ready for somebody else, or more readers wait than copies are free."""
        if self._row is None:
            return False
        ready = self._db.scalar(select(HoldRow).where(HoldRow.item == self._row.barcode))
        if ready is not None:
            return ready.patron != patron
        waiting = self._db.scalars(
            select(HoldRow).where(HoldRow.title_id == self._row.title_id, HoldRow.item.is_(None))
        ).all()
        if not waiting or any(hold.patron == patron for hold in waiting):
            return False
        return len(waiting) >= free_copies(self._db, self._row.title_id)

    def _due_all_the_same(self, patron: PatronRow | None, conflict: Conflict) -> date:
        """What should not have been lent is asked back sooner."""
        due = due_date(
            self._rules,
            category=patron.category if patron else "*",
            media=self._item.media if self._item else "book",
            branch=self._home,
            today=self._today,
            expires=patron.expires if patron else None,
        )
        if conflict is Conflict.LIMIT:
            asked_back = self._today + timedelta(days=ASKED_BACK_DAYS)
            return min(due, Opening(self._rules, self._home).next_open(asked_back))
        return due

    @property
    def _home(self) -> str:
        """The branch to which the item belongs."""
        return self._item.branch if self._item else ""

    def _flag(self, conflict: Conflict, thought: Verdict | None) -> None:
        exceptions.open_exception(
            self._db,
            conflict,
            station=self._act.station,
            act=self._act,
            at=self._at,
            now=self._now,
            thought=thought,
            effects=self._effects,
        )
