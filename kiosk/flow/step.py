"""`step`: the whole behaviour of the station as one pure function.

    state, effects = step(state, event)

The table below names a handler for every kind of event. What a handler does may depend on the stage of the visit;
`tests/kiosk/flow/test_every_pair.py` walks all pairs of stage and event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drivers.events import (
    CardLifted,
    CardSeen,
    CardUnreadable,
    CodeKind,
    CodeScanned,
    DeviceDown,
    DeviceUp,
    ScanUnreadable,
)
from kiosk.flow import devices, identity, lending, presses
from kiosk.flow.effects import Effect
from kiosk.flow.events import (
    ActAnswered,
    Event,
    InOrder,
    ItemAnswered,
    LinkDown,
    LinkUp,
    OutOfOrder,
    PatronAnswered,
    Pressed,
    Timer,
    TimeUp,
    Touched,
)
from kiosk.flow.keys import Key
from kiosk.flow.state import Greeting, Leaving, Looking, State, Telling
from kiosk.flow.turn import Turn
from kiosk.flow.view import Tone, say

Handler = Callable[[Turn, Any], None]


def step(state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """The next state, and what must be done. Never raises for any state and event; takes microseconds."""
    turn = Turn(state)
    if _counts(state, event):
        if _is_next_reader(state, event):
            turn.end()
        if isinstance(event, SIGNS_OF_LIFE) and not _is_repeated_scan(state, event):
            turn.alive()
        HANDLERS[type(event)](turn, event)
    return turn.state, tuple(turn.effects)


SIGNS_OF_LIFE = (Pressed, Touched, CardSeen, CardUnreadable, CodeScanned, ScanUnreadable)


def _is_next_reader(state: State, event: Event) -> bool:
    """Whether a card answers the question if somebody is still there: not the one who was asked, but the next."""
    is_card = isinstance(event, CardSeen) or (isinstance(event, CodeScanned) and event.kind is CodeKind.PATRON)
    return is_card and state.visit is not None and state.visit.warning_s is not None


def _is_repeated_scan(state: State, event: Event) -> bool:
    """Whether a label lies forgotten under a scanner that reads all the time: no reader need be there for that."""
    if state.visit is None or not isinstance(event, (CodeScanned, ScanUnreadable)):
        return False
    return state.visit.last_scan == _scan_of(event)


def _scan_of(event: CodeScanned | ScanUnreadable) -> str:
    return event.value if isinstance(event, CodeScanned) else ""


def _counts(state: State, event: Event) -> bool:
    """Whether the event is for now: not for a reader who has left, not from a timer that was started anew, not a press
    that only wakes the screen, and for a station out of order only what may put it in order."""
    if isinstance(event, (PatronAnswered, ItemAnswered, ActAnswered)):
        return _for_this_reader(state, event)
    if isinstance(event, TimeUp):
        return dict(state.timers).get(event.timer) == event.serial
    if isinstance(event, SIGNS_OF_LIFE):
        return state.station.out_of_order is None and not (isinstance(event, Pressed) and state.station.blank)
    return True


def _for_this_reader(state: State, event: PatronAnswered | ItemAnswered | ActAnswered) -> bool:
    """Whether an answer belongs to the visit, and an answer about a patron to the question asked last: the answer for
    a card that was taken back must never open the account for the next one."""
    if state.visit is None or event.visit != state.visit.number:
        return False
    return not isinstance(event, PatronAnswered) or event.question == state.visit.question


# ── the station ──


def _device_up(turn: Turn, event: DeviceUp) -> None:
    turn.change_station(down=turn.state.station.down - {event.device})
    visit = turn.state.visit
    if visit is not None and visit.notice is not None and visit.notice.text.key is _away(turn, event.device):
        turn.change(notice=None)


def _device_down(turn: Turn, event: DeviceDown) -> None:
    turn.change_station(down=turn.state.station.down | {event.device})
    if turn.state.visit is not None and not isinstance(turn.visit.stage, Greeting):  # the welcome says it anyway
        turn.notice(Tone.STOP, say(_away(turn, event.device)))


def _away(turn: Turn, device: str) -> Key:
    """What is said while this device is away."""
    return Key.DEVICE_CARD_AWAY if device in turn.state.settings.card_devices else Key.DEVICE_SCANNER_AWAY


def _link_up(turn: Turn, _event: LinkUp) -> None:
    turn.change_station(link_up=True)


def _link_down(turn: Turn, _event: LinkDown) -> None:
    turn.change_station(link_up=False)


def _out_of_order(turn: Turn, event: OutOfOrder) -> None:
    turn.change_station(out_of_order=event.reason, blank=False)
    if turn.state.visit is not None:
        turn.end()
    turn.stop(Timer.BLANK)  # a station that rests says so all the time


def _in_order(turn: Turn, _event: InOrder) -> None:
    turn.change_station(out_of_order=None)
    turn.start(Timer.BLANK, turn.state.settings.blank_s)


# ── results ──


def _item_answered(turn: Turn, event: ItemAnswered) -> None:
    stage = turn.visit.stage
    if isinstance(stage, Looking) and stage.barcode == event.barcode:
        turn.change(stage=replace(stage, answered=True, item=event.item, sure=event.sure))


def _scanned(turn: Turn, event: CodeScanned) -> None:
    devices.scanned(turn, event)
    turn.change(last_scan=_scan_of(event))


def _scan_unreadable(turn: Turn, event: ScanUnreadable) -> None:
    devices.scan_unreadable(turn, event)
    turn.change(last_scan=_scan_of(event))


def _patron_answered(turn: Turn, event: PatronAnswered) -> None:
    identity.answered(turn, event.question, event.answer)


def _act_answered(turn: Turn, event: ActAnswered) -> None:
    row = turn.visit.row(event.row)
    if row is not None:
        lending.answered(turn, row, event.key, event.verdict)


# ── time ──


def _time_up(turn: Turn, event: TimeUp) -> None:
    turn.stop(event.timer)
    if event.timer is Timer.BLANK:
        turn.change_station(blank=True)
    elif turn.state.visit is not None:
        _idle(turn) if event.timer is Timer.IDLE else _tick(turn)


def _idle(turn: Turn) -> None:
    turn.change(warning_s=turn.state.settings.warning_s)
    turn.start(Timer.TICK, 1)
    turn.play(Tone.TOLD)


def _tick(turn: Turn) -> None:
    stage = turn.visit.stage
    left = (stage.left_s if isinstance(stage, (Telling, Leaving)) else turn.visit.warning_s or 0) - 1
    if left <= 0:
        turn.end()
        return
    if isinstance(stage, (Telling, Leaving)):
        turn.change(stage=replace(stage, left_s=left))
    else:
        turn.change(warning_s=left)
    turn.start(Timer.TICK, 1)


def _nothing(_turn: Turn, _event: Event) -> None:
    """A sign of life and nothing more, or a card that was lifted: a visit ends by its own rules, not with the card."""


HANDLERS: dict[type[Event], Handler] = {
    Pressed: presses.pressed,
    Touched: _nothing,
    CardSeen: devices.card_seen,
    CardUnreadable: devices.card_unreadable,
    CardLifted: _nothing,
    CodeScanned: _scanned,
    ScanUnreadable: _scan_unreadable,
    PatronAnswered: _patron_answered,
    ItemAnswered: _item_answered,
    ActAnswered: _act_answered,
    TimeUp: _time_up,
    DeviceUp: _device_up,
    DeviceDown: _device_down,
    LinkUp: _link_up,
    LinkDown: _link_down,
    OutOfOrder: _out_of_order,
    InOrder: _in_order,
}
