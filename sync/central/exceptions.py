"""The exceptions desk of the centre: what was done by itself and staff should look at, until it is resolved, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from sync.acts import Act
from sync.catalogue import Verdict
from sync.central.models import ExceptionRow, LoanRow, StationRow, again_after_collision, utc_now
from sync.conflicts import (
    CLASSES,
    Believed,
    Conflict,
    Decision,
    Effect,
    ExceptionView,
    PastLoan,
    Resolution,
    asks_staff,
)

OPEN = ("open", "suggested")
HISTORY = 5
"""Loans of an item that are shown."""

UNAPPLIED = (Conflict.POISON, Conflict.WAITS)
"""Classes of facts that are stored and not applied yet."""


def opened(loan: LoanRow) -> Effect:
    """A loan began."""
    return Effect("opened", loan.id)


def closed(loan: LoanRow) -> Effect:
    """Another reader's loan ended."""
    return Effect("closed", loan.id)


def recorded(loan: LoanRow, other: LoanRow | None) -> Effect:
    """A loan was written down as over, because another one is open."""
    return Effect("recorded", loan.id, other=other.id if other else None)


def renewed(loan: LoanRow) -> Effect:
    """A loan is about to go on."""
    return Effect("renewed", loan.id, due_before=loan.due, renewals_before=loan.renewals)


def left_open(loan: LoanRow) -> Effect:
    """A loan goes on although its item came back once, before."""
    return Effect("left_open", loan.id)


class AlreadyResolved(Exception):
    """Somebody else was first, and that holds."""


class CannotBe(Exception):
    """This resolution is not possible: the class does not have it, or things have changed since."""


def open_exception(
    db: Session,
    conflict: Conflict,
    *,
    station: str,
    at: datetime,
    now: datetime,
    act: Act | None = None,
    raw: str = "",
    key: str = "",
    item: str = "",
    subject: str = "",
    thought: Verdict | None = None,
    effects: Sequence[Effect] = (),
    error: str = "",
) -> None:
    """Put it on the desk, unless its class only informs. `raw`: the fact as it came, where it is set aside; `key` and
    `item` are taken from the act, where that can be understood."""
    if not asks_staff(conflict):
        return
    possible = CLASSES[conflict].resolutions
    barcode = act.item if act is not None else item
    believed = Believed(would_say=thought, loans=_past_loans(db, barcode))
    db.add(
        ExceptionRow(
            conflict=conflict,
            station=station,
            key=act.key if act is not None else key,
            item=barcode,
            subject=subject,
            act=msgspec.json.encode(act).decode() if act is not None else "",
            raw=raw,
            believed=msgspec.json.encode(believed).decode(),
            effects=msgspec.json.encode(effects).decode(),
            error=error,
            happened_at=at,
            opened_at=now,
            state="suggested" if possible else "open",
            suggested=possible[0] if possible else "",
        )
    )


def _past_loans(db: Session, barcode: str) -> tuple[PastLoan, ...]:
    if not barcode:
        return ()
    rows = db.scalars(select(LoanRow).where(LoanRow.item == barcode).order_by(LoanRow.id.desc()).limit(HISTORY))
    return tuple(
        PastLoan(patron=row.patron, lent_at=row.lent_at, due=row.due, returned_at=row.returned_at) for row in rows
    )


class ExceptionsDesk:
    """The centre's exceptions.

    Args:
        engine: the database.
        release: goes on with a fact that was set aside, in the transaction it is given: applies it if it is told to,
            and then those that waited behind it.
        now: the centre's clock, UTC.
    """

    def __init__(
        self,
        engine: Engine,
        release: Callable[[Session, ExceptionRow, bool], None],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._release = release
        self._now = now

    def waiting(self, branch: str) -> tuple[ExceptionView, ...]:
        """What is not resolved at a branch's stations, oldest first."""
        with Session(self._engine) as db:
            rows = db.scalars(
                select(ExceptionRow)
                .join(StationRow, StationRow.id == ExceptionRow.station)
                .where(StationRow.branch == branch, ExceptionRow.state.in_(OPEN))
                .order_by(ExceptionRow.id)
            )
            return tuple(_view(row) for row in rows)

    @again_after_collision
    def resolve(self, number: int, branch: str, decision: Decision) -> ExceptionView:
        """Resolve it, once.

        Raises:
            LookupError: there is no such exception at this branch.
            AlreadyResolved: somebody was first.
            CannotBe: not in this way.
        """
        with Session(self._engine, expire_on_commit=False) as db, db.begin():
            row = db.scalar(
                select(ExceptionRow)
                .join(StationRow, StationRow.id == ExceptionRow.station)
                .where(ExceptionRow.id == number, StationRow.branch == branch)
            )
            if row is None:
                raise LookupError(number)
            self._claim(db, row, decision)
            if decision.resolution is Resolution.REVERSE:
                for effect in reversed(_effects(row)):
                    _take_back(db, effect, self._now())
            elif row.conflict in UNAPPLIED:
                self._release(db, row, decision.resolution is Resolution.AGAIN)
            return _view(row)

    def _claim(self, db: Session, row: ExceptionRow, decision: Decision) -> None:
        """Compare and swap: of two who decide at once, one does."""
        if decision.resolution not in _possible(row):
            raise CannotBe(f"{row.conflict} cannot be resolved by {decision.resolution}")
        claimed = db.execute(
            update(ExceptionRow)
            .where(ExceptionRow.id == row.id, ExceptionRow.state.in_(OPEN))
            .values(
                state="resolved",
                resolution=decision.resolution,
                resolved_at=self._now(),
                resolved_by=decision.who,
                why=decision.why,
            )
        )
        if claimed.rowcount != 1:  # type: ignore[attr-defined]
            raise AlreadyResolved(row.resolved_by)
        db.refresh(row)


def _take_back(db: Session, effect: Effect, now: datetime) -> None:
    loan = db.get_one(LoanRow, effect.loan)
    match effect.kind:
        case "opened":
            _end(loan, loan.lent_at)
        case "left_open":
            _end(loan, now)
        case "closed":
            _reopen(db, loan)
        case "recorded":
            if effect.other is not None:
                _end(db.get_one(LoanRow, effect.other), now)
            db.flush()
            _reopen(db, loan)
        case "renewed":
            if effect.due_before is not None:
                loan.due, loan.renewals = effect.due_before, effect.renewals_before
    db.flush()


def _end(loan: LoanRow, at: datetime) -> None:
    if loan.returned_at is None:  # the item has come back meanwhile: what was to be taken back is over
        loan.returned_at = at


def _reopen(db: Session, loan: LoanRow) -> None:
    other = db.scalar(select(LoanRow.id).where(LoanRow.item == loan.item, LoanRow.returned_at.is_(None)))
    if other is not None and other != loan.id:
        raise CannotBe("the item has been lent again since")
    loan.returned_at = None


def _effects(row: ExceptionRow) -> tuple[Effect, ...]:
    return msgspec.json.decode(row.effects, type=tuple[Effect, ...])


def _possible(row: ExceptionRow) -> tuple[Resolution, ...]:
    try:
        return CLASSES[Conflict(row.conflict)].resolutions
    except ValueError:
        return (Resolution.ACCEPT,)


def _view(row: ExceptionRow) -> ExceptionView:
    return ExceptionView(
        id=row.id,
        conflict=row.conflict,
        severity=CLASSES[Conflict(row.conflict)].severity,
        station=row.station,
        item=row.item,
        state=row.state,
        act=msgspec.json.decode(row.act, type=Act) if row.act else None,
        believed=msgspec.json.decode(row.believed, type=Believed) if row.believed else Believed(),
        effects=_effects(row),
        happened_at=row.happened_at,
        opened_at=row.opened_at,
        suggested=row.suggested,
        possible=_possible(row) if row.state in OPEN else (),
        resolution=row.resolution,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        why=row.why,
    )
