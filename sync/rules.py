"""Lending rules: data, and one pure evaluation that the centre and every station run.

No clock and no database: whoever asks hands in the facts and the day.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from sync.catalogue import Block, BlockCode, Decided, Item, ItemStatus, Money, Outcome, Verdict

Days = Annotated[int, Meta(ge=0, le=3650)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class LendingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for a category of patrons and a kind of media; `*` stands for any. The most specific rule wins,
    the patron's category before the media."""

    category: str = "*"
    media: str = "*"
    loan_days: Days = 28
    limit: Count = 10  # items a patron may have at a time
    renewals: Count = 2
    fee_per_day: Count = 0  # minor units
    fee_longest: Count = 1000  # minor units per item, at most


class PatronLevel(StrEnum):
    """What a station may know of patrons, for the time without a line."""

    NONE = "none"  # nothing
    BLOCKED = "blocked"  # which cards may not borrow, and since when
    ACTIVE = "active"  # of its branch's readers: limits, blocks, how much they have; no names


class OfflineRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a station may decide by itself while the catalogue is away."""

    lend: bool = True
    renew: bool = True
    max_items: Count = 5  # per patron, lent offline and not yet told to the catalogue
    mirror_days: Days = 30  # an older mirror lends nothing
    patrons: PatronLevel = PatronLevel.ACTIVE


class LendingRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library's rules. `closed_weekdays`: Monday is 0."""

    version: str = "1"
    currency: str = "EUR"
    fee_limit: Count = 2000  # minor units owed that still let a patron borrow
    overdue_limit: Count = 5  # overdue items that still let a patron borrow
    closed_weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = ()
    closed_dates: tuple[date, ...] = ()
    rule: tuple[LendingRule, ...] = (LendingRule(),)
    offline: OfflineRules = OfflineRules()

    def for_case(self, category: str, media: str) -> LendingRule:
        """The rule for a patron's category and an item's media; the defaults where the library has none."""
        fitting = [rule for rule in self.rule if rule.category in {category, "*"} and rule.media in {media, "*"}]
        return max(fitting, key=lambda rule: (rule.category != "*", rule.media != "*"), default=LendingRule())

    def limit_for(self, category: str) -> int:
        """How many items a patron of this category may have, whatever they are."""
        return self.for_case(category, "*").limit


def open_day(rules: LendingRules, day: date) -> date:
    """`day`, or the next one on which the library is open. A library that never opens keeps the day."""
    for ahead in range(366):
        candidate = day + timedelta(days=ahead)
        if candidate.weekday() not in rules.closed_weekdays and candidate not in rules.closed_dates:
            return candidate
    return day


def due_date(rules: LendingRules, category: str, media: str, today: date) -> date:
    """When an item lent today is due."""
    return open_day(rules, today + timedelta(days=rules.for_case(category, media).loan_days))


class CheckoutCase(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to borrow. `lent_to`: the patron's ref who has the item now. `borrowed`: items the patron has now;
    `borrowed_media`: of these, how many are of the item's media. `unsettled`: items lent to this patron offline that
    the catalogue does not know yet."""

    today: date
    patron: str
    category: str
    borrowed: int
    blocks: tuple[Block, ...] = ()
    item: Item | None
    lent_to: str | None = None
    due: date | None = None  # of the loan that `lent_to` has
    reserved_for_other: bool = False
    borrowed_media: int = 0
    decided: Decided = Decided.ONLINE
    unsettled: int = 0


def judge_checkout(rules: LendingRules, case: CheckoutCase) -> Verdict:
    """May this item be lent to this patron? A no carries the numbers that explain it."""
    if case.item is None and case.decided is Decided.ONLINE:
        return _verdict(case, Outcome.UNKNOWN_ITEM)
    if case.lent_to == case.patron:
        return _verdict(case, Outcome.ALREADY_YOURS, due=case.due)
    refused = _refused_for_patron(rules, case) or _refused_for_item(rules, case)
    if refused is not None:
        return refused
    media = case.item.media if case.item else "book"
    about = case.decided is Decided.OFFLINE
    return _verdict(case, Outcome.LENT, due=due_date(rules, case.category, media, case.today), about=about)


def _refused_for_patron(rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    if case.blocks:
        return _verdict(case, Outcome.PATRON_BLOCKED, blocks=case.blocks)
    if case.decided is Decided.OFFLINE and (not rules.offline.lend or case.unsettled >= rules.offline.max_items):
        return _verdict(case, Outcome.NOT_OFFLINE, limit=rules.offline.max_items, borrowed=case.unsettled)
    limit = rules.limit_for(case.category)
    if case.borrowed >= limit:
        return _verdict(case, Outcome.OVER_LIMIT, limit=limit, borrowed=case.borrowed)
    media_rule = rules.for_case(case.category, case.item.media if case.item else "book")
    if media_rule.media != "*" and case.borrowed_media >= media_rule.limit:
        return _verdict(case, Outcome.OVER_LIMIT, limit=media_rule.limit, borrowed=case.borrowed_media)
    return None


def _refused_for_item(_rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    if case.item is not None and case.item.status is ItemStatus.NOT_FOR_LOAN:
        return _verdict(case, Outcome.NOT_FOR_LOAN)
    if case.reserved_for_other:
        return _verdict(case, Outcome.RESERVED)
    if case.lent_to is not None:
        return _verdict(case, Outcome.ON_LOAN_TO_OTHER)
    return None


class RenewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to keep an item longer. `lent_to` is who has it, `renewals` how often it was renewed already."""

    today: date
    patron: str
    category: str
    blocks: tuple[Block, ...] = ()
    item: Item | None
    lent_to: str | None
    due: date | None
    renewals: int = 0
    reserved_for_other: bool = False
    decided: Decided = Decided.ONLINE


def judge_renew(rules: LendingRules, case: RenewCase) -> Verdict:
    """May this loan go on? A no carries the due date that stays."""
    if case.lent_to != case.patron:
        return _verdict(case, Outcome.NOT_YOURS)
    if case.blocks:
        return _verdict(case, Outcome.PATRON_BLOCKED, blocks=case.blocks, due=case.due)
    if case.decided is Decided.OFFLINE and not rules.offline.renew:
        return _verdict(case, Outcome.NOT_OFFLINE, due=case.due)
    if case.reserved_for_other:
        return _verdict(case, Outcome.RESERVED, due=case.due)
    media = case.item.media if case.item else "book"
    rule = rules.for_case(case.category, media)
    fresh = due_date(rules, case.category, media, case.today)
    if case.renewals >= rule.renewals:
        return _verdict(case, Outcome.RENEWAL_LIMIT, due=case.due, limit=rule.renewals, renewals_left=0)
    if case.due is not None and fresh <= case.due:
        return _verdict(case, Outcome.TOO_EARLY, due=case.due, renewals_left=rule.renewals - case.renewals)
    left = rule.renewals - case.renewals - 1
    return _verdict(case, Outcome.RENEWED, due=fresh, about=case.decided is Decided.OFFLINE, renewals_left=left)


def _verdict(case: CheckoutCase | RenewCase, outcome: Outcome, **numbers: object) -> Verdict:
    return Verdict(outcome=outcome, item=case.item, decided=case.decided, **numbers)  # type: ignore[arg-type]


def days_late(due: date, returned: date) -> int:
    """Whole days after the due date; 0 in time."""
    return max(0, (returned - due).days)


def late_fee(rules: LendingRules, category: str, media: str, late_days: int) -> Money | None:
    """What so many days cost; None where nothing is owed."""
    rule = rules.for_case(category, media)
    minor = min(rule.fee_longest, late_days * rule.fee_per_day)
    return Money(minor, rules.currency) if minor else None


def blocks_of(
    rules: LendingRules,
    *,
    today: date,
    expires: date | None,
    owed_minor: int,
    overdue: int,
    codes: tuple[BlockCode, ...] = (),
) -> tuple[Block, ...]:
    """Why a patron may not borrow today, with the numbers."""
    blocks = [Block(code) for code in codes]
    if expires is not None and expires < today:
        blocks.append(Block(BlockCode.EXPIRED, since=expires))
    if owed_minor > rules.fee_limit:
        blocks.append(Block(BlockCode.FEES, amount=Money(owed_minor, rules.currency)))
    if overdue > rules.overdue_limit:
        blocks.append(Block(BlockCode.OVERDUE, limit=overdue))
    return tuple(blocks)
