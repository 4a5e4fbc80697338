"""How far a station may go by itself: what it may believe of a mirror that grows old, and how much it may lend."""

from __future__ import annotations

from datetime import timedelta

from sync.catalogue import OfflineReason
from sync.rules.data import OfflineRules, TrustStep

HOUR_S = 3600

CLOCKS_DIFFER = timedelta(days=1)
"""A mirror from further ahead means that the station's clock stands still: no due date can be reckoned with it."""


def why_not_believed(rules: OfflineRules, mirror_age_s: int | None) -> OfflineReason | None:
    """Why a mirror of this age is good for nothing but returns; None where it is believed.

    Args:
        rules: the library's.
        mirror_age_s: seconds, below 0 where the mirror's maker was ahead of our clock; None: there is no mirror.
    """
    if mirror_age_s is None:
        return OfflineReason.NO_MIRROR
    if mirror_age_s < -CLOCKS_DIFFER.total_seconds():
        return OfflineReason.CLOCK
    return None if _step(rules, mirror_age_s) else OfflineReason.MIRROR_OLD


def quota_of(rules: OfflineRules, category: str, mirror_age_s: int, *, card_only: bool = False) -> int:
    """How many items a patron of this category may have from a station with a mirror of this age; `card_only`: of whom
    it knows the card and nothing else."""
    step = _step(rules, mirror_age_s)
    if step is None:
        return 0
    return min(step.max_items, rules.unknown_cards if card_only else rules.quota_for(category))


def _step(rules: OfflineRules, mirror_age_s: int) -> TrustStep | None:
    return next((step for step in rules.trust if mirror_age_s <= step.mirror_hours * HOUR_S), None)
