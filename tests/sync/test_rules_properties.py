"""What holds for any rules and any case: dates, limits, what a station may do by itself, and the numbers of a no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.catalogue import BlockCode, Decided, Item, ItemStatus, OfflineReason, Outcome, Verdict
from sync.rules import (
    Calendar,
    CheckoutCase,
    ClosedRange,
    LendingRule,
    LendingRules,
    OfflineQuota,
    OfflineRules,
    Opening,
    RenewCase,
    TrustStep,
    blocks_of,
    due_date,
    judge_checkout,
    judge_renew,
)

unhurried = settings(deadline=None)
often = settings(max_examples=250, deadline=None)

CATEGORIES = ("adult", "child", "guest")
MEDIA = ("book", "dvd")
BRANCHES = ("main", "east")
START = date(2026, 1, 1)
HOUR_S = 3600

days = st.dates(START, date(2026, 12, 31))
counts = st.integers(0, 6)
limits = st.integers(0, 30).map(lambda n: min(n, 6))  # a library that lends nothing is seldom one
few = st.sampled_from((*[0] * 6, 1, 2, 3, 6))  # most readers have little, and most items are free
BOOK = Item(barcode="301", title="Emma", branch="main")
seldom = st.sampled_from((*[False] * 9, True))
mostly = seldom.map(lambda rare: not rare)


@st.composite
def ranges(draw: st.DrawFn) -> ClosedRange:
    first = draw(days)
    return ClosedRange(first=first, last=first + timedelta(days=draw(st.integers(0, 60))))


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, ...]:
    """One for all and one for each branch, with no branch that is never open."""
    return tuple(
        Calendar(
            branch=branch,
            closed_weekdays=tuple(draw(st.sets(st.integers(0, 6), max_size=3))),
            closed_dates=tuple(draw(st.sets(days, max_size=5))),
            closed_ranges=tuple(draw(st.lists(ranges(), max_size=3))),
        )
        for branch in ("*", *BRANCHES)
    )


def rule_of(category: str, media: str) -> st.SearchStrategy[LendingRule]:
    return st.builds(
        LendingRule,
        category=st.just(category),
        media=st.just(media),
        loan_days=st.integers(0, 60),
        fixed_due=st.lists(days, max_size=2).map(tuple),
        limit=limits,
        renewals=st.integers(0, 3),
    )


@st.composite
def lending(draw: st.DrawFn) -> tuple[LendingRule, ...]:
    places = st.tuples(st.sampled_from(("*", *CATEGORIES)), st.sampled_from(("*", *MEDIA)))
    return tuple(draw(rule_of(*place)) for place in draw(st.sets(places, max_size=5)))


@st.composite
def offline(draw: st.DrawFn) -> OfflineRules:
    hours = sorted(draw(st.sets(st.integers(1, 600), min_size=1, max_size=3)))
    most = sorted((draw(limits) for _ in hours), reverse=True)
    return OfflineRules(
        lend=draw(mostly),
        renew=draw(mostly),
        max_items=draw(limits),
        quota=tuple(
            OfflineQuota(category=category, max_items=draw(limits))
            for category in draw(st.sets(st.sampled_from(CATEGORIES)))
        ),
        trust=tuple(TrustStep(mirror_hours=age, max_items=n) for age, n in zip(hours, most, strict=True)),
        unknown_items=draw(mostly),
        excluded_media=tuple(draw(st.sets(st.sampled_from(MEDIA), max_size=1))),
    )


WEEKENDS = (Calendar(closed_weekdays=(6,)), Calendar(branch="east", closed_weekdays=(5,)))


def rules_with(calendar: st.SearchStrategy[tuple[Calendar, ...]]) -> st.SearchStrategy[LendingRules]:
    return st.builds(
        LendingRules,
        fee_limit=limits,
        overdue_limit=limits,
        renew_overdue=st.booleans(),
        due_before_expiry=st.booleans(),
        fee_counts_closed_days=st.booleans(),
        calendar=calendar,
        rule=lending(),
        offline=offline(),
    )


all_rules = rules_with(calendars())
plain_rules = rules_with(st.sampled_from(((), WEEKENDS)))  # where it is not dates that matter
items = st.builds(
    Item,
    barcode=st.just("301"),
    title=st.just("Emma"),
    media=st.sampled_from(MEDIA),
    branch=st.sampled_from(BRANCHES),
    status=st.sampled_from((*[ItemStatus.AVAILABLE] * 7, ItemStatus.NOT_FOR_LOAN)),
)
ages = st.integers(0, 400 * HOUR_S)
young = st.integers(0, 6).map(lambda hours: hours * HOUR_S)


def ends(today: date) -> st.SearchStrategy[date | None]:
    """The last day of a card that mostly is good."""
    return st.sampled_from((None, 300, 200, 20, 5, -3)).map(
        lambda ahead: None if ahead is None else today + timedelta(days=ahead)
    )


@st.composite
def checkouts(draw: st.DrawFn, rules: LendingRules) -> CheckoutCase:
    today = draw(days)
    expires = draw(ends(today))
    holder = draw(st.sampled_from((None, None, None, None, None, "p", "q")))
    return CheckoutCase(
        today=today,
        patron="p",
        category=draw(st.sampled_from(CATEGORIES)),
        expires=expires,
        borrowed=draw(few),
        borrowed_media=draw(few),
        blocks=blocks_of(rules, today=today, expires=expires, owed_minor=draw(few), overdue=draw(few)),
        item=draw(items),
        lent_to=holder,
        due=draw(days) if holder else None,
        reserved_for_other=draw(seldom),
        recalled=draw(seldom),
        unsettled=draw(few),
    )


@st.composite
def renewals(draw: st.DrawFn, rules: LendingRules) -> RenewCase:
    today = draw(days)
    expires = draw(ends(today))
    return RenewCase(
        today=today,
        patron="p",
        category=draw(st.sampled_from(CATEGORIES)),
        expires=expires,
        blocks=blocks_of(rules, today=today, expires=expires, owed_minor=draw(few), overdue=draw(few)),
        item=draw(items | st.none()),
        lent_to=draw(st.sampled_from((*["p"] * 8, "q", None))),
        due=today + timedelta(days=draw(st.integers(-10, 15))),
        renewals=draw(few),
        renewals_left=draw(st.none() | st.integers(0, 3)),
        reserved_for_other=draw(seldom),
        recalled=draw(seldom),
    )


Case = CheckoutCase | RenewCase


@st.composite
def situations(draw: st.DrawFn) -> tuple[LendingRules, Case]:
    rules = draw(plain_rules)
    return rules, draw(st.one_of(checkouts(rules), renewals(rules)))


@st.composite
def close_calls(draw: st.DrawFn) -> tuple[LendingRules, Case]:
    """Small numbers and nothing else in the way: limits are met, or missed by one."""
    n = iter(draw(st.tuples(*[st.integers(0, 4)] * 14)))
    category, item = draw(st.sampled_from(("adult", "child"))), replace(BOOK, media=draw(st.sampled_from(MEDIA)))
    young_hours, young_items, old_items = 1 + next(n), 1 + next(n), 1 + next(n)
    rules = LendingRules(
        rule=(
            LendingRule(limit=1 + next(n), renewals=next(n)),
            LendingRule(media="dvd", limit=1 + next(n), renewals=next(n)),
        ),
        offline=OfflineRules(
            max_items=1 + next(n),
            quota=(OfflineQuota(category="child", max_items=1 + next(n)),),
            trust=(
                TrustStep(mirror_hours=young_hours, max_items=young_items),
                TrustStep(mirror_hours=young_hours + 1 + next(n), max_items=min(young_items, old_items)),
            ),
        ),
    )
    if draw(st.booleans()):
        due = START + timedelta(days=next(n))
        return rules, RenewCase(
            today=START, patron="p", category=category, item=item, lent_to="p", due=due, renewals=next(n)
        )
    numbers = {"borrowed": next(n), "borrowed_media": next(n), "unsettled": next(n)}
    return rules, CheckoutCase(today=START, patron="p", category=category, item=item, **numbers)


def judge(rules: LendingRules, case: Case) -> Verdict:
    return judge_checkout(rules, case) if isinstance(case, CheckoutCase) else judge_renew(rules, case)


def alone(case: Case, age_s: int | None) -> Case:
    return replace(case, decided=Decided.OFFLINE, mirror_age_s=age_s)


# ── dates ──


@unhurried
@given(all_rules, st.sampled_from(CATEGORIES), st.sampled_from(MEDIA), st.sampled_from(BRANCHES), days, days)
def test_nothing_is_due_on_a_closed_day_or_before_today(
    rules: LendingRules, category: str, media: str, branch: str, today: date, expires: date
) -> None:
    due = due_date(rules, category=category, media=media, branch=branch, today=today, expires=expires)
    opening = Opening(rules, branch)
    assert opening.is_open(due)
    assert due >= today
    if rules.due_before_expiry and opening.last_open(today, expires):
        assert due <= expires


# ── limits ──

Raise = Callable[[LendingRules, int], LendingRules]


def _in_rules(field: str) -> Raise:
    def raised(rules: LendingRules, by: int) -> LendingRules:
        return replace(rules, rule=tuple(replace(rule, **{field: getattr(rule, field) + by}) for rule in rules.rule))

    return raised


def _offline(change: Callable[[OfflineRules, int], OfflineRules]) -> Raise:
    return lambda rules, by: replace(rules, offline=change(rules.offline, by))


RAISES: dict[str, Raise] = {
    "limit": _in_rules("limit"),
    "renewals": _in_rules("renewals"),
    "max_items": _offline(lambda off, by: replace(off, max_items=off.max_items + by)),
    "quota": _offline(
        lambda off, by: replace(off, quota=tuple(replace(each, max_items=each.max_items + by) for each in off.quota))
    ),
    "trust items": _offline(
        lambda off, by: replace(off, trust=tuple(replace(step, max_items=step.max_items + by) for step in off.trust))
    ),
    "trust hours": _offline(
        lambda off, by: replace(
            off, trust=tuple(replace(step, mirror_hours=step.mirror_hours + by) for step in off.trust)
        )
    ),
}


@pytest.mark.parametrize("name", RAISES)
@often
@given(close_calls(), st.none() | young, st.integers(1, 3))
def test_raising_a_limit_never_turns_a_yes_into_a_no(
    name: str, situation: tuple[LendingRules, Case], age_s: int | None, by: int
) -> None:
    rules, case = situation
    asked = case if age_s is None else alone(case, age_s)
    before, after = judge(rules, asked), judge(RAISES[name](rules, by), asked)
    assert after.outcome.yes or not before.outcome.yes


@unhurried
@given(all_rules, counts, counts, st.integers(1, 5), st.integers(1, 5))
def test_raising_a_limit_never_blocks(rules: LendingRules, owed: int, overdue: int, fees: int, items: int) -> None:
    raised = replace(rules, fee_limit=rules.fee_limit + fees, overdue_limit=rules.overdue_limit + items)
    facts = {"today": START, "expires": None, "owed_minor": owed, "overdue": overdue}
    assert set(blocks_of(raised, **facts)) <= set(blocks_of(rules, **facts))  # type: ignore[arg-type]


# ── offline ──


@often
@given(close_calls() | situations(), young)
def test_a_station_by_itself_never_says_yes_where_the_centre_says_no(
    situation: tuple[LendingRules, Case], age_s: int
) -> None:
    rules, case = situation
    here, there = judge(rules, alone(case, age_s)), judge(rules, case)
    assert there.outcome.yes or not here.outcome.yes
    assert not here.outcome.yes or here.due == there.due


@often
@given(close_calls(), young, young)
def test_an_older_mirror_never_allows_more(situation: tuple[LendingRules, Case], one_s: int, other_s: int) -> None:
    rules, case = situation
    younger, older = (judge(rules, alone(case, age_s)) for age_s in sorted((one_s, other_s)))
    assert younger.outcome.yes or not older.outcome.yes


# ── the numbers of a no ──

NUMBERS: dict[Outcome, tuple[str, ...]] = {
    Outcome.ALREADY_YOURS: ("due",),
    Outcome.ON_LOAN_TO_OTHER: ("due",),
    Outcome.NOT_FOR_LOAN: (),
    Outcome.RESERVED: (),
    Outcome.RECALLED: (),
    Outcome.OVER_LIMIT: ("limit", "borrowed"),
    Outcome.PATRON_BLOCKED: ("blocks",),
    Outcome.NOT_YOURS: (),
    Outcome.RENEWAL_LIMIT: ("due", "limit", "renewals_left"),
    Outcome.OVERDUE: ("due",),
    Outcome.TOO_EARLY: ("due", "renewals_left"),
    Outcome.NOT_OFFLINE: ("reason",),
}
OF_REASON: dict[OfflineReason, tuple[str, ...]] = {
    OfflineReason.QUOTA: ("limit", "borrowed", "mirror_hours"),
    OfflineReason.MIRROR_OLD: ("mirror_hours",),
    OfflineReason.CLOCK: ("mirror_hours",),
    OfflineReason.MEDIA: ("media", "mirror_hours"),
}
OF_BLOCK = {BlockCode.EXPIRED: "since", BlockCode.FEES: "amount", BlockCode.OVERDUE: "limit"}


@often
@given(close_calls() | situations(), st.none() | st.none() | ages | st.integers(-50 * HOUR_S, 0), st.booleans())
def test_each_no_has_its_numbers(situation: tuple[LendingRules, Case], age_s: int | None, online: bool) -> None:
    rules, case = situation
    verdict = judge(rules, case if online else alone(case, age_s))
    if verdict.outcome.yes:
        assert verdict.due is not None
        return
    wanted = NUMBERS[verdict.outcome] + (OF_REASON.get(verdict.reason, ()) if verdict.reason else ())
    assert [name for name in wanted if getattr(verdict, name) in (None, "", ())] == []
    assert [block for block in verdict.blocks if getattr(block, OF_BLOCK[block.code]) is None] == []
    if isinstance(case, RenewCase) and verdict.outcome is not Outcome.NOT_YOURS:
        assert verdict.due == case.due
    if verdict.limit is not None and verdict.borrowed is not None:
        assert verdict.borrowed >= verdict.limit


@unhurried
@given(all_rules)
def test_rules_travel(rules: LendingRules) -> None:
    assert msgspec.json.decode(msgspec.json.encode(rules), type=LendingRules) == rules
