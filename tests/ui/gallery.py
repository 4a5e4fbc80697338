"""A picture book of views: every screen with its empty, waiting, refused, offline, long and full variants.

All people and loans are invented. `gallery(language)` gives the same pages in another language.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.flow.keys import Key
from kiosk.flow.view import (
    Arg,
    Button,
    Countdown,
    Keys,
    Notice,
    PatronView,
    PinView,
    Press,
    RowView,
    Say,
    Screen,
    Tone,
    ViewState,
    Weight,
    say,
)
from sync.catalogue import Money

DUE = date(2026, 12, 14)
LONG = (
    "Die wunderbaren Jahre der Donaudampfschifffahrtsgesellschaft: eine Chronik der Häfen, Werften und "
    "Kapitäne von Regensburg bis ans Schwarze Meer, mit 212 Abbildungen und einer Faltkarte"
)
EN = [
    ("The Left Hand of Darkness", "Ursula K. Le Guin"),
    ("Invisible Cities", "Italo Calvino"),
    ("A Field Guide to Getting Lost", "Rebecca Solnit"),
    (LONG, "Friederike von Hohenstein-Löwenberg und Maximilian Theodor Brandstätter"),
    ("Kindred", "Octavia E. Butler"),
    ("Small Things Like These", "Claire Keegan"),
    ("The Summer Book", "Tove Jansson"),
]
ZH = [
    ("红楼梦", "曹雪芹"),
    ("活着", "余华"),
    ("三体：地球往事三部曲之一", "刘慈欣"),
    ("中国古代建筑史论汇编——从先秦到明清的营造法式、匠作制度与城市规划研究（修订第三版，附图册）", "梁启明、林文静 等"),
    ("城南旧事", "林海音"),
    ("边城", "沈从文"),
    ("呼兰河传", "萧红"),
]
AR = [
    ("موسم الهجرة إلى الشمال", "الطيب صالح"),
    ("تعلّم C++ خطوة بخطوة (الطبعة 2)", "ليلى حداد & John Smith"),
    ("Arabic Grammar: النحو الواضح", "علي الجارم، مصطفى أمين"),
]


def button(press: Press, key: Key, weight: Weight = Weight.SECONDARY, icon: str = "", **more: Arg) -> Button:
    """A button that can be pressed."""
    return Button(press, say(key, **more), weight, icon=icon)


BACK = button(Press.BACK, Key.BACK, icon="back")
FINISH = button(Press.FINISH, Key.FINISH, Weight.PRIMARY, "finish")
CLOSE = button(Press.CLOSE, Key.CLOSE, Weight.PRIMARY, "close")
TO_BORROW = button(Press.BORROW, Key.BORROW, Weight.QUIET, "borrow")
TO_RETURN = button(Press.RETURN, Key.RETURN, Weight.QUIET, "return")
TO_BOOKS = button(Press.BOOKS, Key.BOOKS, Weight.QUIET, "books")
UNDO = button(Press.UNDO, Key.UNDO, Weight.QUIET, "undo")
TO_LETTERS = button(Press.KEYBOARD, Key.PIN_LETTERS, icon="keypad")
TO_DIGITS = button(Press.KEYBOARD, Key.PIN_DIGITS, icon="keypad")
CAPITAL = button(Press.CAPITAL, Key.PIN_CAPITALS, icon="up")
RENEW = button(Press.RENEW, Key.RENEW, icon="renew")


class Book:
    """The pages in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.titles = ZH if language.startswith("zh") else EN
        self.name = "李*" if language.startswith("zh") else "Anna B."
        self.station = "城市图书馆 · 一楼大厅" if language.startswith("zh") else "City Library, main hall"
        self.shelf = "红色书架" if language.startswith("zh") else "red shelf"
        self.branch = "东城分馆" if language.startswith("zh") else "East Branch"

    def view(self, screen: Screen, sentence: Say | Key, **more: object) -> ViewState:
        """A page."""
        said = sentence if isinstance(sentence, Say) else say(sentence)
        page = ViewState(screen, self.language, said, station_name=self.station)
        return replace(page, **more)  # type: ignore[arg-type]

    def row(
        self,
        number: int,
        tone: Tone,
        text: Say,
        hint: Key | Say | None = None,
        action: Button | None = None,
        **more: bool,
    ) -> RowView:
        """A line; its title by number."""
        title, author = self.titles[number % len(self.titles)]
        said = say(hint) if isinstance(hint, Key) else hint
        return RowView(number, title, author, "book", tone, text, said, action, **more)

    def pages(self) -> dict[str, ViewState]:
        """All pages by name."""
        return self.doors() | self.lists() | self.own() | self.ends()

    def doors(self) -> dict[str, ViewState]:
        """Before anybody is known."""
        ways = (
            button(Press.BORROW, Key.BORROW, Weight.PRIMARY, "borrow"),
            button(Press.RETURN, Key.RETURN, icon="return"),
            button(Press.BOOKS, Key.BOOKS, Weight.QUIET, "books"),
        )
        welcome = self.view(Screen.WELCOME, Key.WELCOME, buttons=ways)
        away = replace(welcome, sentence=say(Key.WELCOME_NO_CARD), detail=say(Key.DEVICE_CARD_AWAY), offline=True)
        deaf = (replace(ways[0], enabled=False), replace(ways[1], enabled=False), ways[2])
        card = self.view(Screen.CARD, Key.CARD_TO_BORROW, buttons=(BACK,))
        keys = (
            replace(button(Press.ERASE, Key.PIN_ERASE, Weight.QUIET, "erase"), enabled=False),
            replace(button(Press.OK, Key.PIN_OK, Weight.PRIMARY, "done"), enabled=False),
        )
        pin = self.view(Screen.PIN, Key.PIN, detail=say(Key.PIN_DETAIL), pin=PinView(0, 8), buttons=(BACK, *keys))
        usable = (BACK, replace(keys[0], enabled=True), replace(keys[1], enabled=True))
        blank = Notice(Tone.MIND, say(Key.COACH_FOREIGN), "picture-label", 1)
        return {
            "welcome": welcome,
            "welcome-offline": replace(welcome, offline=True),
            "welcome-card-away": away,
            "welcome-scan-card": replace(away, sentence=say(Key.WELCOME_SCAN_CARD)),
            "welcome-scanner-away": replace(
                welcome, sentence=say(Key.WELCOME_NO_SCANNER), detail=say(Key.DEVICE_SCANNER_AWAY), buttons=deaf
            ),
            "welcome-notice": replace(welcome, notice=blank),
            "blank": replace(welcome, blank=True),
            "card": card,
            "card-item": replace(card, sentence=say(Key.CARD_FOR_ITEM, title=self.titles[3][0])),
            "card-to-scan": replace(card, sentence=say(Key.CARD_TO_SCAN)),
            "card-half-read": replace(card, notice=Notice(Tone.MIND, say(Key.COACH_HALF_READ), "picture-card", 1)),
            "card-asking": self.view(Screen.CARD, Key.ASKING_CARD, waiting=say(Key.ASKING_CARD), buttons=(BACK,)),
            "pin": pin,
            "pin-letters": replace(
                pin,
                sentence=say(Key.PIN_OR_LETTERS),
                pin=PinView(11, 24, keys=Keys.SMALL),
                buttons=(BACK, TO_DIGITS, CAPITAL, *usable[1:]),
            ),
            "pin-capital": replace(
                pin,
                sentence=say(Key.PIN_WRONG, n=3),
                tone=Tone.STOP,
                pin=PinView(0, 24, keys=Keys.CAPITAL),
                buttons=(BACK, TO_DIGITS, CAPITAL, *keys),
            ),
            "pin-or-letters": replace(pin, sentence=say(Key.PIN_OR_LETTERS), buttons=(BACK, TO_LETTERS, *keys)),
            "pin-typed": replace(pin, pin=PinView(4, 8), buttons=usable),
            "pin-wrong": replace(pin, sentence=say(Key.PIN_WRONG, n=1), tone=Tone.STOP),
            "pin-checking": replace(
                pin, sentence=say(Key.PIN_CHECKING), waiting=say(Key.PIN_CHECKING), pin=PinView(4, 8, busy=True)
            ),
        }

    def lists(self) -> dict[str, ViewState]:
        """Borrowing and returning."""
        borrow = self.view(
            Screen.BORROW,
            Key.SCAN_TO_BORROW,
            empty=say(Key.BORROW_EMPTY),
            patron=PatronView(self.name, say(Key.COUNTS, borrowed=3, limit=10, n=7)),
            buttons=(TO_BOOKS, TO_RETURN, FINISH),
        )
        lent = [self.row(i, Tone.DONE, say(Key.ROW_LENT, due=DUE), action=UNDO) for i in range(3)]
        about = self.row(1, Tone.DONE, say(Key.ROW_LENT_ABOUT, due=DUE), action=UNDO)
        refused = [
            self.row(0, Tone.STOP, say(Key.ROW_OVER_LIMIT, borrowed=10, n=10), Key.HINT_RETURN_ONE),
            self.row(1, Tone.STOP, say(Key.ROW_RESERVED), Key.HINT_LEAVE_HERE),
            self.row(2, Tone.STOP, say(Key.ROW_NOT_FOR_LOAN), Key.HINT_LEAVE_HERE),
            self.row(3, Tone.STOP, say(Key.ROW_RECALLED), Key.HINT_LEAVE_HERE),
            self.row(7, Tone.STOP, say(Key.ROW_OVER_KIND, borrowed=3, limit=3), Key.HINT_RETURN_KIND),
            self.row(4, Tone.MIND, say(Key.ROW_UNKNOWN_ITEM), Key.HINT_TO_DESK),
            self.row(5, Tone.TOLD, say(Key.ROW_ALREADY_YOURS, due=DUE), Key.HINT_RENEW, RENEW),
            self.row(6, Tone.PLAIN, say(Key.ROW_UNDONE), Key.HINT_LEAVE_HERE),
        ]
        alone = [
            self.row(0, Tone.STOP, say(Key.ROW_OFFLINE_TOO_LONG), Key.HINT_TO_DESK),
            self.row(1, Tone.STOP, say(Key.ROW_OFFLINE_QUOTA, n=5), Key.HINT_TO_DESK),
            self.row(2, Tone.STOP, say(Key.ROW_OFFLINE_CARD), Key.HINT_TO_DESK),
            self.row(4, Tone.STOP, say(Key.ROW_OFFLINE_KIND), Key.HINT_TO_DESK),
            self.row(5, Tone.STOP, say(Key.ROW_OFFLINE_ITEM), Key.HINT_TO_DESK),
            self.row(6, Tone.STOP, say(Key.ROW_NOT_OFFLINE), Key.HINT_TO_DESK),
        ]
        by_system = [
            self.row(0, Tone.STOP, say(Key.ROW_FEE_FIRST, fee=Money(150, "EUR")), Key.HINT_TO_DESK),
            self.row(3, Tone.STOP, say(Key.ROW_FEE_FIRST_PLAIN), Key.HINT_TO_DESK),
            self.row(1, Tone.STOP, say(Key.ROW_DECLINED), Key.HINT_TO_DESK),
        ]
        without_limit = PatronView(self.name, say(Key.COUNTS_PLAIN, n=3))
        long = self.row(3, Tone.DONE, say(Key.ROW_RENEWED_ABOUT, due=DUE), Key.HINT_RENEW, UNDO)
        back = self.view(Screen.RETURN, Key.SCAN_TO_RETURN, empty=say(Key.RETURN_EMPTY), buttons=(TO_BORROW, FINISH))
        late = say(Key.ROW_RETURNED_LATE_FEE, n=4, fee=Money(80, "CNY" if self.language == "zh_CN" else "EUR"))
        returned = (
            self.row(5, Tone.WAIT, say(Key.ROW_WAITING)),
            self.row(0, Tone.DONE, say(Key.ROW_RETURNED)),
            self.row(1, Tone.MIND, late),
            self.row(2, Tone.TOLD, say(Key.ROW_RETURNED_HOLD), say(Key.HINT_RED_SHELF, shelf=self.shelf)),
            self.row(4, Tone.TOLD, say(Key.ROW_RETURNED_ELSEWHERE, branch=self.branch), Key.HINT_LEAVE_HERE),
            self.row(6, Tone.DONE, say(Key.ROW_WAS_NOT_ON_LOAN)),
        )
        isbn = Notice(Tone.MIND, say(Key.COACH_ISBN), "picture-label", 3)
        return {
            "borrow-empty": borrow,
            "borrow": replace(borrow, rows=(self.row(9, Tone.WAIT, say(Key.ROW_WAITING)), *lent[:2])),
            "borrow-many": replace(borrow, rows=tuple(replace(lent[i % 3], id=20 - i) for i in range(20))),
            "borrow-refused": replace(borrow, rows=tuple(refused)),
            "borrow-refused-offline": replace(borrow, rows=tuple(alone), offline=True),
            "borrow-refused-by-system": replace(borrow, rows=tuple(by_system), patron=without_limit),
            "borrow-long": replace(borrow, rows=(long, *lent[:1])),
            "borrow-notice": replace(borrow, rows=tuple(lent), notice=isbn),
            "borrow-twice": replace(
                borrow, rows=tuple(lent), notice=Notice(Tone.TOLD, say(Key.COACH_TWICE, title=self.titles[3][0]), "", 4)
            ),
            "borrow-arabic": replace(
                borrow,
                rows=tuple(
                    replace(row, title=title, author=author) for row, (title, author) in zip(lent, AR, strict=True)
                ),
                notice=Notice(Tone.TOLD, say(Key.COACH_TWICE, title=AR[1][0]), "", 5),
            ),
            "borrow-offline": replace(
                borrow, rows=(about,), offline=True, patron=PatronView("", say(Key.COUNTS, borrowed=1, limit=5, n=4))
            ),
            "borrow-finishing": replace(
                borrow,
                sentence=say(Key.FINISHING, n=2),
                rows=tuple(lent),
                buttons=tuple(replace(each, enabled=False) for each in borrow.buttons),
            ),
            "still-there": replace(borrow, rows=tuple(lent), still_there=Countdown(13, 20)),
            "return-empty": back,
            "return": replace(back, rows=returned, detail=say(Key.RETURN_COUNT, n=5)),
            "return-of-a-reader": replace(
                back,
                rows=returned,
                detail=say(Key.RETURN_COUNT, n=5),
                patron=PatronView(self.name, say(Key.COUNTS, borrowed=4, limit=10, n=6)),
            ),
            "return-offline": replace(back, rows=(self.row(2, Tone.DONE, say(Key.ROW_RETURNED_UNSEEN)),), offline=True),
        }

    def own(self) -> dict[str, ViewState]:
        """One item, and what somebody has at home."""
        renew_all = button(Press.RENEW_ALL, Key.RENEW_ALL, icon="renew")
        renew_two = button(Press.RENEW_SELECTED, Key.RENEW_SELECTED, Weight.SECONDARY, "renew", n=2)
        quiet_back = replace(BACK, weight=Weight.QUIET)
        books = self.view(
            Screen.BOOKS,
            Key.YOUR_BOOKS,
            empty=say(Key.YOUR_BOOKS_EMPTY),
            patron=PatronView(self.name, say(Key.COUNTS, borrowed=4, limit=10, n=6)),
            buttons=(quiet_back, renew_all, FINISH),
        )
        rows = (
            self.row(1, Tone.STOP, say(Key.LOAN_OVERDUE, due=date(2026, 11, 3)), None, RENEW, selectable=True),
            self.row(2, Tone.PLAIN, say(Key.LOAN_DUE, due=DUE), None, RENEW, selectable=True, selected=True),
            self.row(0, Tone.DONE, say(Key.ROW_RENEWED, due=DUE)),
            self.row(4, Tone.PLAIN, say(Key.LOAN_DUE, due=DUE), Key.ROW_RENEWAL_LIMIT),
            self.row(3, Tone.PLAIN, say(Key.LOAN_DUE, due=DUE), None, RENEW, selectable=True, selected=True),
        )
        found = self.view(
            Screen.ITEM,
            Key.ITEM_ON_LOAN,
            tone=Tone.TOLD,
            item=self.row(0, Tone.TOLD, say(Key.ITEM_ON_LOAN)),
            buttons=(
                quiet_back,
                button(Press.ITEM_RENEW, Key.ITEM_RENEW, icon="renew"),
                button(Press.ITEM_RETURN, Key.ITEM_RETURN, Weight.PRIMARY, "return"),
            ),
        )
        return {
            "item": found,
            "item-long": replace(
                found,
                sentence=say(Key.ITEM_ON_HOLD_SHELF),
                tone=Tone.MIND,
                item=self.row(3, Tone.MIND, say(Key.ITEM_ON_HOLD_SHELF)),
                buttons=(quiet_back, button(Press.ITEM_BORROW, Key.ITEM_BORROW, Weight.PRIMARY, "borrow")),
            ),
            "item-asking": self.view(Screen.ITEM, Key.ITEM_ASKING, waiting=say(Key.ITEM_ASKING), buttons=(BACK,)),
            "item-not-for-loan": replace(
                found, sentence=say(Key.ITEM_NOT_FOR_LOAN), tone=Tone.MIND, buttons=(quiet_back,)
            ),
            "books": replace(books, rows=rows, buttons=(quiet_back, renew_two, FINISH)),
            "books-refused": replace(
                books,
                sentence=say(Key.FINISHING, n=1),
                rows=(
                    self.row(3, Tone.MIND, say(Key.ROW_TOO_EARLY, due=DUE)),
                    self.row(1, Tone.STOP, say(Key.ROW_RESERVED), say(Key.HINT_BRING_BACK, due=DUE)),
                    self.row(2, Tone.STOP, say(Key.ROW_OFFLINE_QUOTA, n=5), Key.HINT_TO_DESK),
                ),
            ),
            "books-kept": replace(
                books,
                rows=(
                    self.row(3, Tone.STOP, say(Key.ROW_RECALLED), say(Key.HINT_BRING_BACK, due=DUE)),
                    self.row(1, Tone.STOP, say(Key.ROW_OVERDUE, due=date(2026, 11, 3)), Key.HINT_BRING_BACK_SOON),
                    self.row(2, Tone.MIND, say(Key.ROW_CARD_ENDS, due=DUE, since=date(2026, 12, 15)), Key.HINT_TO_DESK),
                    self.row(4, Tone.STOP, say(Key.ROW_OFFLINE_LOAN), Key.HINT_TO_DESK),
                ),
            ),
            "books-asked-back": replace(
                books,
                rows=(self.row(3, Tone.MIND, say(Key.ROW_RECALLED), say(Key.HINT_BRING_BACK, due=DUE)), *rows[1:]),
                notice=Notice(Tone.MIND, say(Key.ASKED_BACK, n=2), "", 6),
            ),
            "books-empty": replace(books, patron=PatronView(self.name, say(Key.COUNTS, borrowed=0, limit=10, n=10))),
            "books-waiting": replace(books, empty=say(Key.PIN_CHECKING), waiting=say(Key.PIN_CHECKING)),
            "books-offline": replace(books, rows=rows[2:4], detail=say(Key.YOUR_BOOKS_OFFLINE), offline=True),
        }

    def ends(self) -> dict[str, ViewState]:
        """Messages, the end of a visit, out of order."""
        closing = Countdown(9, 15)
        message = self.view(Screen.MESSAGE, Key.BLOCKED, tone=Tone.STOP, closing=closing, buttons=(CLOSE,))
        reasons = (
            say(Key.BLOCK_FEES, amount=Money(1250, "EUR")),
            say(Key.BLOCK_OVERDUE, n=2),
            say(Key.BLOCK_EXPIRED, since=date(2026, 10, 31)),
        )
        done = self.view(Screen.DONE, say(Key.DONE_LENT, n=3, due=DUE), tone=Tone.DONE, closing=Countdown(8, 12))
        done = replace(done, buttons=(CLOSE,))
        lent = tuple(self.row(i, Tone.DONE, say(Key.ROW_LENT, due=DUE)) for i in range(3))
        return {
            "message-blocked": replace(
                message,
                details=reasons,
                buttons=(
                    replace(TO_BOOKS, weight=Weight.SECONDARY),
                    replace(TO_RETURN, weight=Weight.SECONDARY),
                    CLOSE,
                ),
            ),
            "message-unknown-card": replace(
                message, sentence=say(Key.UNKNOWN_CARD), details=(say(Key.UNKNOWN_CARD_DETAIL),)
            ),
            "message-offline": replace(
                message,
                sentence=say(Key.NOT_OFFLINE),
                details=(say(Key.NOT_OFFLINE_DETAIL),),
                buttons=(replace(TO_RETURN, weight=Weight.SECONDARY), CLOSE),
                offline=True,
            ),
            "message-pin-locked": replace(
                message, sentence=say(Key.PIN_LOCKED), details=(say(Key.PIN_LOCKED_DETAIL, n=5),)
            ),
            "done": replace(done, rows=lent, details=(say(Key.DONE_RETURNED, n=2), say(Key.DONE_NOT_TAKEN, n=1))),
            "done-two-dates": replace(done, sentence=say(Key.DONE_LENT_FIRST, n=2, due=DUE), rows=lent[:2]),
            "done-offline": replace(done, sentence=say(Key.DONE_LENT_ABOUT, n=2, due=DUE), rows=lent[:2], offline=True),
            "done-nothing": replace(done, sentence=say(Key.DONE_NOTHING)),
            "sorry": self.view(Screen.SORRY, Key.SORRY, detail=say(Key.SORRY_DETAIL), tone=Tone.STOP),
        }


def gallery(language: str) -> dict[str, ViewState]:
    """Every page in a language, by name."""
    return Book(language).pages()
