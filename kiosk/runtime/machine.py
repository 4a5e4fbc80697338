"""The machine: takes events from the inbox, lets `step` decide, shows the picture, hands effects to the runner.

Everything here happens in the GUI thread.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from kiosk.flow.draw import draw
from kiosk.flow.effects import Effect
from kiosk.flow.events import Event
from kiosk.flow.state import State
from kiosk.flow.step import step
from kiosk.flow.view import ViewState

log = logging.getLogger(__name__)

BUDGET_MS = 5.0


class Machine:
    """The flow of one station.

    Args:
        state: where it begins.
        show: draws a view.
        run: carries out an effect; must return at once.
    """

    def __init__(self, state: State, show: Callable[[ViewState], None], run: Callable[[Effect], None]) -> None:
        self._state = state
        self._show = show
        self._run = run
        self.step_ms: deque[float] = deque(maxlen=1000)

    def begin(self) -> None:
        """Draw the first picture."""
        self._show(draw(self._state))

    def take(self, event: Event) -> None:
        """One event from the inbox."""
        started_s = time.perf_counter()
        self._state, effects = step(self._state, event)
        try:
            view = draw(self._state)
            took_ms = (time.perf_counter() - started_s) * 1000
            self.step_ms.append(took_ms)
            if took_ms > BUDGET_MS:
                log.debug("%s took %.1f ms", type(event).__name__, took_ms)
            self._show(view)
        finally:
            # What was decided is done, whatever becomes of its picture: an act that the next state counts on.
            for effect in effects:
                self._run(effect)
