"""Proposals and facts, applied: each in one transaction with its stored verdict.

A proposal may be refused. A fact never is: it is applied as it happened, and flagged where it does not fit
(`sync.conflicts`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from sync.acts import Act, ActKind, ClockReading, MessageKind
from sync.catalogue import Outcome, Verdict
from sync.central import exceptions
from sync.central.holdings import free_copies, item_of, media_of, open_loan, open_loans_of
from sync.central.models import (
    Branch,
    FeeRow,
    FormerRef,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Sighting,
    StationRow,
    VerdictRow,
    again_after_collision,
    utc_now,
)
from sync.central.people import patron_blocks
from sync.conflicts import Conflict, Effect
from sync.rules import (
    CheckoutCase,
    LendingRules,
    Opening,
    RenewCase,
    days_late,
    due_date,
    judge_checkout,
    judge_renew,
    late_fee,
)
from sync.stream import Fact

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

OLDEST_FACT = timedelta(days=400)
"""Returns work without a catalogue for a year (ARCHITECTURE.md)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by the centre's clock, give or take `error`."""

    at: datetime
    error: timedelta = timedelta(0)


class KeyReused(Exception):
    """The same key with another content: a station's journal was forked or forged. Nothing is applied."""


class Circulation:
    """The lending desk of the centre.

    Args:
        engine: the database.
        rules: the library's rules.
        zone: its time zone; due dates are its local dates.
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
    def propose(self, act: Act) -> Verdict:
        """May this be done? A yes has done it. What comes after its own fact was overtaken by it, and changes nothing.
        Raises `KeyReused`."""
        with Session(self._engine) as db, db.begin():
            happened = stored_verdict(db, act.key, MessageKind.FACT)
            if happened is not None:
                return msgspec.json.decode(happened.body, type=Verdict)
            return self._once(db, act, MessageKind.PROPOSAL, _digest(act), Moment(self._now()))

    def apply(self, db: Session, fact: Fact, moment: Moment) -> Verdict:
        """This happened. In the transaction of `db`. Told before, it gets the verdict that it got then.

        Raises:
            KeyReused: the key stands for something else.
        """
        return self._once(db, fact.act, MessageKind.FACT, fact.hash, moment)

    def _once(self, db: Session, act: Act, kind: MessageKind, digest: str, moment: Moment) -> Verdict:
        """Apply a message and keep its verdict, or find that it was applied."""
        stored = stored_verdict(db, act.key, kind)
        if stored is not None:
            if stored.act != digest:
                raise KeyReused(act.key)
            return msgspec.json.decode(stored.body, type=Verdict)
        verdict = _Application(db, self._rules, self._zone, self._now(), act, kind, moment).verdict()
        db.add(verdict_row(act.key, kind, digest, verdict, self._now()))
        return verdict

    @again_after_collision
    def look_up(self, act: Act) -> Verdict | None:
        """The verdict on an earlier proposal, or on the fact that it became; None where neither arrived. Then it is
        given up: should the proposal be on its way still, it is refused when it comes."""
        with Session(self._engine) as db, db.begin():
            stored = stored_verdict(db, act.key, MessageKind.FACT) or stored_verdict(db, act.key, MessageKind.PROPOSAL)
            if stored is None:
                given_up = Verdict(outcome=Outcome.NO_ANSWER)
                db.add(verdict_row(act.key, MessageKind.PROPOSAL, _digest(act), given_up, self._now()))
                return None
            verdict = msgspec.json.decode(stored.body, type=Verdict)
            return None if verdict.outcome is Outcome.NO_ANSWER else verdict


def _digest(act: Act) -> str:
    return hashlib.sha256(msgspec.json.encode(act, order="sorted")).hexdigest()


ROUND_TRIP = timedelta(seconds=5)
"""The longest that a reading of a station's clocks may be under way."""

WELL_KNOWN = timedelta(minutes=1)
"""A time that is known as well as this is believed: books are not carried about faster."""


def when(act: Act, clock: ClockReading | None, now: datetime) -> Moment:
    """When an act happened, by the centre's clock: never later than now.

    A station's clock may be off by years, the time since its boot is not: within one boot the act's age is exact. From
    an earlier boot the two clocks' difference is taken off, and may be wrong by as much. What is older than anything a
    station keeps undelivered comes from a clock that stood still, and counts as now.
    """
    if clock is None:
        at, error = act.at, timedelta(0)
    elif clock.boot_id == act.boot_id:
        at, error = now - timedelta(microseconds=(clock.boot_ns - act.mono_ns) // 1000), ROUND_TRIP
    else:
        at, error = act.at + (now - clock.now), abs(now - clock.now) + ROUND_TRIP
    if now - at >= OLDEST_FACT:
        return Moment(now, now - at)
    return Moment(min(at, now), error)


def stored_verdict(db: Session, key: str, kind: MessageKind) -> VerdictRow | None:
    """What was answered to a message, if it has been."""
    return db.scalar(select(VerdictRow).where(VerdictRow.key == key, VerdictRow.kind == kind))


def verdict_row(key: str, kind: MessageKind, digest: str, verdict: Verdict, now: datetime) -> VerdictRow:
    """What is answered to a message, to be kept. `digest`: of what the message said."""
    return VerdictRow(key=key, kind=kind, act=digest, body=msgspec.json.encode(verdict).decode(), at=now)


class _Application:
    """One message being applied."""

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
        self._at = moment.at  # a fact counts from when it happened
        self._error = moment.error
        self._effects: list[Effect] = []
        self._today = self._at.astimezone(zone).date()
        self._row = db.get(ItemRow, act.item)
        self._item = item_of(db, self._row) if self._row else None
        self._loan = open_loan(db, act.item)
        self._former = db.get(FormerRef, act.patron or "")
        self._patron = self._former.ref if self._former is not None else act.patron or ""

    def verdict(self) -> Verdict:
        """Apply the act and say what came of it."""
        if self._is_fact and (done := self._confirmed_proposal()):
            return done
        verdict = self._applied()
        if self._former is not None and verdict.conflict is None:
            return msgspec.structs.replace(verdict, conflict=Conflict.REISSUED)
        return verdict

    def _applied(self) -> Verdict:
        match self._act.kind:
            case ActKind.CHECKOUT:
                return self._checkout()
            case ActKind.RENEW:
                return self._renew()
            case ActKind.CHECKIN:
                return self._undo() if self._act.undoes else self._checkin()

    def _confirmed_proposal(self) -> Verdict | None:
        stored = stored_verdict(self._db, self._act.key, MessageKind.PROPOSAL)
        verdict = msgspec.json.decode(stored.body, type=Verdict) if stored else None
        return verdict if verdict is not None and verdict.outcome.yes else None

    # ── checkout ──

    def _checkout(self) -> Verdict:
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
        back_at = self._seen_since()
        return None if back_at is None or self._unsure(back_at) else back_at

    def _seen_since(self) -> datetime | None:
        seen = select(func.min(Sighting.at)).where(Sighting.item == self._act.item, Sighting.at > self._at)
        return self._db.scalar(seen)

    def _may_be_over(self) -> bool:
        """Whether the item came back at about the time of this loan: before or after it, nobody knows."""
        near = select(Sighting.at).where(
            Sighting.item == self._act.item,
            Sighting.at > self._at - self._error,
            Sighting.at < self._at + self._error,
        )
        return self._error > WELL_KNOWN and self._db.scalar(near.limit(1)) is not None

    def _unsure(self, other: datetime) -> bool:
        """Whether the clocks do not tell which came first, this or what happened at `other`."""
        return self._error > WELL_KNOWN and abs(other - self._at) < self._error

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

    # ── renew ──

    def _renew(self) -> Verdict:
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

    # ── checkin ──

    def _checkin(self) -> Verdict:
        self._db.add(Sighting(item=self._act.item, at=self._at))
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

    def _unknown_item(self) -> Verdict:
        if not self._is_fact:
            return Verdict(outcome=Outcome.UNKNOWN_ITEM)
        self._flag(Conflict.UNKNOWN_ITEM, None)
        return Verdict(outcome=Outcome.UNKNOWN_ITEM, conflict=Conflict.UNKNOWN_ITEM)

    def _returned_between(self, loan: LoanRow, again_at: datetime) -> Verdict:
        """It came back before the same reader borrowed it again: the first loan is history, the second one stands."""
        first = LoanRow(
            item=loan.item, patron=loan.patron, key=loan.key, lent_at=loan.lent_at, due=loan.due, returned_at=self._at
        )
        self._db.add(first)
        loan.key, loan.lent_at, loan.again_at, loan.again_key = loan.again_key, again_at, None, ""
        return Verdict(outcome=Outcome.RETURNED, item=self._item)

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

    @property
    def _home(self) -> str:
        """The branch to which the item belongs."""
        return self._item.branch if self._item else ""

    # ── undo ──

    def _undo(self) -> Verdict:
        """The item never left after all: its loan was none, so there is no lateness and nothing to route."""
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
