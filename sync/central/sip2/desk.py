"""What machines do, as acts of the centre: a station for each account, an incarnation for each start of the service."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from ulid import ULID

from sync.acts import Act, ActKind, ClockQuality, act_hash
from sync.catalogue import Verdict
from sync.central.circulation import Circulation, StationClock
from sync.central.holdings import open_loan
from sync.central.models import again_after_collision
from sync.stream import Fact

LONGEST_LOAN = timedelta(days=366)
"""A due date farther away than this was told by a machine whose clock is wrong."""


class Desk:
    """Mints acts and has them applied.

    Args:
        engine: the database.
        circulation: the centre's lending desk.
        now: its clock, UTC.
    """

    def __init__(self, engine: Engine, circulation: Circulation, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._circulation = circulation
        self._now = now
        self._incarnation = str(ULID())
        self._numbers = itertools.count(1)

    def propose(self, station: str, kind: ActKind, item: str, patron: str) -> Verdict:
        """May this be done? A yes has done it."""
        return self._circulation.propose(self._act(station, kind, item, patron, self._now(), self._incarnation))

    def happened(
        self, station: str, kind: ActKind, item: str, patron: str | None, undoes: str | None = None
    ) -> Verdict:
        """This has just happened."""
        return self._apply(self._act(station, kind, item, patron, self._now(), self._incarnation, undoes), None)

    def told(
        self, station: str, kind: ActKind, item: str, patron: str | None, at: datetime, due: date | None = None
    ) -> Verdict:
        """This happened earlier, when the machine was alone; `due` is what the reader was told then.

        Its incarnation is its own: what a machine tells afterwards is in no order with what it does meanwhile, so that
        its times alone say which came first.
        """
        return self._apply(self._act(station, kind, item, patron, at, str(ULID())), due)

    def _act(
        self,
        station: str,
        kind: ActKind,
        item: str,
        patron: str | None,
        at: datetime,
        incarnation: str,
        undoes: str | None = None,
    ) -> Act:
        return Act(
            key=str(ULID()),
            kind=kind,
            station=station,
            incarnation=incarnation,
            seq=next(self._numbers),
            item=item,
            patron=patron,
            at=at,
            mono_ns=0,
            boot_id="",
            clock=ClockQuality.UNKNOWN,
            undoes=undoes,
        )

    @again_after_collision
    def _apply(self, act: Act, due: date | None) -> Verdict:
        with Session(self._engine) as db, db.begin():
            moment = StationClock(db, act.station, None, self._now()).when(act)
            verdict = self._circulation.apply(db, Fact(act, act_hash(act, "", "")), moment)
            return _as_told(db, act, verdict, due) if due is not None else verdict


def _as_told(db: Session, act: Act, verdict: Verdict, due: date) -> Verdict:
    """What the reader was told stands, where nothing is wrong with the loan itself: it has been printed on a slip."""
    loan = open_loan(db, act.item)
    plausible = timedelta(0) <= due - act.at.date() <= LONGEST_LOAN
    if verdict.conflict is not None or not verdict.outcome.yes or loan is None or not plausible:
        return verdict
    if act.kind is ActKind.CHECKOUT and loan.key != act.key:
        return verdict  # it is over already
    if act.kind is ActKind.RENEW and due < loan.due:
        return verdict
    loan.due = due
    return msgspec.structs.replace(verdict, due=due)
