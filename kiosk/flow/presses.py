"""Buttons. A table by stage and button; a press of what this stage does not show is a touch that came late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kiosk.flow.events import Pressed, Timer
from kiosk.flow.identity import read_books, retreat, to_borrow, try_pin
from kiosk.flow.lending import finish, renew, renewable, take_back, undo
from kiosk.flow.state import (
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
    Stage,
    Telling,
)
from kiosk.flow.turn import Turn
from kiosk.flow.view import Keys, Press
from sync.acts import ActKind
from sync.catalogue import Outcome

OnPress = Callable[[Turn, str], None]


def pressed(turn: Turn, event: Pressed) -> None:
    """A button was pressed."""
    handler = EVERYWHERE.get(event.press)
    if handler is None:
        stage = type(turn.state.visit.stage) if turn.state.visit else Greeting
        handler = BY_STAGE.get((stage, event.press))
    if handler is not None:
        handler(turn, event.arg)


def _language(turn: Turn, name: str) -> None:
    if name in turn.state.settings.languages:
        if turn.state.visit is None:
            turn.begin(Greeting())
        turn.change(language=name, chose_language=True)


def _stay(_turn: Turn, _arg: str) -> None:
    """Being alive is all it says; `step` has seen to that."""


def _borrow(turn: Turn, _arg: str) -> None:
    if turn.state.visit is not None and turn.visit.patron is not None:
        to_borrow(turn, turn.visit.patron)
    else:
        turn.go(AskingCard(Purpose.BORROW))


def _return(turn: Turn, _arg: str) -> None:
    if turn.state.visit is not None and isinstance(turn.visit.stage, Telling):
        turn.stop(Timer.TICK)
        turn.start(Timer.IDLE, turn.state.settings.idle_s)
    turn.go(Returning())


def _books(turn: Turn, _arg: str) -> None:
    if turn.state.visit is None:
        turn.begin(Greeting())
    if isinstance(turn.visit.stage, Telling):
        turn.stop(Timer.TICK)
        turn.start(Timer.IDLE, turn.state.settings.idle_s)
    read_books(turn)


def _back(turn: Turn, _arg: str) -> None:
    retreat(turn)


def _close(turn: Turn, _arg: str) -> None:
    turn.end()


def _finish(turn: Turn, _arg: str) -> None:
    finish(turn)


def _digit(turn: Turn, digit: str) -> None:
    if len(digit) == 1 and digit.isdecimal():
        _type(turn, digit)


def _letter(turn: Turn, letter: str) -> None:
    if turn.state.settings.pin_letters and len(letter) == 1 and letter.isascii() and letter.isprintable():
        _type(turn, letter)


def _type(turn: Turn, character: str) -> None:
    stage = turn.stage(EnteringPin)
    if not stage.busy and len(stage.typed) < turn.state.settings.pin_longest:
        keys = Keys.SMALL if stage.keys is Keys.CAPITAL else stage.keys  # one letter is a capital one
        turn.change(stage=replace(stage, typed=stage.typed + character, wrong=False, keys=keys), notice=None)


def _keyboard(turn: Turn, _arg: str) -> None:
    stage = turn.stage(EnteringPin)
    if turn.state.settings.pin_letters:
        turn.change(stage=replace(stage, keys=Keys.SMALL if stage.keys is Keys.DIGITS else Keys.DIGITS))


def _capital(turn: Turn, _arg: str) -> None:
    stage = turn.stage(EnteringPin)
    if stage.keys is not Keys.DIGITS:
        turn.change(stage=replace(stage, keys=Keys.SMALL if stage.keys is Keys.CAPITAL else Keys.CAPITAL))


def _erase(turn: Turn, _arg: str) -> None:
    stage = turn.stage(EnteringPin)
    if not stage.busy:
        turn.change(stage=replace(stage, typed=stage.typed[:-1]))


def _ok(turn: Turn, _arg: str) -> None:
    try_pin(turn)


def _undo(turn: Turn, row_id: str) -> None:
    row = _row(turn, row_id)
    if row is not None and row.kind is ActKind.CHECKOUT and row.stands and row.lent:
        undo(turn, row)


def _renew_one(turn: Turn, row_id: str) -> None:
    row = _row(turn, row_id)
    if row is not None and not _is_at_rest(turn) and _offers_renewal(row):
        renew(turn, row)


def _is_at_rest(turn: Turn) -> bool:
    """Whether My books is not to be worked on: its list is on its way, or its reader is."""
    stage = turn.visit.stage
    return isinstance(stage, Reading) and (stage.finishing or not stage.ready)


def _offers_renewal(row: Row) -> bool:
    if row.kind is ActKind.RENEW:
        return renewable(row)
    return row.verdict is not None and row.verdict.outcome is Outcome.ALREADY_YOURS


def _select(turn: Turn, row_id: str) -> None:
    row = _row(turn, row_id)
    if row is not None and renewable(row):
        turn.put_row(replace(row, selected=not row.selected))


def _renew_selected(turn: Turn, _arg: str) -> None:
    _renew_rows(turn, [row for row in turn.visit.rows_of(ActKind.RENEW) if row.selected])


def _renew_all(turn: Turn, _arg: str) -> None:
    _renew_rows(turn, turn.visit.rows_of(ActKind.RENEW))


def _renew_rows(turn: Turn, rows: Sequence[Row]) -> None:
    if not _is_at_rest(turn):
        for row in filter(renewable, rows):
            renew(turn, row)


def _row(turn: Turn, row_id: str) -> Row | None:
    return turn.visit.row(int(row_id)) if row_id.isdecimal() else None


def _item_return(turn: Turn, _arg: str) -> None:
    barcode = turn.stage(Looking).barcode
    turn.go(Returning())
    take_back(turn, barcode)


def _item_borrow(turn: Turn, _arg: str) -> None:
    stage = turn.stage(Looking)
    turn.go(AskingCard(Purpose.BORROW, (stage.barcode,), stage.item.title if stage.item else ""))


def _item_renew(turn: Turn, _arg: str) -> None:
    stage = turn.stage(Looking)
    turn.go(AskingCard(Purpose.BOOKS, (stage.barcode,), stage.item.title if stage.item else ""))


EVERYWHERE: dict[Press, OnPress] = {Press.LANGUAGE: _language, Press.STAY: _stay}

BY_STAGE: dict[tuple[type[Stage], Press], OnPress] = {
    # The welcome screen stands for an idle station too.
    (Greeting, Press.BORROW): _borrow,
    (Greeting, Press.RETURN): _return,
    (Greeting, Press.BOOKS): _books,
    (AskingCard, Press.BACK): _back,
    (Identifying, Press.BACK): _back,
    (EnteringPin, Press.DIGIT): _digit,
    (EnteringPin, Press.LETTER): _letter,
    (EnteringPin, Press.KEYBOARD): _keyboard,
    (EnteringPin, Press.CAPITAL): _capital,
    (EnteringPin, Press.ERASE): _erase,
    (EnteringPin, Press.OK): _ok,
    (EnteringPin, Press.BACK): _back,
    (Borrowing, Press.UNDO): _undo,
    (Borrowing, Press.RENEW): _renew_one,
    (Borrowing, Press.BOOKS): _books,
    (Borrowing, Press.RETURN): _return,
    (Borrowing, Press.FINISH): _finish,
    (Returning, Press.BORROW): _borrow,
    (Returning, Press.FINISH): _finish,
    (Looking, Press.ITEM_RETURN): _item_return,
    (Looking, Press.ITEM_BORROW): _item_borrow,
    (Looking, Press.ITEM_RENEW): _item_renew,
    (Looking, Press.BACK): _back,
    (Reading, Press.SELECT): _select,
    (Reading, Press.RENEW): _renew_one,
    (Reading, Press.RENEW_SELECTED): _renew_selected,
    (Reading, Press.RENEW_ALL): _renew_all,
    (Reading, Press.BACK): _back,
    (Reading, Press.FINISH): _finish,
    (Telling, Press.BOOKS): _books,
    (Telling, Press.RETURN): _return,
    (Telling, Press.CLOSE): _close,
    (Leaving, Press.CLOSE): _close,
}
