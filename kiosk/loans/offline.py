"""Deciding without the catalogue: the mirror's facts, the library's rules, and what this station has done itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from math import ceil

import msgspec

from kiosk.clock import Clock
from kiosk.store.journal import Journal
from kiosk.store.mirror import Mirror
from kiosk.store.projection import overlay
from kiosk.store.reading import Entry
from kiosk.store.thread import StoreThread
from sync.acts import ActKind
from sync.catalogue import (
    LONGEST_REF,
    Block,
    BlockCode,
    Credential,
    Decided,
    Item,
    Loan,
    OfflineReason,
    Outcome,
    Patron,
    PatronAnswer,
    PatronState,
    Verdict,
    card_of,
    card_ref,
)
from sync.feed.snapshot import MirrorItem, MirrorPatron
from sync.rules import (
    ANY,
    CheckoutCase,
    LendingRules,
    RenewCase,
    blocks_of,
    judge_checkout,
    judge_renew,
    why_not_believed,
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the mirror says of an item, and how old it is."""

    rules: LendingRules
    age_s: int | None
    item: MirrorItem | None
    reserved: bool

    @property
    def plain(self) -> Item | None:
        """The item as catalogues tell it."""
        return _plain(self.item)

    @property
    def recalled(self) -> bool:
        """Whether the library wants it back."""
        return self.item is not None and self.item.recalled


class OfflineDesk:
    """Implements `kiosk.loans.desk.Offline`. The mirror and the journal are read in the store thread.

    It gathers facts; every rule is judged by `sync.rules`, as at the centre."""

    def __init__(self, mirror: Mirror, journal: Journal, store: StoreThread, clock: Clock) -> None:
        self._mirror = mirror
        self._journal = journal
        self._store = store
        self._clock = clock

    async def patron(self, credential: Credential) -> PatronAnswer:
        """Who may be served. Whose proof is a PIN cannot be, nor a card that the mirror does not know, unless the
        library lends to those too."""
        known = await self._store.run(self._served, credential)
        if known is None:
            return PatronAnswer(state=PatronState.NOT_OFFLINE, decided=Decided.OFFLINE)
        return PatronAnswer(state=PatronState.WELCOME, patron=known, decided=Decided.OFFLINE)

    async def item(self, barcode: str) -> Item | None:
        """What the mirror knows of an item."""
        return _plain(await self._store.run(self._mirror.item, barcode))

    async def checkout(self, patron: Patron, item: str) -> Verdict:
        """May it be lent?"""
        known = await self._store.run(self._known, item)
        if known is None:
            return _NOTHING_KNOWN
        lent_here = _open_loans(await self._store.run(self._journal.facts_of_patron, patron.ref), patron)
        holder, due = await self._holder(patron, item)
        case = CheckoutCase(
            today=self._clock.today(),
            patron=patron.ref,
            category=patron.category,
            expires=patron.expires,
            borrowed=max(patron.borrowed, lent_here),
            borrowed_media=await self._borrowed_of(patron, known.item.media if known.item else "book"),
            blocks=patron.blocks,
            item=known.plain,
            lent_to=holder,
            due=due,
            reserved_for_other=known.reserved,
            recalled=known.recalled,
            decided=Decided.OFFLINE,
            unsettled=lent_here,
            card_only=card_of(patron.ref) is not None,
            mirror_age_s=known.age_s,
        )
        return judge_checkout(known.rules, case)

    async def renew(self, patron: Patron, item: str, due_before: date | None) -> Verdict:
        """May it be lent on? The loan is the one the reader saw; how often it was renewed, the catalogue told then."""
        known = await self._store.run(self._known, item)
        if known is None:
            return _NOTHING_KNOWN
        loan = _loan_of(patron, item)
        case = RenewCase(
            today=self._clock.today(),
            patron=patron.ref,
            category=patron.category,
            expires=patron.expires,
            blocks=patron.blocks,
            item=known.plain,
            loan_media=loan.media if loan else "book",
            lent_to=patron.ref if loan else None,
            due=due_before,
            renewals_left=loan.renewals_left if loan else None,
            reserved_for_other=known.reserved,
            recalled=known.recalled,
            decided=Decided.OFFLINE,
            mirror_age_s=known.age_s,
        )
        return judge_renew(known.rules, case)

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

    async def _holder(self, patron: Patron, item: str) -> tuple[str | None, date | None]:
        """Who has the item, and till when: by what was done here, else by the loans that this patron was told of."""
        since = await self._store.run(self._mirror.position)
        entries = await self._store.run(self._journal.facts_of, item, since)
        if entries:
            last = entries[-1]
            holder = None if last.act.kind is ActKind.CHECKIN else last.act.patron
            return holder, last.verdict.due if last.verdict else None
        loan = _loan_of(patron, item)
        return (patron.ref, loan.due) if loan else (None, None)

    async def _borrowed_of(self, patron: Patron, media: str) -> int:
        """How many of these items the patron has, as far as they were seen here. The mirror holds no loans."""
        entries = await self.own_acts(patron.ref)
        titles = {entry.act.item: await self.item(entry.act.item) for entry in entries}
        welcome = PatronAnswer(state=PatronState.WELCOME, patron=patron)
        seen = overlay(welcome, entries, {barcode: item for barcode, item in titles.items() if item}).patron
        return Counter(loan.media for loan in seen.loans)[media] if seen else 0

    def _served(self, credential: Credential) -> Patron | None:
        rules = self._believed_rules()
        if rules is None:
            return None
        known = self._mirror.patron(credential)
        if known is not None:
            return None if known.has_pin else self._without_name(rules, known)
        return self._by_card_alone(rules, credential) if rules.offline.unknown_cards else None

    def _by_card_alone(self, rules: LendingRules, credential: Credential) -> Patron | None:
        """Who holds a card of this library that is not on its blocked list. Of them nothing else is known."""
        listed = self._mirror.listed(credential)
        if len(card_ref(credential)) > LONGEST_REF or (listed is not None and listed.has_pin):
            return None
        barred = listed is not None and self._clock.today() > listed.after
        return Patron(
            ref=card_ref(credential),
            category=ANY,
            limit=rules.offline.unknown_cards,
            borrowed=0,
            blocks=(Block(BlockCode.BARRED),) if barred else (),
        )

    def _known(self, barcode: str) -> _Known | None:
        """None where there is no mirror that can be read."""
        rules = self._mirror.rules()
        if rules is None:
            return None
        return _Known(rules, self._age_s(), self._mirror.item(barcode), self._mirror.is_reserved(barcode))

    def _age_s(self) -> int | None:
        made_at = self._mirror.made_at()
        return None if made_at is None else ceil((self._clock.now() - made_at).total_seconds())

    def _believed_rules(self) -> LendingRules | None:
        rules = self._mirror.rules()
        if rules is None or why_not_believed(rules.offline, self._age_s()):
            return None
        return rules

    def _without_name(self, rules: LendingRules, known: MirrorPatron) -> Patron:
        today = self._clock.today()
        too_many = known.overdue_after is not None and today > known.overdue_after
        overdue = rules.overdue_limit + 1 if too_many else 0  # at least
        by_now = blocks_of(rules, today=today, expires=known.expires, owed_minor=0, overdue=overdue)
        told = {block.code for block in known.blocks}
        return Patron(
            ref=known.ref,
            category=known.category,
            expires=known.expires,
            limit=known.limit,
            borrowed=known.borrowed,
            blocks=(*known.blocks, *(block for block in by_now if block.code not in told)),
            language=known.language,
        )


_NOTHING_KNOWN = Verdict(outcome=Outcome.NOT_OFFLINE, reason=OfflineReason.NO_MIRROR, decided=Decided.OFFLINE)


def _plain(known: MirrorItem | None) -> Item | None:
    return msgspec.convert(known, Item, from_attributes=True) if known is not None else None


def _loan_of(patron: Patron, item: str) -> Loan | None:
    return next((loan for loan in patron.loans if loan.item == item), None)


def _open_loans(entries: tuple[Entry, ...], patron: Patron) -> int:
    """How many items these acts leave with the patron."""
    last = {entry.act.item: entry.act for entry in entries}
    return sum(act.kind is ActKind.CHECKOUT and act.patron == patron.ref for act in last.values())
