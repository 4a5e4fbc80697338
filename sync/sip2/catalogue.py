"""A library system by SIP 2.00 as a `Catalogue`.

The protocol knows neither keys nor look-ups. What the port promises is kept by asking: after an outcome that stayed
unknown nothing is said twice before the library system was asked what it did (17, 63).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from sync.acts import Act, ActKind
from sync.catalogue import (
    BlockCode,
    Credential,
    Hold,
    Item,
    ItemStatus,
    Loan,
    Outcome,
    PatronAnswer,
    PatronState,
    ProtocolFault,
    Unreachable,
    Verdict,
)
from sync.money import money
from sync.settings import PinPolicy, Sip2Settings
from sync.sip2.answers import LoanResponse
from sync.sip2.codes import PatronCondition, Summary
from sync.sip2.dialogue import Dialogue, Line
from sync.sip2.items import day_of, item_of
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.patrons import patron_of

T = TypeVar("T")

DETAILS_S = 1.2
"""Seconds for what is told of each loan and hold when a card is held up. What does not fit is listed without."""

KEPT = 500
"""Verdicts and titles that are remembered, in memory alone."""


class Uncertain(ProtocolFault):
    """The library system does not tell what it did. The act waits."""

    code = "sip2_uncertain"


class Sip2Catalogue:
    """Implements `sync.catalogue.Catalogue`.

    Args:
        line: to the library system.
        settings: who the station is there.
        zone: the library's.
        now: the station's clock, UTC.
    """

    def __init__(self, line: Line, settings: Sip2Settings, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._zone = zone
        self._now = now
        self._ask = Dialogue(line, settings, now)
        self._said: _Recent[Verdict] = _Recent()  # of this process's proposals, by key
        self._items: _Recent[Item] = _Recent()  # titles do not change from one reader to the next

    async def heartbeat(self) -> None:
        """Raises `Unreachable` too where the library system says that its catalogue is away."""
        status = await self._ask.status()
        if not status.online:
            raise Unreachable("the library system says that it is not on line")

    # ── questions ──

    async def patron(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        """Only BL=Y says that a card is known, and only CQ=Y that a PIN was right (SIP 2.00, Patron Information
        Response): a system that leaves CQ out has checked nothing."""
        wants_pin = self._settings.pin is PinPolicy.ALWAYS
        asked_s = asyncio.get_running_loop().time()
        answer = await self._ask.patron(credential.value, pin if wants_pin else None, Summary.CHARGED)
        if answer.valid_patron is not True:
            return PatronAnswer(state=PatronState.UNKNOWN)
        if wants_pin and pin is None:
            return PatronAnswer(state=PatronState.PIN_NEEDED)
        if wants_pin and answer.valid_password is not True:
            return PatronAnswer(state=PatronState.PIN_WRONG)
        until_s = asked_s + DETAILS_S
        loans = await self._loans(answer, until_s)
        holds = await self._holds(answer, credential.value, pin if wants_pin else None)
        patron = patron_of(answer, today=self._today(), currency=self._settings.currency, loans=loans, holds=holds)
        return PatronAnswer(state=PatronState.WELCOME, patron=patron)

    async def item(self, barcode: str) -> Item | None:
        item = item_of(await self._ask.item(barcode), self._zone)
        if item is not None:
            self._items.keep(barcode, item)
        return item

    async def _loans(self, answer: PatronInformationResponse, until_s: float) -> tuple[Loan, ...]:
        """What the list holds is the system's choice: barcodes, of which more can be asked, or titles."""
        return tuple([await self._loan(text, until_s) for text in answer.charged_items])

    async def _loan(self, text: str, until_s: float) -> Loan:
        item = None
        if " " not in text and asyncio.get_running_loop().time() < until_s:
            item = await self.item(text)
        elif text in self._items:
            item = self._items[text]
        if item is None:
            return Loan(item=text, title=text, due=None)
        overdue = item.due is not None and item.due < self._today()
        return Loan(item=text, title=item.title, author=item.author, media=item.media, due=item.due, overdue=overdue)

    async def _holds(self, answer: PatronInformationResponse, card: str, pin: str | None) -> tuple[Hold, ...]:
        """Those that stand ready. One list goes with each question, and only a list that is not empty is asked for."""
        if not answer.hold_items_count:
            return ()
        ready = (await self._ask.patron(card, pin, Summary.HOLDS)).hold_items
        return tuple(Hold(title=self._items[text].title if text in self._items else text, ready=True) for text in ready)

    # ── proposals ──

    async def propose(self, act: Act) -> Verdict:
        """A checkout or a renewal. Asked again in this process it gets the verdict that it got; a library system would
        do it a second time."""
        said = self._said.get(act.key)
        if said is None:
            said = await (self._renew(act) if act.kind is ActKind.RENEW else self._checkout(act))
            self._said.keep(act.key, said)
        return said

    async def _checkout(self, act: Act) -> Verdict:
        answer = await self._ask.checkout(act.patron or "", act.item)
        if not answer.ok:
            return await self.why_not(act, answer)
        item, due = self._item_of(answer), day_of(answer.due_date, self._zone)
        if answer.renewal_ok:
            return Verdict(outcome=Outcome.ALREADY_YOURS, item=item, due=due)
        return Verdict(outcome=Outcome.LENT, item=item, due=due)

    async def _renew(self, act: Act) -> Verdict:
        answer = await self._ask.renew(act.patron or "", act.item)
        if not answer.ok:
            return await self.why_not(act, answer)
        return Verdict(outcome=Outcome.RENEWED, item=self._item_of(answer), due=day_of(answer.due_date, self._zone))

    def _item_of(self, answer: LoanResponse) -> Item:
        barcode = answer.item or ""
        known = self._items.get(barcode)
        return known or Item(barcode=barcode, title=answer.title or barcode, status=ItemStatus.ON_LOAN)

    async def why_not(self, act: Act, answer: LoanResponse) -> Verdict:
        """The reason of a no. The answer has it in words at best, and in no certain ones: the library system is asked
        for what it knows of the item and of the patron."""
        if isinstance(answer.fee_amount, Decimal) and answer.fee_amount > 0 and answer.fee_type is not None:
            fee = money(answer.fee_amount, answer.currency or self._settings.currency)
            return Verdict(outcome=Outcome.FEE_FIRST, item=self._item_of(answer), fee=fee)
        item = await self.item(act.item)
        if item is None:
            return Verdict(outcome=Outcome.UNKNOWN_ITEM)
        patron = await self._ask.patron(act.patron or "", summary=Summary.CHARGED)
        return self._of_patron(patron, item) or self._of_item(act, patron, item)

    def _of_patron(self, answer: PatronInformationResponse, item: Item) -> Verdict | None:
        if answer.valid_patron is not True:
            return Verdict(outcome=Outcome.UNKNOWN_PATRON, item=item)
        patron = patron_of(answer, today=self._today(), currency=self._settings.currency)
        blocks = tuple(block for block in patron.blocks if block.code is not BlockCode.LIMIT)
        if blocks and not _has(answer, item):
            return Verdict(outcome=Outcome.PATRON_BLOCKED, item=item, blocks=blocks)
        return None

    def _of_item(self, act: Act, answer: PatronInformationResponse, item: Item) -> Verdict:
        if act.kind is ActKind.RENEW:
            outcome = Outcome.DECLINED if _has(answer, item) else Outcome.NOT_YOURS
            return Verdict(outcome=outcome, item=item, due=item.due)
        if item.status is ItemStatus.ON_LOAN:
            outcome = Outcome.ALREADY_YOURS if _has(answer, item) else Outcome.ON_LOAN_TO_OTHER
            return Verdict(outcome=outcome, item=item, due=item.due)
        if item.status is ItemStatus.ON_HOLD_SHELF:
            return Verdict(outcome=Outcome.RESERVED, item=item)
        if item.status is ItemStatus.NOT_FOR_LOAN:
            return Verdict(outcome=Outcome.NOT_FOR_LOAN, item=item)
        if PatronCondition.TOO_MANY_CHARGED in answer.status:
            limit = answer.charged_items_limit if isinstance(answer.charged_items_limit, int) else None
            return Verdict(outcome=Outcome.OVER_LIMIT, item=item, limit=limit, borrowed=answer.charged_items_count)
        return Verdict(outcome=Outcome.DECLINED, item=item)

    # ── what became of it ──

    async def look_up(self, act: Act) -> Verdict | None:
        """What the library system has done of a proposal whose answer was lost, by what it says of item and patron.
        It can make no promise about a question that is still on its way: acts rest before they are looked up.

        Raises:
            Uncertain: it does not tell.
        """
        return await self.became_of(act, self._ask)

    async def became_of(self, act: Act, dialogue: Dialogue) -> Verdict | None:
        """The same, in a dialogue of the caller's."""
        item = item_of(await dialogue.item(act.item), self._zone)
        if item is None or (item.status is not ItemStatus.ON_LOAN and item.status is not ItemStatus.UNKNOWN):
            return None
        patron = await dialogue.patron(act.patron or "", summary=Summary.CHARGED)
        if not _has(patron, item):
            if not _is_whole(patron):
                raise Uncertain("the list of loans is not whole")
            return None
        if act.kind is not ActKind.RENEW:
            return Verdict(outcome=Outcome.LENT, item=item, due=item.due)
        if item.due is None or act.due_before is None:
            raise Uncertain("no due date by which a renewal could be told")
        return Verdict(outcome=Outcome.RENEWED, item=item, due=item.due) if item.due > act.due_before else None

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()


def _has(patron: PatronInformationResponse, item: Item) -> bool:
    """Whether an item is among a patron's loans, which a system lists by barcode or by title."""
    return item.barcode in patron.charged_items or item.title in patron.charged_items


def _is_whole(patron: PatronInformationResponse) -> bool:
    """Whether all loans are in the list, as far as the system counts them."""
    return patron.charged_items_count is None or len(patron.charged_items) >= patron.charged_items_count


class _Recent(OrderedDict[str, T]):
    """The last few of something."""

    def keep(self, key: str, value: T) -> None:
        self[key] = value
        while len(self) > KEPT:
            self.popitem(last=False)
