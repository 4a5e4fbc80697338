"""The courier for a catalogue that knows neither keys nor streams: one fact at a time, in lanes.

Facts about one item, and those of one reader, keep their order; where one of them has to wait, only its lane does. What
may have been told before is said so (`again`), so that the catalogue is asked before it is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from sync.acts import Act
from sync.catalogue import Catalogue, NotAuthorised, ProtocolFault, Unreachable, Verdict
from sync.delivery import Proposals, Rounds, look_up_all
from sync.stream import Behind

log = logging.getLogger(__name__)

LIVE_FACTS = 5
"""As many facts are told while a reader waits for one of them. Where more are waiting, the reader does not."""


REST_S = 60.0
"""Seconds before a fact is told again whose telling was cut off: longer than anything that was sent is under way."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fact that the catalogue may not know. `shown`: what the screen said. `again`: it may have been told before.
    `put_off`: not now."""

    act: Act
    shown: Verdict | None
    again: bool
    put_off: bool


class Taker(Protocol):
    """A catalogue as it takes facts."""

    async def take(self, act: Act, shown: Verdict | None, *, again: bool) -> Verdict:
        """Tell one fact. Raises `SyncError` where it is not known what came of it."""


class LaneOutbox(Proposals, Protocol):
    """What the courier needs of a journal."""

    async def waiting(self) -> Sequence[Waiting]:
        """All facts that the catalogue may not know, in the order in which they were written."""

    async def about_to_tell(self, act: Act, rest_s: float) -> None:
        """From now on it may have been told, and it is put off for so many seconds. On the disk when this returns."""

    async def not_told(self, act: Act) -> None:
        """It was not told after all: nothing was sent."""

    async def settle_fact(self, act: Act, verdict: Verdict) -> None:
        """It was told, and this came of it."""


class LaneCourier:
    """Delivers an outbox, fact by fact. Implements `kiosk.loans.desk.Deliverer`.

    Args:
        catalogue: is asked what became of proposals.
        taker: is told facts.
        outbox: what there is to deliver.
        pause_s: between two facts of an outage, so that readers and other stations are served meanwhile.
    """

    def __init__(self, catalogue: Catalogue, taker: Taker, outbox: LaneOutbox, pause_s: float = 0.5) -> None:
        self._catalogue = catalogue
        self._taker = taker
        self._outbox = outbox
        self._pause_s = pause_s
        self._rounds = Rounds(outbox)
        self._one_at_a_time = asyncio.Lock()

    def kick(self) -> None:
        """There is something to deliver."""
        self._rounds.kick()

    def line_is_back(self) -> None:
        """What could not be told can be now."""
        self._rounds.kick()

    async def run(self, ready: Callable[[], Awaitable[None]], every_s: float = 30.0) -> None:
        """Deliver until cancelled (`Rounds.run`)."""
        await self._rounds.run(self.round, ready, every_s)

    async def round(self) -> int:
        """Settle every open proposal, then tell every fact. Returns how many facts were told.

        Raises:
            SyncError: the catalogue could not be asked; everything not yet told stays.
        """
        await look_up_all(self._catalogue, self._outbox)
        async with self._one_at_a_time:
            waiting = await self._outbox.waiting()
            return len(waiting) - len(await self._tell(waiting, self._pause_s))

    async def tell_now(self, item: str) -> None:
        """Tell what there is about an item, and what goes before it, while a reader waits.

        Raises:
            Behind: that would take too long, or its lane waits, or the courier is at it; it goes on by itself.
            SyncError: the catalogue could not be told.
        """
        if self._one_at_a_time.locked():
            self._leave_it()
        async with self._one_at_a_time:
            waiting = await self._outbox.waiting()
            if len(waiting) > LIVE_FACTS:
                self._leave_it()
            left = await self._tell(waiting, 0.0)
        if any(fact.act.item == item for fact in left):
            raise Behind("its lane waits")

    def _leave_it(self) -> NoReturn:
        self.kick()
        raise Behind("too many facts are waiting")

    async def _tell(self, waiting: Sequence[Waiting], pause_s: float) -> list[Waiting]:
        """Each lane as far as it goes. Returns what is left."""
        left: list[Waiting] = []
        held: set[str] = set()
        for fact in waiting:
            lanes = _lanes(fact.act)
            if held & lanes or fact.put_off or not await self._told(fact):
                held |= lanes  # also those of one that waits for another: what follows it waits too
                left.append(fact)
            else:
                await asyncio.sleep(pause_s)
        return left

    async def _told(self, fact: Waiting) -> bool:
        """False where its lane has to wait. Whatever ends this in between, a lost line, a reader who waits no longer or
        the power: the fact rests until nothing that was sent can arrive any more, and is asked about then."""
        await self._outbox.about_to_tell(fact.act, REST_S)
        try:
            verdict = await self._taker.take(fact.act, fact.shown, again=fact.again)
        except (Unreachable, NotAuthorised):
            await self._outbox.not_told(fact.act)
            raise
        except ProtocolFault as error:
            log.warning("act %s waits: the catalogue does not say what became of it (%s)", fact.act.key, error.code)
            await self._outbox.postpone(fact.act, error)
            return False
        await self._outbox.settle_fact(fact.act, verdict)
        return True


def _lanes(act: Act) -> set[str]:
    """The item's, and the reader's."""
    return {f"item {act.item}"} | ({f"patron {act.patron}"} if act.patron else set())
