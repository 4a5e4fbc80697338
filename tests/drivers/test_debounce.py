"""One event for one card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.events import CardFault, CardLifted, CardSeen, CardUnreadable, Credential, CredentialKind, DriverEvent
from drivers.nfc.credential import Technology
from drivers.nfc.debounce import HALF_READS_UNTIL_TOLD, Debounce, Key

ONE: Key = (Technology.A, b"one")
TWO: Key = (Technology.A, b"two")
HALF = CardFault.HALF_READ


def seen(key: Key) -> CardSeen:
    return CardSeen("nfc", Credential(CredentialKind.UID, key[1].decode()))


LIFTED = CardLifted("nfc")
HALF_TOLD = CardUnreadable("nfc", HALF)


def play(looks: list[Key | CardFault | None]) -> list[DriverEvent]:
    """Looks: a key is a card read well, a fault is card ONE read badly, None is nothing there."""
    debounce, events = Debounce("nfc", 3), list[DriverEvent]()
    for look in looks:
        if look is None:
            events += debounce.missed()
            continue
        key = ONE if isinstance(look, CardFault) else look
        if not debounce.knows(key):
            outcome = look if isinstance(look, CardFault) else Credential(CredentialKind.UID, key[1].decode())
            events += debounce.read(key, outcome)
    return events


@pytest.mark.parametrize(
    ("looks", "events"),
    [
        ([ONE] * 20, [seen(ONE)]),
        ([ONE, None, None, ONE, None, None, ONE], [seen(ONE)]),
        ([ONE, None, None, None], [seen(ONE), LIFTED]),
        ([ONE, None, None, None, ONE], [seen(ONE), LIFTED, seen(ONE)]),
        ([ONE, TWO], [seen(ONE), LIFTED, seen(TWO)]),
        ([ONE, None, TWO, ONE], [seen(ONE), LIFTED, seen(TWO), LIFTED, seen(ONE)]),
        ([None] * 9, []),
        ([HALF, ONE], [seen(ONE)]),
        ([HALF, None, HALF, None, ONE], [seen(ONE)]),
        ([HALF, None, None, None], [HALF_TOLD, LIFTED]),
        ([HALF, TWO], [HALF_TOLD, LIFTED, seen(TWO)]),
        ([HALF] * 20, [HALF_TOLD]),
        ([HALF] * (HALF_READS_UNTIL_TOLD - 1), []),
        ([CardFault.RANDOM_UID] * 5, [CardUnreadable("nfc", CardFault.RANDOM_UID)]),
    ],
)
def test_looks(looks: list[Key | CardFault | None], events: list[DriverEvent]) -> None:
    assert play(looks) == events


@given(looks=st.lists(st.sampled_from([ONE, TWO, HALF, None])))
def test_every_card_is_put_on_and_lifted_in_turn(looks: list[Key | CardFault | None]) -> None:
    events = play([*looks, None, None, None])
    assert all(event == LIFTED for event in events[1::2])
    assert all(isinstance(event, CardSeen | CardUnreadable) for event in events[::2])
    assert len(events) % 2 == 0
