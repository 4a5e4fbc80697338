"""Wrong PINs slow down: per card and per station."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from kiosk.clock import Clock
from sync.catalogue import Credential


@dataclass(frozen=True, slots=True)
class ThrottleSettings:
    """How many wrong PINs within `window_s` seconds rest a card, or the PIN pad of the whole station."""

    per_card: int = 5
    per_station: int = 20
    window_s: float = 600.0


class PinThrottle:
    """Counts wrong PINs in memory. Time since boot, so that nobody gains tries by setting the clock."""

    def __init__(self, clock: Clock, settings: ThrottleSettings | None = None) -> None:
        self._clock = clock
        self._settings = settings or ThrottleSettings()
        self._wrong: dict[Credential | None, deque[float]] = defaultdict(deque)

    def wait_s(self, credential: Credential) -> int:
        """Seconds until a PIN may be tried for this card; 0: now."""
        return max(
            self._rest(credential, self._settings.per_card),
            self._rest(None, self._settings.per_station),
        )

    def wrong(self, credential: Credential) -> int:
        """Note a wrong PIN. Returns how many tries the card has left."""
        now_s = self._clock.boot_ns() / 1e9
        self._wrong[credential].append(now_s)
        self._wrong[None].append(now_s)
        return max(0, self._settings.per_card - len(self._recent(credential)))

    def right(self, credential: Credential) -> None:
        """The right PIN forgives the wrong ones of this card."""
        self._wrong.pop(credential, None)

    def _rest(self, whom: Credential | None, allowed: int) -> int:
        recent = self._recent(whom)
        if len(recent) < allowed:
            return 0
        return int(recent[-allowed] + self._settings.window_s - self._clock.boot_ns() / 1e9) + 1

    def _recent(self, whom: Credential | None) -> deque[float]:
        horizon_s = self._clock.boot_ns() / 1e9 - self._settings.window_s
        for card, times in list(self._wrong.items()):
            while times and times[0] <= horizon_s:
                times.popleft()
            if not times:
                del self._wrong[card]  # no card is remembered for longer than it takes
        return self._wrong.get(whom, deque())
