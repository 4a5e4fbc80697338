"""The journal as the courier sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from kiosk.errors import KioskError
from kiosk.store.chain import UNTRUE
from kiosk.store.exceptions import close_by_itself, open_once
from kiosk.store.journal import Journal
from kiosk.store.reading import OwnStream
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from sync.catalogue import SyncError, Verdict
from sync.conflicts import Conflict, asks_staff
from sync.delivery import backoff_s
from sync.stream import Fact

P = ParamSpec("P")
T = TypeVar("T")


def fact_state(verdict: Verdict) -> ActState:
    """Where a fact stands once it was told."""
    return ActState.EXCEPTION if asks_staff(verdict.conflict) else ActState.CONFIRMED


class JournalAway(SyncError):
    """The journal cannot be read or written now. What is not settled in it is told again."""

    code = "journal"


class JournalProposals:
    """Implements `sync.delivery.Proposals`. A journal that fails puts the delivery off, as a catalogue does."""

    def __init__(self, journal: Journal, store: StoreThread) -> None:
        self._journal = journal
        self._store = store

    async def proposals(self) -> tuple[Act, ...]:
        entries = await self._run(self._journal.unresolved)
        return tuple(entry.act for entry in entries)

    async def settle_proposal(self, act: Act, verdict: Verdict | None) -> None:
        entry = await self._run(self._journal.entry, act.key)
        if entry is None or entry.state not in UNTRUE:
            return  # settled while it was looked up, perhaps as a fact: that holds
        done = verdict is not None and verdict.outcome.yes
        if not done:
            await self._run(self._journal.move, act.key, entry.state, ActState.REFUSED, verdict)
        elif entry.state is ActState.ABANDONED and act.kind is ActKind.CHECKOUT:
            # The catalogue lent what never left the library: take it back.
            await self._run(self._journal.take_back, entry, verdict)
        else:
            await self._run(self._journal.move, act.key, entry.state, ActState.CONFIRMED, verdict)

    async def postpone(self, act: Act, error: SyncError) -> None:
        entry = await self._run(self._journal.entry, act.key)
        tries = entry.tries if entry else 0
        await self._run(self._journal.postpone, act.key, error.code, backoff_s(tries, error))

    async def waiting_s(self) -> float:
        return await self._run(self._journal.waiting_s)

    async def note_late(self, late: bool) -> None:
        if late:
            await self._run(open_once, self._journal, Conflict.LATE)
        else:
            await self._run(close_by_itself, self._journal, Conflict.LATE)

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._store.run(call, *args, **kwargs)
        except KioskError as error:
            raise JournalAway(f"{error.code}: {error}") from error


class JournalOutbox(JournalProposals):
    """Implements `sync.courier.Outbox`: what a centre is told, in streams."""

    def incarnation(self) -> str:
        return self._journal.incarnation

    async def streams(self) -> tuple[OwnStream, ...]:
        return await self._run(self._journal.streams)

    async def link(self, incarnation: str, position: int) -> str | None:
        return await self._run(self._journal.link, incarnation, position)

    async def facts_after(self, incarnation: str, position: int, limit: int) -> tuple[Fact, ...]:
        return await self._run(self._journal.facts_after, incarnation, position, limit)

    async def settle(self, incarnation: str, told: int, facts: Sequence[Fact], verdicts: Sequence[Verdict]) -> None:
        said = [(fact.act.key, fact_state(verdict), verdict) for fact, verdict in zip(facts, verdicts, strict=True)]
        await self._run(self._journal.settle, incarnation, told, said)

    async def note_told(self, incarnation: str, position: int) -> None:
        await self._run(self._journal.note_told, incarnation, position)

    async def retell(self, incarnation: str) -> None:
        await self._run(self._journal.retell, incarnation)
