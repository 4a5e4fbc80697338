"""Acts of a visit: what a scan or a press asks the LoanDesk for, and what its answers make of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.flow.effects import Checkin, Checkout, Renew, Undo
from kiosk.flow.keys import Key
from kiosk.flow.state import BUSY, Borrowing, Leaving, Reading, Returning, Row, RowStatus
from kiosk.flow.turn import Turn
from kiosk.flow.view import Tone, say
from sync.acts import ActKind
from sync.catalogue import Loan, Outcome, Verdict


def lend(turn: Turn, item: str) -> None:
    """Borrow an item: at once, unless it is on the list already."""
    if not _claim(turn, ActKind.CHECKOUT, item):
        return
    row = turn.add_row(ActKind.CHECKOUT, item)
    turn.ask(Checkout(turn.visit.number, row.id, item, turn.patron))


def take_back(turn: Turn, item: str) -> None:
    """Return an item: at once, unless it was returned a moment ago."""
    if not _claim(turn, ActKind.CHECKIN, item):
        return
    row = turn.add_row(ActKind.CHECKIN, item)
    turn.ask(Checkin(turn.visit.number, row.id, item))


def _claim(turn: Turn, kind: ActKind, item: str) -> bool:
    """Whether a scan of `item` starts a new act. A row that came to nothing makes way for a new try."""
    same = next((row for row in turn.visit.rows_of(kind) if row.item == item), None)
    turn.change(notice=None)
    if same is None:
        return True
    if same.status in BUSY:
        turn.notice(Tone.WAIT, say(Key.COACH_WAIT))
        return False
    if same.stands:
        turn.notice(Tone.TOLD, say(Key.COACH_TWICE, title=same.title or same.item))
        return False
    turn.drop_rows(same.id)
    return True


def renew(turn: Turn, row: Row) -> None:
    """Lend on the item of a row."""
    if row.status in BUSY:
        return
    due = row.verdict.due if row.verdict and row.verdict.due else row.due
    turn.put_row(replace(row, status=RowStatus.WAITING, selected=False, had=True, due=due))
    turn.ask(Renew(turn.visit.number, row.id, row.item, turn.patron, due))


def renewable(row: Row) -> bool:
    """Whether a line of My books can be asked for again: not while it waits, not right after a yes, and
    not what others need."""
    if row.status not in {RowStatus.LISTED, RowStatus.ANSWERED} or row.stands or row.asked_back:
        return False
    return row.renewals_left is None or row.renewals_left > 0


def undo(turn: Turn, row: Row) -> None:
    """Take back a checkout that stands."""
    turn.put_row(replace(row, status=RowStatus.UNDOING))
    turn.ask(Undo(turn.visit.number, row.id, row.item, turn.patron, row.key))


def finish(turn: Turn) -> None:
    """Close the visit as soon as no act is without an answer."""
    stage = turn.visit.stage
    if turn.visit.busy and isinstance(stage, (Borrowing, Returning, Reading)):
        turn.change(stage=replace(stage, finishing=True), notice=None)
    elif not turn.visit.busy:
        turn.go(Leaving(turn.state.settings.done_s))
        turn.close_by_itself()


def answered(turn: Turn, row: Row, key: str, verdict: Verdict | None) -> None:
    """An act of this visit has its answer."""
    if row.status is RowStatus.UNDOING:
        taken_back = verdict is not None and verdict.outcome.yes
        turn.put_row(replace(row, status=RowStatus.UNDONE if taken_back else RowStatus.ANSWERED))
        if taken_back:
            turn.give_back(row.item, counted=row.counted)
            turn.play(Tone.DONE)
        else:
            turn.notice(Tone.STOP, say(Key.TROUBLE_DETAIL))
    else:
        turn.put_row(_with_verdict(row, key, verdict))
        turn.play(verdict_tone(verdict))
        _set_right(turn, row.id)
    stage = turn.visit.stage
    if isinstance(stage, (Borrowing, Returning, Reading)) and stage.finishing:
        finish(turn)


def _set_right(turn: Turn, row_id: int) -> None:
    """What an act makes untrue of earlier rows: what was returned is not borrowed any more, what was borrowed again is
    not returned."""
    done = turn.visit.row(row_id)
    if done is None or not done.stands:
        return
    others = [row for row in turn.visit.rows if row.item == done.item and row.id != done.id and row.status not in BUSY]
    if done.kind is ActKind.CHECKIN:
        lent = [row for row in others if row.kind is ActKind.CHECKOUT and (row.stands or row.had)]
        turn.drop_rows(*(row.id for row in others if row.kind is ActKind.RENEW))
        for row in lent:
            turn.put_row(replace(row, status=RowStatus.RETURNED))
        turn.give_back(done.item, counted=any(row.counted for row in lent))
    elif done.kind is ActKind.CHECKOUT:
        turn.drop_rows(*(row.id for row in others if row.kind is ActKind.CHECKIN))


def _with_verdict(row: Row, key: str, verdict: Verdict | None) -> Row:
    item = verdict.item if verdict else None
    return replace(
        row,
        status=RowStatus.ANSWERED,
        verdict=verdict,
        key=key,
        title=item.title if item else row.title,
        author=item.author if item else row.author,
        media=item.media if item else row.media,
    )


def list_loans(turn: Turn, loans: tuple[Loan, ...]) -> None:
    """Lay out My books: overdue first, then by due date."""
    waiting = {row.item for row in turn.visit.rows_of(ActKind.RENEW) if row.status in BUSY}
    stale = tuple(row.id for row in turn.visit.rows_of(ActKind.RENEW) if row.item not in waiting)
    turn.drop_rows(*stale)
    for loan in sorted(loans, key=lambda loan: loan.due or date.max, reverse=True):
        if loan.item in waiting:
            continue
        turn.add_row(
            ActKind.RENEW,
            loan.item,
            status=RowStatus.LISTED,
            title=loan.title,
            author=loan.author,
            media=loan.media,
            due=loan.due,
            overdue=loan.overdue,
            about=loan.about,
            asked_back=loan.asked_back,
            renewals_left=loan.renewals_left,
        )


def show_loans(turn: Turn, stage: Reading) -> None:
    """The patron's loans have come: list them, and renew the item that was scanned for it."""
    patron = turn.visit.patron
    list_loans(turn, patron.loans if patron else ())
    turn.change(stage=replace(stage, ready=True))
    wanted = next((row for row in turn.visit.rows_of(ActKind.RENEW) if row.item == stage.item), None)
    if wanted is not None:
        renew(turn, wanted)
    elif stage.item is not None:
        turn.notice(Tone.MIND, say(Key.COACH_NOT_IN_LIST))


_MIND = frozenset(
    {
        Outcome.RETURNED_LATE,
        Outcome.RETURNED_FOR_HOLD,
        Outcome.RETURNED_ELSEWHERE,
        Outcome.ALREADY_YOURS,
        Outcome.TOO_EARLY,
    }
)


def verdict_tone(verdict: Verdict | None) -> Tone:
    """How an outcome is meant."""
    if verdict is None:
        return Tone.STOP
    if verdict.outcome in _MIND:
        return Tone.MIND
    return Tone.DONE if verdict.outcome.yes else Tone.STOP
