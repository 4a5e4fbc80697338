"""What all couriers have in common: proposals of unknown outcome, the age of what waits, pauses after errors."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from sync.acts import Act
from sync.catalogue import Catalogue, NotAuthorised, Overloaded, ProtocolFault, SyncError, Verdict

log = logging.getLogger(__name__)

LONGEST_WISH_S = 3600.0
"""Seconds; a catalogue that asks for more patience is asked again after an hour all the same."""

NOT_LET_IN_S = 300.0
"""Seconds until a catalogue that does not know this station is asked again: somebody has to do something first."""

LATE_S = 7 * 86_400.0
"""Seconds that an act may wait until staff have to look: it becomes an exception of the station's own."""

AGES = ((3600.0, logging.WARNING), (86_400.0, logging.ERROR), (LATE_S, logging.CRITICAL))
"""Seconds that an act may wait until somebody is told, and how loudly."""


class Proposals(Protocol):
    """What every courier needs of a journal."""

    async def proposals(self) -> tuple[Act, ...]:
        """Proposals whose outcome is unknown and that nobody is asking about any more, oldest first."""

    async def settle_proposal(self, act: Act, verdict: Verdict | None) -> None:
        """What became of a proposal; None: the catalogue never did it."""

    async def postpone(self, act: Act, error: SyncError) -> None:
        """It could not be asked about, or told, now."""

    async def waiting_s(self) -> float:
        """Seconds that the oldest act which the catalogue does not know has been waiting; 0 where none is."""

    async def note_late(self, late: bool) -> None:
        """Whether acts have been waiting for so long that staff have to look."""


def backoff_s(tries: int, error: SyncError, *, base_s: float = 5.0, longest_s: float = 300.0) -> float:
    """Seconds until the next try: full jitter over an exponential of the tries so far, and never sooner than the
    catalogue asked for (HTTP Retry-After)."""
    if isinstance(error, NotAuthorised):
        return NOT_LET_IN_S
    wished_s = error.after_s if isinstance(error, Overloaded) and error.after_s else 0.0
    return max(min(wished_s, LONGEST_WISH_S), random.uniform(0.0, min(longest_s, base_s * 2.0 ** min(tries, 16))))


async def look_up_all(catalogue: Catalogue, outbox: Proposals) -> None:
    """Settle every open proposal by what the catalogue says became of it. Raises `SyncError` where it cannot be asked;
    one of which it does not tell is put off alone."""
    for act in await outbox.proposals():
        try:
            verdict = await catalogue.look_up(act)
        except ProtocolFault as error:
            log.warning("act %s waits: the catalogue does not say what became of it (%s)", act.key, error.code)
            await outbox.postpone(act, error)
        else:
            await outbox.settle_proposal(act, verdict)


class Ages:
    """How long what waits has been waiting: said once for each age, and after a week a matter for staff."""

    def __init__(self, outbox: Proposals) -> None:
        self._outbox = outbox
        self._told_of_s = 0.0
        self._late: bool | None = None  # None: not known, for the process is new

    async def mind(self) -> None:
        """Look, and say what is to be said."""
        with suppress(SyncError):
            waiting_s = await self._outbox.waiting_s()
            reached = [(age_s, level) for age_s, level in AGES if waiting_s >= age_s]
            for age_s, level in reached:
                if age_s > self._told_of_s:
                    log.log(level, "acts have been waiting for %d h to be told to the catalogue", waiting_s // 3600)
            self._told_of_s = reached[-1][0] if reached else 0.0
            late = waiting_s >= LATE_S
            if late is not self._late:
                await self._outbox.note_late(late)
                self._late = late


class Rounds:
    """When it is time to deliver: as soon as the line is there, at each kick, and now and then for what was put off."""

    def __init__(self, outbox: Proposals) -> None:
        self._ages = Ages(outbox)
        self._wanted = asyncio.Event()

    def kick(self) -> None:
        """There is something to deliver."""
        self._wanted.set()

    async def run(
        self, one_round: Callable[[], Awaitable[object]], ready: Callable[[], Awaitable[None]], every_s: float
    ) -> None:
        """Deliver until cancelled: as soon as the line is `ready`, at each kick, and every `every_s` seconds for what
        was put off. After an error, not before its time: a catalogue that asked for patience, or does not let this
        station in, is not asked sooner because there is something new."""
        tries = 0
        while True:
            await ready()
            self._wanted.clear()
            try:
                await one_round()
            except SyncError as error:
                log.info("delivery put off: %s", error.code)
                pause_s, tries = backoff_s(tries, error), tries + 1
                patient = isinstance(error, Overloaded | NotAuthorised)
            else:
                pause_s, tries, patient = every_s, 0, False
            await self._ages.mind()
            await self._pause(pause_s, patient=patient)

    async def _pause(self, pause_s: float, *, patient: bool) -> None:
        if patient:
            await asyncio.sleep(pause_s)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), pause_s)
