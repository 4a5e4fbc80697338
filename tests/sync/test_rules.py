"""Calendars, due dates, lateness, and what a station may do by itself: the pure part of lending."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from sync.catalogue import Block, BlockCode, Decided, Item, ItemStatus, Money, OfflineReason, Outcome
from sync.rules import (
    Calendar,
    CheckoutCase,
    ClosedRange,
    LendingRule,
    LendingRules,
    OfflineQuota,
    OfflineRules,
    RenewCase,
    TrustStep,
    blocks_of,
    days_late,
    due_date,
    judge_checkout,
    judge_renew,
    late_fee,
)

MONDAY = date(2026, 3, 2)
HOUR_S = 3600
CLOSED = (
    Calendar(closed_weekdays=(6,), closed_dates=(date(2026, 3, 9),)),
    Calendar(branch="east", closed_weekdays=(5,)),
    Calendar(branch="east", closed_ranges=(ClosedRange(first=date(2026, 3, 10), last=date(2026, 3, 14)),)),
)
BOOK = Item(barcode="301", title="Emma", branch="main")
DVD = Item(barcode="302", title="Metropolis", media="dvd", branch="main")


def due(rules: LendingRules, *, branch: str = "main", today: date = MONDAY, expires: date | None = None) -> date:
    return due_date(rules, category="adult", media="book", branch=branch, today=today, expires=expires)


# ── dates ──


@pytest.mark.parametrize(
    ("days", "branch", "expected"),
    [
        pytest.param(5, "main", date(2026, 3, 7), id="open"),
        pytest.param(6, "main", date(2026, 3, 10), id="a Sunday, and the Monday after it is a holiday"),
        pytest.param(5, "east", date(2026, 3, 16), id="east: Saturday, Sunday, holiday, a closed week, Sunday"),
        pytest.param(0, "main", MONDAY, id="for today"),
    ],
)
def test_nothing_is_due_on_a_closed_day_of_its_branch(days: int, branch: str, expected: date) -> None:
    rules = LendingRules(calendar=CLOSED, rule=(LendingRule(loan_days=days),))
    assert due(rules, branch=branch) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(MONDAY, date(2026, 7, 15), id="the next end of a term"),
        pytest.param(date(2026, 7, 15), date(2027, 2, 15), id="on its last day the next one"),
        pytest.param(date(2027, 2, 15), date(2027, 3, 15), id="after the last one the days count again"),
    ],
)
def test_a_term_s_end_goes_before_the_days(today: date, expected: date) -> None:
    terms = (date(2027, 2, 15), date(2026, 7, 15))
    assert due(LendingRules(rule=(LendingRule(fixed_due=terms),)), today=today) == expected


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        pytest.param(None, date(2026, 3, 30), id="a card without an end"),
        pytest.param(date(2026, 4, 30), date(2026, 3, 30), id="a card that is good for longer"),
        pytest.param(date(2026, 3, 20), date(2026, 3, 20), id="the card's last day"),
        pytest.param(date(2026, 3, 9), date(2026, 3, 7), id="the last open day before it"),
        pytest.param(date(2026, 2, 1), MONDAY, id="a card that has expired"),
    ],
)
def test_a_library_may_have_nothing_due_after_the_card_expires(expires: date | None, expected: date) -> None:
    rules = LendingRules(calendar=CLOSED, due_before_expiry=True)
    assert due(rules, expires=expires) == expected
    assert due(replace(rules, due_before_expiry=False), expires=expires) == date(2026, 3, 30)


def test_where_no_open_day_is_left_before_the_card_expires_it_is_the_next_one() -> None:
    rules = LendingRules(calendar=CLOSED, due_before_expiry=True)
    sunday = date(2026, 3, 8)
    assert due(rules, today=sunday, expires=date(2026, 3, 9)) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("branch", "counts", "late"), [("main", True, 5), ("main", False, 3), ("east", False, 0), ("elsewhere", False, 3)]
)
def test_a_library_may_let_closed_days_cost_nothing(branch: str, counts: bool, late: int) -> None:
    """From Saturday to Thursday: a Sunday and a holiday lie between; East is closed all the time."""
    rules = LendingRules(calendar=CLOSED, fee_counts_closed_days=counts, rule=(LendingRule(fee_per_day=20),))
    days = days_late(rules, branch, date(2026, 3, 7), date(2026, 3, 12))
    assert days == late
    assert late_fee(rules, "adult", "book", days) == (Money(20 * late) if late else None)


def test_in_time_is_not_late() -> None:
    for counts in (True, False):
        rules = LendingRules(fee_counts_closed_days=counts)
        assert days_late(rules, "main", MONDAY, MONDAY) == 0
        assert days_late(rules, "main", MONDAY, date(2026, 2, 1)) == 0


def test_lateness_has_its_most() -> None:
    rules = LendingRules(rule=(LendingRule(fee_per_day=20, fee_longest=90),))
    assert late_fee(rules, "adult", "book", 1000) == Money(90)


# ── borrowing ──

CASE = CheckoutCase(today=MONDAY, patron="p", category="adult", borrowed=0, item=BOOK)
RULES = LendingRules(
    rule=(LendingRule(limit=4), LendingRule(media="dvd", limit=2)),
    offline=OfflineRules(
        max_items=8,
        quota=(OfflineQuota(category="child", max_items=2), OfflineQuota(category="guest", max_items=0)),
        trust=(TrustStep(mirror_hours=24, max_items=10), TrustStep(mirror_hours=168, max_items=3)),
        excluded_media=("dvd",),
    ),
)


def test_a_limit_for_one_kind_says_which() -> None:
    verdict = judge_checkout(RULES, replace(CASE, item=DVD, borrowed=3, borrowed_media=2))
    assert (verdict.outcome, verdict.limit, verdict.borrowed, verdict.media) == (Outcome.OVER_LIMIT, 2, 2, "dvd")
    verdict = judge_checkout(RULES, replace(CASE, item=DVD, borrowed=4, borrowed_media=2))
    assert (verdict.outcome, verdict.limit, verdict.borrowed, verdict.media) == (Outcome.OVER_LIMIT, 4, 4, "")


def test_a_reader_hears_what_is_wrong_with_the_item_before_what_they_could_return() -> None:
    kept = replace(CASE, item=replace(BOOK, status=ItemStatus.NOT_FOR_LOAN), borrowed=4)
    assert judge_checkout(RULES, kept).outcome is Outcome.NOT_FOR_LOAN
    assert judge_checkout(RULES, replace(CASE, reserved_for_other=True, borrowed=4)).outcome is Outcome.RESERVED


def test_what_the_library_wants_back_is_lent_to_nobody_else() -> None:
    verdict = judge_checkout(RULES, replace(CASE, recalled=True, lent_to="q", due=date(2026, 3, 20)))
    assert (verdict.outcome, verdict.due) == (Outcome.RECALLED, date(2026, 3, 20))
    assert judge_checkout(RULES, replace(CASE, recalled=True)).outcome is Outcome.RECALLED
    mine = judge_checkout(RULES, replace(CASE, recalled=True, lent_to="p", due=date(2026, 3, 20)))
    assert mine.outcome is Outcome.ALREADY_YOURS


# ── borrowing offline ──

ALONE = replace(CASE, decided=Decided.OFFLINE, mirror_age_s=0)


@pytest.mark.parametrize(
    ("case", "reason", "limit", "hours"),
    [
        pytest.param({"unsettled": 7}, None, None, None, id="within the quota"),
        pytest.param({"unsettled": 8}, OfflineReason.QUOTA, 8, 0, id="the quota for all"),
        pytest.param({"unsettled": 9}, OfflineReason.QUOTA, 8, 0, id="more than the quota for all"),
        pytest.param({"category": "child", "unsettled": 2}, OfflineReason.QUOTA, 2, 0, id="the category's quota"),
        pytest.param({"category": "guest"}, OfflineReason.CATEGORY, None, 0, id="a category that may not"),
        pytest.param({"mirror_age_s": 24 * HOUR_S, "unsettled": 7}, None, None, None, id="a day old to the second"),
        pytest.param({"mirror_age_s": 24 * HOUR_S + 1, "unsettled": 2}, None, None, None, id="older, a little"),
        pytest.param({"mirror_age_s": 25 * HOUR_S, "unsettled": 3}, OfflineReason.QUOTA, 3, 25, id="older, enough"),
        pytest.param({"mirror_age_s": 168 * HOUR_S + 1}, OfflineReason.MIRROR_OLD, None, 168, id="too old"),
        pytest.param({"mirror_age_s": None}, OfflineReason.NO_MIRROR, None, None, id="none"),
        pytest.param({"mirror_age_s": -24 * HOUR_S}, None, None, None, id="its maker a day ahead"),
        pytest.param({"mirror_age_s": -24 * HOUR_S - 1}, OfflineReason.CLOCK, None, 0, id="our clock stands still"),
        pytest.param({"item": DVD}, OfflineReason.MEDIA, None, 0, id="a kind that is excluded"),
        pytest.param({"item": None}, None, None, None, id="unknown, and perhaps newer"),
    ],
)
def test_a_station_by_itself(
    case: dict[str, object], reason: OfflineReason | None, limit: int | None, hours: int | None
) -> None:
    verdict = judge_checkout(RULES, replace(ALONE, **case))
    assert verdict.outcome is (Outcome.NOT_OFFLINE if reason else Outcome.LENT)
    assert (verdict.reason, verdict.limit, verdict.mirror_hours) == (reason, limit, hours)
    assert verdict.borrowed == (case["unsettled"] if reason is OfflineReason.QUOTA else None)


@pytest.mark.parametrize(
    ("offline", "reason"),
    [
        (OfflineRules(lend=False), OfflineReason.POLICY),
        (OfflineRules(unknown_items=False), OfflineReason.UNKNOWN_ITEM),
        (OfflineRules(trust=()), OfflineReason.MIRROR_OLD),
        (OfflineRules(trust=(TrustStep(mirror_hours=24, max_items=0),)), OfflineReason.MIRROR_OLD),
    ],
)
def test_a_library_that_is_careful(offline: OfflineRules, reason: OfflineReason) -> None:
    verdict = judge_checkout(LendingRules(offline=offline), replace(ALONE, item=None))
    assert (verdict.outcome, verdict.reason) == (Outcome.NOT_OFFLINE, reason)


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ({"reserved_for_other": True}, Outcome.RESERVED),
        ({"recalled": True}, Outcome.RECALLED),
        ({"blocks": (Block(BlockCode.EXPIRED, since=date(2026, 3, 1)),)}, Outcome.PATRON_BLOCKED),
        ({"item": DVD, "reserved_for_other": True}, Outcome.RESERVED),
    ],
)
def test_whatever_the_rules_say_some_things_are_never_done_alone(case: dict[str, object], outcome: Outcome) -> None:
    assert judge_checkout(RULES, replace(ALONE, **case)).outcome is outcome


# ── renewing ──

RENEWAL = RenewCase(today=MONDAY, patron="p", category="adult", item=BOOK, lent_to="p", due=date(2026, 3, 5))
LATE = replace(RENEWAL, due=date(2026, 3, 1))
TOO_MANY = (Block(BlockCode.OVERDUE, limit=6),)
STRICT = replace(RULES, renew_overdue=False)


@pytest.mark.parametrize(
    ("rules", "case", "outcome"),
    [
        pytest.param(RULES, LATE, Outcome.RENEWED, id="overdue, renewed"),
        pytest.param(RULES, replace(LATE, blocks=TOO_MANY), Outcome.RENEWED, id="blocked for what this mends"),
        pytest.param(STRICT, LATE, Outcome.OVERDUE, id="overdue, to be brought back"),
        pytest.param(STRICT, RENEWAL, Outcome.RENEWED, id="not overdue"),
        pytest.param(STRICT, replace(RENEWAL, blocks=TOO_MANY), Outcome.PATRON_BLOCKED, id="others are overdue"),
        pytest.param(
            RULES, replace(LATE, blocks=(*TOO_MANY, Block(BlockCode.BARRED))), Outcome.PATRON_BLOCKED, id="barred"
        ),
    ],
)
def test_whether_an_overdue_item_may_be_renewed_the_library_says(
    rules: LendingRules, case: RenewCase, outcome: Outcome
) -> None:
    for decided in Decided:
        verdict = judge_renew(rules, replace(case, decided=decided, mirror_age_s=0))
        assert verdict.outcome is outcome
        assert verdict.outcome.yes or verdict.due == case.due


def test_a_block_that_does_not_count_is_not_told() -> None:
    verdict = judge_renew(RULES, replace(LATE, blocks=(*TOO_MANY, Block(BlockCode.BARRED))))
    assert verdict.blocks == (Block(BlockCode.BARRED),)


def test_a_card_that_ends_leaves_no_later_date_and_says_so() -> None:
    rules = LendingRules(due_before_expiry=True)
    ends = date(2026, 3, 5)
    verdict = judge_renew(rules, replace(RENEWAL, expires=ends))
    assert (verdict.outcome, verdict.due) == (Outcome.TOO_EARLY, RENEWAL.due)
    assert verdict.blocks == (Block(BlockCode.EXPIRED, since=ends),)
    verdict = judge_renew(rules, replace(RENEWAL, due=date(2026, 3, 30), expires=date(2027, 1, 1)))
    assert (verdict.outcome, verdict.blocks) == (Outcome.TOO_EARLY, ())


@pytest.mark.parametrize(
    ("case", "outcome", "reason"),
    [
        ({}, Outcome.RENEWED, None),
        ({"recalled": True}, Outcome.RECALLED, None),
        ({"reserved_for_other": True}, Outcome.RESERVED, None),
        ({"lent_to": None}, Outcome.NOT_OFFLINE, OfflineReason.UNKNOWN_LOAN),
        ({"lent_to": "q"}, Outcome.NOT_YOURS, None),
        ({"mirror_age_s": 169 * HOUR_S}, Outcome.NOT_OFFLINE, OfflineReason.MIRROR_OLD),
        ({"item": None}, Outcome.RENEWED, None),
        ({"item": DVD}, Outcome.RENEWED, None),
        ({"renewals_left": 0}, Outcome.RENEWAL_LIMIT, None),
        ({"renewals": 2}, Outcome.RENEWAL_LIMIT, None),
    ],
)
def test_renewing_alone(case: dict[str, object], outcome: Outcome, reason: OfflineReason | None) -> None:
    alone = replace(RENEWAL, decided=Decided.OFFLINE, mirror_age_s=HOUR_S)
    verdict = judge_renew(RULES, replace(alone, **case))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("offline", "reason"),
    [
        (OfflineRules(renew=False), OfflineReason.POLICY),
        (OfflineRules(unknown_items=False), OfflineReason.UNKNOWN_ITEM),
    ],
)
def test_renewing_alone_in_a_library_that_is_careful(offline: OfflineRules, reason: OfflineReason) -> None:
    alone = replace(RENEWAL, decided=Decided.OFFLINE, mirror_age_s=0, item=None)
    verdict = judge_renew(LendingRules(offline=offline), alone)
    assert (verdict.outcome, verdict.reason, verdict.due) == (Outcome.NOT_OFFLINE, reason, RENEWAL.due)


def test_the_kind_of_an_unknown_item_is_the_loan_s() -> None:
    rules = LendingRules(rule=(LendingRule(), LendingRule(media="dvd", loan_days=7, renewals=1)))
    verdict = judge_renew(rules, replace(RENEWAL, item=None, loan_media="dvd"))
    assert (verdict.due, verdict.renewals_left) == (date(2026, 3, 9), 0)


# ── which rule ──


@pytest.mark.parametrize(
    ("category", "media", "limit"),
    [("adult", "book", 1), ("adult", "dvd", 2), ("child", "book", 3), ("child", "dvd", 4), ("guest", "game", 1)],
)
def test_the_most_specific_rule_holds_the_category_before_the_media(category: str, media: str, limit: int) -> None:
    rules = LendingRules(
        rule=(
            LendingRule(category="child", media="dvd", limit=4),
            LendingRule(limit=1),
            LendingRule(category="child", limit=3),
            LendingRule(media="dvd", limit=2),
        )
    )
    assert rules.for_case(category, media).limit == limit


def test_blocks_tell_their_numbers() -> None:
    found = blocks_of(
        LendingRules(fee_limit=100, overdue_limit=1, currency="CNY"),
        today=MONDAY,
        expires=date(2026, 3, 1),
        owed_minor=101,
        overdue=2,
        codes=(BlockCode.BARRED,),
    )
    assert found == (
        Block(BlockCode.BARRED),
        Block(BlockCode.EXPIRED, since=date(2026, 3, 1)),
        Block(BlockCode.FEES, amount=Money(101, "CNY")),
        Block(BlockCode.OVERDUE, limit=2),
    )
    at_the_edge = blocks_of(
        LendingRules(fee_limit=100, overdue_limit=1), today=MONDAY, expires=MONDAY, owed_minor=100, overdue=1
    )
    assert at_the_edge == ()
