"""A checkin, applied: a loan ends and the item finds its way. And an undo: the loan was none."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy import select

from sync.acts import MessageKind
from sync.catalogue import Outcome, Verdict
from sync.central import exceptions
from sync.central.circulation.application import Application
from sync.central.circulation.verdicts import stored_verdict
from sync.central.models import Branch, FeeRow, HoldRow, ItemRow, LoanRow, PatronRow, Sighting, StationRow, VerdictRow
from sync.conflicts import Conflict
from sync.rules import days_late, late_fee


class _Return(Application):
    """An item is back."""

    def _returned_between(self, loan: LoanRow, again_at: datetime) -> Verdict:
        """It came back before the same reader borrowed it again: the first loan is history, the second one stands."""
        first = LoanRow(
            item=loan.item, patron=loan.patron, key=loan.key, lent_at=loan.lent_at, due=loan.due, returned_at=self._at
        )
        self._db.add(first)
        loan.key, loan.lent_at, loan.again_at, loan.again_key = loan.again_key, again_at, None, ""
        return Verdict(outcome=Outcome.RETURNED, item=self._item)


class Checkin(_Return):
    """An item was brought back: its loan is over, and it goes to the next hold, to its own branch or on the shelf."""

    def _applied(self) -> Verdict:
        self._db.add(self._sighting())
        if self._row is None and self._loan is None:
            return self._unknown_item()
        if self._loan is not None and self._is_fact and self._loan.lent_at > self._at:
            # It was taken back before this loan began, and is told late: somebody else has it now, rightly.
            conflict = Conflict.TIME if self._unsure(self._loan.lent_at) else Conflict.OTHER_NEW
            self._effects.append(exceptions.left_open(self._loan))
            self._flag(conflict, None)
            return Verdict(outcome=Outcome.WAS_NOT_ON_LOAN, item=self._item, conflict=conflict)
        loan, self._loan = self._loan, None
        if loan is not None and loan.again_at is not None and self._is_fact and loan.again_at > self._at:
            return self._returned_between(loan, loan.again_at)
        verdict = self._returned(loan) if loan is not None else None
        if self._row is None:
            return verdict or Verdict(outcome=Outcome.RETURNED)
        if self._row.status == "lost" and verdict is None:
            verdict = Verdict(outcome=Outcome.RETURNED, item=self._item)  # found again
        if self._row.status in {"lost", "in_transit"}:
            self._row.status = "available"
        self._row.recalled = False  # it is back
        return self._routed(verdict)

    def _sighting(self) -> Sighting:
        moment = self._moment
        return Sighting(
            item=self._act.item,
            station=self._act.station,
            incarnation=self._act.incarnation,
            seq=self._act.seq,
            at=moment.at,
            earliest=moment.earliest,
            latest=moment.latest,
        )

    def _unknown_item(self) -> Verdict:
        if not self._is_fact:
            return Verdict(outcome=Outcome.UNKNOWN_ITEM)
        self._flag(Conflict.UNKNOWN_ITEM, None)
        return Verdict(outcome=Outcome.UNKNOWN_ITEM, conflict=Conflict.UNKNOWN_ITEM)

    def _returned(self, loan: LoanRow) -> Verdict:
        """Close the loan; a late one costs what the rules say."""
        loan.returned_at = self._at
        late = days_late(self._rules, self._home, loan.due, self._today)
        if not late:
            return Verdict(outcome=Outcome.RETURNED, item=self._item)
        patron = self._db.get(PatronRow, loan.patron)
        media = self._item.media if self._item else "book"
        fee = late_fee(self._rules, patron.category if patron else "*", media, late)
        if fee is not None:
            title = self._item.title if self._item else self._act.item
            self._db.add(FeeRow(patron=loan.patron, reason="late", minor=fee.minor, title=title))
        return Verdict(outcome=Outcome.RETURNED_LATE, item=self._item, days_late=late, fee=fee)

    def _routed(self, returned: Verdict | None) -> Verdict:
        """Where it goes from here: to somebody's hold, to its own branch, or back on the shelf."""
        row = self._row
        if row is None:
            raise LookupError("no item to route")
        late = {"days_late": returned.days_late, "fee": returned.fee} if returned else {}
        hold = self._next_hold(row)
        if hold is not None:
            hold.item = row.barcode
            shelf = self._branch(row.branch).hold_shelf
            return Verdict(outcome=Outcome.RETURNED_FOR_HOLD, item=self._item, shelf=shelf, **late)  # type: ignore[arg-type]
        here = self._station_branch()
        if here is not None and row.branch != here.code:
            row.status = "in_transit"
            home = self._branch(row.branch)
            return Verdict(
                outcome=Outcome.RETURNED_ELSEWHERE,
                item=self._item,
                branch=home.name,
                shelf=here.transit_shelf,
                **late,  # type: ignore[arg-type]
            )
        if returned is not None:
            return returned
        return Verdict(
            outcome=Outcome.WAS_NOT_ON_LOAN, item=self._item, conflict=Conflict.NOT_ON_LOAN if self._is_fact else None
        )

    def _next_hold(self, row: ItemRow) -> HoldRow | None:
        """The hold that this copy serves: the one it stood ready for, else the first that waits for the title."""
        ready = self._db.scalar(select(HoldRow).where(HoldRow.item == row.barcode))
        if ready is not None or row.status == "not_for_loan":
            return ready
        return self._db.scalar(
            select(HoldRow)
            .where(HoldRow.title_id == row.title_id, HoldRow.item.is_(None))
            .order_by(HoldRow.position, HoldRow.id)
            .limit(1)
        )

    def _branch(self, code: str) -> Branch:
        return self._db.get_one(Branch, code)

    def _station_branch(self) -> Branch | None:
        station = self._db.get(StationRow, self._act.station)
        return self._db.get(Branch, station.branch) if station else None


class Undo(_Return):
    """The item never left after all: its loan was none, so there is no lateness and nothing to route."""

    def _applied(self) -> Verdict:
        undone = self._db.scalar(select(LoanRow).where(LoanRow.key == self._act.undoes))
        if undone is None and self._changed_nothing():
            undone = self._loan
        if undone is not None and undone.again_at is not None and undone.again_at > self._at:
            return self._returned_between(undone, undone.again_at)
        if undone is not None and undone.returned_at is None:
            undone.returned_at = self._at
            self._restore_hold(undone)
        if undone is None:
            self._db.add(
                VerdictRow(key=self._act.key, kind="undo", act=f"undone:{self._act.undoes}", body="", at=self._now)
            )
        return Verdict(outcome=Outcome.RETURNED, item=self._item)

    def _changed_nothing(self) -> bool:
        """Whether the checkout that is undone found the item on this reader's account already (SAME): what the reader
        leaves here is that loan's item."""
        stored = stored_verdict(self._db, self._act.undoes or "", MessageKind.FACT)
        verdict = msgspec.json.decode(stored.body, type=Verdict) if stored else None
        is_same = verdict is not None and verdict.conflict == Conflict.SAME
        return is_same and self._loan is not None and self._loan.patron == self._patron

    def _restore_hold(self, loan: LoanRow) -> None:
        hold = loan.hold
        if hold is None:
            return
        until = date.fromisoformat(str(hold["until"])) if hold["until"] else None
        self._db.add(
            HoldRow(
                title_id=int(hold["title_id"] or 0),
                patron=loan.patron,
                position=int(hold["position"] or 1),
                item=str(hold["item"]) if hold["item"] else None,
                until=until,
            )
        )
        loan.hold = None
