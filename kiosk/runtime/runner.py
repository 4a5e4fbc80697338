"""Carries out effects: timers and sounds here, questions and acts by the LoanDesk in the network thread."""

from __future__ import annotations

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
from kiosk.loans.desk import LoanDesk
from kiosk.runtime.network import NetworkThread
from kiosk.runtime.sounds import Sounds
from kiosk.runtime.timers import Timers

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


class Runner:
    """The one that carries out effects. `run` is called in the GUI thread and returns at once.

    Args:
        desk: resolves, in the network thread, as soon as the journal is open.
    """

    def __init__(
        self, timers: Timers, sounds: Sounds, network: NetworkThread, desk: Callable[[], Awaitable[LoanDesk]]
    ) -> None:
        self._timers = timers
        self._sounds = sounds
        self._network = network
        self._desk = desk

    def run(self, effect: Effect) -> None:
        """Carry out one effect."""
        if isinstance(effect, StartTimer):
            self._timers.start(effect)
        elif isinstance(effect, Play):
            self._sounds.play(effect.tone)
        else:
            self._network.submit(self._errand(effect))

    async def _errand(self, effect: Effect) -> None:
        await ERRANDS[type(effect)](await self._desk(), effect)
