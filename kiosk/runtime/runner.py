"""Carries out effects: timers and sounds here, questions and acts by the LoanDesk in the network thread."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from kiosk.flow.effects import (
    AskAgain,
    AskItem,
    AskPatron,
    Checkin,
    Checkout,
    Effect,
    EndVisit,
    Play,
    Renew,
    StartTimer,
    Undo,
)
from kiosk.flow.events import ActAnswered, Event, ItemAnswered, PatronAnswered
from kiosk.loans.desk import LoanDesk
from kiosk.runtime.network import NetworkThread
from kiosk.runtime.sounds import Sounds
from kiosk.runtime.timers import Timers

log = logging.getLogger(__name__)

Errand = Callable[[LoanDesk, Any], Awaitable[None]]


async def _end_visit(desk: LoanDesk, effect: EndVisit) -> None:
    desk.end_visit(effect.visit)


ERRANDS: dict[type[Effect], Errand] = {
    AskPatron: LoanDesk.ask_patron,
    AskAgain: LoanDesk.ask_again,
    AskItem: LoanDesk.ask_item,
    Checkout: LoanDesk.checkout,
    Checkin: LoanDesk.checkin,
    Renew: LoanDesk.renew,
    Undo: LoanDesk.undo,
    EndVisit: _end_visit,
}


def _no_answer(effect: Effect) -> Event | None:
    """What a reader is told whose errand failed for a reason that nobody thought of: try again, or go to the desk."""
    match effect:
        case AskPatron() | AskAgain():
            return PatronAnswered(effect.visit, effect.question, None)
        case AskItem():
            return ItemAnswered(effect.visit, effect.barcode, None, sure=False)
        case Checkout() | Checkin() | Renew() | Undo():
            return ActAnswered(effect.visit, effect.row, "", None)
    return None


class Runner:
    """The one that carries out effects. `run` is called in the GUI thread and returns at once.

    Args:
        desk: resolves, in the network thread, as soon as the journal is open.
        post: takes an answer where an errand could not give one.
    """

    def __init__(
        self,
        timers: Timers,
        sounds: Sounds,
        network: NetworkThread,
        desk: Callable[[], Awaitable[LoanDesk]],
        post: Callable[[Event], None],
    ) -> None:
        self._timers = timers
        self._sounds = sounds
        self._network = network
        self._desk = desk
        self._post = post

    def run(self, effect: Effect) -> None:
        """Carry out one effect."""
        if isinstance(effect, StartTimer):
            self._timers.start(effect)
        elif isinstance(effect, Play):
            self._sounds.play(effect.tone)
        else:
            self._network.submit(self._errand(effect))

    async def _errand(self, effect: Effect) -> None:
        try:
            await ERRANDS[type(effect)](await self._desk(), effect)
        except Exception:
            log.exception("%s failed", type(effect).__name__)
            answer = _no_answer(effect)
            if answer is not None:
                self._post(answer)
