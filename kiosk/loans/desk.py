"""The LoanDesk: every act is written down, then asked about, then answered.

    record (fsync) ──► ask the catalogue ──► move to what it said ──► tell the flow
                            └─ no line, no answer: decide by the library's rules, here

It outlives visits: an act goes on to its end after its reader has left.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Protocol, TypeVar

from kiosk.errors import KioskError
from kiosk.flow.effects import AskAgain, AskItem, AskPatron, Checkin, Checkout, Renew, Undo
from kiosk.flow.events import ActAnswered, Event, ItemAnswered, PatronAnswered
from kiosk.loans.link import Link
from kiosk.loans.throttle import PinThrottle
from kiosk.store.chain import TRUE
from kiosk.store.journal import Journal
from kiosk.store.projection import overlay
from kiosk.store.reading import Entry
from kiosk.store.thread import StoreThread
from sync.acts import Act, ActKind, ActState
from sync.catalogue import (
    Catalogue,
    Credential,
    Decided,
    Item,
    NoAnswer,
    Overloaded,
    Patron,
    PatronAnswer,
    PatronState,
    ProtocolFault,
    SyncError,
    Verdict,
)

log = logging.getLogger(__name__)

UNKNOWN_OUTCOME = (NoAnswer, ProtocolFault, Overloaded)
"""Errors after which the catalogue may have done what it was asked. A 503 may come from a proxy that had passed the
question on."""

Alone = Callable[[], Awaitable[Verdict]]
T = TypeVar("T")


class Offline(Protocol):
    """The same questions, answered from the mirror by the library's rules."""

    async def patron(self, credential: Credential) -> PatronAnswer:
        """Who may be served without the catalogue."""

    async def item(self, barcode: str) -> Item | None:
        """What the mirror knows of an item."""

    async def checkout(self, patron: Patron, item: str) -> Verdict:
        """May it be lent?"""

    async def renew(self, patron: Patron, item: str, due_before: date | None) -> Verdict:
        """May it be lent on?"""

    async def checkin(self, item: str) -> Verdict:
        """What to say about a return that nobody could be asked about. Always a yes."""

    async def own_acts(self, patron: str) -> tuple[Entry, ...]:
        """What was done here on a patron's items and these answers do not know of, oldest first."""


class Deliverer(Protocol):
    """Brings facts to the catalogue."""

    def kick(self) -> None:
        """There is something to deliver."""

    async def tell_now(self, item: str) -> None:
        """Deliver what there is about an item, and what goes before it, while a reader waits. Raises a `SyncError`
        where that cannot be."""


class LoanDesk:
    """Carries out the acts and questions of visits. All methods run in the network thread.

    `post` takes the answers; `failed` is told where an act could not be recorded.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        courier: Deliverer,
        link: Link,
        journal: Journal,
        store: StoreThread,
        offline: Offline,
        throttle: PinThrottle,
        post: Callable[[Event], None],
        failed: Callable[[KioskError], None],
    ) -> None:
        self._catalogue = catalogue
        self._courier = courier
        self._link = link
        self._journal = journal
        self._store = store
        self._offline = offline
        self._throttle = throttle
        self._post = post
        self._failed = failed
        self._proofs: dict[tuple[int, int], tuple[Credential, str | None]] = {}

    # ── questions ──

    async def ask_patron(self, effect: AskPatron) -> None:
        """Who holds this card?"""
        credential = Credential(str(effect.credential.kind), effect.credential.value)
        self._proofs[effect.visit, effect.question] = (credential, effect.pin)
        answer = await self._unless_broken(self._patron(credential, effect.pin))
        self._post(PatronAnswered(effect.visit, effect.question, answer))

    async def ask_again(self, effect: AskAgain) -> None:
        """The same patron anew, with the proof given before."""
        proof = self._proofs.get((effect.visit, effect.proof))
        answer = await self._unless_broken(self._patron(*proof)) if proof else None
        self._post(PatronAnswered(effect.visit, effect.question, answer))

    def end_visit(self, visit: int) -> None:
        """Forget every proof given in this visit."""
        self._proofs = {key: proof for key, proof in self._proofs.items() if key[0] != visit}

    async def ask_item(self, effect: AskItem) -> None:
        """What is this item?"""
        try:
            item = await self._link.ask(lambda: self._catalogue.item(effect.barcode))
            self._post(ItemAnswered(effect.visit, effect.barcode, item, sure=True))
        except SyncError:
            self._post(ItemAnswered(effect.visit, effect.barcode, await self._offline.item(effect.barcode), sure=False))

    async def _patron(self, credential: Credential, pin: str | None) -> PatronAnswer:
        wait_s = self._throttle.wait_s(credential) if pin is not None else 0
        if wait_s:
            return PatronAnswer(state=PatronState.PIN_LOCKED, wait_s=wait_s)
        try:
            answer = await self._link.ask(lambda: self._catalogue.patron(credential, pin))
        except SyncError:
            answer = await self._offline.patron(credential)
        return await self._with_our_acts(self._throttled(credential, pin, answer))

    def _throttled(self, credential: Credential, pin: str | None, answer: PatronAnswer) -> PatronAnswer:
        if answer.state is PatronState.PIN_WRONG:
            left = self._throttle.wrong(credential)
            known = answer.tries_left if answer.tries_left is not None else left
            return PatronAnswer(state=answer.state, tries_left=min(left, known))
        if pin is not None and answer.state is PatronState.WELCOME:
            self._throttle.right(credential)
        return answer

    async def _with_our_acts(self, answer: PatronAnswer) -> PatronAnswer:
        """What the catalogue knows (offline: what its mirror knew), and over it what was done here since."""
        if answer.patron is None:
            return answer
        if answer.decided is Decided.ONLINE:
            entries = await self._store.run(self._journal.facts_of_patron, answer.patron.ref)
        else:
            entries = await self._offline.own_acts(answer.patron.ref)
        if not entries:
            return answer
        titles = {entry.act.item: await self._offline.item(entry.act.item) for entry in entries}
        return overlay(answer, entries, {barcode: item for barcode, item in titles.items() if item})

    # ── acts ──

    async def checkout(self, effect: Checkout) -> None:
        """Lend an item, at the catalogue or by the rules."""
        key, verdict = await self._propose(
            ActKind.CHECKOUT, effect.item, effect.patron, lambda: self._offline.checkout(effect.patron, effect.item)
        )
        self._post(ActAnswered(effect.visit, effect.row, key, verdict))

    async def renew(self, effect: Renew) -> None:
        """Lend on, at the catalogue or by the rules."""
        due = effect.due_before
        key, verdict = await self._propose(
            ActKind.RENEW, effect.item, effect.patron, lambda: self._offline.renew(effect.patron, effect.item, due), due
        )
        self._post(ActAnswered(effect.visit, effect.row, key, verdict))

    async def checkin(self, effect: Checkin) -> None:
        """Take an item back: a fact from the start, whoever can be told."""
        key, verdict = await self._tell(effect.item, None, None)
        self._post(ActAnswered(effect.visit, effect.row, key, verdict))

    async def undo(self, effect: Undo) -> None:
        """Take back a checkout: the item stays here."""
        key, verdict = await self._tell(effect.item, effect.patron.ref, effect.key)
        self._post(ActAnswered(effect.visit, effect.row, key, verdict))

    async def _propose(
        self, kind: ActKind, item: str, patron: Patron, alone: Alone, due_before: date | None = None
    ) -> tuple[str, Verdict | None]:
        act = await self._record(kind, item, patron.ref, ActState.PROPOSED, due_before=due_before)
        if act is None:
            return "", None
        return act.key, await self._unless_broken(self._decide(act, alone))

    async def _decide(self, act: Act, alone: Alone) -> Verdict | None:
        try:
            verdict = await self._link.ask(lambda: self._in_order(act))
        except SyncError as error:
            verdict = await alone()
            return await self._decided_here(act, verdict, unknown=isinstance(error, UNKNOWN_OUTCOME))
        to_state = ActState.CONFIRMED if verdict.outcome.yes else ActState.REFUSED
        moved = await self._move(act.key, ActState.PROPOSED, to_state, verdict)
        if not moved:  # the disk is full: the proposal is on it, and the catalogue has said its word
            self._journal.owe(act.key, ActState.PROPOSED, to_state, verdict)
        return verdict

    async def _decided_here(self, act: Act, verdict: Verdict, *, unknown: bool) -> Verdict | None:
        if verdict.outcome.yes:
            if await self._move(act.key, ActState.PROPOSED, ActState.EXECUTED, verdict):
                return verdict
            # The disk is full, and the reader is told that nothing was done: should the catalogue have done it, it is
            # taken back.
            self._journal.owe(act.key, ActState.PROPOSED, ActState.ABANDONED, verdict)
            return None
        if unknown:
            await self._move(act.key, ActState.PROPOSED, ActState.ABANDONED, verdict)
        else:
            await self._move(act.key, ActState.PROPOSED, ActState.REFUSED, verdict)
        return verdict

    async def _in_order(self, act: Act) -> Verdict:
        """What the catalogue does not know of this item goes before a new proposal about it, and what it may have done
        without our knowing is asked for."""
        if await self._store.run(self._journal.facts_of, act.item):
            await self._courier.tell_now(act.item)
        await self._keep_what_it_gave(act)
        return await self._catalogue.propose(act)

    async def _keep_what_it_gave(self, act: Act) -> None:
        """A reader scans again what had no answer. Where the catalogue had lent it to them, that loan stands from now
        on: taking it back later, as an abandoned one, would take it from a reader who has left with it."""
        if act.kind is not ActKind.CHECKOUT:
            return
        for entry in await self._store.run(self._journal.unknown_of, act.item):
            if entry.act.key == act.key or entry.act.patron != act.patron:
                continue
            verdict = await self._catalogue.look_up(entry.act)
            if verdict is not None and verdict.outcome.yes:
                await self._move(entry.act.key, entry.state, ActState.CONFIRMED, verdict)

    async def _tell(self, item: str, patron: str | None, undoes: str | None) -> tuple[str, Verdict | None]:
        act = await self._record(ActKind.CHECKIN, item, patron, ActState.EXECUTED, undoes=undoes)
        if act is None:
            return "", None
        return act.key, await self._unless_broken(self._told(act))

    async def _told(self, act: Act) -> Verdict:
        try:
            await self._link.ask(lambda: self._courier.tell_now(act.item))
        except SyncError:
            return await self._offline.checkin(act.item)
        entry = await self._store.run(self._journal.entry, act.key)
        if entry is None or entry.verdict is None:
            return await self._offline.checkin(act.item)
        return entry.verdict

    # ── the journal ──

    async def _record(
        self,
        kind: ActKind,
        item: str,
        patron: str | None,
        state: ActState,
        *,
        undoes: str | None = None,
        due_before: date | None = None,
    ) -> Act | None:
        """The act on the disk, or None where it cannot be written: then nothing has happened."""
        try:
            return await self._store.write(
                self._journal.together,
                self._journal.record,
                kind,
                item,
                patron,
                state,
                undoes=undoes,
                due_before=due_before,
            )
        except KioskError as error:
            self._failed(error)
            return None

    async def _unless_broken(self, work: Awaitable[T]) -> T | None:
        """What came of it; None where the journal could not be read on the way, and the station rests. What is recorded
        stays, and goes on from there at the next start."""
        try:
            return await work
        except KioskError as error:
            self._failed(error)
            return None

    async def _move(self, key: str, from_state: ActState, to_state: ActState, verdict: Verdict) -> bool:
        try:
            moved = await self._store.write(
                self._journal.together, self._journal.move, key, from_state, to_state, verdict
            )
        except KioskError as error:
            self._failed(error)
            return False
        if moved and to_state in TRUE:
            self._courier.kick()
        return moved
