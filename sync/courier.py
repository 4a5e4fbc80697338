"""The courier: whatever the catalogue does not know yet is brought to it, in order, once, however long it takes.

Facts go to the centre in streams (`sync.stream`). The courier believes nothing of what the centre had yesterday: at
each contact it asks how far the centre has each stream, and goes on from there, be that further ahead or further back
than it thought. It sees the journal through the port `Outbox` only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sync.catalogue import Catalogue, ProtocolFault, Verdict
from sync.delivery import Proposals, Rounds, look_up_all
from sync.stream import MOST_FACTS, Behind, Centre, Contact, Cursor, Fact, Head, OutOfStep, pack

log = logging.getLogger(__name__)

LIVE_FACTS = 50
"""As many facts are told while a reader waits for one of them. Where more are waiting, the reader does not."""

CONTACT_S = 600.0
"""Seconds until contact is made anew though the line was never away: a centre that was put back from a backup between
two heartbeats is noticed by that."""


class KeptStream(Protocol):
    """A stream as the outbox has it."""

    @property
    def incarnation(self) -> str:
        """Whose stream."""

    @property
    def head(self) -> Head:
        """Its end."""

    @property
    def told(self) -> int:
        """How far the centre said last that it has it."""


class Outbox(Proposals, Protocol):
    """What the courier needs of a journal."""

    def incarnation(self) -> str:
        """The one that is running."""

    async def streams(self) -> Sequence[KeptStream]:
        """All that are told, oldest first."""

    async def link(self, incarnation: str, position: int) -> str | None:
        """The link there; None where it is not kept."""

    async def facts_after(self, incarnation: str, position: int, limit: int) -> tuple[Fact, ...]:
        """What comes next in a stream, at most `limit`."""

    async def settle(self, incarnation: str, told: int, facts: Sequence[Fact], verdicts: Sequence[Verdict]) -> None:
        """These were told, and the centre has the stream up to `told`."""

    async def note_told(self, incarnation: str, position: int) -> None:
        """The centre has a stream up to there, whatever we thought."""

    async def retell(self, incarnation: str) -> None:
        """What is in this stream goes to the end of the running one's."""


class Courier:
    """Delivers an outbox.

    Args:
        catalogue: is asked what became of proposals.
        centre: is told facts.
        outbox: what there is to deliver.
    """

    def __init__(self, catalogue: Catalogue, centre: Centre, outbox: Outbox) -> None:
        self._catalogue = catalogue
        self._centre = centre
        self._outbox = outbox
        self._rounds = Rounds(outbox)
        self._one_at_a_time = asyncio.Lock()
        self._in_flight = 0
        self._spoke_as = ""  # the incarnation that made contact last
        self._contacts = 0
        self._welcome_facts = MOST_FACTS  # in a delivery, as the centre wishes
        self._most_facts = MOST_FACTS  # fewer for a while where it made no sense of one
        self._cursors: dict[str, Head] | None = None  # None: out of contact
        self._contact_s = 0.0

    def kick(self) -> None:
        """There is something to deliver."""
        self._rounds.kick()

    def line_is_back(self) -> None:
        """Who knows what has become of the centre meanwhile: make contact anew."""
        self._cursors = None
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
        return await self._tell_all()

    async def tell_now(self, _item: str) -> None:
        """Tell every fact while a reader waits for one of them.

        Raises:
            Behind: that would take too long; nothing was sent, and the courier goes on by itself.
            SyncError: the centre could not be told.
        """
        if self._in_flight > LIVE_FACTS or await self._untold() > LIVE_FACTS:
            self.kick()
            raise Behind("too many facts are waiting")
        await self._tell_all()

    async def _untold(self) -> int:
        return sum(stream.head.position - stream.told for stream in await self._outbox.streams())

    # ── streams ──

    async def _tell_all(self) -> int:
        async with self._one_at_a_time:
            try:
                if self._cursors is None or self._now_s() > self._contact_s + CONTACT_S:
                    self._cursors = await self._make_contact()
                    self._contact_s = self._now_s()
                return await self._tell_streams(self._cursors)
            except BaseException:
                self._cursors = None  # who knows what arrived
                raise

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()

    async def _tell_streams(self, cursors: dict[str, Head]) -> int:
        told = 0
        streams = await self._outbox.streams()
        while self._spoke_as != self._outbox.incarnation():
            # A process that tells facts before it has introduced itself would look like a second machine later.
            self._cursors = cursors = await self._make_contact()
            streams = await self._outbox.streams()
        for stream in streams:
            cursor = cursors.setdefault(stream.incarnation, Head())
            while cursor.position < stream.head.position:
                after, cursor = cursor, await self._tell_next(stream.incarnation, cursor)
                told += cursor.position - after.position
                cursors[stream.incarnation] = cursor
        return told

    async def _tell_next(self, incarnation: str, cursor: Head) -> Head:
        """One delivery; where the centre cannot make sense of it, a smaller one next time. Returns the new cursor."""
        facts = await self._outbox.facts_after(incarnation, cursor.position, self._most_facts)
        delivery = pack(incarnation, cursor, facts, self._most_facts)
        self._in_flight = len(delivery.facts)
        try:
            receipt = await self._centre.deliver(delivery)
        except ProtocolFault as error:
            log.warning("%d facts, from %s on, are not taken (%s)", len(delivery.facts), facts[0].act.key, error)
            self._most_facts = max(1, len(delivery.facts) // 2)
            raise
        finally:
            self._in_flight = 0
        taken = receipt.cursor.position - cursor.position
        if taken != len(receipt.verdicts) or not 0 < taken <= len(delivery.facts):
            raise ProtocolFault(
                f"{len(delivery.facts)} facts told, {len(receipt.verdicts)} verdicts, cursor {taken} on"
            )
        if receipt.cursor.link != await self._outbox.link(incarnation, receipt.cursor.position):
            raise OutOfStep("the centre has something else in this stream")
        await self._outbox.settle(incarnation, receipt.cursor.position, delivery.facts[:taken], receipt.verdicts)
        self._most_facts = min(self._most_facts * 2, self._welcome_facts)
        return receipt.cursor

    async def _make_contact(self) -> dict[str, Head]:
        """How far the centre has our streams. One that is not ours there is told anew in the running one."""
        while True:
            streams = await self._outbox.streams()
            heads = {stream.incarnation: stream.head for stream in streams}
            self._spoke_as = self._outbox.incarnation()
            self._contacts += 1
            contact = Contact(incarnation=self._spoke_as, number=self._contacts, heads=heads)
            welcome = await self._centre.contact(contact)
            self._welcome_facts = max(1, min(MOST_FACTS, welcome.most_facts))
            self._most_facts = min(self._most_facts, self._welcome_facts)
            forked = [s for s in streams if await self._is_forked(s, welcome.cursors.get(s.incarnation))]
            if not forked:
                return {s.incarnation: await self._note(s, welcome.cursors.get(s.incarnation)) for s in streams}
            for stream in forked:
                log.error("stream %s is another machine's too: telling it anew", stream.incarnation)
                await self._outbox.retell(stream.incarnation)

    async def _is_forked(self, stream: KeptStream, cursor: Cursor | None) -> bool:
        if cursor is None:
            return False
        if not cursor.agrees or cursor.head.position > stream.head.position:
            return not cursor.agrees
        return await self._outbox.link(stream.incarnation, cursor.head.position) != cursor.head.link

    async def _note(self, stream: KeptStream, cursor: Cursor | None) -> Head:
        """Where to go on: not after what the centre has, for it may have lost some, and not after what we were answered
        about, for an answer may have been lost. What the journal believed of it is set right."""
        head = cursor.head if cursor is not None else Head()
        if head.position > stream.head.position:
            log.error("the centre has more of stream %s than the journal: a backup was put back", stream.incarnation)
        position = min(head.position, stream.told)
        if position < stream.told:
            log.warning("the centre has less of stream %s than it had: telling it again", stream.incarnation)
            await self._outbox.note_told(stream.incarnation, position)
        return Head(position, await self._outbox.link(stream.incarnation, position) or "")
