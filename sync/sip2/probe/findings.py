"""What a probe has to say."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How much an observation matters."""

    GOOD = "good"
    NOTE = "note"  # worth knowing
    WARNING = "warning"  # the station works, and staff should know
    FATAL = "fatal"  # the station cannot work with it


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was seen. `meaning`: what the station makes of it. `profile`: the values that follow, if any.

    Nothing of a reader stands in it.
    """

    name: str
    value: str
    meaning: str
    level: Level = Level.GOOD
    profile: dict[str, object] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that was seen, in the order in which it is of use. `base`: the profile that the values are laid over."""

    address: str
    at: datetime
    base: str
    observations: tuple[Observation, ...]

    @property
    def values(self) -> dict[str, object]:
        """The profile values that follow from all observations."""
        return {key: value for one in self.observations for key, value in one.profile.items()}

    @property
    def usable(self) -> bool:
        """Whether a station can work with it."""
        return all(one.level is not Level.FATAL for one in self.observations)

    @property
    def exit_code(self) -> int:
        """0: usable; 1: usable, and staff should know something; 2: not usable, or not reached."""
        levels = {one.level for one in self.observations}
        return 2 if Level.FATAL in levels else 1 if Level.WARNING in levels else 0
