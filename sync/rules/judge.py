"""The two questions of lending, answered from facts and rules alone. A no carries the numbers that explain it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from sync.catalogue import Block, BlockCode, Decided, Item, ItemStatus, OfflineReason, Outcome, Verdict
from sync.rules.data import ANY, LendingRules
from sync.rules.reckoning import due_date
from sync.rules.trust import HOUR_S, quota_of, why_not_believed

BOOK = "book"
"""What an item counts as of which nothing is known."""


class CheckoutCase(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to borrow. `lent_to`: the patron's ref who has the item now. `borrowed`: items the patron has now;
    `borrowed_media`: of these, how many are of the item's media. `unsettled`: items lent to this patron offline that
    the catalogue does not know yet. `card_only`: nothing but the card is known, offline. `mirror_age_s`: seconds; None
    online, or where there is no mirror."""

    today: date
    patron: str
    category: str
    expires: date | None = None
    borrowed: int
    blocks: tuple[Block, ...] = ()
    item: Item | None
    lent_to: str | None = None
    due: date | None = None  # of the loan that `lent_to` has
    reserved_for_other: bool = False
    recalled: bool = False
    borrowed_media: int = 0
    decided: Decided = Decided.ONLINE
    unsettled: int = 0
    card_only: bool = False
    mirror_age_s: int | None = None

    @property
    def media(self) -> str:
        """The item's; a book where it is unknown."""
        return self.item.media if self.item else BOOK


class RenewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to keep an item longer. `lent_to` is who has it. `renewals`: how often it was renewed; where only the
    catalogue could count, `renewals_left` is what it said. `loan_media` counts where the item is unknown.
    `mirror_age_s`: as in `CheckoutCase`."""

    today: date
    patron: str
    category: str
    expires: date | None = None
    blocks: tuple[Block, ...] = ()
    item: Item | None
    loan_media: str = BOOK
    lent_to: str | None
    due: date | None
    renewals: int = 0
    renewals_left: int | None = None
    reserved_for_other: bool = False
    recalled: bool = False
    decided: Decided = Decided.ONLINE
    mirror_age_s: int | None = None

    @property
    def media(self) -> str:
        """The item's; the loan's where it is unknown."""
        return self.item.media if self.item else self.loan_media


Case = CheckoutCase | RenewCase

# ── borrowing ────────────────────────────────────────────────────────────────────────────────────────────


def judge_checkout(rules: LendingRules, case: CheckoutCase) -> Verdict:
    """May this item be lent to this patron?"""
    if case.lent_to == case.patron:
        return _verdict(case, Outcome.ALREADY_YOURS, due=case.due)
    refused = next((no for check in _CHECKOUT if (no := check(rules, case))), None)
    if refused is not None:
        return refused
    about = case.decided is Decided.OFFLINE
    return _verdict(case, Outcome.LENT, due=_fresh_due(rules, case), about=about)


def _unknown(_rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    is_unknown = case.item is None and case.decided is Decided.ONLINE
    return _verdict(case, Outcome.UNKNOWN_ITEM) if is_unknown else None


def _blocked(_rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    return _verdict(case, Outcome.PATRON_BLOCKED, blocks=case.blocks) if case.blocks else None


def _not_for_loan(_rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    kept = case.item is not None and case.item.status is ItemStatus.NOT_FOR_LOAN
    return _verdict(case, Outcome.NOT_FOR_LOAN) if kept else None


def _wanted(_rules: LendingRules, case: Case) -> Verdict | None:
    if case.recalled:
        return _verdict(case, Outcome.RECALLED, due=case.due)
    if case.reserved_for_other:
        return _verdict(case, Outcome.RESERVED, due=case.due)
    return None


def _away(_rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    return _verdict(case, Outcome.ON_LOAN_TO_OTHER, due=case.due) if case.lent_to is not None else None


def _over_limit(rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    limit = rules.limit_for(case.category)
    if case.borrowed >= limit:
        return _verdict(case, Outcome.OVER_LIMIT, limit=limit, borrowed=case.borrowed)
    rule = rules.for_case(case.category, case.media)
    if rule.media != ANY and case.borrowed_media >= rule.limit:
        return _verdict(case, Outcome.OVER_LIMIT, limit=rule.limit, borrowed=case.borrowed_media, media=rule.media)
    return None


def _lends_nothing(rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    """What no scan of another item would change."""
    if case.decided is Decided.ONLINE:
        return None
    if not rules.offline.lend:
        return _not_offline(case, OfflineReason.POLICY)
    if not case.card_only and rules.offline.quota_for(case.category) == 0:
        return _not_offline(case, OfflineReason.CATEGORY)
    return _not_believed(rules, case) or _quota_used(rules, case)


def _quota_used(rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    quota = quota_of(rules.offline, case.category, case.mirror_age_s or 0, card_only=case.card_only)
    if case.unsettled < quota:
        return None
    if quota == 0:  # it is the mirror's age that leaves nothing
        return _not_offline(case, OfflineReason.MIRROR_OLD)
    return _not_offline(case, OfflineReason.QUOTA, limit=quota, borrowed=case.unsettled)


def _not_this_one(rules: LendingRules, case: CheckoutCase) -> Verdict | None:
    if case.decided is Decided.ONLINE:
        return None
    if case.item is None:
        return None if rules.offline.unknown_items else _not_offline(case, OfflineReason.UNKNOWN_ITEM)
    if case.media in rules.offline.excluded_media:
        return _not_offline(case, OfflineReason.MEDIA, media=case.media)
    return None


_CHECKOUT: tuple[Callable[[LendingRules, CheckoutCase], Verdict | None], ...] = (
    _unknown,
    _blocked,
    _lends_nothing,
    _not_for_loan,
    _wanted,
    _away,
    _not_this_one,
    _over_limit,
)
"""In this order: what the reader can do nothing about here, then what is wrong with this item, then what another item
less would mend."""

# ── renewing ─────────────────────────────────────────────────────────────────────────────────────────────


def judge_renew(rules: LendingRules, case: RenewCase) -> Verdict:
    """May this loan go on? A no carries the due date that stays."""
    refused = next((no for check in _RENEW if (no := check(rules, case))), None)
    if refused is not None:
        return refused
    left = _renewals_left(rules, case) - 1
    about = case.decided is Decided.OFFLINE
    return _verdict(case, Outcome.RENEWED, due=_fresh_due(rules, case), about=about, renewals_left=left)


def _not_yours(_rules: LendingRules, case: RenewCase) -> Verdict | None:
    if case.lent_to is None and case.decided is Decided.OFFLINE:
        return _not_offline(case, OfflineReason.UNKNOWN_LOAN)
    return _verdict(case, Outcome.NOT_YOURS) if case.lent_to != case.patron else None


def _blocked_from_renewing(rules: LendingRules, case: RenewCase) -> Verdict | None:
    counted = tuple(block for block in case.blocks if not (rules.renew_overdue and block.code is BlockCode.OVERDUE))
    return _verdict(case, Outcome.PATRON_BLOCKED, blocks=counted, due=case.due) if counted else None


def _overdue(rules: LendingRules, case: RenewCase) -> Verdict | None:
    is_overdue = case.due is not None and case.due < case.today
    return _verdict(case, Outcome.OVERDUE, due=case.due) if is_overdue and not rules.renew_overdue else None


def _renews_nothing(rules: LendingRules, case: RenewCase) -> Verdict | None:
    if case.decided is Decided.ONLINE:
        return None
    if not rules.offline.renew:
        return _not_offline(case, OfflineReason.POLICY)
    if case.item is None and not rules.offline.unknown_items:
        return _not_offline(case, OfflineReason.UNKNOWN_ITEM)  # whether somebody waits for it is not known either
    return _not_believed(rules, case)


def _renewed_often(rules: LendingRules, case: RenewCase) -> Verdict | None:
    if _renewals_left(rules, case) > 0:
        return None
    allowed = rules.for_case(case.category, case.media).renewals
    return _verdict(case, Outcome.RENEWAL_LIMIT, due=case.due, limit=allowed, renewals_left=0)


def _gains_nothing(rules: LendingRules, case: RenewCase) -> Verdict | None:
    if case.due is None or _fresh_due(rules, case) > case.due:
        return None
    left = _renewals_left(rules, case)
    ends = case.expires is not None and _due(rules, case, expires=None) > case.due  # it is the card that leaves no more
    blocks = (Block(BlockCode.EXPIRED, since=case.expires),) if ends else ()
    return _verdict(case, Outcome.TOO_EARLY, due=case.due, renewals_left=left, blocks=blocks)


_RENEW: tuple[Callable[[LendingRules, RenewCase], Verdict | None], ...] = (
    _not_yours,
    _blocked_from_renewing,
    _overdue,
    _renews_nothing,
    _wanted,
    _renewed_often,
    _gains_nothing,
)


def _renewals_left(rules: LendingRules, case: RenewCase) -> int:
    if case.renewals_left is not None:
        return case.renewals_left
    return rules.for_case(case.category, case.media).renewals - case.renewals


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────


def _not_believed(rules: LendingRules, case: Case) -> Verdict | None:
    reason = why_not_believed(rules.offline, case.mirror_age_s)
    return _not_offline(case, reason) if reason else None


def _not_offline(case: Case, reason: OfflineReason, **numbers: object) -> Verdict:
    hours = None if case.mirror_age_s is None else max(0, case.mirror_age_s) // HOUR_S
    due = case.due if isinstance(case, RenewCase) else None
    return _verdict(case, Outcome.NOT_OFFLINE, reason=reason, mirror_hours=hours, due=due, **numbers)


def _fresh_due(rules: LendingRules, case: Case) -> date:
    return _due(rules, case, case.expires)


def _due(rules: LendingRules, case: Case, expires: date | None) -> date:
    branch = case.item.branch if case.item else ""
    return due_date(rules, category=case.category, media=case.media, branch=branch, today=case.today, expires=expires)


def _verdict(case: Case, outcome: Outcome, **numbers: object) -> Verdict:
    return Verdict(outcome=outcome, item=case.item, decided=case.decided, **numbers)  # type: ignore[arg-type]
