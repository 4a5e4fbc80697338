"""Deciding without the catalogue: the mirror's facts, the library's rules, and what this station has done itself."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from kiosk.clock import Clock
from kiosk.store.journal import Journal
from kiosk.store.mirror import Mirror
from kiosk.store.reading import Entry
from kiosk.store.thread import StoreThread
from sync.acts import ActKind
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
from sync.feed.snapshot import MirrorPatron
from sync.rules import CheckoutCase, LendingRules, RenewCase, blocks_of, judge_checkout, judge_renew

CLOCKS_DIFFER = timedelta(days=1)
"""A mirror from further ahead means that our clock stands still: no due date can be reckoned with it."""


class OfflineDesk:
    """Implements `kiosk.loans.desk.Offline`. The mirror and the journal are read in the store thread."""

    def __init__(self, mirror: Mirror, journal: Journal, store: StoreThread, clock: Clock) -> None:
        self._mirror = mirror
        self._journal = journal
        self._store = store
        self._clock = clock

    async def patron(self, credential: Credential) -> PatronAnswer:
        """Who may be served. A card that the mirror does not know, or whose proof is a PIN, cannot be."""
        known = await self._store.run(self._mirror.patron, credential)
        rules = await self._store.run(self._trusted_rules)
        if known is None or rules is None or known.has_pin:
            return PatronAnswer(state=PatronState.NOT_OFFLINE, decided=Decided.OFFLINE)
        return PatronAnswer(state=PatronState.WELCOME, patron=self._without_name(rules, known), decided=Decided.OFFLINE)

    async def item(self, barcode: str) -> Item | None:
        """What the mirror knows of an item."""
        known = await self._store.run(self._mirror.item, barcode)
        return msgspec.convert(known, Item, from_attributes=True) if known is not None else None

    async def checkout(self, patron: Patron, item: str) -> Verdict:
        """May it be lent?"""
        rules = await self._store.run(self._trusted_rules)
        known = await self.item(item)
        if rules is None:
            return Verdict(outcome=Outcome.NOT_OFFLINE, item=known, decided=Decided.OFFLINE)
        lent_here = _open_loans(await self._store.run(self._journal.facts_of_patron, patron.ref), patron)
        last = await self._last_of(item)
        case = CheckoutCase(
            today=self._clock.today(),
            patron=patron.ref,
            category=patron.category,
            borrowed=max(patron.borrowed, lent_here),
            blocks=patron.blocks,
            item=known,
            lent_to=last.act.patron if last and last.act.kind is not ActKind.CHECKIN else None,
            due=last.verdict.due if last and last.verdict else None,
            reserved_for_other=await self._store.run(self._mirror.is_reserved, item),
            decided=Decided.OFFLINE,
            unsettled=lent_here,
        )
        return judge_checkout(rules, case)

    async def renew(self, patron: Patron, item: str, due_before: date | None) -> Verdict:
        """May it be lent on? The loan is the one the reader saw; how often it was renewed, the catalogue told then."""
        rules = await self._store.run(self._trusted_rules)
        known = await self.item(item)
        loan = next((loan for loan in patron.loans if loan.item == item), None)
        if rules is None or loan is None:
            return Verdict(outcome=Outcome.NOT_OFFLINE, item=known, decided=Decided.OFFLINE)
        allowed = rules.for_case(patron.category, loan.media).renewals
        case = RenewCase(
            today=self._clock.today(),
            patron=patron.ref,
            category=patron.category,
            blocks=patron.blocks,
            item=known,
            lent_to=patron.ref,
            due=due_before,
            renewals=allowed - loan.renewals_left if loan.renewals_left is not None else 0,
            reserved_for_other=await self._store.run(self._mirror.is_reserved, item),
            decided=Decided.OFFLINE,
        )
        return judge_renew(rules, case)

    async def checkin(self, item: str) -> Verdict:
        """What to say about a return that nobody could be asked about: thanks, and where to put it."""
        known = await self.item(item)
        if await self._store.run(self._mirror.is_reserved, item):
            shelf = await self._store.run(self._mirror.hold_shelf)
            return Verdict(outcome=Outcome.RETURNED_FOR_HOLD, item=known, shelf=shelf, decided=Decided.OFFLINE)
        return Verdict(outcome=Outcome.RETURNED_UNSEEN, item=known, decided=Decided.OFFLINE)

    async def own_acts(self, patron: str) -> tuple[Entry, ...]:
        """What was done here on this patron's items and the mirror does not know, oldest first."""
        since = await self._store.run(self._mirror.position)
        return await self._store.run(self._journal.facts_of_patron, patron, since)

    async def _last_of(self, item: str) -> Entry | None:
        since = await self._store.run(self._mirror.position)
        entries = await self._store.run(self._journal.facts_of, item, since)
        return entries[-1] if entries else None

    def _trusted_rules(self) -> LendingRules | None:
        """The rules of a mirror that is young enough to be believed."""
        rules, made_at = self._mirror.rules(), self._mirror.made_at()
        if rules is None or made_at is None:
            return None
        age = self._clock.now() - made_at
        believed = -CLOCKS_DIFFER <= age <= timedelta(days=rules.offline.mirror_days)
        return rules if believed else None

    def _without_name(self, rules: LendingRules, known: MirrorPatron) -> Patron:
        today = self._clock.today()
        too_many = known.overdue_after is not None and today > known.overdue_after
        overdue = rules.overdue_limit + 1 if too_many else 0  # at least
        by_now = blocks_of(rules, today=today, expires=known.expires, owed_minor=0, overdue=overdue)
        told = {block.code for block in known.blocks}
        return Patron(
            ref=known.ref,
            category=known.category,
            limit=known.limit,
            borrowed=known.borrowed,
            blocks=(*known.blocks, *(block for block in by_now if block.code not in told)),
            language=known.language,
        )


def _open_loans(entries: tuple[Entry, ...], patron: Patron) -> int:
    """How many items these acts leave with the patron."""
    last = {entry.act.item: entry.act for entry in entries}
    return sum(act.kind is ActKind.CHECKOUT and act.patron == patron.ref for act in last.values())
