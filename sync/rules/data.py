"""What a library may decide about lending. Every struct refuses what cannot be, and says what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

Key = TypeVar("Key")

ANY = "*"
YEARS = range(1990, 2100)
WEEK = 7

Days = Annotated[int, Meta(ge=0, le=3650)]
Hours = Annotated[int, Meta(ge=1, le=10_000)]
Count = Annotated[int, Meta(ge=0, le=10_000)]
Weekday = Annotated[int, Meta(ge=0, lt=WEEK)]


def _refuse_odd_years(days: Iterable[date]) -> None:
    for day in days:
        if day.year not in YEARS:
            raise ValueError(f"{day}: that year cannot be meant")


def _twice(keys: Iterable[Key]) -> list[Key]:
    return [key for key, count in Counter(keys).items() if count > 1]


class ClosedRange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Closed from `first` to `last`, both of them too."""

    first: date
    last: date

    def __post_init__(self) -> None:
        _refuse_odd_years((self.first, self.last))
        if self.last < self.first:
            raise ValueError(f"closed from {self.first} to {self.last}: that ends before it begins")


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a branch is closed; `*` stands for every branch. What several calendars say of a branch adds up."""

    branch: str = ANY
    closed_weekdays: tuple[Weekday, ...] = ()  # Monday is 0
    closed_dates: tuple[date, ...] = ()
    closed_ranges: tuple[ClosedRange, ...] = ()

    def __post_init__(self) -> None:
        _refuse_odd_years(self.closed_dates)


class LendingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for a category of patrons and a kind of media; `*` stands for any. The most specific rule wins,
    the patron's category before the media."""

    category: str = ANY
    media: str = ANY
    loan_days: Days = 28
    fixed_due: tuple[date, ...] = ()  # the next of these days, instead of `loan_days`, while one is to come
    limit: Count = 10  # items a patron may have at a time
    renewals: Count = 2
    fee_per_day: Count = 0  # minor units
    fee_longest: Count = 1000  # minor units per item, at most

    def __post_init__(self) -> None:
        _refuse_odd_years(self.fixed_due)


class TrustStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be lent with a mirror that is at most so old."""

    mirror_hours: Hours
    max_items: Count = 10_000  # per patron; left out, as many as the quota says


def _refuse_overlap(younger: TrustStep, older: TrustStep) -> None:
    if older.mirror_hours <= younger.mirror_hours:
        raise ValueError(
            f"trust steps go from young to old: mirror_hours = {older.mirror_hours} comes after {younger.mirror_hours}"
        )
    if older.max_items > younger.max_items:
        raise ValueError(
            f"an older mirror may not allow more: max_items = {older.max_items} up to {older.mirror_hours} hours, "
            f"but {younger.max_items} up to {younger.mirror_hours}"
        )


class OfflineQuota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many items a category may borrow offline; 0: none."""

    category: str
    max_items: Count


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
    quota: tuple[OfflineQuota, ...] = ()  # categories for which that number is another
    trust: tuple[TrustStep, ...] = (TrustStep(mirror_hours=720),)  # from young to old; older: returns only
    unknown_items: bool = True  # what the mirror does not know may be newer than the mirror
    excluded_media: tuple[str, ...] = ()
    patrons: PatronLevel = PatronLevel.ACTIVE
    unknown_cards: Count = 0  # items that a card may borrow of whose reader the station knows nothing; 0: none

    def __post_init__(self) -> None:
        for category in _twice(quota.category for quota in self.quota):
            raise ValueError(f"two quotas for the category {category!r}")
        for younger, older in pairwise(self.trust):
            _refuse_overlap(younger, older)

    def quota_for(self, category: str) -> int:
        """How many items a patron of this category may borrow while the catalogue is away."""
        return next((quota.max_items for quota in self.quota if quota.category == category), self.max_items)


class LendingRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library's rules."""

    version: str = "1"
    currency: str = "EUR"
    fee_limit: Count = 2000  # minor units owed that still let a patron borrow
    overdue_limit: Count = 5  # overdue items that still let a patron borrow
    renew_overdue: bool = True  # False: what is overdue must come back
    due_before_expiry: bool = False  # True: nothing is due later than the patron's card expires
    fee_counts_closed_days: bool = True  # False: a day on which nobody could bring it back is not late
    calendar: tuple[Calendar, ...] = ()
    rule: tuple[LendingRule, ...] = (LendingRule(),)
    offline: OfflineRules = OfflineRules()

    def __post_init__(self) -> None:
        for category, media in _twice((rule.category, rule.media) for rule in self.rule):
            raise ValueError(f"two rules for the category {category!r} and the media {media!r}")
        for branch in {calendar.branch for calendar in self.calendar}:
            if len({day for each in self.calendars_of(branch) for day in each.closed_weekdays}) == WEEK:
                raise ValueError(f"the branch {branch!r} is never open: all seven weekdays are closed")

    def calendars_of(self, branch: str) -> tuple[Calendar, ...]:
        """What is said of this branch, and of every branch."""
        return tuple(calendar for calendar in self.calendar if calendar.branch in {branch, ANY})

    def for_case(self, category: str, media: str) -> LendingRule:
        """The rule for a patron's category and an item's media; the defaults where the library has none."""
        fitting = [rule for rule in self.rule if rule.category in {category, ANY} and rule.media in {media, ANY}]
        return max(fitting, key=lambda rule: (rule.category != ANY, rule.media != ANY), default=LendingRule())

    def limit_for(self, category: str) -> int:
        """How many items a patron of this category may have, whatever they are."""
        return self.for_case(category, ANY).limit
