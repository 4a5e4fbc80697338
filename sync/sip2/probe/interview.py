"""Asking a library system, read-only: nothing that is asked here changes anything there."""

from __future__ import annotations

import string
from collections.abc import Awaitable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeVar

from sync.catalogue import NoAnswer, Unreachable
from sync.sip2.codes import Summary
from sync.sip2.dialogue import Dialogue
from sync.sip2.probe.caller import Caller, SteadyLine
from sync.sip2.probe.evidence import Evidence, Exchange, PinTries, Trial
from sync.sip2.requests import ItemInformation, PatronStatusRequest, SCStatus

T = TypeVar("T")

UNKNOWN_ITEM = "99999999999990"
UNKNOWN_CARD = "99999999999991"
"""Digits, as most barcodes: systems that check the form of a number are to look these up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who and what may be looked up: a reader of the library's own (with the PIN), and an item."""

    card: str = ""
    pin: str = ""
    item: str = ""

    def __repr__(self) -> str:
        return "Subject(…)"


async def interview(caller: Caller, subject: Subject) -> Evidence:
    """Ask all that changes nothing.

    Raises:
        Unsendable: card, PIN, item, user or password cannot be said.
    """
    evidence = caller.evidence
    evidence.with_account = caller.target.account is not None
    try:
        await _find_out_about_numbers(caller)
        if evidence.numbered is None:
            return evidence
        if evidence.with_account:
            await _ask_as_a_stranger(caller, numbered=evidence.numbered)
        line = SteadyLine(caller, numbered=evidence.numbered)
        async with aclosing(line):
            await Interview(caller, line, subject).run()
    except Unreachable as error:
        evidence.unreachable = str(error)
    return evidence


async def _find_out_about_numbers(caller: Caller) -> None:
    """Both ways are tried also where the first one works: whether numbers are demanded is seen without them only. Only
    a login that was refused is not tried again: systems count those."""
    evidence = caller.evidence
    trials = (evidence.with_numbers, evidence.without_numbers)
    for trial in trials:
        await _try(caller, trial)
        if trial.begun is not None and caller.answer(trial.begun) is not None and not caller.welcome(trial.begun):
            return
    usable = [trial.numbered for trial in trials if _works(caller, trial)]
    welcome = [trial.numbered for trial in trials if caller.welcome(trial.begun)]
    evidence.numbered = next(iter(usable or welcome), None)


async def _try(caller: Caller, trial: Trial) -> None:
    async with aclosing(await caller.call(numbered=trial.numbered)) as call:
        trial.begun = await call.ask(caller.introduction())
        if caller.welcome(trial.begun) and call.alive:
            trial.asked = await call.ask(_unknown_item(caller))


def _works(caller: Caller, trial: Trial) -> bool:
    return trial.asked is not None and caller.answer(trial.asked) is not None


def _unknown_item(caller: Caller) -> ItemInformation:
    settings = caller.target.settings
    return ItemInformation(transaction_date=caller.now(), institution=settings.institution, item=UNKNOWN_ITEM)


async def _ask_as_a_stranger(caller: Caller, *, numbered: bool) -> None:
    """99 before the login, and a question where that was answered."""
    evidence = caller.evidence
    async with aclosing(await caller.call(numbered=numbered, stranger=True)) as call:
        evidence.stranger_status = await call.ask(SCStatus())
        if caller.answer(evidence.stranger_status) is not None and call.alive:
            evidence.stranger_asked = await call.ask(_unknown_item(caller))


class Interview:
    """The questions of a station that has been let in.

    Args:
        caller: who keeps what comes.
        line: the line; it may be lost on any question.
        subject: whom and what to ask about.
    """

    def __init__(self, caller: Caller, line: SteadyLine, subject: Subject) -> None:
        self._caller = caller
        self._evidence = caller.evidence
        self._line = line
        self._subject = subject
        self._ask = Dialogue(line, caller.target.settings, caller.now)

    async def run(self) -> None:
        """Ask them all. Raises `Unreachable` where the line does not come back."""
        await self._statuses()
        self._evidence.unknown_item = await self._seen(self._ask.item(UNKNOWN_ITEM))
        self._evidence.unknown_patron = await self._seen(self._ask.patron(UNKNOWN_CARD))
        if self._subject.card:
            await self._patron()
        self._evidence.patron_status = await self._seen(self._line.ask(self._patron_status()))
        if self._subject.item:
            self._evidence.item = await self._seen(self._ask.item(self._subject.item))

    async def _seen(self, question: Awaitable[object]) -> Exchange | None:
        """What passed, also where it is no answer."""
        with suppress(NoAnswer):  # what came instead stands in the exchange
            await question
        return self._line.last

    async def _answered(self, question: Awaitable[T]) -> T | None:
        try:
            return await question
        except NoAnswer:
            return None  # the exchange is among the evidence

    async def _statuses(self) -> None:
        for _ in range(self._caller.times.statuses):
            exchange = await self._seen(self._line.status())
            if exchange is None or self._caller.answer(exchange) is None:
                return
            self._evidence.status = self._evidence.status or exchange
            self._evidence.latencies_s.append(exchange.took_s)

    def _patron_status(self) -> PatronStatusRequest:
        """23 has a PIN always, and an empty one may count as a wrong one: without the right one nobody is asked for."""
        settings = self._caller.target.settings
        proven = self._evidence.pin is not None and self._evidence.pin.proven
        return PatronStatusRequest(
            transaction_date=self._caller.now(),
            institution=settings.institution,
            patron=self._subject.card if proven else UNKNOWN_CARD,
            terminal_password=settings.terminal_password,
            patron_password=self._subject.pin if proven else "",
        )

    async def _patron(self) -> None:
        """A wrong PIN is sent once at most, so that no account is locked: one of ours, and only where the right one was
        confirmed; or the one that was given, should that be wrong. The right one comes last: systems that count wrong
        ones begin anew then."""
        card, pin = self._subject.card, self._subject.pin
        tries = self._evidence.pin = PinTries()
        tries.without = await self._answered(self._ask.patron(card))
        if pin:
            tries.right = await self._answered(self._ask.patron(card, pin))
        if tries.proven:
            tries.wrong = await self._answered(self._ask.patron(card, another(pin)))
        self._evidence.patron = await self._answered(
            self._ask.patron(card, pin if tries.proven else None, Summary.CHARGED)
        )
        await self._first_loan()

    async def _first_loan(self) -> None:
        loans = self._evidence.patron.charged_items if self._evidence.patron else ()
        if loans and " " not in loans[0]:
            self._evidence.first_loan = await self._answered(self._ask.item(loans[0]))


def another(pin: str) -> str:
    """A PIN that is not this one, and as long and of the same signs."""
    turned = "".join(str((int(sign) + 1) % 10) if sign in string.digits else sign for sign in pin)
    return turned if turned != pin else pin + "x"
