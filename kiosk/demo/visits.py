"""Visits as lists of steps: what a reader does, and what the screen must show then. The rehearsal plays them, and so do
the tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import RehearsalSettings
from kiosk.demo.cards import made
from kiosk.demo.peer import DemoError
from kiosk.demo.stage import Picture, Stage
from kiosk.flow.keys import Key
from sync.central.sample import CardFile

Deed = Callable[[Stage], Picture]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something a reader does, and what the screen must show then. `rows`: what the newest rows say, newest first;
    several keys in one place where any of them will do. What is None is not looked at."""

    name: str
    do: Deed
    screen: str | None = None
    sentence: Key | None = None
    details: tuple[Key, ...] | None = None
    notice: Key | None = None
    rows: tuple[Key | tuple[Key, ...], ...] = ()
    offline: bool | None = None

    def misses(self, picture: Picture) -> str:
        """What is not as it must be; '' where all is."""
        view = picture.view
        notice = (view.get("notice") or {}).get("text", {}).get("key")
        details = tuple(detail["key"] for detail in view["details"])
        wanted = {
            "screen": (self.screen, picture.screen),
            "sentence": (self.sentence, view["sentence"]["key"]),
            "details": (self.details, details),
            "notice": (self.notice, notice),
            "offline": (self.offline, view["offline"]),
        }
        wrong = [f"{what} is {seen}, not {want}" for what, (want, seen) in wanted.items() if want not in (None, seen)]
        for want, seen in zip(self.rows, [*picture.texts, *[""] * len(self.rows)], strict=False):
            allowed = want if isinstance(want, tuple) else (want,)
            wrong += [] if seen in allowed else [f"a row says {seen or 'nothing'}, not {' or '.join(allowed)}"]
        return "; ".join(wrong)


def tap(name: str, **wanted: object) -> Step:
    """Hold up a card of the sample library."""
    return Step(name=f"tap {name}", do=lambda stage: stage.tap(name), **wanted)  # type: ignore[arg-type]


def scan(what: str, **wanted: object) -> Step:
    """Scan a label."""
    return Step(name=f"scan {what}", do=lambda stage: stage.scan(what), **wanted)  # type: ignore[arg-type]


def pin(digits: str, **wanted: object) -> Step:
    """Type a PIN. Its name does not tell which."""
    return Step(name="type the PIN", do=lambda stage: stage.pin(digits), **wanted)  # type: ignore[arg-type]


def press(name: str, **wanted: object) -> Step:
    """Touch a button."""
    return Step(name=f"press {name}", do=lambda stage: stage.press(name), **wanted)  # type: ignore[arg-type]


def press_row(button: str, row: int = 0, **wanted: object) -> Step:
    """Touch the button of a row, counted from the newest."""

    def do(stage: Stage) -> Picture:
        rows = stage.view().view["rows"]
        if row >= len(rows):
            raise DemoError(f"there are only {len(rows)} rows")
        return stage.press(f"{button}:{rows[row]['id']}")

    return Step(name=f"press {button} of row {row + 1}", do=do, **wanted)  # type: ignore[arg-type]


def deed(name: str, do: Deed, **wanted: object) -> Step:
    """Anything else."""
    return Step(name=name, do=do, **wanted)  # type: ignore[arg-type]


LEAVE = [press("finish", screen="done"), press("close", screen="welcome")]
CLOSE = press("close", screen="welcome")

Visits = dict[str, list[Step]]


def sample_visits() -> Visits:
    """The visits on the sample library."""
    isbn = "9780141439587"
    return {
        "borrow": [
            tap("anna", screen="borrow", sentence=Key.SCAN_TO_BORROW),
            scan("3", rows=(Key.ROW_LENT,)),
            scan("36", rows=(Key.ROW_LENT, Key.ROW_LENT)),
            scan("3", notice=Key.COACH_TWICE),
            *LEAVE,
        ],
        "undo": [
            tap("kim", screen="borrow"),
            scan("9", rows=(Key.ROW_LENT,)),
            press_row("undo", rows=(Key.ROW_UNDONE,)),
            *LEAVE,
        ],
        "return": [
            press("return", screen="return"),
            scan("3", rows=(Key.ROW_RETURNED,)),
            scan("30", rows=(Key.ROW_RETURNED_LATE_FEE,)),
            scan("33", rows=(Key.ROW_RETURNED_HOLD,)),
            scan("34", rows=(Key.ROW_RETURNED_ELSEWHERE,)),
            scan("12", rows=(Key.ROW_WAS_NOT_ON_LOAN,)),
            scan("30423000099999", notice=Key.COACH_UNREADABLE),
            *LEAVE,
        ],
        "renew": [
            press("books", screen="card"),
            tap("ben", screen="pin"),
            pin("0000", screen="pin", sentence=Key.PIN_WRONG),
            pin("1234", screen="books", rows=(Key.LOAN_DUE, Key.LOAN_DUE)),
            press_row("renew", rows=(Key.ROW_RENEWED, Key.LOAN_DUE)),
            press_row("select", 1),
            press("renew_selected", rows=(Key.ROW_RENEWED, Key.ROW_RENEWED)),
            *LEAVE,
        ],
        "a password": [
            tap("ida", screen="pin", sentence=Key.PIN_OR_LETTERS),
            press("keyboard", screen="pin"),
            pin("Linden-42", screen="borrow"),
            *LEAVE,
        ],
        "refused": [
            tap("dora", screen="message", sentence=Key.BLOCKED),
            CLOSE,
            tap("otto", screen="message", sentence=Key.BLOCKED),
            CLOSE,
            tap("stranger", screen="message", sentence=Key.UNKNOWN_CARD),
            CLOSE,
            tap("phone", notice=Key.COACH_BAD_CARD),
            tap("liwei", screen="borrow"),
            scan("31", rows=(Key.ROW_NOT_FOR_LOAN,)),
            scan("32", rows=(Key.ROW_RESERVED,)),
            scan("41", rows=(Key.ROW_OTHER_LOAN,)),
            scan("62", rows=(Key.ROW_ALREADY_YOURS,)),
            scan(isbn, notice=Key.COACH_ISBN),
            scan("anna", notice=Key.COACH_FINISH_FIRST),
            *LEAVE,
            tap("max", screen="borrow"),
            scan("14", rows=(Key.ROW_OVER_LIMIT,)),
            *LEAVE,
        ],
        "an item on its own": [
            scan("15", screen="item", sentence=Key.ITEM_AVAILABLE),
            press("item_borrow", screen="card"),
            tap("greta", screen="borrow", rows=(Key.ROW_LENT,)),
            *LEAVE,
            scan("15", screen="item", sentence=Key.ITEM_ON_LOAN),
            press("item_return", screen="return", rows=(Key.ROW_RETURNED,)),
            *LEAVE,
        ],
        "in Chinese": [
            press("language:zh_CN", screen="welcome"),
            press("borrow", screen="card"),
            tap("zhao", screen="borrow"),
            scan("2", rows=(Key.ROW_LENT,)),
            *LEAVE,
        ],
        "a device goes away": [
            deed("unplug the scanner", lambda stage: stage.unplug("scanner"), sentence=Key.WELCOME_NO_SCANNER),
            deed("plug it in", lambda stage: stage.plug("scanner"), sentence=Key.WELCOME),
            deed("unplug the card reader", lambda stage: stage.unplug("nfc"), sentence=Key.WELCOME_SCAN_CARD),
            deed("plug it in", lambda stage: stage.plug("nfc"), sentence=Key.WELCOME),
        ],
        "offline and back": [
            deed("the catalogue goes away", lambda stage: stage.centre_down(), offline=True),
            tap("anna", screen="borrow", offline=True),
            scan("5", rows=(Key.ROW_LENT_ABOUT,), offline=True),
            *LEAVE,
            press("return", screen="return"),
            scan("36", rows=(Key.ROW_RETURNED_UNSEEN,), offline=True),
            *LEAVE,
            tap("ben", screen="message", sentence=Key.NOT_OFFLINE),
            CLOSE,
            deed("the catalogue comes back", lambda stage: stage.centre_up(), offline=False),
            deed("what was done alone is told", _delivered("anna", has="5", has_not="36"), screen="welcome"),
        ],
    }


def _delivered(name: str, *, has: str, has_not: str) -> Deed:
    """Look at the reader's books, as the catalogue has them, until they are what was done."""

    def look(stage: Stage) -> Picture:
        until_s = time.monotonic() + 10.0
        while True:
            mine = stage.loans_at_centre(name)
            if mine.count(stage.code(has)) == 1 and stage.code(has_not) not in mine:
                return stage.view()
            if time.monotonic() > until_s:
                raise DemoError(f"the catalogue does not know what was done alone; {name} has {len(mine)} items there")
            time.sleep(0.05)

    return look


RENEWED_OR_NOT = (
    Key.ROW_RENEWED,
    Key.ROW_TOO_EARLY,
    Key.ROW_CARD_ENDS,
    Key.ROW_RENEWAL_LIMIT,
    Key.ROW_RESERVED,
    Key.ROW_RECALLED,
    Key.ROW_BLOCKED,
)
"""What a library's rules may say of a renewal on the day of the loan."""


def real_visits(settings: RehearsalSettings) -> Visits:
    """The visits on a real catalogue: nothing but the test patron and the test items is touched, and every item is
    back at the end. The catalogue is not cut off: it is not ours."""
    item = settings.items[0]
    come_in = _come_in(settings, "borrow")
    return {
        "borrow": [
            *come_in,
            scan(item, rows=(Key.ROW_LENT,)),
            press_row("undo", rows=(Key.ROW_UNDONE,)),
            *[scan(each, rows=(Key.ROW_LENT,)) for each in settings.items],
            *LEAVE,
        ],
        "borrow again": [*come_in, scan(item, rows=(Key.ROW_ALREADY_YOURS,)), *LEAVE],
        "renew": [
            press("books", screen="card"),
            *_come_in(settings, "books"),
            press_row("renew", rows=(RENEWED_OR_NOT,)),
            *LEAVE,
        ],
        "return": [
            press("return", screen="return"),
            *[scan(each, rows=((Key.ROW_RETURNED, Key.ROW_RETURNED_ELSEWHERE),)) for each in settings.items],
            *LEAVE,
        ],
    }


def _come_in(settings: RehearsalSettings, screen: str) -> list[Step]:
    def show_card(stage: Stage) -> Picture:
        if settings.kind == "barcode":
            return stage.scan(settings.card)
        return stage.tap_card(made(CardFile(kind=settings.kind, value=settings.card)))

    if not settings.pin:
        return [deed("show the card", show_card, screen=screen)]
    return [deed("show the card", show_card, screen="pin"), pin(settings.pin, screen=screen)]
