"""`draw`: the picture of a state. Pure, total, and the only place where a state becomes a `ViewState`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.flow.keys import Key
from kiosk.flow.lending import renewable
from kiosk.flow.rows import row_view
from kiosk.flow.state import (
    BUSY,
    AskingCard,
    Borrowing,
    EnteringPin,
    Greeting,
    Identifying,
    Leaving,
    Looking,
    Purpose,
    Reading,
    Returning,
    Row,
    RowStatus,
    State,
    Telling,
    Visit,
)
from kiosk.flow.view import (
    Button,
    Countdown,
    Keys,
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
from sync.acts import ActKind
from sync.catalogue import Decided, Item, ItemStatus, Outcome


def draw(state: State) -> ViewState:
    """What the screen shows for `state`."""
    visit = state.visit
    if state.station.out_of_order is not None or (state.deaf and (visit is None or isinstance(visit.stage, Greeting))):
        view = ViewState(Screen.SORRY, "", say(Key.SORRY), say(Key.SORRY_DETAIL), tone=Tone.STOP)
    elif visit is None:
        view = _welcome(state)
    else:
        view = _stage(state, visit)
        view = replace(view, notice=visit.notice, still_there=_still_there(state, visit))
    return replace(
        view,
        language=visit.language if visit else state.settings.language,
        languages=state.settings.languages,
        station_name=state.settings.station_name,
        offline=not state.station.link_up,
        blank=state.station.blank,
    )


def _still_there(state: State, visit: Visit) -> Countdown | None:
    return None if visit.warning_s is None else Countdown(visit.warning_s, state.settings.warning_s)


def _stage(state: State, visit: Visit) -> ViewState:
    match visit.stage:
        case Greeting():
            return _welcome(state)
        case AskingCard() as stage:
            return _asking_card(state, stage)
        case Identifying():
            return ViewState(
                Screen.CARD, "", say(Key.ASKING_CARD), waiting=say(Key.ASKING_CARD), buttons=(_button(Press.BACK),)
            )
        case EnteringPin() as stage:
            return _pin(state, stage)
        case Borrowing(finishing=finishing):
            return _borrow(visit, finishing)
        case Returning(finishing=finishing):
            return _return(visit, finishing)
        case Looking() as stage:
            return _item(stage)
        case Reading() as stage:
            return _books(visit, stage)
        case Telling() as stage:
            return _message(state, stage)
        case Leaving(left_s=left_s):
            return _done(state, visit, left_s)


_LABELS = {
    Press.BORROW: (Key.BORROW, "borrow"),
    Press.RETURN: (Key.RETURN, "return"),
    Press.BOOKS: (Key.BOOKS, "books"),
    Press.BACK: (Key.BACK, "back"),
    Press.FINISH: (Key.FINISH, "finish"),
    Press.CLOSE: (Key.CLOSE, "close"),
    Press.ITEM_RETURN: (Key.ITEM_RETURN, "return"),
    Press.ITEM_BORROW: (Key.ITEM_BORROW, "borrow"),
    Press.ITEM_RENEW: (Key.ITEM_RENEW, "renew"),
    Press.RENEW_ALL: (Key.RENEW_ALL, "renew"),
}


def _button(press: Press, weight: Weight = Weight.SECONDARY, *, enabled: bool = True) -> Button:
    key, icon = _LABELS[press]
    return Button(press, say(key), weight, enabled, icon)


def _welcome(state: State) -> ViewState:
    sentence, detail = Key.WELCOME, None
    can_show_card = not state.cards_away or (state.settings.cards_have_barcodes and not state.scanners_away)
    if state.scanners_away:
        sentence, detail = Key.WELCOME_NO_SCANNER, say(Key.DEVICE_SCANNER_AWAY)
    elif state.cards_away and state.settings.cards_have_barcodes:
        sentence, detail = Key.WELCOME_SCAN_CARD, say(Key.DEVICE_CARD_AWAY)
    elif state.cards_away:
        sentence, detail = Key.WELCOME_NO_CARD, say(Key.DEVICE_CARD_AWAY)
    return ViewState(
        Screen.WELCOME,
        "",
        say(sentence),
        detail,
        buttons=(
            _button(Press.BORROW, Weight.PRIMARY, enabled=not state.scanners_away and can_show_card),
            _button(Press.RETURN, enabled=not state.scanners_away),
            _button(Press.BOOKS, Weight.QUIET, enabled=can_show_card),
        ),
    )


def _asking_card(state: State, stage: AskingCard) -> ViewState:
    sentence = say(Key.CARD_TO_BORROW)
    if state.cards_away:
        sentence = say(Key.CARD_TO_SCAN)
    elif stage.purpose is Purpose.BOOKS:
        sentence = say(Key.CARD_FOR_BOOKS)
    elif stage.title:
        sentence = say(Key.CARD_FOR_ITEM, title=stage.title)
    return ViewState(Screen.CARD, "", sentence, buttons=(_button(Press.BACK),))


def _pin(state: State, stage: EnteringPin) -> ViewState:
    letters = state.settings.pin_letters
    sentence = say(Key.PIN_CHECKING) if stage.busy else say(Key.PIN_OR_LETTERS if letters else Key.PIN)
    tone = Tone.PLAIN
    if stage.wrong:
        tone = Tone.STOP
        left = stage.tries_left
        sentence = say(Key.PIN_WRONG_PLAIN) if left is None else say(Key.PIN_WRONG, n=left)
    return ViewState(
        Screen.PIN,
        "",
        sentence,
        say(Key.PIN_DETAIL),
        tone=tone,
        pin=PinView(len(stage.typed), state.settings.pin_longest, stage.busy, stage.keys),
        waiting=say(Key.PIN_CHECKING) if stage.busy else None,
        buttons=(
            _button(Press.BACK),
            *(_keyboard_buttons(stage.keys) if letters else ()),
            Button(Press.ERASE, say(Key.PIN_ERASE), Weight.QUIET, bool(stage.typed) and not stage.busy, "erase"),
            Button(Press.OK, say(Key.PIN_OK), Weight.PRIMARY, bool(stage.typed) and not stage.busy, "done"),
        ),
    )


def _keyboard_buttons(keys: Keys) -> tuple[Button, ...]:
    if keys is Keys.DIGITS:
        return (Button(Press.KEYBOARD, say(Key.PIN_LETTERS), icon="keypad"),)
    return (
        Button(Press.KEYBOARD, say(Key.PIN_DIGITS), icon="keypad"),
        Button(Press.CAPITAL, say(Key.PIN_CAPITALS), icon="up"),
    )


def _finishing(visit: Visit) -> Say:
    return say(Key.FINISHING, n=sum(row.status in BUSY for row in visit.rows))


def _borrow(visit: Visit, finishing: bool) -> ViewState:
    return ViewState(
        Screen.BORROW,
        "",
        _finishing(visit) if finishing else say(Key.SCAN_TO_BORROW),
        rows=_rows(visit, ActKind.CHECKOUT),
        empty=say(Key.BORROW_EMPTY),
        patron=_patron(visit),
        buttons=(
            _button(Press.BOOKS, Weight.QUIET, enabled=not visit.busy),
            _button(Press.RETURN, Weight.QUIET, enabled=not finishing),
            _button(Press.FINISH, Weight.PRIMARY, enabled=not finishing),
        ),
    )


def _return(visit: Visit, finishing: bool) -> ViewState:
    returned = sum(row.stands for row in visit.rows_of(ActKind.CHECKIN))
    return ViewState(
        Screen.RETURN,
        "",
        _finishing(visit) if finishing else say(Key.SCAN_TO_RETURN),
        say(Key.RETURN_COUNT, n=returned) if returned else None,
        patron=_patron(visit),
        rows=_rows(visit, ActKind.CHECKIN),
        empty=say(Key.RETURN_EMPTY),
        buttons=(
            _button(Press.BORROW, Weight.QUIET, enabled=not finishing),
            _button(Press.FINISH, Weight.PRIMARY, enabled=not finishing),
        ),
    )


def _item(stage: Looking) -> ViewState:
    item = stage.item
    if not stage.answered:
        return ViewState(
            Screen.ITEM, "", say(Key.ITEM_ASKING), waiting=say(Key.ITEM_ASKING), buttons=(_button(Press.BACK),)
        )
    sentence, tone, offers = _item_words(item, stage.sure)
    known = Item(barcode=stage.barcode, title=stage.barcode) if item is None else item
    buttons = [_button(press, Weight.PRIMARY if i == 0 else Weight.SECONDARY) for i, press in enumerate(offers)]
    return ViewState(
        Screen.ITEM,
        "",
        say(sentence),
        tone=tone,
        item=RowView(0, known.title, known.author, known.media, tone, say(sentence)),
        buttons=(_button(Press.BACK, Weight.QUIET), *reversed(buttons)),
    )


def _item_words(item: Item | None, sure: bool) -> tuple[Key, Tone, tuple[Press, ...]]:
    """The sentence, its tone, and what makes sense to do, likeliest first."""
    if not sure:
        return Key.ITEM_UNSURE, Tone.TOLD, (Press.ITEM_RETURN, Press.ITEM_BORROW)
    if item is None or item.status is ItemStatus.UNKNOWN:
        return Key.ITEM_UNKNOWN, Tone.MIND, ()
    return _BY_STATUS[item.status]


_BY_STATUS: dict[ItemStatus, tuple[Key, Tone, tuple[Press, ...]]] = {
    ItemStatus.AVAILABLE: (Key.ITEM_AVAILABLE, Tone.DONE, (Press.ITEM_BORROW, Press.ITEM_RETURN)),
    ItemStatus.ON_LOAN: (Key.ITEM_ON_LOAN, Tone.TOLD, (Press.ITEM_RETURN, Press.ITEM_RENEW)),
    ItemStatus.ON_HOLD_SHELF: (Key.ITEM_ON_HOLD_SHELF, Tone.MIND, (Press.ITEM_BORROW,)),
    ItemStatus.IN_TRANSIT: (Key.ITEM_IN_TRANSIT, Tone.MIND, (Press.ITEM_RETURN,)),
    ItemStatus.NOT_FOR_LOAN: (Key.ITEM_NOT_FOR_LOAN, Tone.MIND, ()),
    ItemStatus.LOST: (Key.ITEM_LOST, Tone.MIND, (Press.ITEM_RETURN,)),
}


def _no_books(visit: Visit) -> Say:
    return say(Key.YOUR_BOOKS_OFFLINE if visit.decided is Decided.OFFLINE else Key.YOUR_BOOKS_EMPTY)


def _books(visit: Visit, stage: Reading) -> ViewState:
    ready, finishing = stage.ready, stage.finishing
    rows = visit.rows_of(ActKind.RENEW) if ready else ()
    selected = sum(row.selected for row in rows)
    open_rows = any(renewable(row) for row in rows)
    renew = _button(Press.RENEW_ALL, enabled=open_rows and not visit.busy and not finishing)
    if selected and not finishing:
        renew = Button(Press.RENEW_SELECTED, say(Key.RENEW_SELECTED, n=selected), Weight.SECONDARY, icon="renew")
    return ViewState(
        Screen.BOOKS,
        "",
        _finishing(visit) if finishing else say(Key.YOUR_BOOKS),
        say(Key.YOUR_BOOKS_OFFLINE) if visit.decided is Decided.OFFLINE else None,
        rows=tuple(row_view(row) for row in rows),
        empty=_no_books(visit) if ready else say(Key.PIN_CHECKING),
        waiting=None if ready else say(Key.PIN_CHECKING),
        patron=_patron(visit),
        buttons=(
            _button(Press.BACK, Weight.QUIET, enabled=not finishing),
            renew,
            _button(Press.FINISH, Weight.PRIMARY, enabled=not finishing),
        ),
    )


def _message(state: State, stage: Telling) -> ViewState:
    buttons = [_button(Press.CLOSE, Weight.PRIMARY)]
    if stage.offers_return:
        buttons.insert(0, _button(Press.RETURN))
    if stage.offers_books:
        buttons.insert(0, _button(Press.BOOKS))
    return ViewState(
        Screen.MESSAGE,
        "",
        stage.sentence,
        details=stage.details,
        tone=Tone.STOP,
        buttons=tuple(buttons),
        closing=Countdown(stage.left_s, state.settings.message_s),
    )


def _done(state: State, visit: Visit, left_s: int) -> ViewState:
    said = _summary(visit.rows)
    return ViewState(
        Screen.DONE,
        "",
        said[0] if said else say(Key.DONE_NOTHING),
        details=said[1:],
        tone=Tone.DONE,
        rows=tuple(
            replace(row_view(row), action=None, selectable=False)
            for row in visit.rows
            if row.status is RowStatus.ANSWERED
        ),
        buttons=(_button(Press.CLOSE, Weight.PRIMARY),),
        closing=Countdown(left_s, state.settings.done_s),
    )


def _summary(rows: tuple[Row, ...]) -> tuple[Say, ...]:
    lent = [row for row in rows if row.stands and row.lent]
    renewed = [row for row in rows if row.stands and row.verdict and row.verdict.outcome == "renewed"]
    returned = [row for row in rows if row.stands and row.kind is ActKind.CHECKIN and not _was_here(row)]
    refused = [row for row in rows if row.status is RowStatus.ANSWERED and not row.stands and not row.theirs]
    said: list[Say] = []
    if lent:
        said.append(_lent_till(lent))
    if renewed:
        said.append(say(Key.DONE_RENEWED, n=len(renewed)))
    if returned:
        said.append(say(Key.DONE_RETURNED, n=len(returned)))
    if refused:
        said.append(say(Key.DONE_NOT_TAKEN, n=len(refused)))
    return tuple(said)


def _was_here(row: Row) -> bool:
    return row.verdict is not None and row.verdict.outcome is Outcome.WAS_NOT_ON_LOAN


def _lent_till(lent: list[Row]) -> Say:
    """How many, and till when: one date, the first of several, or one that the station has reckoned itself."""
    verdicts = [row.verdict for row in lent if row.verdict is not None]
    dues = {verdict.due for verdict in verdicts if verdict.due is not None}
    if any(verdict.about for verdict in verdicts):
        key = Key.DONE_LENT_ABOUT
    else:
        key = Key.DONE_LENT if len(dues) == 1 else Key.DONE_LENT_FIRST
    return say(key, n=len(lent), due=min(dues, default=date.max))


def _rows(visit: Visit, kind: ActKind) -> tuple[RowView, ...]:
    return tuple(row_view(row) for row in visit.rows_of(kind))


def _patron(visit: Visit) -> PatronView | None:
    patron = visit.patron
    if patron is None:
        return None
    if patron.limit is None:
        return PatronView(masked_name(patron.name), say(Key.COUNTS_PLAIN, n=visit.borrowed))
    left = max(0, patron.limit - visit.borrowed)
    return PatronView(masked_name(patron.name), say(Key.COUNTS, borrowed=visit.borrowed, limit=patron.limit, n=left))


def masked_name(name: str) -> str:
    """A name its owner knows and an onlooker does not learn: 'Anna B.', '李*'. '' stays ''."""
    words = name.split()
    if len(words) > 1:
        return f"{words[0][:20]} {words[-1][0]}."
    return name[:1] + "*" * min(2, len(name) - 1) if name else ""
