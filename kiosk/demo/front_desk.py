"""The library's front desk in the rehearsal: a second station of the same branch, whose line holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar

from ulid import ULID

from kiosk.clock import SystemClock
from kiosk.demo.peer import DemoError
from kiosk.demo.stack import Stack
from sync.acts import Act, ActKind, ClockQuality
from sync.catalogue import Credential, Outcome, SyncError
from sync.central.client import CentreCatalogue, Refused
from sync.central.sample import PatronFile
from sync.conflicts import Decision, ExceptionView, Resolution

T = TypeVar("T")

NAME = "front-desk"


class FrontDesk:
    """Does at the centre what staff do there, through its API. Every method raises `DemoError` where the centre does
    not answer as it must.

    Args:
        stack: where the centre is. The desk is let in at once.
    """

    def __init__(self, stack: Stack) -> None:
        self._centre = stack.own_centre
        self._token = self._centre.admit(NAME)
        self._clock = SystemClock(stack.configuration().zone)
        self._incarnation = str(ULID())
        self._numbers = count(1)

    def lend(self, item: str, patron: PatronFile) -> None:
        """Lend an item, as at any desk: the centre is asked, and must say yes."""

        async def ask(centre: CentreCatalogue) -> Outcome:
            card = patron.cards[0]
            known = (await centre.patron(Credential(card.kind, card.value), patron.pin or None)).patron
            if known is None:
                raise DemoError(f"the desk cannot serve {patron.alias}")
            return (await centre.propose(self._checkout(item, known.ref))).outcome

        outcome = self._ask(ask)
        if not outcome.yes:
            raise DemoError(f"the desk cannot lend it to {patron.alias}: {outcome}")

    def exceptions(self) -> tuple[ExceptionView, ...]:
        """What the branch's staff should look at, oldest first."""
        return self._ask(lambda centre: centre.exceptions())

    def accept(self, number: int) -> bool:
        """Let stand what was done by itself about an exception. Returns whether the centre took it."""
        decision = Decision(resolution=Resolution.ACCEPT, who=NAME, why="rehearsal")

        async def ask(centre: CentreCatalogue) -> bool:
            try:
                await centre.resolve(number, decision)
            except Refused:
                return False
            return True

        return self._ask(ask)

    def _checkout(self, item: str, patron: str) -> Act:
        return Act(
            key=str(ULID()),
            kind=ActKind.CHECKOUT,
            station=NAME,
            incarnation=self._incarnation,
            seq=next(self._numbers),
            item=item,
            patron=patron,
            at=datetime.now(UTC),
            mono_ns=self._clock.boot_ns(),
            boot_id=self._clock.boot_id(),
            clock=ClockQuality.SYNCED,
        )

    def _ask(self, question: Callable[[CentreCatalogue], Awaitable[T]]) -> T:
        async def ask() -> T:
            centre = CentreCatalogue(self._centre.real_url, self._token)
            try:
                return await question(centre)
            finally:
                await centre.aclose()

        try:
            return asyncio.run(ask())
        except SyncError as error:
            raise DemoError(f"the desk has no answer from the centre: {error}") from error
