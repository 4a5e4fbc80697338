"""What the station knows of the moment. All of it is immutable; `kiosk.flow.step` makes the next one.

An idle station has no visit, and so no field in which anything of a reader could stay behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from drivers.events import Credential
from kiosk.flow.events import OutOfOrderReason, Timer
from kiosk.flow.view import Keys, Notice, Say
from sync.acts import ActKind
from sync.catalogue import Decided, Item, Outcome, Patron, Verdict


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """The library's choices about a visit. Times in whole seconds."""

    station_name: str = ""
    languages: tuple[str, ...] = ("zh_CN", "en")
    language: str = "en"  # of the welcome screen
    idle_s: int = 60  # nobody did anything: ask
    warning_s: int = 20  # then clear
    done_s: int = 12
    message_s: int = 15
    blank_s: int = 900
    pin_longest: int = 8
    pin_letters: bool = False  # the library's PINs may be passwords
    cards_have_barcodes: bool = False  # a card can be scanned too
    card_devices: frozenset[str] = frozenset()
    scan_devices: frozenset[str] = frozenset()


class RowStatus(StrEnum):
    """Where a line of a list stands."""

    LISTED = "listed"  # a loan that is only shown
    WAITING = "waiting"
    ANSWERED = "answered"
    UNDOING = "undoing"
    UNDONE = "undone"
    RETURNED = "returned"  # borrowed in this visit, and returned in it


BUSY = frozenset({RowStatus.WAITING, RowStatus.UNDOING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: an item and what became of it. ANSWERED without a verdict: it could not be recorded."""

    id: int
    kind: ActKind
    item: str
    status: RowStatus = RowStatus.WAITING
    title: str = ""
    author: str = ""
    media: str = "book"
    key: str = ""
    verdict: Verdict | None = None
    due: date | None = None
    overdue: bool = False
    about: bool = False
    asked_back: bool = False
    renewals_left: int | None = None
    selected: bool = False
    had: bool = False  # the reader had it before this visit: a renewal on a borrowing list
    counted: bool = False  # the patron's own count, asked for anew, holds this loan already

    @property
    def stands(self) -> bool:
        """True where the act was done and not taken back."""
        return self.status is RowStatus.ANSWERED and self.verdict is not None and self.verdict.outcome.yes

    @property
    def theirs(self) -> bool:
        """True where a no leaves the item rightly with the reader."""
        is_no = self.verdict is not None and self.verdict.outcome is Outcome.ALREADY_YOURS
        return self.kind is ActKind.RENEW or self.had or is_no

    @property
    def lent(self) -> bool:
        """True where the catalogue (or the station) lent it in this visit, taken back or not."""
        return self.verdict is not None and self.verdict.outcome is Outcome.LENT


class Purpose(StrEnum):
    """What a card was held up for."""

    BORROW = "borrow"
    BOOKS = "books"


@dataclass(frozen=True, slots=True)
class Greeting:
    """Somebody is here and has chosen a language, nothing else."""


@dataclass(frozen=True, slots=True)
class AskingCard:
    """Waiting for a card; `items` are what will be borrowed (or renewed) with it, in the order of scanning."""

    purpose: Purpose
    items: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Identifying:
    """The card was read, its patron is asked for."""

    purpose: Purpose
    credential: Credential
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnteringPin:
    """The reader types. What was typed is in no repr and leaves only in `AskPatron`."""

    purpose: Purpose
    credential: Credential
    items: tuple[str, ...] = ()
    typed: str = field(default="", repr=False)
    keys: Keys = Keys.DIGITS
    wrong: bool = False
    tries_left: int | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Borrowing:
    """The live list of what is borrowed."""

    finishing: bool = False


@dataclass(frozen=True, slots=True)
class Returning:
    """The live list of what is returned."""

    finishing: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """An item was scanned on the welcome screen: what is it, and what makes sense?"""

    barcode: str
    answered: bool = False
    item: Item | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """My books. Not `ready` while the patron is asked for anew. `item`: renew it as soon as the list is there."""

    ready: bool = False
    item: str | None = None
    finishing: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole screen of bad or other news that closes by itself."""

    sentence: Say
    details: tuple[Say, ...] = ()
    left_s: int = 0
    offers_books: bool = False
    offers_return: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """The receipt on the screen; closes by itself."""

    left_s: int = 0


Stage = (
    Greeting | AskingCard | Identifying | EnteringPin | Borrowing | Returning | Looking | Reading | Telling | Leaving
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One reader's time at the station. Destroyed whole when they leave."""

    number: int
    language: str
    stage: Stage
    chose_language: bool = False
    question: int = 0  # the one whose answer is awaited; 0: none
    proof: int = 0  # the one that admitted the patron
    credential: Credential | None = field(default=None, repr=False)  # the card that did
    patron: Patron | None = None
    decided: Decided = Decided.ONLINE
    rows: tuple[Row, ...] = ()  # newest first
    next_row: int = 1
    notice: Notice | None = None
    warning_s: int | None = None
    last_scan: str | None = None  # '' for one that could not be read

    def rows_of(self, kind: ActKind) -> tuple[Row, ...]:
        """The rows of one list, newest first."""
        return tuple(row for row in self.rows if row.kind is kind)

    def row(self, row_id: int) -> Row | None:
        """The row with this id."""
        return next((row for row in self.rows if row.id == row_id), None)

    @property
    def busy(self) -> bool:
        """True while an act has no answer yet."""
        return any(row.status in BUSY for row in self.rows)

    @property
    def borrowed(self) -> int:
        """Items the patron has now: what the catalogue said last (less what came back: `Turn.give_back`), and what was
        lent since."""
        since = sum(row.stands and row.lent and not row.counted for row in self.rows_of(ActKind.CHECKOUT))
        return (self.patron.borrowed if self.patron else 0) + since


@dataclass(frozen=True, slots=True)
class Station:
    """What belongs to the station and to no reader."""

    link_up: bool = False
    down: frozenset[str] = frozenset()
    out_of_order: OutOfOrderReason | None = None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """The whole: settings, station, the visit if there is one, and which timers count."""

    settings: FlowSettings
    station: Station = Station()
    visit: Visit | None = None
    visits: int = 0
    serial: int = 0  # the last number given to a timer or a notice
    timers: tuple[tuple[Timer, int], ...] = ()  # the serial that is valid for each timer

    @property
    def cards_away(self) -> bool:
        """True where no reader of cards works."""
        return bool(self.settings.card_devices) and self.settings.card_devices <= self.station.down

    @property
    def scanners_away(self) -> bool:
        """True where no scanner works."""
        return bool(self.settings.scan_devices) and self.settings.scan_devices <= self.station.down

    @property
    def deaf(self) -> bool:
        """True where neither a card nor a label can be read: nobody can be served."""
        devices = self.settings.card_devices | self.settings.scan_devices
        return bool(devices) and devices <= self.station.down
