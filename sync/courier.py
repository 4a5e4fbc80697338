"""The courier: whatever the catalogue does not know yet is brought to it, in order, once, however long it takes.

It sees the journal through the port `Outbox` only. Asking is idempotent by (key, kind), so a delivery that was cut off
anywhere is simply repeated.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from sync.acts import Act
from sync.catalogue import Catalogue, Overloaded, ProtocolFault, SyncError, Verdict

log = logging.getLogger(__name__)

BATCH = 200
"""Facts in one message to the catalogue."""


class Outbox(Protocol):
    """What the courier needs of a journal."""

    async def proposals(self) -> tuple[Act, ...]:
        """Proposals whose outcome is unknown and that nobody is asking about any more, oldest first."""

    async def settle_proposal(self, act: Act, verdict: Verdict | None) -> None:
        """What became of a proposal; None: the catalogue never did it."""

    async def facts(self, limit: int) -> tuple[Act, ...]:
        """Facts to be told now, oldest first, at most `limit`."""

    async def settle_fact(self, act: Act, verdict: Verdict) -> None:
        """A fact was told."""

    async def postpone(self, act: Act, error: SyncError) -> None:
        """It could not be told now."""


LONGEST_WISH_S = 3600.0
"""Seconds; a catalogue that asks for more patience is asked again after an hour all the same."""


def backoff_s(tries: int, error: SyncError, *, base_s: float = 5.0, longest_s: float = 300.0) -> float:
    """Seconds until the next try: full jitter over an exponential of the tries so far, and never sooner than the
    catalogue asked for (HTTP Retry-After)."""
    wished_s = error.after_s if isinstance(error, Overloaded) and error.after_s else 0.0
    return max(min(wished_s, LONGEST_WISH_S), random.uniform(0.0, min(longest_s, base_s * 2.0 ** min(tries, 16))))


class Courier:
    """Delivers an outbox to a catalogue."""

    def __init__(self, catalogue: Catalogue, outbox: Outbox) -> None:
        self._catalogue = catalogue
        self._outbox = outbox
        self._wanted = asyncio.Event()

    def kick(self) -> None:
        """There is something to deliver, or the line is back."""
        self._wanted.set()

    async def run(self, ready: Callable[[], Awaitable[None]], every_s: float = 30.0) -> None:
        """Deliver until cancelled: as soon as the line is `ready`, at each kick, and every `every_s` seconds for what
        was put off."""
        while True:
            await ready()
            try:
                await self.round()
            except SyncError as error:
                log.info("delivery put off: %s", error.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), every_s)
            self._wanted.clear()

    async def round(self) -> int:
        """Settle every open proposal, then tell every fact that is due. Returns how many facts were told.

        Raises:
            SyncError: the catalogue could not be asked; everything not yet told stays.
        """
        for act in await self._outbox.proposals():
            await self._look_up(act)
        told = 0
        while acts := await self._outbox.facts(BATCH):
            told += await self._tell(acts)
        return told

    async def _look_up(self, act: Act) -> None:
        try:
            verdict = await self._catalogue.look_up(act)
        except ProtocolFault as error:
            await self._put_off(act, error)
        else:
            await self._outbox.settle_proposal(act, verdict)

    async def _tell(self, acts: tuple[Act, ...]) -> int:
        """Tell them together; where the catalogue cannot make sense of that, one by one: the one that it does not
        take waits, with its item, and the others go on."""
        try:
            verdicts = await self._catalogue.tell(acts)
        except ProtocolFault as error:
            if len(acts) == 1:
                await self._put_off(acts[0], error)
                return 0
            return await self._tell_one_by_one(acts)
        except SyncError as error:
            for act in acts:
                await self._outbox.postpone(act, error)
            raise
        for act, verdict in zip(acts, verdicts, strict=True):
            await self._outbox.settle_fact(act, verdict)
        return len(acts)

    async def _tell_one_by_one(self, acts: tuple[Act, ...]) -> int:
        told, waiting = 0, set[str]()
        for act in acts:
            if act.item not in waiting:
                taken = await self._tell((act,))
                told += taken
                waiting |= set() if taken else {act.item}
        return told

    async def _put_off(self, act: Act, error: SyncError) -> None:
        log.error("act %s waits: the catalogue does not take it (%s)", act.key, error.code)
        await self._outbox.postpone(act, error)
