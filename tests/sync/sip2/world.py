"""A station on a library system without idempotency: physical books, a bad line and bad luck, drawn from a seed.

When all is healed the system must know where every book is, or staff have been asked, and it has done nothing twice.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from kiosk.flow.effects import Checkin, Checkout, Renew
from kiosk.flow.events import ActAnswered
from kiosk.store.exceptions import own_exceptions
from kiosk.store.journal import Journal
from kiosk.store.lanes import JournalLanes
from kiosk.store.thread import StoreThread
from sync.acts import ActState
from sync.catalogue import Catalogue, Loan, Patron
from sync.conflicts import Conflict
from sync.courier import Courier
from sync.lanes import LaneCourier
from sync.settings import PinPolicy, Sip2Settings
from sync.sip2.catalogue import Sip2Catalogue
from sync.sip2.dialogue import Dialogue
from sync.sip2.facts import Sip2Facts
from sync.sip2.profile import NoBlock
from tests.simulation.machine import Machine
from tests.simulation.time import VirtualLoop, WorldClock
from tests.sync.sip2.ils import BadLine, LibrarySystem, Weather

UTC_ZONE = ZoneInfo("UTC")
SETTINGS = Sip2Settings(host="localhost", pin=PinPolicy.NEVER)
HEALED_S = 90.0
PATIENCE = 40


class SipMachine(Machine):
    """A station whose catalogue is a library system."""

    def __init__(self, folder: Path, world: WorldClock, line: BadLine, no_block: NoBlock) -> None:
        super().__init__("s1", folder, world)
        self._bad_line = line
        self._no_block = no_block

    def connect(self, journal: Journal, store: StoreThread) -> tuple[Catalogue, Courier | LaneCourier]:
        """As `kiosk.connection` does it."""
        now = self.clock.now
        catalogue = Sip2Catalogue(self._bad_line, SETTINGS, UTC_ZONE, now)
        dialogue = Dialogue(self._bad_line, SETTINGS, now, urgent=False)
        facts = Sip2Facts(catalogue, dialogue, self._no_block, UTC_ZONE, now)
        return catalogue, LaneCourier(catalogue, facts, JournalLanes(journal, store))


@dataclass
class Outcome:
    """What a schedule came to. `faults` says in words what must not be."""

    acts: int = 0
    exceptions: int = 0
    faults: list[str] = field(default_factory=list)


class World:
    """A station, its readers and their books."""

    def __init__(self, seed: int, folder: Path, loop: VirtualLoop) -> None:
        self.dice = Random(seed)
        self.clock = WorldClock(loop)
        no_block = self.dice.choice((NoBlock.AS_DUE_DATE, NoBlock.IGNORED, NoBlock.UNKNOWN))
        self.system = LibrarySystem(self.clock.now, UTC_ZONE, no_block)
        self.line = BadLine(self.system, self.dice)
        self.machine = SipMachine(folder, self.clock, self.line, no_block)
        self.holder: dict[str, str] = {}
        self.renewals: dict[str, int] = {}
        self.unsure: set[str] = set()
        self.outcome = Outcome()

    async def play(self, acts: int) -> Outcome:
        """The whole schedule."""
        self.machine.start()
        await asyncio.gather(self._readers(acts), self._bad_luck(acts))
        await self._heal()
        self._judge()
        self.machine.crash()
        return self.outcome

    # ── readers, one after the other ──

    async def _readers(self, acts: int) -> None:
        for _ in range(acts):
            await asyncio.sleep(self.dice.expovariate(1 / 15))
            if not self.machine.is_running():
                continue
            item = self.dice.choice(sorted(self.system.items))
            holder = self.holder.get(item)
            if holder is None:
                await self._borrow(item)
            elif self.dice.random() < 0.7:
                await self._bring_back(item, holder)
            else:
                await self._renew(item, holder)

    async def _borrow(self, item: str) -> None:
        reader = self.dice.choice(sorted(self.system.patrons))
        patron = Patron(ref=reader, limit=50, borrowed=0)
        answered = await self._do(item, Checkout(1, self.machine.next_row(), item, patron))
        if answered is None:
            self.unsure.add(item)
        elif _yes(answered):
            self.holder[item] = reader
            self.unsure.discard(item)

    async def _bring_back(self, item: str, holder: str) -> None:
        answered = await self._do(item, Checkin(1, self.machine.next_row(), item))
        if answered is None:
            self.unsure.add(item)
            if self.dice.random() < 0.5:
                self.holder[item] = holder
        elif _yes(answered):
            self.holder.pop(item, None)
            self.unsure.discard(item)

    async def _renew(self, item: str, holder: str) -> None:
        self.renewals[item] = self.renewals.get(item, 0) + 1
        loan = self.system.loans.get(item)
        due = loan.due if loan is not None else None
        patron = Patron(ref=holder, limit=50, borrowed=1, loans=(Loan(item=item, title="", due=due),))
        await self._do(item, Renew(1, self.machine.next_row(), item, patron, due))

    async def _do(self, _item: str, effect: Checkout | Checkin | Renew) -> ActAnswered | None:
        self.outcome.acts += 1
        return await self.machine.do(effect)

    # ── bad luck ──

    async def _bad_luck(self, acts: int) -> None:
        for _ in range(acts // 4):
            await asyncio.sleep(self.dice.expovariate(1 / 40))
            await self.dice.choice((self._storm, self._storm, self._outage, self._power_cut, self._barred))()

    async def _storm(self) -> None:
        self.line.weather = Weather(*(self.dice.uniform(0.0, 0.4) for _ in range(4)))
        await asyncio.sleep(self.dice.expovariate(1 / 60))
        self.line.weather = Weather()

    async def _outage(self) -> None:
        self.line.weather = Weather(away=1.0)
        await asyncio.sleep(self.dice.expovariate(1 / 200))
        self.line.weather = Weather()

    async def _power_cut(self) -> None:
        self.machine.crash()
        await asyncio.sleep(self.dice.uniform(0, 20))
        self.machine.start()

    async def _barred(self) -> None:
        """The system refuses a reader, which the station may not hear of."""
        reader = self.dice.choice(sorted(self.system.patrons))
        self.system.barred.add(reader)
        await asyncio.sleep(self.dice.expovariate(1 / 60))
        self.system.barred.discard(reader)

    # ── in the end ──

    async def _heal(self) -> None:
        self.line.weather = Weather()
        for _ in range(PATIENCE):
            await asyncio.sleep(HEALED_S)
            if self.machine.journal.waiting() == 0:
                return

    def _judge(self) -> None:
        journal = self.machine.journal
        stuck = journal.in_state(ActState.PROPOSED, ActState.ABANDONED, ActState.EXECUTED)
        if stuck:
            self.outcome.faults.append(f"never came to an end: {len(stuck)} acts")
        found = own_exceptions(journal.engine, "s1", self.machine.clock)
        self.outcome.exceptions = len(found)
        flagged = {each.item for each in found}
        again = [each.item for each in found if each.conflict == Conflict.COUNTED_AGAIN]
        if again:
            self.outcome.faults.append(f"done twice, though it could have been asked: {again}")
        for item in sorted(set(self.system.items) - self.unsure - flagged):
            loan = self.system.loans.get(item)
            if (loan.patron if loan else None) != self.holder.get(item):
                self.outcome.faults.append(f"{item} is with {self.holder.get(item)}, not with {loan}")
        self._judge_once(flagged)

    def _judge_once(self, flagged: set[str]) -> None:
        for item in set(self.system.items) - flagged - self.unsure:
            done = sum(kind == "renew" and it == item for kind, it, _ in self.system.done)
            if done > self.renewals.get(item, 0):
                self.outcome.faults.append(f"{item} was renewed {done} times, wished {self.renewals.get(item, 0)}")


def _yes(answered: ActAnswered) -> bool:
    return answered.verdict is not None and answered.verdict.outcome.yes


def play(seed: int, folder: Path, acts: int = 25) -> Outcome:
    """Play the schedule of this seed, with its files in `folder`, which is empty."""
    random.seed(seed)
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(World(seed, folder, loop).play(acts))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
