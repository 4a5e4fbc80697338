"""Everything that can happen to a station. All of it arrives in the one inbox."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.events import (
    CardLifted,
    CardSeen,
    CardUnreadable,
    CodeScanned,
    DeviceDown,
    DeviceUp,
    DriverEvent,
    ScanUnreadable,
)
from kiosk.flow.view import Press
from sync.catalogue import Item, PatronAnswer, Verdict


@dataclass(frozen=True, slots=True)
class Pressed:
    """A reader pressed a button. `arg`: row id, digit or language, else ''."""

    press: Press
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """A reader touched the screen anywhere. It comes before the `Pressed` of the same touch, if there is one."""


@dataclass(frozen=True, slots=True)
class PatronAnswered:
    """The catalogue, or the station itself offline, said who holds the card. None: no answer could be had."""

    visit: int
    question: int
    answer: PatronAnswer | None


@dataclass(frozen=True, slots=True)
class ItemAnswered:
    """The item that was looked up. `item` None with `sure`: the catalogue does not know it; without `sure`:
    nobody could be asked."""

    visit: int
    barcode: str
    item: Item | None
    sure: bool


@dataclass(frozen=True, slots=True)
class ActAnswered:
    """What came of a row's act. `verdict` None: it could not be recorded at all (nothing happened)."""

    visit: int
    row: int
    key: str
    verdict: Verdict | None


class Timer(StrEnum):
    """The timers of a station. Starting one that runs starts it anew."""

    IDLE = "idle"  # nobody did anything
    TICK = "tick"  # a second of a countdown
    BLANK = "blank"  # the welcome screen goes to sleep


@dataclass(frozen=True, slots=True)
class TimeUp:
    """A timer ran out. `serial` is the one it was started with; an older one is stale."""

    timer: Timer
    serial: int


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The catalogue answers."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The catalogue does not answer: the station decides by itself."""


class OutOfOrderReason(StrEnum):
    """Why a station rests."""

    JOURNAL = "journal"  # acts cannot be recorded: disk full, read-only, or broken
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """The station cannot serve."""

    reason: OutOfOrderReason


@dataclass(frozen=True, slots=True)
class InOrder:
    """The station can serve again."""


Result = PatronAnswered | ItemAnswered | ActAnswered
StationEvent = DeviceUp | DeviceDown | LinkUp | LinkDown | OutOfOrder | InOrder
Event = DriverEvent | Pressed | Touched | Result | TimeUp | StationEvent

__all__ = [
    "ActAnswered",
    "CardLifted",
    "CardSeen",
    "CardUnreadable",
    "CodeScanned",
    "DeviceDown",
    "DeviceUp",
    "Event",
    "InOrder",
    "ItemAnswered",
    "LinkDown",
    "LinkUp",
    "OutOfOrder",
    "OutOfOrderReason",
    "PatronAnswered",
    "Pressed",
    "Result",
    "ScanUnreadable",
    "StationEvent",
    "TimeUp",
    "Timer",
    "Touched",
]
