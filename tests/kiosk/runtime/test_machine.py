"""The machine: one event, one step, one picture, then its effects in their order."""

from __future__ import annotations

import pytest

from drivers.events import CardSeen, Credential, CredentialKind
from kiosk.flow.draw import draw
from kiosk.flow.effects import AskPatron, Effect
from kiosk.flow.events import Event, LinkDown, LinkUp, Pressed, Touched
from kiosk.flow.state import FlowSettings, State, Station
from kiosk.flow.step import step
from kiosk.flow.view import Press, Screen, ViewState
from kiosk.runtime.machine import BUDGET_MS, Machine

SETTINGS = FlowSettings(card_devices=frozenset({"nfc"}), scan_devices=frozenset({"scanner"}))
STORY: tuple[Event, ...] = (
    Touched(),
    Pressed(Press.BORROW),
    CardSeen("nfc", Credential(CredentialKind.UID, "04A1")),
    LinkDown(),
    Pressed(Press.CLOSE),
)


class Watched:
    """A machine, and all it did, in order."""

    def __init__(self) -> None:
        self.done: list[ViewState | Effect] = []
        self.state = State(SETTINGS, Station(link_up=True))
        self.machine = Machine(self.state, self.done.append, self.done.append)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_first_picture_is_drawn_before_anything_happens(watched: Watched) -> None:
    watched.machine.begin()
    (view,) = watched.done
    assert isinstance(view, ViewState)
    assert view.screen is Screen.WELCOME
    assert not watched.machine.step_ms


def test_each_picture_is_shown_and_then_its_effects_are_carried_out_in_order(watched: Watched) -> None:
    state, expected = watched.state, list[ViewState | Effect]()
    most = 0
    for event in STORY:
        watched.machine.take(event)
        state, effects = step(state, event)
        expected += [draw(state), *effects]
        most = max(most, len(effects))
    assert watched.done == expected
    assert most >= 3, "so that there is an order to keep"
    assert any(isinstance(effect, AskPatron) for effect in watched.done)


def test_every_step_is_measured_and_the_last_thousand_are_kept(watched: Watched) -> None:
    for number in range(1005):
        watched.machine.take(LinkUp() if number % 2 else LinkDown())
        assert len(watched.machine.step_ms) == min(number + 1, 1000)
    assert all(ms > 0 for ms in watched.machine.step_ms)
    assert sorted(watched.machine.step_ms)[500] < BUDGET_MS


def test_what_was_decided_is_done_though_its_picture_cannot_be_drawn() -> None:
    done: list[Effect] = []

    def cannot_draw(_view: ViewState) -> None:
        raise LookupError("a fault of the screen")

    machine = Machine(State(SETTINGS, Station(link_up=True)), cannot_draw, done.append)
    with pytest.raises(LookupError):
        machine.take(CardSeen("nfc", Credential(CredentialKind.UID, "04A1")))
    assert any(isinstance(effect, AskPatron) for effect in done)
