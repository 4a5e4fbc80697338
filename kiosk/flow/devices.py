"""Taps and scans: what they mean depends on where the visit is, and each is answered on the screen."""

from __future__ import annotations

from dataclasses import replace

from drivers.events import (
    CardFault,
    CardSeen,
    CardUnreadable,
    CodeKind,
    CodeScanned,
    Credential,
    CredentialKind,
    ScanUnreadable,
)
from kiosk.flow.effects import AskItem
from kiosk.flow.identity import identify
from kiosk.flow.keys import Key
from kiosk.flow.lending import lend, renew, take_back
from kiosk.flow.state import (
    AskingCard,
    Borrowing,
    EnteringPin,
    Greeting,
    Leaving,
    Looking,
    Purpose,
    Reading,
    Returning,
    Telling,
)
from kiosk.flow.turn import Turn
from kiosk.flow.view import Tone, say
from sync.acts import ActKind


def scanned(turn: Turn, event: CodeScanned) -> None:
    """A scanner read a label: a card, an item, or something that is neither."""
    if event.kind is CodeKind.PATRON:
        card(turn, Credential(CredentialKind.BARCODE, event.value))
    elif event.kind is CodeKind.ITEM:
        _item(turn, event.value)
    else:
        _coach(turn, Key.COACH_ISBN if event.kind is CodeKind.ISBN else Key.COACH_FOREIGN, "picture-label")


def card_seen(turn: Turn, event: CardSeen) -> None:
    """A card lies on the reader."""
    card(turn, event.credential)


def card(turn: Turn, credential: Credential) -> None:
    """A card was held up, by NFC or by barcode."""
    _leave_if_over(turn)
    stage = turn.state.visit and turn.state.visit.stage
    match stage:
        case Returning(finishing=False) if turn.visit.patron is None:
            identify(turn, credential, Purpose.BORROW)
        case None | Greeting():
            identify(turn, credential, Purpose.BORROW)
        case AskingCard(purpose=purpose, items=items):
            identify(turn, credential, purpose, items)
        case EnteringPin(purpose=purpose, items=items, busy=False):
            identify(turn, credential, purpose, items)  # another card in place of the first
        case Looking(barcode=barcode):
            identify(turn, credential, Purpose.BORROW, (barcode,))
        case Borrowing() | Reading() | Returning() if credential == turn.visit.credential:
            turn.notice(Tone.TOLD, say(Key.COACH_PATRON_CARD), "picture-label")
        case Borrowing() | Reading() | Returning():
            turn.notice(Tone.TOLD, say(Key.COACH_FINISH_FIRST))
        case _:
            turn.notice(Tone.WAIT, say(Key.COACH_WAIT))


def _item(turn: Turn, barcode: str) -> None:
    _leave_if_over(turn)
    stage = turn.state.visit and turn.state.visit.stage
    match stage:
        case None | Greeting() | Looking():
            _look_at(turn, barcode)
        case AskingCard():
            turn.change(stage=replace(stage, items=_with(stage.items, barcode), title=""))
            turn.notice(Tone.TOLD, say(Key.COACH_CARD_FIRST), "picture-card")
        case EnteringPin(busy=False):
            turn.change(stage=replace(stage, items=_with(stage.items, barcode)))
            turn.notice(Tone.TOLD, say(Key.COACH_PIN_FIRST))
        case Borrowing(finishing=False):
            lend(turn, barcode)
        case Returning(finishing=False):
            take_back(turn, barcode)
        case Reading(ready=True, finishing=False):
            _renew_listed(turn, barcode)
        case Borrowing() | Returning() | Reading():
            turn.notice(Tone.WAIT, say(Key.COACH_WAIT))
        case _:
            turn.notice(Tone.TOLD, say(Key.COACH_PIN_FIRST))


def _with(items: tuple[str, ...], barcode: str) -> tuple[str, ...]:
    """What was scanned before the card, each once; all of it is borrowed with the card."""
    return items if barcode in items else (*items, barcode)


def _look_at(turn: Turn, barcode: str) -> None:
    turn.go(Looking(barcode))
    turn.ask(AskItem(turn.visit.number, barcode))
    turn.play(Tone.WAIT)


def _renew_listed(turn: Turn, barcode: str) -> None:
    row = next((row for row in turn.visit.rows_of(ActKind.RENEW) if row.item == barcode), None)
    if row is None:
        turn.notice(Tone.MIND, say(Key.COACH_NOT_IN_LIST))
    else:
        renew(turn, row)


def _leave_if_over(turn: Turn) -> None:
    """The next reader begins while the last one's receipt is still up: it goes first."""
    if turn.state.visit is not None and isinstance(turn.visit.stage, (Leaving, Telling)):
        turn.end()


def card_unreadable(turn: Turn, event: CardUnreadable) -> None:
    """Something was held up that is nobody's card."""
    _coach(turn, Key.COACH_HALF_READ if event.fault is CardFault.HALF_READ else Key.COACH_BAD_CARD, "picture-card")


def scan_unreadable(turn: Turn, _event: ScanUnreadable) -> None:
    """A scan came that is no code."""
    _coach(turn, Key.COACH_UNREADABLE, "picture-scan")


def _coach(turn: Turn, key: Key, picture: str) -> None:
    _leave_if_over(turn)
    if turn.state.visit is None:
        turn.begin(Greeting())
    turn.notice(Tone.MIND, say(key), picture)
