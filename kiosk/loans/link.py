"""The line to the catalogue as a circuit breaker: after one failure the station decides by itself at once, until a
heartbeat answers again. The second book does not wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from sync.catalogue import Catalogue, NoAnswer, NotAuthorised, SyncError, Unreachable

log = logging.getLogger(__name__)
T = TypeVar("T")

AWAY = (Unreachable, NoAnswer, NotAuthorised)
"""Errors after which nobody is asked for a while. After others the catalogue answers, if not what was hoped for."""


class Link:
    """Whether the catalogue answers.

    Args:
        catalogue: whom to ask.
        on_change: told True and False as the line comes and goes, from the network thread.
        deadline_s: how long an answer may take before the station goes on without it.
        longest_pause_s: the longest wait between heartbeats while the line is down.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        on_change: Callable[[bool], None],
        deadline_s: float = 2.0,
        longest_pause_s: float = 15.0,
    ) -> None:
        self._catalogue = catalogue
        self._on_change = on_change
        self._deadline_s = deadline_s
        self._wait = wait_random_exponential(multiplier=0.2, min=0.1, max=longest_pause_s)
        self._down = asyncio.Event()
        self._up = asyncio.Event()
        self._away_told = False

    @property
    def up(self) -> bool:
        """Whether the catalogue answered last time."""
        return self._up.is_set()

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer, within the deadline.

        Raises:
            Unreachable: the line is down; nothing was sent.
            NoAnswer: it was sent and no answer came; the line counts as down from now on.
            SyncError: what else the catalogue's client says.
        """
        if not self.up:
            raise Unreachable("the line is down")
        try:
            async with asyncio.timeout(self._deadline_s):
                return await question()
        except TimeoutError as error:
            self.lost("no answer in time")
            raise NoAnswer(f"no answer in {self._deadline_s} s") from error
        except AWAY as error:
            self.lost(error.code)
            raise

    def lost(self, why: str) -> None:
        """The catalogue does not answer."""
        self._tell_away(why)
        if self.up:
            self._up.clear()
            self._on_change(False)
        self._down.set()

    def _tell_away(self, why: str) -> None:
        """Once per outage, and once where it never answered."""
        if not self._away_told:
            self._away_told = True
            log.warning("catalogue away: %s", why)

    async def wait_up(self) -> None:
        """Return as soon as the line is up."""
        await self._up.wait()

    async def wait_down(self, longest_s: float) -> None:
        """Return as soon as the line is down, or after `longest_s` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._down.wait(), longest_s)

    async def keep(self, every_s: float = 30.0) -> None:
        """Watch the line until cancelled: look every `every_s` seconds while it is up, and with growing pauses and
        jitter while it is down."""
        while True:
            await self._until_it_answers()
            self._down.clear()
            self._up.set()
            self._away_told = False
            self._on_change(True)
            log.info("catalogue answers")
            await self._while_it_answers(every_s)

    async def _until_it_answers(self) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((SyncError, TimeoutError)), wait=self._wait, before_sleep=self._not_yet
        ):
            with attempt:
                async with asyncio.timeout(self._deadline_s):
                    await self._catalogue.heartbeat()

    async def _while_it_answers(self, every_s: float) -> None:
        while self.up:
            await self.wait_down(every_s)
            with suppress(SyncError):  # `ask` has noted that the line is down
                await self.ask(self._catalogue.heartbeat)

    def _not_yet(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        self._tell_away(f"{error.code}: {error}" if isinstance(error, SyncError) else "no answer in time")
