"""A checkout, applied: a loan begins, or the reader is told why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property

import msgspec
from sqlalchemy import select

from sync.catalogue import Outcome, Verdict
from sync.central import exceptions
from sync.central.circulation.application import CONFLICTS, Application
from sync.central.holdings import media_of, open_loans_of
from sync.central.models import CursorRow, HoldRow, LoanRow, PatronRow, Sighting, VerdictRow
from sync.central.people import patron_blocks
from sync.conflicts import Conflict
from sync.rules import CheckoutCase, judge_checkout


class Checkout(Application):
    """An item is lent, or was. What has left is lent whatever the rules say, and flagged."""

    def _applied(self) -> Verdict:
        patron = self._db.get(PatronRow, self._patron)
        undone = self._was_undone_already()
        if undone:
            return undone
        if self._is_fact and (back_at := self._came_back_at()):
            return self._lent_and_returned(patron, back_at)
        if patron is None:
            verdict = Verdict(outcome=Outcome.UNKNOWN_PATRON, item=self._item)
        else:
            verdict = judge_checkout(self._rules, self._case(patron))
        if verdict.outcome.yes:
            self._lend(verdict.due)
            if self._is_fact and self._may_be_over():
                self._flag(Conflict.TIME, None)
                return msgspec.structs.replace(verdict, conflict=Conflict.TIME)
        elif self._is_fact:
            return self._lend_all_the_same(patron, verdict)
        return verdict

    def _was_undone_already(self) -> Verdict | None:
        """An undo that arrived before what it undoes: the item is here, and stays."""
        undo = self._db.scalar(select(VerdictRow.id).where(VerdictRow.act == f"undone:{self._act.key}"))
        return Verdict(outcome=Outcome.RETURNED, item=self._item) if undo else None

    def _came_back_at(self) -> datetime | None:
        """When the item came back after this loan of it, which is told late. None where it did not, and where that
        cannot be told for sure."""
        if self._loan is not None and self._loan.lent_at <= self._at:
            return None
        if self._loan is not None and self._loan.patron == self._patron and not self._unsure(self._loan.lent_at):
            return self._loan.lent_at  # to borrow it anew the reader must have brought it back
        return min((seen.at for seen in self._sightings if self._is_after(seen)), default=None)

    def _may_be_over(self) -> bool:
        """Whether the item came back at about the time of this loan: before or after it, nobody knows."""
        return any(self._is_after(seen) is None for seen in self._sightings)

    @cached_property
    def _sightings(self) -> Sequence[Sighting]:
        """Of the item, but for those that were surely before."""
        return self._db.scalars(
            select(Sighting).where(Sighting.item == self._act.item, Sighting.latest >= self._moment.earliest)
        ).all()

    def _is_after(self, seen: Sighting) -> bool | None:
        """Whether the item was seen after this; None where nobody knows. One station knows the order of what it did."""
        if seen.station == self._act.station:
            if seen.incarnation == self._act.incarnation:
                return seen.seq > self._act.seq
            there, here = self._place(seen.incarnation), self._place(self._act.incarnation)
            if there is not None and here is not None:
                return there > here
        if seen.earliest > self._moment.latest:
            return True
        return False if seen.latest < self._moment.earliest else None

    def _place(self, incarnation: str) -> int | None:
        row = self._db.get(CursorRow, (self._act.station, incarnation))
        return row.place if row is not None else None

    def _lent_and_returned(self, patron: PatronRow | None, back_at: datetime) -> Verdict:
        """All is well: others have told first how it ended."""
        due = self._due_all_the_same(patron, Conflict.SAME)
        self._record_closed_loan(due, back_at)
        return Verdict(outcome=Outcome.LENT, item=self._item, due=due)

    def _case(self, patron: PatronRow) -> CheckoutCase:
        loans = open_loans_of(self._db, patron.ref)
        media = self._item.media if self._item else "book"
        return CheckoutCase(
            today=self._today,
            patron=patron.ref,
            category=patron.category,
            expires=patron.expires,
            borrowed=len(loans),
            borrowed_media=sum(1 for loan in loans if media_of(self._db, loan.item) == media),
            blocks=patron_blocks(self._db, self._rules, patron, self._today),
            item=self._item,
            lent_to=self._loan.patron if self._loan else None,
            due=self._loan.due if self._loan else None,
            reserved_for_other=self._reserved_for_other(patron.ref),
            recalled=self._row is not None and self._row.recalled,
        )

    def _lend(self, due: date | None) -> None:
        patron = self._patron
        loan = LoanRow(item=self._act.item, patron=patron, key=self._act.key, lent_at=self._at, due=due or self._today)
        self._db.add(loan)
        self._db.flush()
        self._effects.append(exceptions.opened(loan))
        if self._row is not None:
            self._row.status = "available"
            loan.hold = self._fulfil_hold(self._row.title_id, patron)

    def _fulfil_hold(self, title_id: int, patron: str) -> dict[str, str | int | None] | None:
        """The reader has what they waited for. What stood there is kept with the loan, for an undo."""
        hold = self._db.scalar(select(HoldRow).where(HoldRow.title_id == title_id, HoldRow.patron == patron))
        if hold is None:
            return None
        self._db.delete(hold)
        until = hold.until.isoformat() if hold.until else None
        return {"title_id": title_id, "position": hold.position, "item": hold.item, "until": until}

    def _lend_all_the_same(self, patron: PatronRow | None, refused: Verdict) -> Verdict:
        """The book has left. Record what is true now and tell staff what does not fit."""
        conflict = self._conflict_of(refused)
        due = self._due_all_the_same(patron, conflict)
        if conflict is Conflict.SAME and self._loan is not None:
            due = self._loan.due
            self._lend_again(self._loan)
        elif conflict is Conflict.OTHER_NEW:
            self._record_closed_loan(due, self._at)
        else:
            if self._loan is not None:
                self._close(self._loan)
            self._lend(due)
        self._flag(conflict, refused)
        return Verdict(outcome=Outcome.LENT, item=self._item, due=due, conflict=conflict)

    def _conflict_of(self, refused: Verdict) -> Conflict:
        conflict = CONFLICTS.get(refused.outcome, Conflict.LIMIT)
        if self._loan is None or conflict is Conflict.SAME:
            return conflict
        if self._unsure(self._loan.lent_at):
            return Conflict.TIME
        return Conflict.OTHER_NEW if self._loan.lent_at > self._at else Conflict.OTHER_OLD

    def _lend_again(self, loan: LoanRow) -> None:
        """The reader has it, and borrowed it again: perhaps it came back between, which is told later."""
        if self._at > (loan.again_at or loan.lent_at):
            loan.again_at, loan.again_key = self._at, self._act.key

    def _close(self, loan: LoanRow) -> None:
        loan.returned_at = self._at
        self._db.flush()
        self._effects.append(exceptions.closed(loan))

    def _record_closed_loan(self, due: date, back_at: datetime) -> None:
        """It was lent and came back before somebody else borrowed it: history, not a state."""
        loan = LoanRow(
            item=self._act.item,
            patron=self._patron,
            key=self._act.key,
            lent_at=self._at,
            due=due,
            returned_at=back_at,
        )
        self._db.add(loan)
        self._db.flush()
        self._effects.append(exceptions.recorded(loan, self._loan))
