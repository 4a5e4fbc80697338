"""Lending an item and taking it back, to see what no question shows.

Whatever happens in between, the item is given back in the end, or it is said loudly that it could not be.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sync.catalogue import ItemStatus, NoAnswer, SyncError
from sync.sip2.answers import CheckinResponse, ItemInformationResponse, LoanResponse
from sync.sip2.codes import Summary
from sync.sip2.dialogue import Dialogue
from sync.sip2.items import day_of, item_of
from sync.sip2.patron_answers import PatronInformationResponse
from sync.sip2.patrons import blocks_of
from sync.sip2.probe import judging_loans as judging
from sync.sip2.probe.caller import SteadyLine
from sync.sip2.probe.findings import Level, Observation
from sync.sip2.probe.interview import Subject
from sync.sip2.probe.judging_loans import Loan
from sync.sip2.probe.wire import Came
from sync.sip2.profile import NoBlockDueDate

T = TypeVar("T")

TOLD_DUE = timedelta(days=9), timedelta(days=10)
"""When a loan by 'no block' is said to be due: the first that is not the library's own period."""

STILL_LENT = "STILL LENT"
"""The value of the observation that staff must see."""

DAY_END = time(23, 59)


class Refused(Exception):
    """The exercise must not begin. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What to try. `no_block`: also a loan as one that has happened. `return_twice`: also what is not on loan."""

    no_block: bool = False
    return_twice: bool = True


class Exercises:
    """One item is borrowed, borrowed again, renewed and returned.

    Args:
        line: the line, with what is known of the library system by now.
        subject: a test reader with the PIN, and a test item that is on the shelf.
        wanted: what to try.
        zone: the library's.
    """

    def __init__(self, line: SteadyLine, subject: Subject, wanted: Exercise, zone: ZoneInfo) -> None:
        self._line = line
        self._caller = line.caller
        self._card, self._pin, self._item = subject.card, subject.pin, subject.item
        self._wanted = wanted
        self._zone = zone
        self._now = line.caller.now
        self._ask = Dialogue(line, line.caller.target.settings, self._now)
        self._may_be_lent = False
        self._people: list[str] = []
        self._seen: list[Observation] = []

    async def run(self) -> list[Observation]:
        """Try it all. What was seen is given back also where the line fails in between."""
        try:
            await self._refuse_where_it_could_harm()
        except (Refused, SyncError) as error:
            self._note("exercise", "refused", f"Nothing was lent: {error}.", Level.WARNING)
            return self._seen
        try:
            await self._lend_and_return()
        except SyncError as error:
            self._note("exercise", "broken off", f"{error}.", Level.WARNING)
        finally:
            await self._give_back()
        return self._seen

    # ── before ──

    async def _refuse_where_it_could_harm(self) -> None:
        item = item_of(await self._ask.item(self._item), self._zone)
        if item is None:
            raise Refused("the item is unknown")
        if item.status is not ItemStatus.AVAILABLE:
            raise Refused(f"the item is not on the shelf ({item.status})")
        tries = self._caller.evidence.pin
        if tries is not None and tries.right is not None and tries.right.valid_password is False:
            raise Refused("the PIN is wrong")
        patron = await self._ask.patron(self._card, self._pin)
        self._people = (patron.name or "").split()
        if patron.valid_patron is not True:
            raise Refused("the reader is unknown")
        blocks = blocks_of(patron, today=self._today(), owed=None)
        if blocks:
            raise Refused(f"the reader may not borrow ({', '.join(block.code for block in blocks)})")

    # ── the course of it ──

    async def _lend_and_return(self) -> None:
        loan = await self._borrow()
        if not loan.ok:
            return
        await self._how_it_is_told()
        again = await self._attempt(self._ask.checkout(self._card, self._item))
        self._seen.append(judging.repeated("borrowing again", again, same=False))
        await self._renew()
        await self._return()
        if self._wanted.return_twice:
            await self._return_again()
        if self._wanted.no_block:
            await self._tell_afterwards(loan)

    async def _borrow(self) -> Loan:
        """A loan, and the same bytes once more: what a machine sends that got no answer."""
        answer = await self._first_checkout()
        if not answer.ok:
            answer = await self._with_pin(answer)
        loan = self._loan(answer)
        if not loan.ok:
            self._may_be_lent = False
            self._note("borrowing", "refused", self._why(answer), Level.WARNING)
            return loan
        first = self._line.last
        values: dict[str, object] = {"nb_due_date": self._caller.codec.profile.nb_due_date.value}
        self._seen.append(judging.borrowed(loan, self._today(), values))
        if first is not None:
            repeated = await self._attempt(self._line.repeat(first))
            same = self._line.last is not None and self._line.last.line == first.line
            found = repeated if isinstance(repeated, LoanResponse) else None
            self._seen.append(judging.repeated("borrowing, the same bytes", found, same=same))
        return loan

    async def _first_checkout(self) -> LoanResponse:
        """A system that cannot read a blank 'nb due date' hangs up on it. Where nothing was lent by it, a copy of the
        date is tried."""
        self._may_be_lent = True
        try:
            return await self._ask.checkout(self._card, self._item)
        except NoAnswer:
            blank = self._caller.codec.profile.nb_due_date is NoBlockDueDate.BLANK
            hung_up = self._line.last is not None and self._line.last.came is Came.END
            if not (blank and hung_up) or await self._is_lent():
                raise
        self._caller.speak(nb_due_date=NoBlockDueDate.COPY)
        await self._line.aclose()  # the next connection speaks so
        answer = await self._ask.checkout(self._card, self._item)
        self._note("blank dates", "not understood", "It hangs up on them, and answers where a date is copied there.")
        return answer

    async def _with_pin(self, refused: LoanResponse) -> LoanResponse:
        """Stations prove a PIN once, when the card is held up (63). Some systems want it again with each loan."""
        self._line.pin = self._pin
        answer = await self._ask.checkout(self._card, self._item)
        if not answer.ok:
            self._line.pin = None
            return answer
        meaning = f"Stations send none there, and readers who have one are refused. {self._why(refused)}"
        self._note("PIN with a loan", "demanded", meaning, Level.WARNING)
        return answer

    async def _how_it_is_told(self) -> None:
        """After an outage a station asks whether a loan is there: by the item's status, and by the reader's list."""
        item = await self._item_told()
        status = self._status_of(item)
        listed = self._listed(await self._ask.patron(self._card, self._pin, Summary.CHARGED), item)
        value = f"{status or 'nothing'}, {listed or 'not listed'}"
        if status is ItemStatus.ON_LOAN and listed:
            self._note("a loan looked up", value, "A loan whose answer was lost is found, and not made twice.")
        else:
            meaning = "A loan whose answer was lost cannot be told for sure: such acts wait, and staff are asked."
            self._note("a loan looked up", value, meaning, Level.WARNING)
        if item is not None and day_of(item.due_date, self._zone) is None:
            meaning = "17 tells no due date that can be read: lists show none, and lost renewals are left to staff."
            self._note("due date in 17", "none", meaning, Level.NOTE)

    def _listed(self, patron: PatronInformationResponse, item: ItemInformationResponse | None) -> str:
        if self._item in patron.charged_items:
            return "listed by barcode"
        by_title = item is not None and item.title and item.title in patron.charged_items
        return "listed by title" if by_title else ""

    async def _renew(self) -> None:
        answer = await self._attempt(self._ask.renew(self._card, self._item))
        if answer is None:
            self._note("renewing", "no answer", "Readers cannot renew.", Level.WARNING)
        elif not answer.ok:
            self._note("renewing", "refused", self._why(answer), Level.NOTE)
        else:
            item = await self._item_told()
            told = day_of(item.due_date, self._zone) if item else None
            self._note("renewing", f"renewed, due {self._loan(answer).due_told}", f"17 says: due {told or 'not said'}.")

    async def _return(self) -> None:
        answer = await self._attempt(self._checkin())
        status = self._status_of(await self._item_told())
        self._may_be_lent = status in {ItemStatus.ON_LOAN, None}
        if self._may_be_lent:
            self._note("returning", "not taken back", f"17 says: {status or 'nothing'}.", Level.WARNING)
        elif answer is not None and answer.ok:
            self._note("returning", f"taken, {judging.alert(answer)}", f"17 says: {status}.")
        else:
            meaning = "It says no, or nothing, and has taken the item back all the same: stations look it up."
            self._note("returning", "taken back, and denied", meaning, Level.WARNING)

    async def _return_again(self) -> None:
        answer = await self._attempt(self._checkin())
        name = "returning what is not on loan"
        if answer is None:
            told = self._line.last.told if self._line.last else "no answer"
            meaning = "Such a return ends the connection; it is told anew, and looked up first."
            self._note(name, told, meaning, Level.WARNING)
        else:
            value = f"{'taken' if answer.ok else 'denied'}, {judging.alert(answer)}"
            self._note(name, value, "The station looks up what is denied, and thanks the reader.")

    async def _tell_afterwards(self, ordinary: Loan) -> None:
        """A loan as one that has happened, due on a day that tells what was made of it."""
        today = self._today()
        period = ordinary.due - today if ordinary.due else None
        told = next(days for days in TOLD_DUE if days != period)
        nb_due = datetime.combine(today + told, DAY_END, self._zone)
        self._may_be_lent = True
        answer = await self._attempt(self._ask.checkout(self._card, self._item, happened=self._now(), nb_due=nb_due))
        item = await self._item_told()
        due = (self._loan(answer).due if answer else None) or (day_of(item.due_date, self._zone) if item else None)
        lent = answer is not None and answer.ok
        found = judging.told_loan(lent=lent, due=due, today=today, told=told, period=period)
        self._seen.append(judging.no_block(found, due))
        back = await self._attempt(self._ask.checkin(self._item, self._now(), happened=True))
        self._may_be_lent = await self._is_lent()
        value = "no answer" if back is None else "taken" if back.ok else "denied"
        level = Level.WARNING if self._may_be_lent else Level.GOOD
        self._note("no block, returning", value, "So are returns of an outage told.", level)

    # ── the end ──

    async def _give_back(self) -> None:
        """The item is to be on its shelf, whatever has happened."""
        if not self._may_be_lent:
            return
        try:
            if await self._is_lent():
                await self._attempt(self._checkin())
            why = "it is on loan, as far as the library system tells" if await self._is_lent() else ""
        except SyncError as error:
            why = str(error)
        if why:
            meaning = f"THE ITEM {self._item} COULD NOT BE GIVEN BACK: {why}. Return it at the desk."
            self._note("afterwards", STILL_LENT, meaning, Level.WARNING)
        else:
            self._note("afterwards", "given back", "The item is not on loan any more.")

    # ── small things ──

    async def _attempt(self, question: Awaitable[T]) -> T | None:
        """None: what came is no answer. The next question goes by a new connection."""
        try:
            return await question
        except NoAnswer:
            return None

    def _checkin(self) -> Awaitable[CheckinResponse]:
        return self._ask.checkin(self._item, self._now(), happened=False)

    async def _item_told(self) -> ItemInformationResponse | None:
        return await self._attempt(self._ask.item(self._item))

    def _status_of(self, told: ItemInformationResponse | None) -> ItemStatus | None:
        item = item_of(told, self._zone) if told else None
        return item.status if item else None

    async def _is_lent(self) -> bool:
        """No answer is no proof that it is not."""
        return self._status_of(await self._item_told()) in {ItemStatus.ON_LOAN, None}

    def _loan(self, answer: LoanResponse) -> Loan:
        text = answer.due_date if isinstance(answer.due_date, str) else ""
        return Loan(answer.ok, answer.renewal_ok, day_of(answer.due_date, self._zone), text)

    def _why(self, answer: LoanResponse) -> str:
        """What it says on the screen, which names readers at times."""
        said = " ".join(answer.screen_messages)
        for word in (*self._people, self._card):
            said = said.replace(word, "…")
        return f"It says: {said}" if said else "It gives no reason."

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()

    def _note(self, name: str, value: str, meaning: str, level: Level = Level.GOOD) -> None:
        self._seen.append(Observation(name=name, value=value, meaning=meaning, level=level))
