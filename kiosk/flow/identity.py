"""Who is there: cards, PINs, and the way to the shelf or to the door."""

from __future__ import annotations

from dataclasses import replace

from drivers.events import Credential
from kiosk.flow.effects import AskAgain, AskPatron
from kiosk.flow.keys import Key
from kiosk.flow.lending import lend, show_loans
from kiosk.flow.state import AskingCard, Borrowing, EnteringPin, Greeting, Identifying, Purpose, Reading, Returning
from kiosk.flow.turn import Turn
from kiosk.flow.view import Keys, Say, Tone, say
from sync.catalogue import Block, BlockCode, Patron, PatronAnswer, PatronState


def identify(turn: Turn, credential: Credential, purpose: Purpose, items: tuple[str, ...] = ()) -> None:
    """A card was held up."""
    turn.go(Identifying(purpose, credential, items))
    turn.ask(AskPatron(turn.visit.number, turn.question(), credential))
    turn.play(Tone.WAIT)


def try_pin(turn: Turn) -> None:
    """The reader says the PIN is whole."""
    stage = turn.stage(EnteringPin)
    if stage.busy or not stage.typed:
        return
    turn.change(stage=replace(stage, busy=True, typed="", wrong=False), notice=None)
    turn.ask(AskPatron(turn.visit.number, turn.question(), stage.credential, stage.typed))


def answered(turn: Turn, question: int, answer: PatronAnswer | None) -> None:
    """The patron is known, or not."""
    turn.change(question=0)
    stage = turn.visit.stage
    if isinstance(stage, Reading):
        _answered_again(turn, stage, answer)
    elif isinstance(stage, Identifying) or (isinstance(stage, EnteringPin) and stage.busy):
        _answered_at_door(turn, stage, question, answer)


def _answered_at_door(turn: Turn, stage: Identifying | EnteringPin, question: int, answer: PatronAnswer | None) -> None:
    if answer is None:
        turn.tell(Key.TROUBLE, say(Key.TROUBLE_DETAIL))
    elif answer.state is PatronState.WELCOME and answer.patron is not None:
        turn.change(patron=answer.patron, decided=answer.decided, proof=question, credential=stage.credential)
        _admit(turn, stage)
    elif answer.state is PatronState.PIN_NEEDED:
        turn.go(EnteringPin(stage.purpose, stage.credential, stage.items))
    elif answer.state is PatronState.PIN_WRONG:
        keys = stage.keys if isinstance(stage, EnteringPin) else Keys.DIGITS
        again = EnteringPin(stage.purpose, stage.credential, stage.items, keys=keys)
        turn.go(replace(again, wrong=True, tries_left=answer.tries_left))
        turn.play(Tone.STOP)
    else:
        _turn_away(turn, answer)


def _turn_away(turn: Turn, answer: PatronAnswer) -> None:
    if answer.state is PatronState.PIN_LOCKED:
        minutes = max(1, -(-(answer.wait_s or 60) // 60))
        turn.tell(Key.PIN_LOCKED, say(Key.PIN_LOCKED_DETAIL, n=minutes))
    elif answer.state is PatronState.NOT_OFFLINE:
        turn.tell(Key.NOT_OFFLINE, say(Key.NOT_OFFLINE_DETAIL), returns=True)
    else:
        turn.tell(Key.UNKNOWN_CARD, say(Key.UNKNOWN_CARD_DETAIL))


def _admit(turn: Turn, stage: Identifying | EnteringPin) -> None:
    patron = turn.visit.patron
    if patron is None:
        return
    _speak_their_language(turn, patron)
    if any(block.code is BlockCode.CARD_LOST for block in patron.blocks):
        turn.change(patron=None, credential=None)  # whoever holds it, the account is not shown to them
        turn.tell(Key.BLOCKED, say(Key.BLOCK_CARD_LOST), returns=True)
    elif stage.purpose is Purpose.BOOKS:
        turn.go(Reading(item=stage.items[-1] if stage.items else None))
        show_loans(turn, turn.stage(Reading))
    elif to_borrow(turn, patron):
        _tell_what_waits(turn, patron)
        for item in stage.items:
            lend(turn, item)


def blocks_at_door(patron: Patron) -> list[Block]:
    """Why this patron may borrow nothing at all."""
    return [block for block in patron.blocks if block.code is not BlockCode.LIMIT]


def to_borrow(turn: Turn, patron: Patron) -> bool:
    """To the borrowing list; or say why nothing can be borrowed, and what can be done all the same (False)."""
    blocks = blocks_at_door(patron)
    if blocks:
        turn.tell(Key.BLOCKED, *(block_reason(block) for block in blocks), books=True, returns=True)
    else:
        turn.go(Borrowing())
    return not blocks


def _speak_their_language(turn: Turn, patron: Patron) -> None:
    if not turn.visit.chose_language and patron.language in turn.state.settings.languages:
        turn.change(language=patron.language)


def _tell_what_waits(turn: Turn, patron: Patron) -> None:
    """What others wait for comes before what waits for the reader."""
    asked_back = sum(loan.asked_back for loan in patron.loans)
    if asked_back:
        turn.notice(Tone.MIND, say(Key.ASKED_BACK, n=asked_back))
        return
    ready = [hold for hold in patron.holds if hold.ready]
    if ready:
        turn.notice(Tone.TOLD, say(Key.HOLD_READY, n=len(ready), shelf=ready[0].shelf))


def _answered_again(turn: Turn, stage: Reading, answer: PatronAnswer | None) -> None:
    if answer is None or answer.patron is None:
        # What was borrowed in this visit stays, and its receipt with it.
        if to_borrow(turn, turn.patron):
            turn.notice(Tone.STOP, say(Key.TROUBLE_DETAIL if answer is None else Key.NOT_OFFLINE))
        return
    turn.change(patron=answer.patron, decided=answer.decided)
    turn.change(rows=tuple(replace(row, counted=True) if row.stands else row for row in turn.visit.rows))
    show_loans(turn, stage)


def read_books(turn: Turn) -> None:
    """Show My books: asked anew where the patron is known, else after their card."""
    if turn.visit.patron is None:
        turn.go(AskingCard(Purpose.BOOKS))
    elif not turn.visit.busy:
        turn.go(Reading())
        turn.ask(AskAgain(turn.visit.number, turn.question(), turn.visit.proof))


def retreat(turn: Turn) -> None:
    """One step back: to the list the reader came from, else to the welcome screen."""
    patron = turn.visit.patron
    if patron is not None and not blocks_at_door(patron):
        turn.go(Borrowing())
    elif any(row.kind == "checkin" for row in turn.visit.rows):
        turn.go(Returning())
    elif turn.visit.chose_language and not isinstance(turn.visit.stage, Greeting):
        turn.go(Greeting())
    else:
        turn.end()


def block_reason(block: Block) -> Say:
    """The sentence that explains a block, with its numbers where they are known."""
    match block:
        case Block(code=BlockCode.EXPIRED, since=since) if since is not None:
            return say(Key.BLOCK_EXPIRED, since=since)
        case Block(code=BlockCode.FEES, amount=amount) if amount is not None:
            return say(Key.BLOCK_FEES, amount=amount)
        case Block(code=BlockCode.OVERDUE, limit=count) if count is not None:
            return say(Key.BLOCK_OVERDUE, n=count)
    return say(_PLAIN_REASONS[block.code])


_PLAIN_REASONS = {
    BlockCode.EXPIRED: Key.BLOCK_EXPIRED_PLAIN,
    BlockCode.BARRED: Key.BLOCK_BARRED,
    BlockCode.FEES: Key.BLOCK_FEES_PLAIN,
    BlockCode.OVERDUE: Key.BLOCK_OVERDUE_PLAIN,
    BlockCode.CARD_LOST: Key.BLOCK_CARD_LOST,
    BlockCode.LIMIT: Key.ROW_OVER_LIMIT_PLAIN,
}
