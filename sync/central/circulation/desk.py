"""What asks for acts to be applied and keeps what was said of each: in one transaction, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.acts import Act, ActKind, MessageKind
from sync.catalogue import Outcome, Verdict
from sync.central.circulation.application import Application
from sync.central.circulation.checkin import Checkin, Undo
from sync.central.circulation.checkout import Checkout
from sync.central.circulation.moment import Moment
from sync.central.circulation.renewal import Renewal
from sync.central.circulation.verdicts import stored_verdict, verdict_row
from sync.central.models import again_after_collision, utc_now
from sync.rules import LendingRules
from sync.stream import Fact


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
        verdict = _application_of(act)(db, self._rules, self._zone, self._now(), act, kind, moment).verdict()
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


def _application_of(act: Act) -> type[Application]:
    match act.kind:
        case ActKind.CHECKOUT:
            return Checkout
        case ActKind.RENEW:
            return Renewal
        case ActKind.CHECKIN:
            return Undo if act.undoes else Checkin
