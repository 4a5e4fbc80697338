"""Any order of writes, answers, restarts, set clocks and full disks: the journal stays what a list would be."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.errors import JournalUnwritable
from kiosk.store.chain import TRUE, UNTRUE
from kiosk.store.journal import Journal
from kiosk.store.reading import LONGEST_PUT_OFF_S, UNRESOLVED_REST_S, Entry
from kiosk.store.verification import verify
from sync.acts import ActKind, ActState
from sync.catalogue import Outcome, Verdict
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import broken_links
from tests.kiosk.store.conftest import fill_disk, make_room, streamed

LENT = Verdict(outcome=Outcome.LENT, due=date(2026, 3, 30))
MOVES = {
    ActState.PROPOSED: (ActState.CONFIRMED, ActState.REFUSED, ActState.ABANDONED, ActState.EXECUTED),
    ActState.ABANDONED: (ActState.CONFIRMED, ActState.REFUSED),
    ActState.EXECUTED: (ActState.CONFIRMED, ActState.EXCEPTION),
}
ITEMS = st.sampled_from(["301", "302"])
ANY = st.integers(0, 1_000_000)


@dataclass(frozen=True)
class Written:
    """An act as the model keeps it."""

    key: str
    item: str
    state: ActState
    process: int
    boot_ns: int
    next_at: datetime | None = None


class JournalMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "journal.db"
        self.clock = MovableClock()
        self.process = 1
        self.acts: list[Written] = []
        self.true: list[str] = []  # keys of what has happened, in the order in which it came true
        self.journal = Journal(self.path, "s1", self.clock)

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            assert verify(self.journal._engine, self.clock.now()) == ()
            self.journal.close()
            assert broken_links(self.path) == []
            self.folder.cleanup()

    # ── what can happen ──

    @rule(item=ITEMS)
    def propose(self, item: str) -> None:
        self._note(self.journal.record(ActKind.CHECKOUT, item, "p-anna", ActState.PROPOSED).key, item)

    @rule(item=ITEMS)
    def take_in(self, item: str) -> None:
        key = self.journal.record(ActKind.CHECKIN, item, None, ActState.EXECUTED).key
        self._note(key, item, ActState.EXECUTED)

    @precondition(lambda self: self.acts)
    @rule(which=ANY, source=st.sampled_from(sorted(MOVES)), goal=ANY)
    def move(self, which: int, source: ActState, goal: int) -> None:
        number = which % len(self.acts)
        reached = MOVES[source][goal % len(MOVES[source])]
        moved = self.journal.move(self.acts[number].key, source, reached, LENT)
        assert moved == (self.acts[number].state is source)
        if moved and source in UNTRUE and reached in TRUE:
            self.true.append(self.acts[number].key)
        if moved:
            self.acts[number] = replace(self.acts[number], state=reached, next_at=None)

    @precondition(lambda self: any(act.state is ActState.ABANDONED for act in self.acts))
    @rule(meanwhile=st.booleans())
    def take_back(self, meanwhile: bool) -> None:
        number = next(n for n, act in enumerate(self.acts) if act.state is ActState.ABANDONED)
        entry = self.journal.entry(self.acts[number].key)
        assert entry is not None
        if meanwhile:
            assert self.journal.move(entry.act.key, ActState.ABANDONED, ActState.REFUSED)
        assert self.journal.take_back(entry, LENT) is not meanwhile
        self.acts[number] = replace(
            self.acts[number], state=ActState.REFUSED if meanwhile else ActState.CONFIRMED, next_at=None
        )
        if not meanwhile:
            self.true.append(entry.act.key)
            self._note(self.journal.facts_of(entry.act.item)[-1].act.key, entry.act.item, ActState.EXECUTED)

    @precondition(lambda self: self.acts)
    @rule(which=ANY, after_s=st.integers(0, 300))
    def postpone(self, which: int, after_s: int) -> None:
        number = which % len(self.acts)
        self.journal.postpone(self.acts[number].key, "no_answer", after_s)
        self.acts[number] = replace(self.acts[number], next_at=self.clock.now() + timedelta(seconds=after_s))

    @rule(item=ITEMS)
    def write_without_room(self, item: str) -> None:
        fill_disk(self.journal)
        with pytest.raises(JournalUnwritable):
            self.journal.record(ActKind.CHECKOUT, item * 3000, "p-anna", ActState.PROPOSED)
        make_room(self.journal)

    @rule(seconds=st.sampled_from([0.001, 30, 61, 301]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(seconds=st.integers(-100_000, 100_000))
    def set_the_clock(self, seconds: int) -> None:
        self.clock.set_wall(self.clock.now() + timedelta(seconds=seconds))

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal(self.path, "s1", self.clock)
        self.process += 1

    # ── what holds ──

    @invariant()
    def every_act_is_there_in_the_order_of_writing(self) -> None:
        found = [(entry.act.key, entry.state) for entry in self.journal.in_state(*ActState)]
        assert found == [(act.key, act.state) for act in self.acts]

    @invariant()
    def what_happened_is_told_in_the_order_in_which_it_came_true(self) -> None:
        assert [act.key for act in streamed(self.journal)] == self.true

    @invariant()
    def what_is_unknown_is_looked_up_once_it_has_rested(self) -> None:
        rest_ns = int(UNRESOLVED_REST_S * 1e9)
        assert _keys(self.journal.unresolved()) == [
            act.key
            for act in self.acts
            if act.state in {ActState.PROPOSED, ActState.ABANDONED}
            and not self._put_off(act)
            and (act.process != self.process or self.clock.boot_ns() - act.boot_ns >= rest_ns)
        ]

    # ── the model ──

    def _note(self, key: str, item: str, state: ActState = ActState.PROPOSED) -> None:
        if state in TRUE:
            self.true.append(key)
        self.acts.append(Written(key, item, state, self.process, self.clock.boot_ns()))

    def _put_off(self, act: Written) -> bool:
        now = self.clock.now()
        return act.next_at is not None and now < act.next_at <= now + timedelta(seconds=LONGEST_PUT_OFF_S)


def _keys(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.act.key for entry in entries]


TestJournalMoves = JournalMachine.TestCase
TestJournalMoves.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
