"""What a state change asks for. Data; the runner (`kiosk.runtime.runner`) carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from drivers.events import Credential
from kiosk.flow.events import Timer
from kiosk.flow.view import Tone
from sync.catalogue import Patron


@dataclass(frozen=True, slots=True)
class AskPatron:
    """Ask who holds the card. The PIN lives in memory only and in no repr."""

    visit: int
    question: int
    credential: Credential
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask anew for the patron of this visit. `proof`: the question that admitted them; what proved it then (card and
    PIN) holds for the length of the visit."""

    visit: int
    question: int
    proof: int


@dataclass(frozen=True, slots=True)
class AskItem:
    """Ask what an item is."""

    visit: int
    barcode: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """Lend an item to the patron."""

    visit: int
    row: int
    item: str
    patron: Patron


@dataclass(frozen=True, slots=True)
class Checkin:
    """Take an item back."""

    visit: int
    row: int
    item: str


@dataclass(frozen=True, slots=True)
class Renew:
    """Lend on. `due_before` is the due date the reader saw."""

    visit: int
    row: int
    item: str
    patron: Patron
    due_before: date | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the checkout with this key."""

    visit: int
    row: int
    item: str
    patron: Patron
    key: str


@dataclass(frozen=True, slots=True)
class EndVisit:
    """The reader has left: forget the patron, the proof of identity, and everything kept for this visit."""

    visit: int


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Post `TimeUp(timer, serial)` after `seconds`."""

    timer: Timer
    seconds: float
    serial: int


@dataclass(frozen=True, slots=True)
class Play:
    """Sound an outcome. WAIT is the soft tick of a card or key that was noticed."""

    tone: Tone


Act = Checkout | Checkin | Renew | Undo
Effect = AskPatron | AskAgain | AskItem | Act | EndVisit | StartTimer | Play
