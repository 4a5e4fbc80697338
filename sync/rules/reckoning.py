"""What follows from the rules in dates and money: when an item is due, what lateness costs, what blocks a patron."""

from __future__ import annotations

from datetime import date, timedelta

from sync.catalogue import Block, BlockCode, Money
from sync.rules.calendar import Opening
from sync.rules.data import LendingRule, LendingRules


def due_date(
    rules: LendingRules, *, category: str, media: str, branch: str, today: date, expires: date | None = None
) -> date:
    """When an item lent or renewed today is due: an open day, and not before today.

    Args:
        rules: the library's.
        category: of the patron.
        media: of the item.
        branch: the item's own; '' where it is not known.
        today: the local day.
        expires: the last day on which the patron's card is good.
    """
    opening = Opening(rules, branch)
    due = opening.next_open(_wished(rules.for_case(category, media), today))
    if rules.due_before_expiry and expires is not None and due > expires:
        return opening.last_open(today, expires) or opening.next_open(max(today, expires))
    return due


def _wished(rule: LendingRule, today: date) -> date:
    return min((day for day in rule.fixed_due if day > today), default=today + timedelta(days=rule.loan_days))


def days_late(rules: LendingRules, branch: str, due: date, returned: date) -> int:
    """Whole days after the due date; 0 in time. Where the library wants it, only those on which the branch was open."""
    if rules.fee_counts_closed_days:
        return max(0, (returned - due).days)
    return Opening(rules, branch).open_days(due, returned)


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
