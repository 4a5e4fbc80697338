"""A renewal, applied: a loan goes on, or the reader is told why not."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import select

from sync.catalogue import Outcome, Verdict
from sync.central import exceptions
from sync.central.circulation.application import CONFLICTS, Application
from sync.central.models import LoanRow, PatronRow
from sync.central.people import patron_blocks
from sync.conflicts import Conflict
from sync.rules import RenewCase, judge_renew


class Renewal(Application):
    """A loan gets a new due date, or got one. What a reader was told stands, and is flagged where it does not fit."""

    def _applied(self) -> Verdict:
        patron = self._db.get(PatronRow, self._patron)
        loan = self._loan
        if patron is None:
            return self._flagged_if_fact(Verdict(outcome=Outcome.UNKNOWN_PATRON, item=self._item))
        if loan is not None and loan.patron == patron.ref and self._renewed_meanwhile(loan):
            return Verdict(outcome=Outcome.RENEWED, item=self._item, due=loan.due)
        verdict = judge_renew(
            self._rules,
            RenewCase(
                today=self._today,
                patron=patron.ref,
                category=patron.category,
                expires=patron.expires,
                blocks=patron_blocks(self._db, self._rules, patron, self._today),
                item=self._item,
                lent_to=loan.patron if loan else None,
                due=loan.due if loan else None,
                renewals=loan.renewals if loan else 0,
                reserved_for_other=self._reserved_for_other(patron.ref),
                recalled=self._row is not None and self._row.recalled,
            ),
        )
        if verdict.outcome.yes and loan is not None and verdict.due is not None:
            self._lend_on(loan, verdict.due)
            return verdict
        if self._is_fact and self._ended_since(patron.ref):
            return Verdict(outcome=Outcome.RENEWED, item=self._item)
        if self._is_fact and loan is not None and loan.patron == patron.ref:
            return self._renew_all_the_same(patron, loan, verdict)
        return self._flagged_if_fact(verdict)

    def _ended_since(self, patron: str) -> bool:
        """Whether the reader had the item then, and has brought it back: the new date does not matter any more."""
        had = select(LoanRow.id).where(
            LoanRow.item == self._act.item,
            LoanRow.patron == patron,
            LoanRow.lent_at <= self._at,
            LoanRow.returned_at >= self._at,
        )
        return self._db.scalar(had) is not None

    def _lend_on(self, loan: LoanRow, due: date) -> None:
        self._effects.append(exceptions.renewed(loan))
        loan.due = due
        loan.renewals += 1

    def _renew_all_the_same(self, patron: PatronRow, loan: LoanRow, refused: Verdict) -> Verdict:
        """The reader was told a new date and has gone: it stands, and staff are told why it should not have been."""
        if refused.outcome is Outcome.TOO_EARLY:
            return Verdict(outcome=Outcome.RENEWED, item=self._item, due=loan.due)
        conflict = CONFLICTS.get(refused.outcome, Conflict.LIMIT)
        self._lend_on(loan, max(loan.due, self._due_all_the_same(patron, conflict)))
        self._flag(conflict, refused)
        return Verdict(outcome=Outcome.RENEWED, item=self._item, due=loan.due, conflict=conflict)

    def _renewed_meanwhile(self, loan: LoanRow) -> bool:
        """The reader saw an earlier due date than the loan has now: this renewal was done already."""
        return self._act.due_before is not None and loan.due > self._act.due_before and self._is_fact

    def _flagged_if_fact(self, verdict: Verdict) -> Verdict:
        if not self._is_fact:
            return verdict
        conflict = CONFLICTS.get(verdict.outcome, Conflict.LIMIT)
        self._flag(conflict, verdict)
        return msgspec.structs.replace(verdict, conflict=conflict)
