"""A library system as most are: it has no keys and no memory of what it was told, and does again what it is told again.

It stands behind a line that loses questions, loses answers, and lets questions arrive after whoever asked has given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sync.catalogue import NoAnswer, Unreachable
from sync.sip2 import answers, requests
from sync.sip2.codes import CirculationStatus, PatronCondition, Summary
from sync.sip2.message import Answer, Request
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.profile import NoBlock

LOAN_DAYS = 28
LATEST_S = 40.0
"""The longest that a question is under way."""


@dataclass
class Lent:
    """A loan at the library system."""

    patron: str
    due: date
    renewals: int = 0


@dataclass
class LibrarySystem:
    """Readers, items and loans, and what a system without idempotency does with them.

    `done`: every loan and return that it ever made, in order.
    """

    now: Callable[[], datetime]
    zone: ZoneInfo
    no_block: NoBlock = NoBlock.AS_DUE_DATE
    patrons: set[str] = field(default_factory=lambda: {"anna", "ben", "cleo"})
    barred: set[str] = field(default_factory=set)
    items: dict[str, str] = field(default_factory=lambda: {str(300 + n): f"T{300 + n}" for n in range(1, 7)})
    loans: dict[str, Lent] = field(default_factory=dict)
    done: list[tuple[str, str, str]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """What it does, and says."""
        match request:
            case requests.Checkout():
                return self._checkout(request)
            case requests.Checkin():
                return self._checkin(request)
            case requests.Renew():
                return self._renew(request)
            case requests.ItemInformation():
                return self._item(request)
            case requests.PatronInformation():
                return self._patron(request)
            case requests.SCStatus():
                return answers.ACSStatus(system_date=self.now(), supported=frozenset())
        raise AssertionError(request)

    def _due(self) -> date:
        return self.now().astimezone(self.zone).date() + timedelta(days=LOAN_DAYS)

    def _checkout(self, request: requests.Checkout) -> Answer:
        patron, item = request.patron or "", request.item or ""
        forced = request.no_block and self.no_block is NoBlock.AS_DUE_DATE
        loan = self.loans.get(item)
        ok = item in self.items and patron in self.patrons and (forced or patron not in self.barred)
        renewal = ok and loan is not None and loan.patron == patron
        if ok and loan is not None and not renewal:
            ok = False
        if ok:
            due = self._due()
            if forced and isinstance(request.nb_due_date, datetime):
                due = request.nb_due_date.astimezone(self.zone).date()
            if renewal and loan is not None:
                loan.due, loan.renewals = due, loan.renewals + 1
                self.done.append(("renew", item, patron))
            else:
                self.loans[item] = Lent(patron, due)
                self.done.append(("checkout", item, patron))
        return answers.CheckoutResponse(
            ok=ok,
            renewal_ok=renewal,
            transaction_date=self.now(),
            patron=patron,
            item=item,
            title=self.items.get(item, ""),
            due_date=self._stamp(self.loans[item].due) if ok else "",
        )

    def _checkin(self, request: requests.Checkin) -> Answer:
        item = request.item or ""
        loan = self.loans.pop(item, None)
        if loan is not None:
            self.done.append(("checkin", item, loan.patron))
        return answers.CheckinResponse(
            ok=loan is not None, transaction_date=self.now(), item=item, title=self.items.get(item), alert=loan is None
        )

    def _renew(self, request: requests.Renew) -> Answer:
        patron, item = request.patron or "", request.item or ""
        loan = self.loans.get(item)
        ok = loan is not None and loan.patron == patron
        if ok and loan is not None:
            loan.due, loan.renewals = loan.due + timedelta(days=1), loan.renewals + 1
            self.done.append(("renew", item, patron))
        return answers.RenewResponse(
            ok=ok,
            renewal_ok=ok,
            transaction_date=self.now(),
            patron=patron,
            item=item,
            title=self.items.get(item, ""),
            due_date=self._stamp(loan.due) if ok and loan is not None else "",
        )

    def _item(self, request: requests.ItemInformation) -> Answer:
        item = request.item or ""
        loan = self.loans.get(item)
        known = item in self.items
        status = (
            CirculationStatus.CHARGED if loan else CirculationStatus.AVAILABLE if known else CirculationStatus.OTHER
        )
        return answers.ItemInformationResponse(
            circulation_status=status,
            transaction_date=self.now(),
            item=item,
            title=self.items.get(item, ""),
            due_date=self._stamp(loan.due) if loan else None,
        )

    def _patron(self, request: requests.PatronInformation) -> Answer:
        patron = request.patron or ""
        charged = tuple(item for item, loan in sorted(self.loans.items()) if loan.patron == patron)
        conditions = frozenset({PatronCondition.CHARGE_DENIED} if patron in self.barred else ())
        return PatronInformationResponse(
            status=conditions,
            transaction_date=self.now(),
            charged_items_count=len(charged),
            patron=patron,
            name=patron.title(),
            valid_patron=patron in self.patrons,
            charged_items=charged if request.summary is Summary.CHARGED else (),
        )

    def _stamp(self, due: date) -> datetime:
        return datetime.combine(due, time(23, 59), self.zone)


@dataclass
class Weather:
    """How likely a question meets with each misfortune."""

    away: float = 0.0
    loses_question: float = 0.0
    loses_answer: float = 0.0
    late: float = 0.0


class BadLine:
    """Implements `sync.sip2.dialogue.Line`."""

    def __init__(self, system: LibrarySystem, dice: Random) -> None:
        self.system = system
        self.weather = Weather()
        self._dice = dice

    async def ask(self, request: Request, *, urgent: bool = True) -> Answer:
        weather, luck = self.weather, self._dice.random()
        if luck < weather.away:
            raise Unreachable("away")
        await asyncio.sleep(self._dice.uniform(0.01, 0.2))
        luck = self._dice.random()
        if luck < weather.loses_question:
            raise NoAnswer("lost on its way")
        if luck < weather.loses_question + weather.late:
            delay_s = self._dice.uniform(0.0, LATEST_S)
            asyncio.get_running_loop().call_later(delay_s, self.system.answer, request)
            raise NoAnswer("late")
        answer = self.system.answer(request)
        await asyncio.sleep(self._dice.uniform(0.01, 0.2))
        if self._dice.random() < weather.loses_answer:
            raise NoAnswer("the answer is lost")
        return answer

    async def status(self) -> answers.ACSStatus:
        answer = await self.ask(requests.SCStatus())
        assert isinstance(answer, answers.ACSStatus)
        return answer
