"""Words for every `Key`, in the reader's language.

English stands here, as the source text; `assets/translations` holds its plural forms and the other languages.
`lupdate` reads this file: `QT_TRANSLATE_NOOP` marks a sentence, `translate(…, None, 1)` one with plural forms.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from unicodedata import bidirectional, east_asian_width

from PySide6.QtCore import QDate, QLocale, QTranslator

from kiosk.flow.keys import Key
from kiosk.flow.view import Arg, Say
from sync.catalogue import Money
from sync.money import decimals_of

CONTEXT = "words"
LONGEST_ARG = 36
RIGHT_TO_LEFT = frozenset({"R", "AL"})
SYMBOLS: dict[str, str] = {"EUR": "€", "CNY": "¥", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF", "HKD": "HK$"}


def QT_TRANSLATE_NOOP(_context: str, source: str) -> str:
    """Mark a sentence for lupdate. Qt's own has no type."""
    return source


def translate(_context: str, source: str, _comment: None, _n: int) -> str:
    """Mark a sentence that has plural forms: `lupdate` knows this name and these four places."""
    return source


DATE_FORMAT = QT_TRANSLATE_NOOP("words", "d MMMM")

WORDS: dict[Key, str] = {
    # ── welcome ──
    Key.WELCOME: QT_TRANSLATE_NOOP("words", "Hold your card here to borrow. Scan books to return them."),
    Key.WELCOME_SCAN_CARD: QT_TRANSLATE_NOOP(
        "words", "Scan the barcode on your card to borrow. Scan books to return them."
    ),
    Key.WELCOME_NO_CARD: QT_TRANSLATE_NOOP("words", "Scan books to return them. To borrow, please go to the desk."),
    Key.WELCOME_NO_SCANNER: QT_TRANSLATE_NOOP("words", "Hold your card here to see your books."),
    Key.BORROW: QT_TRANSLATE_NOOP("words", "Borrow"),
    Key.RETURN: QT_TRANSLATE_NOOP("words", "Return"),
    Key.BOOKS: QT_TRANSLATE_NOOP("words", "My books"),
    Key.OFFLINE: QT_TRANSLATE_NOOP("words", "We are offline. You can borrow and return; it is sent later."),
    # ── card ──
    Key.CARD_TO_BORROW: QT_TRANSLATE_NOOP("words", "Hold your card to the reader."),
    Key.CARD_FOR_ITEM: QT_TRANSLATE_NOOP("words", "Hold your card to the reader for “{title}”."),
    Key.CARD_FOR_BOOKS: QT_TRANSLATE_NOOP("words", "Hold your card to the reader to see your books."),
    Key.CARD_TO_SCAN: QT_TRANSLATE_NOOP("words", "Scan the barcode on your card."),
    Key.ASKING_CARD: QT_TRANSLATE_NOOP("words", "Looking up your card…"),
    Key.BACK: QT_TRANSLATE_NOOP("words", "Back"),
    # ── PIN ──
    Key.PIN: QT_TRANSLATE_NOOP("words", "Your PIN, please."),
    Key.PIN_OR_LETTERS: QT_TRANSLATE_NOOP("words", "Your PIN or password, please."),
    Key.PIN_LETTERS: QT_TRANSLATE_NOOP("words", "Letters"),
    Key.PIN_DIGITS: QT_TRANSLATE_NOOP("words", "Digits"),
    Key.PIN_CAPITALS: QT_TRANSLATE_NOOP("words", "Capitals"),
    Key.PIN_DETAIL: QT_TRANSLATE_NOOP("words", "Nobody else sees it, and it is not kept here."),
    Key.PIN_WRONG: translate("words", "That was not the PIN. {n} tries left.", None, 1),
    Key.PIN_WRONG_PLAIN: QT_TRANSLATE_NOOP("words", "That was not the PIN. Please try again."),
    Key.PIN_CHECKING: QT_TRANSLATE_NOOP("words", "One moment…"),
    Key.PIN_OK: QT_TRANSLATE_NOOP("words", "OK"),
    Key.PIN_ERASE: QT_TRANSLATE_NOOP("words", "Erase"),
    # ── messages at the door ──
    Key.UNKNOWN_CARD: QT_TRANSLATE_NOOP("words", "We do not know this card."),
    Key.UNKNOWN_CARD_DETAIL: QT_TRANSLATE_NOOP(
        "words", "Is it your library card? The desk can link it to your account."
    ),
    Key.PIN_LOCKED: QT_TRANSLATE_NOOP("words", "That was not the PIN, several times."),
    Key.PIN_LOCKED_DETAIL: translate(
        "words", "To protect your account, this card rests for {n} minutes. The desk can help at once.", None, 1
    ),
    Key.NOT_OFFLINE: QT_TRANSLATE_NOOP("words", "We are offline and cannot check this card."),
    Key.NOT_OFFLINE_DETAIL: QT_TRANSLATE_NOOP("words", "You can return books now. To borrow, please go to the desk."),
    Key.BLOCKED: QT_TRANSLATE_NOOP("words", "You cannot borrow just now."),
    Key.BLOCK_EXPIRED: QT_TRANSLATE_NOOP("words", "Your card ran out on {since}. The desk renews it."),
    Key.BLOCK_EXPIRED_PLAIN: QT_TRANSLATE_NOOP("words", "Your card has run out. The desk renews it."),
    Key.BLOCK_BARRED: QT_TRANSLATE_NOOP("words", "Please speak to the desk about your account."),
    Key.BLOCK_FEES: QT_TRANSLATE_NOOP("words", "Fees of {amount} are open. They can be settled at the desk."),
    Key.BLOCK_FEES_PLAIN: QT_TRANSLATE_NOOP("words", "Fees are open. They can be settled at the desk."),
    Key.BLOCK_OVERDUE: translate(
        "words", "{n} of your books are overdue. Once they are back you can borrow again.", None, 1
    ),
    Key.BLOCK_OVERDUE_PLAIN: QT_TRANSLATE_NOOP(
        "words", "Some of your books are overdue. Once they are back you can borrow again."
    ),
    Key.BLOCK_CARD_LOST: QT_TRANSLATE_NOOP("words", "This card was reported lost. Please take it to the desk."),
    Key.TROUBLE: QT_TRANSLATE_NOOP("words", "That did not work."),
    Key.TROUBLE_DETAIL: QT_TRANSLATE_NOOP("words", "Nothing was changed. Please try again, or go to the desk."),
    # ── borrow ──
    Key.SCAN_TO_BORROW: QT_TRANSLATE_NOOP("words", "Scan your books one by one."),
    Key.COUNTS: translate("words", "{borrowed} of {limit} books, {n} left", None, 1),
    Key.COUNTS_PLAIN: translate("words", "{n} books borrowed", None, 1),
    Key.BORROW_EMPTY: QT_TRANSLATE_NOOP("words", "Your books appear here."),
    Key.FINISH: QT_TRANSLATE_NOOP("words", "Finish"),
    Key.FINISHING: translate("words", "One moment: {n} books are still being recorded…", None, 1),
    Key.UNDO: QT_TRANSLATE_NOOP("words", "Undo"),
    Key.RENEW: QT_TRANSLATE_NOOP("words", "Renew"),
    Key.HOLD_READY: translate("words", "{n} reserved books are ready for you: {shelf}.", None, 1),
    Key.ASKED_BACK: translate(
        "words", "{n} of your books are needed by others. My books says by when to bring them back.", None, 1
    ),
    # row states
    Key.ROW_WAITING: QT_TRANSLATE_NOOP("words", "Recording…"),
    Key.ROW_LENT: QT_TRANSLATE_NOOP("words", "Yours till {due}"),
    Key.ROW_LENT_ABOUT: QT_TRANSLATE_NOOP("words", "Yours till about {due}; sent later"),
    Key.ROW_RENEWED: QT_TRANSLATE_NOOP("words", "Renewed till {due}"),
    Key.ROW_RENEWED_ABOUT: QT_TRANSLATE_NOOP("words", "Renewed till about {due}; sent later"),
    Key.ROW_ALREADY_YOURS: QT_TRANSLATE_NOOP("words", "Already yours till {due}"),
    Key.ROW_ALREADY_YOURS_PLAIN: QT_TRANSLATE_NOOP("words", "Already yours"),
    Key.ROW_UNDOING: QT_TRANSLATE_NOOP("words", "Taking it back…"),
    Key.ROW_UNDONE: QT_TRANSLATE_NOOP("words", "Taken back, not borrowed"),
    Key.ROW_OTHER_LOAN: QT_TRANSLATE_NOOP("words", "Still lent to somebody else"),
    Key.ROW_NOT_FOR_LOAN: QT_TRANSLATE_NOOP("words", "Not for loan"),
    Key.ROW_RESERVED: QT_TRANSLATE_NOOP("words", "Reserved for somebody"),
    Key.ROW_OVER_LIMIT: translate("words", "Over your limit: {borrowed} of {n} books", None, 1),
    Key.ROW_OVER_LIMIT_PLAIN: QT_TRANSLATE_NOOP("words", "Over your limit"),
    Key.ROW_OVER_KIND: QT_TRANSLATE_NOOP("words", "Over your limit of this kind: {borrowed} of {limit}"),
    Key.ROW_RECALLED: QT_TRANSLATE_NOOP("words", "The library needs this one back"),
    Key.ROW_OVERDUE: QT_TRANSLATE_NOOP("words", "Overdue since {due}, not renewed"),
    Key.ROW_OVERDUE_PLAIN: QT_TRANSLATE_NOOP("words", "Overdue, not renewed"),
    Key.ROW_BLOCKED: QT_TRANSLATE_NOOP("words", "You cannot borrow just now"),
    Key.ROW_UNKNOWN_ITEM: QT_TRANSLATE_NOOP("words", "We do not know this label"),
    Key.ROW_UNKNOWN_PATRON: QT_TRANSLATE_NOOP("words", "We do not know this card any more"),
    Key.ROW_NOT_OFFLINE: QT_TRANSLATE_NOOP("words", "Not possible while we are offline"),
    Key.ROW_OFFLINE_QUOTA: translate("words", "{n} borrowed while we are offline, no more for now", None, 1),
    Key.ROW_OFFLINE_TOO_LONG: QT_TRANSLATE_NOOP("words", "Offline for too long, only returns for now"),
    Key.ROW_OFFLINE_CARD: QT_TRANSLATE_NOOP("words", "With this card only while we are online"),
    Key.ROW_OFFLINE_KIND: QT_TRANSLATE_NOOP("words", "This kind is lent only while we are online"),
    Key.ROW_OFFLINE_ITEM: QT_TRANSLATE_NOOP("words", "We cannot check this one while we are offline"),
    Key.ROW_OFFLINE_LOAN: QT_TRANSLATE_NOOP("words", "We cannot see this loan while we are offline"),
    Key.ROW_CARD_ENDS: QT_TRANSLATE_NOOP("words", "Yours till {due}, as your card runs out on {since}"),
    Key.ROW_TOO_EARLY: QT_TRANSLATE_NOOP("words", "Too early to renew: yours till {due}"),
    Key.ROW_FEE_FIRST: QT_TRANSLATE_NOOP("words", "This one costs {fee}"),
    Key.ROW_FEE_FIRST_PLAIN: QT_TRANSLATE_NOOP("words", "This one costs a fee"),
    Key.ROW_DECLINED: QT_TRANSLATE_NOOP("words", "Not possible here"),
    Key.ROW_NO_ANSWER: QT_TRANSLATE_NOOP("words", "No answer from the catalogue, not recorded"),
    Key.ROW_NOT_YOURS: QT_TRANSLATE_NOOP("words", "Not on your account"),
    Key.ROW_RENEWAL_LIMIT: QT_TRANSLATE_NOOP("words", "Cannot be renewed again"),
    Key.ROW_TROUBLE: QT_TRANSLATE_NOOP("words", "That did not work, not recorded"),
    # row hints
    Key.HINT_LEAVE_HERE: QT_TRANSLATE_NOOP("words", "Please leave it here."),
    Key.HINT_TO_DESK: QT_TRANSLATE_NOOP("words", "The desk can help."),
    Key.HINT_RETURN_ONE: QT_TRANSLATE_NOOP("words", "Return one to borrow another."),
    Key.HINT_RETURN_FIRST: QT_TRANSLATE_NOOP("words", "Return it first, or take it to the desk."),
    Key.HINT_RENEW: QT_TRANSLATE_NOOP("words", "You can renew it."),
    Key.HINT_BRING_BACK: QT_TRANSLATE_NOOP("words", "Please bring it back by {due}."),
    Key.HINT_BRING_BACK_SOON: QT_TRANSLATE_NOOP("words", "Please bring it back soon."),
    Key.HINT_RETURN_KIND: QT_TRANSLATE_NOOP("words", "Return one of them to borrow another."),
    Key.HINT_TRY_AGAIN: QT_TRANSLATE_NOOP("words", "Please scan it again."),
    Key.HINT_RED_SHELF: QT_TRANSLATE_NOOP("words", "Please put it here: {shelf}"),
    # ── return ──
    Key.SCAN_TO_RETURN: QT_TRANSLATE_NOOP("words", "Scan what you bring back."),
    Key.RETURN_EMPTY: QT_TRANSLATE_NOOP("words", "What you return appears here."),
    Key.RETURN_COUNT: translate("words", "{n} returned", None, 1),
    Key.ROW_RETURNED: QT_TRANSLATE_NOOP("words", "Returned, thank you"),
    Key.ROW_RETURNED_LATE: translate("words", "Returned {n} days late", None, 1),
    Key.ROW_RETURNED_LATE_FEE: translate("words", "Returned {n} days late, {fee}", None, 1),
    Key.ROW_RETURNED_HOLD: QT_TRANSLATE_NOOP("words", "Returned; somebody waits for it"),
    Key.ROW_RETURNED_ELSEWHERE: QT_TRANSLATE_NOOP("words", "Returned; it belongs to {branch}"),
    Key.ROW_WAS_NOT_ON_LOAN: QT_TRANSLATE_NOOP("words", "Already returned, thank you"),
    Key.ROW_RETURNED_UNSEEN: QT_TRANSLATE_NOOP("words", "Returned, thank you; sent later"),
    # ── item shown from the welcome screen ──
    Key.ITEM_ASKING: QT_TRANSLATE_NOOP("words", "Looking it up…"),
    Key.ITEM_AVAILABLE: QT_TRANSLATE_NOOP("words", "This one can be borrowed."),
    Key.ITEM_ON_LOAN: QT_TRANSLATE_NOOP("words", "This one is on loan. Are you bringing it back?"),
    Key.ITEM_ON_HOLD_SHELF: QT_TRANSLATE_NOOP("words", "This one is reserved. If it is for you, hold your card."),
    Key.ITEM_NOT_FOR_LOAN: QT_TRANSLATE_NOOP("words", "This one is to be read here."),
    Key.ITEM_IN_TRANSIT: QT_TRANSLATE_NOOP("words", "This one is on its way to another branch."),
    Key.ITEM_LOST: QT_TRANSLATE_NOOP("words", "We have been missing this one. Thank you for finding it."),
    Key.ITEM_UNKNOWN: QT_TRANSLATE_NOOP("words", "We do not know this label. The desk can help."),
    Key.ITEM_UNSURE: QT_TRANSLATE_NOOP("words", "Are you returning this one, or borrowing it?"),
    Key.ITEM_RETURN: QT_TRANSLATE_NOOP("words", "Return it"),
    Key.ITEM_BORROW: QT_TRANSLATE_NOOP("words", "Borrow it"),
    Key.ITEM_RENEW: QT_TRANSLATE_NOOP("words", "Renew it"),
    # ── my books ──
    Key.YOUR_BOOKS: QT_TRANSLATE_NOOP("words", "Yours now"),
    Key.YOUR_BOOKS_EMPTY: QT_TRANSLATE_NOOP("words", "You have no books at home."),
    Key.YOUR_BOOKS_OFFLINE: QT_TRANSLATE_NOOP("words", "While we are offline, only what was borrowed here is shown."),
    Key.LOAN_DUE: QT_TRANSLATE_NOOP("words", "Due {due}"),
    Key.LOAN_DUE_ABOUT: QT_TRANSLATE_NOOP("words", "Due about {due}; sent later"),
    Key.LOAN_OVERDUE: QT_TRANSLATE_NOOP("words", "Overdue since {due}"),
    Key.RENEW_SELECTED: translate("words", "Renew {n}", None, 1),
    Key.RENEW_ALL: QT_TRANSLATE_NOOP("words", "Renew all"),
    Key.SELECT: QT_TRANSLATE_NOOP("words", "Select"),
    # ── done ──
    Key.DONE_LENT: translate("words", "{n} books till {due}.", None, 1),
    Key.DONE_LENT_FIRST: translate("words", "{n} books, the first one till {due}.", None, 1),
    Key.DONE_LENT_ABOUT: translate("words", "{n} books till about {due}; sent later.", None, 1),
    Key.DONE_RENEWED: translate("words", "{n} renewed.", None, 1),
    Key.DONE_RETURNED: translate("words", "{n} returned, thank you.", None, 1),
    Key.DONE_NOTHING: QT_TRANSLATE_NOOP("words", "See you soon."),
    Key.DONE_NOT_TAKEN: translate(
        "words", "{n} not recorded: please leave them here, or take them to the desk.", None, 1
    ),
    Key.CLOSE: QT_TRANSLATE_NOOP("words", "Close"),
    # ── still there ──
    Key.STILL_THERE: QT_TRANSLATE_NOOP("words", "Still there?"),
    Key.STILL_THERE_DETAIL: translate("words", "This screen clears in {n} seconds.", None, 1),
    Key.STAY: QT_TRANSLATE_NOOP("words", "Yes, go on"),
    # ── out of order ──
    Key.SORRY: QT_TRANSLATE_NOOP("words", "This station is resting."),
    Key.SORRY_DETAIL: QT_TRANSLATE_NOOP("words", "Please use another station, or go to the desk."),
    # ── scan coach and notices ──
    Key.COACH_ISBN: QT_TRANSLATE_NOOP("words", "That was the shop’s barcode. The library’s label is the one to scan."),
    Key.COACH_PATRON_CARD: QT_TRANSLATE_NOOP("words", "That is your card. The label on the book is the one to scan."),
    Key.COACH_FOREIGN: QT_TRANSLATE_NOOP("words", "That label is not from this library. The desk can help."),
    Key.COACH_UNREADABLE: QT_TRANSLATE_NOOP("words", "That could not be read. Hold the label flat and try again."),
    Key.COACH_BAD_CARD: QT_TRANSLATE_NOOP("words", "This card cannot be read here. Please use your library card."),
    Key.COACH_HALF_READ: QT_TRANSLATE_NOOP("words", "Hold the card a little longer."),
    Key.COACH_TWICE: QT_TRANSLATE_NOOP("words", "“{title}” is on your list already."),
    Key.COACH_PIN_FIRST: QT_TRANSLATE_NOOP("words", "First your PIN, then your books."),
    Key.COACH_CARD_FIRST: QT_TRANSLATE_NOOP("words", "Now hold your card to the reader."),
    Key.COACH_FINISH_FIRST: QT_TRANSLATE_NOOP("words", "Press Finish first, then hold the next card."),
    Key.COACH_NOT_IN_LIST: QT_TRANSLATE_NOOP("words", "That is not among your books. Press Back to borrow it."),
    Key.COACH_WAIT: QT_TRANSLATE_NOOP("words", "One moment…"),
    Key.DEVICE_CARD_AWAY: QT_TRANSLATE_NOOP("words", "The card reader is not working. The desk can help."),
    Key.DEVICE_SCANNER_AWAY: QT_TRANSLATE_NOOP("words", "The scanner is not working. The desk can help."),
    # ── names for things without text ──
    Key.LANGUAGE: QT_TRANSLATE_NOOP("words", "Language"),
}


def put(said: Say, locale: str) -> str:
    """The sentence in the language of `locale`.

    Args:
        said: key and named arguments; the argument `n` chooses the plural form.
        locale: a locale name, as `en` or `zh_CN`.

    Raises:
        KeyError: the sentence names an argument that was not given.
    """
    args = dict(said.args)
    n = args.get("n", -1)
    template = translated(WORDS[said.key], locale, n if isinstance(n, int) else -1)
    return template.format_map({name: _put_arg(arg, locale) for name, arg in args.items()})


def translated(source: str, locale: str, n: int = -1) -> str:
    """The source text in the language of `locale`; `n` < 0: no plural form is chosen. English is the source."""
    return translator(locale).translate(CONTEXT, source, "", n) or source


@cache
def translator(locale: str) -> QTranslator:
    """The loaded translation of a locale.

    Raises:
        FileNotFoundError: there is no such translation (set-up compiles them: scripts/build_translations.py).
    """
    found = QTranslator()
    path = Path(str(files("assets") / "translations" / f"kiosk_{locale}.qm"))
    if not found.load(str(path)):
        raise FileNotFoundError(f"no translation at {path}: run scripts/build_translations.py")
    return found


def shipped() -> tuple[str, ...]:
    """The locales that have a translation, sorted."""
    folder = Path(str(files("assets") / "translations"))
    return tuple(sorted(path.stem.removeprefix("kiosk_") for path in folder.glob("kiosk_*.ts")))


@cache
def endonym(locale: str) -> str:
    """What a language calls itself, as its readers look for it: `English`, `中文`."""
    names: dict[str, str] = json.loads((files("assets") / "translations" / "languages.json").read_text("utf-8"))
    return names.get(locale) or QLocale(locale).nativeLanguageName()


def _put_arg(arg: Arg, locale: str) -> str:
    match arg:
        case Money():
            return put_money(arg, locale)
        case date():
            return QLocale(locale).toString(QDate(arg.year, arg.month, arg.day), translated(DATE_FORMAT, locale))
        case int():
            return QLocale(locale).toString(arg)
        case str():
            return isolated(shortened(arg))


def shortened(text: str, columns: int = LONGEST_ARG) -> str:
    """A name or title short enough to stand inside a sentence. A Chinese character takes two columns."""
    widths = accumulate(2 if east_asian_width(char) in "WF" else 1 for char in text)
    fitting = sum(width <= columns for width in widths)
    return text if fitting == len(text) else text[: fitting - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """A name or title that runs from right to left, fenced: the sentence around it keeps its order."""
    return f"\u2068{text}\u2069" if RIGHT_TO_LEFT.intersection(map(bidirectional, text)) else text


def put_money(money: Money, locale: str) -> str:
    """An amount as the locale writes it, with the symbol of its currency."""
    decimals = decimals_of(money.currency)
    symbol = SYMBOLS.get(money.currency, money.currency)
    return QLocale(locale).toCurrencyString(money.minor / 10**decimals, symbol, decimals)
