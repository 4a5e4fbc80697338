"""What the screen shows: the one picture of a state that QML draws. Nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.flow.keys import Key
from sync.catalogue import Money

Arg = int | str | date | Money


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence to be put to words in the reader's language. `args` by name; `n` chooses the plural."""

    key: Key
    args: tuple[tuple[str, Arg], ...] = ()


def say(key: Key, **args: Arg) -> Say:
    """`Say` with its arguments by name."""
    return Say(key, tuple(sorted(args.items(), key=lambda pair: pair[0])))


class Screen(StrEnum):
    """The screens there are."""

    WELCOME = "welcome"
    CARD = "card"
    PIN = "pin"
    BORROW = "borrow"
    RETURN = "return"
    ITEM = "item"
    BOOKS = "books"
    MESSAGE = "message"
    DONE = "done"
    SORRY = "sorry"


class Tone(StrEnum):
    """How something is meant: each has its colour, its sign and its sound."""

    DONE = "done"
    MIND = "mind"
    STOP = "stop"
    TOLD = "told"
    WAIT = "wait"
    PLAIN = "plain"


class Weight(StrEnum):
    """How loud a button is. At most one primary on a screen."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"


class Press(StrEnum):
    """What a reader can press. The name is the button's objectName on the screen and the console's `press NAME`;
    a button of a row or a key carries an argument (`undo:3`, `digit:7`, `language:zh_CN`)."""

    BORROW = "borrow"
    RETURN = "return"
    BOOKS = "books"
    BACK = "back"
    FINISH = "finish"
    CLOSE = "close"
    UNDO = "undo"  # row id
    RENEW = "renew"  # row id
    SELECT = "select"  # row id
    RENEW_SELECTED = "renew_selected"
    RENEW_ALL = "renew_all"
    DIGIT = "digit"  # 0–9
    LETTER = "letter"  # a character of the keyboard
    KEYBOARD = "keyboard"  # letters in place of digits, and back
    CAPITAL = "capital"  # the next letter is a capital one
    ERASE = "erase"
    OK = "ok"
    STAY = "stay"
    LANGUAGE = "language"  # locale name
    ITEM_RETURN = "item_return"
    ITEM_BORROW = "item_borrow"
    ITEM_RENEW = "item_renew"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the screen (not of a row)."""

    press: Press
    text: Say
    weight: Weight = Weight.SECONDARY
    enabled: bool = True
    icon: str = ""  # file name in assets/icons without suffix


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the live list. `id` is stable while the row lives; the newest stands first."""

    id: int
    title: str
    author: str
    media: str
    tone: Tone
    text: Say
    hint: Say | None = None
    action: Button | None = None  # undo or renew; its argument is `id`
    selectable: bool = False
    selected: bool = False


class Keys(StrEnum):
    """Which keys a PIN is typed on."""

    DIGITS = "digits"
    SMALL = "small"  # letters
    CAPITAL = "capital"


@dataclass(frozen=True, slots=True)
class PinView:
    """The dots and keys of the PIN screen. What is typed never reaches a view."""

    length: int
    longest: int
    busy: bool = False
    keys: Keys = Keys.DIGITS


@dataclass(frozen=True, slots=True)
class PatronView:
    """Who is served: masked name ('' offline) and the counts."""

    name: str
    counts: Say


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about the last thing that happened; a picture where the scan coach has one."""

    tone: Tone
    text: Say
    picture: str = ""  # file name in assets/icons without suffix
    serial: int = 0  # differs for each new notice, so that the same one twice is seen twice


@dataclass(frozen=True, slots=True)
class Countdown:
    """Seconds left of a calm countdown."""

    left_s: int
    total_s: int


@dataclass(frozen=True, slots=True)
class ViewState:
    """All that is on the screen."""

    screen: Screen
    language: str
    sentence: Say
    detail: Say | None = None
    details: tuple[Say, ...] = ()  # several reasons (message screen)
    tone: Tone = Tone.PLAIN
    buttons: tuple[Button, ...] = ()
    rows: tuple[RowView, ...] = ()
    empty: Say | None = None  # said where the list has no rows yet
    notice: Notice | None = None
    waiting: Say | None = None  # what is awaited; drawn after 400 ms
    pin: PinView | None = None
    patron: PatronView | None = None
    item: RowView | None = None  # the item screen's item
    closing: Countdown | None = None  # done and message screens close by themselves
    still_there: Countdown | None = None  # drawn over the screen
    offline: bool = False
    blank: bool = False  # the screen sleeps; the first touch only wakes it
    languages: tuple[str, ...] = ("zh_CN", "en")
    station_name: str = ""
