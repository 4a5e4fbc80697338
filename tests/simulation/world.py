"""One schedule: some stations, some readers with real books, some disasters; and in the end, is it all true?

Books are physical here: a reader leaves with one only where the screen said so, and only what a reader has can be
brought back. When all is healed the centre must know where every book is, or staff must have been asked about it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.flow.effects import Checkin, Checkout, Renew, Undo
from kiosk.flow.events import ActAnswered
from kiosk.store.verification import verify
from sync.acts import ActKind, ActState, MessageKind
from sync.catalogue import Loan, Patron
from sync.central.models import Card, ExceptionRow, LoanRow, PatronRow, VerdictRow
from sync.conflicts import Conflict
from sync.courier import CONTACT_S
from tests.simulation.centre import ITEMS, READERS, STATIONS, CentreHost
from tests.simulation.line import Weather
from tests.simulation.machine import CentreMachine
from tests.simulation.time import VirtualLoop, WorldClock

LONG_AGO = date(2026, 3, 1)

CARRIED_S = 10.0
"""The least time in which a book gets from one station to another: longer than a message may be under way, which is as
well as the centre can know when something happened."""

HEALED_S = 130.0
"""Between two looks at whether everything has been delivered: longer than an act rests before it is looked up."""

PATIENCE = 40
"""Looks, after which it never will be."""


@dataclass
class Outcome:
    """What a schedule came to. `faults` says in words what must not be."""

    acts: int = 0
    lost: int = 0
    doubled: int = 0
    exceptions: int = 0
    destroyed: int = 0  # shown as done, untold, and gone with a journal that was replaced by its backup
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Done:
    """What a screen said had been done."""

    station: str
    key: str
    kind: ActKind
    item: str
    reader: str


@cache
def _refs(_template: int = 0) -> dict[str, str]:
    host = CentreHost(WorldClock(VirtualLoop()))
    with Session(host.engine) as db:
        refs = {card.value: card.patron for card in db.scalars(select(Card))}
    host.close()
    return refs


class World:
    """A network, its readers, and its bad luck, all drawn from one seed."""

    def __init__(self, seed: int, folder: Path, loop: VirtualLoop) -> None:
        self.dice = random.Random(seed)
        self.clock = WorldClock(loop)
        self.centre = CentreHost(self.clock)
        names = STATIONS[: self.dice.choice((1, 2, 2, 3))]
        self.machines = [CentreMachine(name, folder / name, self.clock, self.centre, self.dice) for name in names]
        self.holder: dict[str, str | None] = dict.fromkeys(ITEMS)
        self.in_hand: set[str] = set()
        self.seen: dict[str, tuple[str, float]] = {}  # the station where it was last, and when
        self.unsure: set[str] = set()  # items that somebody took or left when the screen went dark
        self.done: list[Done] = []
        self.renewals_wished: dict[tuple[str, str], int] = {}
        self.put_back: set[str] = set()
        self.outcome = Outcome()

    # ── readers ──

    async def visits(self, machine: CentreMachine, acts: int) -> None:
        """Readers at one station, one after the other."""
        for _ in range(acts):
            await asyncio.sleep(self.dice.expovariate(1 / 20))
            if not machine.is_running():
                continue
            here = [item for item in ITEMS if self._can_be_here(item, machine)]
            lendable = [item for item in here if self.holder[item] is None]
            out = [item for item in here if self.holder[item] is not None]
            luck = self.dice.random()
            if luck < 0.45 and lendable:
                await self._borrow(machine, self.dice.choice(lendable))
            elif luck < 0.85 and out:
                await self._bring_back(machine, self.dice.choice(out))
            elif out:
                await self._renew(machine, self.dice.choice(out))

    def _can_be_here(self, item: str, machine: CentreMachine) -> bool:
        """Nobody else has it in hand, and there was time to carry it over."""
        station, since_s = self.seen.get(item, (machine.name, 0.0))
        near = station == machine.name or asyncio.get_running_loop().time() - since_s >= CARRIED_S
        return near and item not in self.in_hand

    async def _borrow(self, machine: CentreMachine, item: str) -> None:
        reader = self.dice.choice(READERS)
        self.in_hand.add(item)
        patron = self._patron(reader)
        answered = await machine.do(Checkout(1, machine.next_row(), item, patron))
        self._note(machine, answered, ActKind.CHECKOUT, item, reader)
        if answered is None:
            self.unsure.add(item)
        elif _yes(answered):
            self.holder[item] = reader
            if self.dice.random() < 0.15 and machine.is_running():
                await self._undo(machine, item, reader, patron, answered.key)
        self.in_hand.discard(item)

    async def _undo(self, machine: CentreMachine, item: str, reader: str, patron: Patron, key: str) -> None:
        await asyncio.sleep(self.dice.uniform(0, 4))
        if not machine.is_running():
            return
        answered = await machine.do(Undo(1, machine.next_row(), item, patron, key))
        self._note(machine, answered, ActKind.CHECKIN, item, reader)
        if answered is None:
            self.unsure.add(item)
        elif _yes(answered):
            self.holder[item] = None

    async def _bring_back(self, machine: CentreMachine, item: str) -> None:
        reader = self.holder[item] or ""
        self.in_hand.add(item)
        answered = await machine.do(Checkin(1, machine.next_row(), item))
        self._note(machine, answered, ActKind.CHECKIN, item, reader)
        if answered is None:
            self.unsure.add(item)
            self.holder[item] = self.dice.choice((None, reader))
        elif _yes(answered):
            self.holder[item] = None
            self.unsure.discard(item)
        self.in_hand.discard(item)

    async def _renew(self, machine: CentreMachine, item: str) -> None:
        reader = self.holder[item] or ""
        self.in_hand.add(item)
        of = (reader, item)
        self.renewals_wished[of] = self.renewals_wished.get(of, 0) + 1
        due = LONG_AGO + timedelta(days=self.renewals_wished[of])
        patron = self._patron(reader, Loan(item=item, title="", due=due))
        answered = await machine.do(Renew(1, machine.next_row(), item, patron, None))
        self._note(machine, answered, ActKind.RENEW, item, reader)
        self.in_hand.discard(item)

    def _patron(self, reader: str, *loans: Loan) -> Patron:
        return Patron(ref=_refs()[reader], limit=50, borrowed=len(loans), loans=loans)

    def _note(
        self, machine: CentreMachine, answered: ActAnswered | None, kind: ActKind, item: str, reader: str
    ) -> None:
        self.outcome.acts += 1
        self.seen[item] = machine.name, asyncio.get_running_loop().time()
        if answered is None or not _yes(answered):
            return
        self.done.append(Done(machine.name, answered.key, kind, item, reader))
        entry = machine.journal.entry(answered.key)
        if entry is None or (entry.act.item, entry.act.kind) != (item, kind):
            self.outcome.faults.append(f"a screen says what nobody did: {kind} {item}")

    # ── bad luck ──

    async def bad_luck(self) -> None:
        """Disasters, one after the other. There are two such strands, so that they also meet."""
        for _ in range(self.dice.randrange(1, 4)):
            await asyncio.sleep(self.dice.expovariate(1 / 40))
            machine = self.dice.choice(self.machines)
            happens = self.dice.choice(
                (
                    self._cut,
                    self._cut,
                    self._storm,
                    self._storm,
                    self._power_cut,
                    self._power_cut,
                    self._centre_away,
                    self._centre_from_backup,
                    self._journal_from_backup,
                    self._set_clock,
                    self._fill_disk,
                    self._reader_barred,
                )
            )
            await happens(machine)

    async def _cut(self, machine: CentreMachine) -> None:
        machine.line.cut = True
        await asyncio.sleep(self.dice.expovariate(1 / 90))
        machine.line.cut = False

    async def _storm(self, machine: CentreMachine) -> None:
        machine.line.weather = Weather(*(self.dice.uniform(0, 0.5) for _ in range(4)))
        await asyncio.sleep(self.dice.expovariate(1 / 90))
        machine.line.weather = Weather()

    async def _power_cut(self, machine: CentreMachine) -> None:
        if not machine.is_running():
            return
        machine.crash()
        if self.dice.random() < 0.3:
            machine.clock.reboot()
        await asyncio.sleep(self.dice.uniform(0, 20))
        if not machine.is_running():
            machine.start()

    async def _centre_away(self, _machine: CentreMachine) -> None:
        self.centre.up = False
        await asyncio.sleep(self.dice.expovariate(1 / 60))
        self.centre.up = True

    async def _centre_from_backup(self, _machine: CentreMachine) -> None:
        image = self.centre.backup()
        await asyncio.sleep(self.dice.expovariate(1 / 60))
        self.centre.up = False
        await asyncio.sleep(self.dice.uniform(0, 30))
        self.centre.restore(image)
        self.centre.up = True

    async def _journal_from_backup(self, machine: CentreMachine) -> None:
        if not machine.is_running():
            return
        copy = machine.backup()
        await asyncio.sleep(self.dice.expovariate(1 / 60))
        if not machine.is_running():
            return
        machine.crash()
        machine.put_back(copy)
        self.put_back.add(machine.name)
        machine.start()

    async def _reader_barred(self, machine: CentreMachine) -> None:
        """The centre refuses a reader, which a station does not know, and may not hear either."""
        ref = _refs()[self.dice.choice(READERS)]
        machine.line.weather = Weather(loses_answer=0.6)
        self._bar(ref, ["barred"])
        await asyncio.sleep(self.dice.expovariate(1 / 120))
        self._bar(ref, [])
        machine.line.weather = Weather()

    def _bar(self, ref: str, codes: list[str]) -> None:
        with Session(self.centre.engine) as db, db.begin():
            db.get_one(PatronRow, ref).block_codes = codes

    async def _set_clock(self, machine: CentreMachine) -> None:
        machine.clock.skew = timedelta(days=self.dice.uniform(-4000, 4000))
        if self.dice.random() < 0.5:
            await asyncio.sleep(self.dice.expovariate(1 / 60))
            machine.clock.skew = timedelta(0)

    async def _fill_disk(self, machine: CentreMachine) -> None:
        if not machine.is_running():
            return
        machine.fill_disk(True)
        await asyncio.sleep(self.dice.expovariate(1 / 30))
        if machine.is_running():
            machine.fill_disk(False)

    # ── in the end ──

    async def play(self) -> Outcome:
        """The whole schedule."""
        for machine in self.machines:
            machine.start()
        acts = self.dice.randrange(6, 15)
        visits = [self.visits(machine, -(-acts // len(self.machines))) for machine in self.machines]
        await asyncio.gather(self.bad_luck(), self.bad_luck(), *visits)
        await self._heal()
        self._judge()
        for machine in self.machines:
            machine.crash()
        self.centre.close()
        return self.outcome

    async def _heal(self) -> None:
        self.centre.up = True
        for machine in self.machines:
            machine.line.cut, machine.line.weather = False, Weather()
            if not machine.is_running():
                machine.start()
            machine.fill_disk(False)
        await asyncio.sleep(CONTACT_S)  # a centre that lost something and was away for a moment only
        for _ in range(PATIENCE):
            await asyncio.sleep(HEALED_S)
            if all(machine.journal.waiting() == 0 == machine.journal.untold() for machine in self.machines):
                return

    def _judge(self) -> None:
        with Session(self.centre.engine) as db:
            told = set(db.scalars(select(VerdictRow.key).where(VerdictRow.kind == MessageKind.FACT)))
            flagged = set(db.scalars(select(ExceptionRow.item).where(ExceptionRow.item != "")))
            loans = {row.item: row for row in db.scalars(select(LoanRow).where(LoanRow.returned_at.is_(None)))}
            twice = db.execute(select(LoanRow.key, func.count()).where(LoanRow.key != "").group_by(LoanRow.key)).all()
            renewed = db.scalars(select(LoanRow).where(LoanRow.renewals > 0)).all()
            of_stations = select(ExceptionRow.conflict, ExceptionRow.station).where(ExceptionRow.item == "")
            alarms = {(conflict, station) for conflict, station in db.execute(of_stations)}
            self.outcome.exceptions = db.scalar(select(func.count()).select_from(ExceptionRow)) or 0
        gone = self._judge_told(told)
        self._judge_alarms(alarms)
        self._judge_journals()
        self.outcome.doubled += sum(count - 1 for _, count in twice)
        for row in renewed:
            reader = next(name for name, ref in _refs().items() if ref == row.patron)
            self.outcome.doubled += max(0, row.renewals - self.renewals_wished.get((reader, row.item), 0))
        for item in set(ITEMS) - self.unsure - gone - flagged:
            holder, loan = self.holder[item], loans.get(item)
            believed = loan.patron if loan is not None else None
            if believed != (_refs()[holder] if holder else None):
                self.outcome.faults.append(f"{item} is with {holder or 'nobody'}, and the centre believes otherwise")
        if self.outcome.doubled:
            self.outcome.faults.append("something was done twice")

    def _judge_told(self, told: set[str]) -> set[str]:
        """Everything that a screen called done is at the centre, but for what was destroyed with a replaced journal."""
        gone = set()
        for done in self.done:
            if done.key in told:
                continue
            if done.station in self.put_back and not self._still_known(done):
                self.outcome.destroyed += 1
                gone.add(done.item)
            else:
                self.outcome.lost += 1
                self.outcome.faults.append(f"{done.kind} {done.item} at {done.station} never arrived")
        return gone

    def _still_known(self, done: Done) -> bool:
        """Whether the journal holds it as done. A backup may be of a moment in the middle of it."""
        machine = next(machine for machine in self.machines if machine.name == done.station)
        entry = machine.journal.entry(done.key)
        return entry is not None and entry.state is not ActState.REFUSED

    def _judge_alarms(self, alarms: set[tuple[str, str]]) -> None:
        """What is said of a station must be true, or staff look for a machine that is not there."""
        for conflict, station in alarms:
            if conflict == Conflict.TWO_MACHINES or station not in self.put_back:
                self.outcome.faults.append(f"a false alarm: {conflict} of {station}")

    def _judge_journals(self) -> None:
        for machine in self.machines:
            journal = machine.journal
            open_ = journal.in_state(ActState.PROPOSED, ActState.ABANDONED, ActState.EXECUTED)
            if open_ or journal.untold():
                self.outcome.faults.append(f"{machine.name} never came to an end: {len(open_)} acts")
            findings = verify(journal._engine, self.clock.now())
            if findings:
                self.outcome.faults.append(f"{machine.name}: {findings[0]}")


def _yes(answered: ActAnswered) -> bool:
    return answered.verdict is not None and answered.verdict.outcome.yes


def play(seed: int, folder: Path) -> Outcome:
    """Play the schedule of this seed, with its files in `folder`, which is empty."""
    random.seed(seed)
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(World(seed, folder, loop).play())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def quiet() -> None:
    """Disasters are what this is about: nobody needs to hear of each."""
    logging.disable(logging.CRITICAL)
