"""One event for one card, however long it lies there and however it trembles. Pure."""

from __future__ import annotations

from drivers.events import CardFault, CardLifted, CardSeen, CardUnreadable, Credential, DriverEvent
from drivers.nfc.credential import Technology

Key = tuple[Technology, bytes]

HALF_READS_UNTIL_TOLD = 4
"""A card on its way in is often read half at first; only one that stays so is told of."""


class Debounce:
    """Turns single looks into what a reader did. It outlives the link: a card that lay there through a loose
    plug is not put on twice."""

    def __init__(self, device: str, misses_until_lifted: int) -> None:
        self._device = device
        self._misses_until_lifted = misses_until_lifted
        self._forget()

    def _forget(self) -> None:
        self._key: Key | None = None
        self._told = False
        self._misses = 0
        self._half_reads = 0

    def knows(self, key: Key) -> bool:
        """A look that found `key`. True where it lies there already and was told of: it need not be read."""
        if key == self._key:
            self._misses = 0
        return key == self._key and self._told

    def read(self, key: Key, outcome: Credential | CardFault) -> list[DriverEvent]:
        """A look that found `key` and read it to `outcome`."""
        events = self._lift() if key != self._key else []
        self._key = key
        self._misses = 0
        if outcome is CardFault.HALF_READ:
            self._half_reads += 1
            if self._half_reads < HALF_READS_UNTIL_TOLD:
                return events
        self._told = True
        return [*events, self._event(outcome)]

    def missed(self) -> list[DriverEvent]:
        """A look that found nothing."""
        self._misses += 1
        return self._lift() if self._misses >= self._misses_until_lifted else []

    def _lift(self) -> list[DriverEvent]:
        events: list[DriverEvent] = []
        if self._key is not None:
            half = [] if self._told else [self._event(CardFault.HALF_READ)]
            events = [*half, CardLifted(self._device)]
        self._forget()
        return events

    def _event(self, outcome: Credential | CardFault) -> DriverEvent:
        if isinstance(outcome, Credential):
            return CardSeen(self._device, outcome)
        return CardUnreadable(self._device, outcome)
