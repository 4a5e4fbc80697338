"""Wrong PINs rest the card, and many of them the PIN pad."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.loans.throttle import PinThrottle, ThrottleSettings
from sync.catalogue import Credential
from tests.fakes.clock import MovableClock

ANNA, BERT = Credential("uid", "04A1"), Credential("uid", "04B2")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def throttle(clock: MovableClock) -> PinThrottle:
    return PinThrottle(clock)


def test_five_wrong_pins_rest_a_card_and_no_other(throttle: PinThrottle) -> None:
    assert [throttle.wrong(ANNA) for _ in range(5)] == [4, 3, 2, 1, 0]
    assert throttle.wait_s(ANNA) == 601
    assert throttle.wait_s(BERT) == 0
    assert throttle.wait_s(Credential("barcode", ANNA.value)) == 0, "the kind is part of a card"


def test_four_do_not(throttle: PinThrottle) -> None:
    for _ in range(4):
        throttle.wrong(ANNA)
    assert throttle.wait_s(ANNA) == 0


def test_a_card_rests_until_its_oldest_wrong_pin_is_ten_minutes_old(throttle: PinThrottle, clock: MovableClock) -> None:
    for _ in range(5):
        throttle.wrong(ANNA)
        clock.advance(60)
    assert throttle.wait_s(ANNA) == 301
    clock.advance(299)
    assert throttle.wait_s(ANNA) == 2
    clock.advance(1)
    assert throttle.wait_s(ANNA) == 0
    assert throttle.wrong(ANNA) == 0, "the other four still count"
    assert throttle.wait_s(ANNA) > 0


def test_a_wrong_pin_that_was_under_way_already_makes_the_rest_longer(
    throttle: PinThrottle, clock: MovableClock
) -> None:
    for _ in range(6):
        assert throttle.wrong(ANNA) >= 0
        clock.advance(60)
    assert throttle.wait_s(ANNA) == 301, "until four are left, and not five"


def test_the_right_pin_forgives_this_card_s_wrong_ones(throttle: PinThrottle) -> None:
    for _ in range(4):
        throttle.wrong(ANNA)
        throttle.wrong(BERT)
    throttle.right(ANNA)
    assert throttle.wrong(ANNA) == 4
    assert throttle.wrong(BERT) == 0


def test_many_cards_rest_the_whole_pad(throttle: PinThrottle, clock: MovableClock) -> None:
    for number in range(20):
        assert throttle.wait_s(ANNA) == 0
        throttle.wrong(Credential("uid", str(number)))
    assert throttle.wait_s(ANNA) == 601
    throttle.right(ANNA)
    assert throttle.wait_s(ANNA) == 601, "one right PIN does not free the pad"
    clock.advance(600)
    assert throttle.wait_s(ANNA) == 0


@pytest.mark.parametrize("hours", [-24, 24])
def test_setting_the_clock_frees_nobody(throttle: PinThrottle, clock: MovableClock, hours: int) -> None:
    for _ in range(5):
        throttle.wrong(ANNA)
    clock.set_wall(clock.now() + timedelta(hours=hours))
    assert throttle.wait_s(ANNA) == 601


@given(steps=st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=60))
def test_nobody_ever_gets_more_tries_than_allowed_within_the_window(steps: list[tuple[int, bool]]) -> None:
    """Whoever tries as soon as they may, at any pace."""
    clock, settings = MovableClock(), ThrottleSettings(per_card=3, per_station=5, window_s=600)
    throttle = PinThrottle(clock, settings)
    tried: list[tuple[float, Credential]] = []
    for pause_s, whose in steps:
        clock.advance(pause_s)
        card = ANNA if whose else BERT
        now_s = clock.boot_ns() / 1e9
        recent = [(at_s, tried_card) for at_s, tried_card in tried if now_s - at_s < 600]
        may = len(recent) < 5 and [tried_card for _, tried_card in recent].count(card) < 3
        assert (throttle.wait_s(card) == 0) is may
        if may:
            throttle.wrong(card)
            tried.append((now_s, card))
