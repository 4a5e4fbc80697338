"""A LoanDesk on a real journal, a fake catalogue, a clock that is moved, and time that does not pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import KioskError
from kiosk.flow.effects import AskPatron, Checkin, Checkout, Renew, Undo
from kiosk.flow.events import ActAnswered, Event
from kiosk.loans.desk import LoanDesk
from kiosk.loans.link import Link
from kiosk.loans.throttle import PinThrottle
from kiosk.store.exceptions import own_exceptions
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalOutbox
from kiosk.store.reading import Entry
from kiosk.store.thread import StoreThread
from sync.acts import ActState
from sync.catalogue import (
    Credential,
    Decided,
    Item,
    Outcome,
    Patron,
    PatronAnswer,
    PatronState,
    Verdict,
)
from sync.conflicts import ExceptionView
from sync.courier import Courier
from tests.fakes.catalogue import FakeCatalogue, anna
from tests.fakes.clock import MovableClock
from tests.fakes.executor import InlineExecutor

ABOUT = date(2026, 3, 30)


class FakeOffline:
    """Answers as the mirror would, by one switch."""

    def __init__(self) -> None:
        self.lends = True

    async def patron(self, credential: Credential) -> PatronAnswer:
        return PatronAnswer(state=PatronState.NOT_OFFLINE, decided=Decided.OFFLINE)

    async def item(self, barcode: str) -> Item | None:
        return Item(barcode=barcode, title=f"Mirrored {barcode}")

    async def checkout(self, patron: Patron, item: str) -> Verdict:
        return self._decide(Outcome.LENT)

    async def renew(self, patron: Patron, item: str, due_before: date | None) -> Verdict:
        return self._decide(Outcome.RENEWED)

    async def checkin(self, item: str) -> Verdict:
        return Verdict(outcome=Outcome.RETURNED_UNSEEN, decided=Decided.OFFLINE)

    async def own_acts(self, patron: str) -> tuple[Entry, ...]:
        return ()

    def _decide(self, yes: Outcome) -> Verdict:
        outcome = yes if self.lends else Outcome.NOT_OFFLINE
        return Verdict(outcome=outcome, due=ABOUT if self.lends else None, about=True, decided=Decided.OFFLINE)


@dataclass
class Bench:
    """All that stands around a desk."""

    path: Path
    catalogue: FakeCatalogue
    clock: MovableClock
    offline: FakeOffline = field(default_factory=FakeOffline)
    posted: list[Event] = field(default_factory=list)
    failures: list[KioskError] = field(default_factory=list)
    row: int = 0

    def open(self) -> None:
        """Start a process, as it were: a new incarnation on the same files."""
        self.store = StoreThread(InlineExecutor())
        self.journal = Journal(self.path / "journal.db", "s1", self.clock)
        self.link = Link(self.catalogue, lambda up: None, deadline_s=2.0)
        self.courier = self.new_courier()
        self.desk = LoanDesk(
            catalogue=self.catalogue,
            courier=self.courier,
            link=self.link,
            journal=self.journal,
            store=self.store,
            offline=self.offline,
            throttle=PinThrottle(self.clock),
            post=self.posted.append,
            failed=self.failures.append,
        )

    def new_courier(self) -> Courier:
        return Courier(self.catalogue, self.catalogue, JournalOutbox(self.journal, self.store))

    @asynccontextmanager
    async def line_kept(self) -> AsyncIterator[None]:
        """With the heartbeat running, and the line up if it is good."""
        keeper = asyncio.create_task(self.link.keep(3600))
        await asyncio.sleep(0.01)
        try:
            yield
        finally:
            keeper.cancel()

    def exceptions(self) -> tuple[ExceptionView, ...]:
        """The station's own."""
        return own_exceptions(self.journal.engine, "s1", self.clock)

    def _next(self) -> int:
        self.row += 1
        return self.row

    async def lend(self, item: str, patron: Patron | None = None) -> Verdict | None:
        await self.desk.checkout(Checkout(1, self._next(), item, patron or anna()))
        return self.answer

    async def take_back(self, item: str) -> Verdict | None:
        await self.desk.checkin(Checkin(1, self._next(), item))
        return self.answer

    async def renew(self, item: str) -> Verdict | None:
        await self.desk.renew(Renew(1, self._next(), item, anna(), ABOUT))
        return self.answer

    async def undo(self, item: str, key: str) -> Verdict | None:
        await self.desk.undo(Undo(1, self._next(), item, anna(), key))
        return self.answer

    async def ask(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        from drivers.events import Credential as Read
        from drivers.events import CredentialKind
        from kiosk.flow.events import PatronAnswered

        await self.desk.ask_patron(AskPatron(1, self._next(), Read(CredentialKind.UID, credential.value), pin))
        answered = self.posted[-1]
        assert isinstance(answered, PatronAnswered)
        assert answered.answer is not None
        return answered.answer

    @property
    def last(self) -> ActAnswered:
        answered = self.posted[-1]
        assert isinstance(answered, ActAnswered)
        return answered

    @property
    def answer(self) -> Verdict | None:
        return self.last.verdict

    def entry(self, key: str | None = None) -> Entry:
        found = self.journal.entry(key or self.last.key)
        assert found is not None
        return found

    def state(self) -> ActState:
        return self.entry().state


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    built = Bench(tmp_path, FakeCatalogue(), MovableClock())
    built.open()
    yield built
    built.journal.close()
