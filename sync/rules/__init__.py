"""Lending rules: data, and one pure evaluation that the centre and every station run.

No clock and no database: whoever asks hands in the facts and the day. `docs/rules.md` explains every option.
"""

from __future__ import annotations

from sync.rules.calendar import Opening
from sync.rules.data import (
    ANY,
    Calendar,
    ClosedRange,
    LendingRule,
    LendingRules,
    OfflineQuota,
    OfflineRules,
    PatronLevel,
    TrustStep,
)
from sync.rules.judge import CheckoutCase, RenewCase, judge_checkout, judge_renew
from sync.rules.reading import RulesError, read_rules
from sync.rules.reckoning import blocks_of, days_late, due_date, late_fee
from sync.rules.trust import why_not_believed

__all__ = [
    "ANY",
    "Calendar",
    "CheckoutCase",
    "ClosedRange",
    "LendingRule",
    "LendingRules",
    "OfflineQuota",
    "OfflineRules",
    "Opening",
    "PatronLevel",
    "RenewCase",
    "RulesError",
    "TrustStep",
    "blocks_of",
    "days_late",
    "due_date",
    "judge_checkout",
    "judge_renew",
    "late_fee",
    "read_rules",
    "why_not_believed",
]
