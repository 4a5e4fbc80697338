"""Rows put into a picture: tone, sentence, hint and button for every outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kiosk.flow.identity import block_reason
from kiosk.flow.keys import Key
from kiosk.flow.lending import renewable, verdict_tone
from kiosk.flow.state import Row, RowStatus
from kiosk.flow.view import Button, Press, RowView, Say, Tone, Weight, say
from sync.acts import ActKind
from sync.catalogue import OfflineReason, Outcome, Verdict


def row_view(row: Row) -> RowView:
    """The picture of one row."""
    tone, text, hint = _words(row)
    return RowView(
        id=row.id,
        title=row.title or row.item,
        author=row.author,
        media=row.media,
        tone=tone,
        text=text,
        hint=hint,
        action=_action(row),
        selectable=row.kind is ActKind.RENEW and renewable(row),
        selected=row.selected,
    )


def _words(row: Row) -> tuple[Tone, Say, Say | None]:
    match row.status:
        case RowStatus.LISTED:
            return _listed(row)
        case RowStatus.WAITING:
            return Tone.WAIT, say(Key.ROW_WAITING), None
        case RowStatus.UNDOING:
            return Tone.WAIT, say(Key.ROW_UNDOING), None
        case RowStatus.RETURNED:
            return Tone.PLAIN, say(Key.ROW_RETURNED), None
        case RowStatus.UNDONE:
            return Tone.PLAIN, say(Key.ROW_UNDONE), say(Key.HINT_LEAVE_HERE)
        case RowStatus.ANSWERED:
            if row.verdict is None:
                return Tone.STOP, say(Key.ROW_TROUBLE), say(Key.HINT_TRY_AGAIN)
            text, hint = _OUTCOMES[row.verdict.outcome](row.verdict)
            if row.had and not row.verdict.outcome.yes and not _says_what_to_do(row.verdict):
                hint = _bring_back(row.verdict.due or row.due, overdue=row.overdue)
            return verdict_tone(row.verdict), text, hint


def _listed(row: Row) -> tuple[Tone, Say, Say | None]:
    if row.due is None:
        return Tone.PLAIN, say(Key.ROW_ALREADY_YOURS_PLAIN), None
    if row.overdue:
        return Tone.STOP, say(Key.LOAN_OVERDUE, due=row.due), None
    if row.asked_back:
        return Tone.MIND, say(Key.ROW_RECALLED), say(Key.HINT_BRING_BACK, due=row.due)
    hint = say(Key.ROW_RENEWAL_LIMIT) if row.renewals_left == 0 else None
    return Tone.PLAIN, say(Key.LOAN_DUE_ABOUT if row.about else Key.LOAN_DUE, due=row.due), hint


def _action(row: Row) -> Button | None:
    if row.kind is ActKind.RENEW and renewable(row):
        return Button(Press.RENEW, say(Key.RENEW), Weight.SECONDARY, icon="renew")
    if row.kind is not ActKind.CHECKOUT or row.status is not RowStatus.ANSWERED or row.verdict is None:
        return None
    if row.verdict.outcome is Outcome.LENT:
        return Button(Press.UNDO, say(Key.UNDO), Weight.QUIET, icon="undo")
    if row.verdict.outcome is Outcome.ALREADY_YOURS:
        return Button(Press.RENEW, say(Key.RENEW), Weight.SECONDARY, icon="renew")
    return None


Words = tuple[Say, Say | None]


def _dated(on: Key, about: Key, verdict: Verdict, plain: Key) -> Say:
    if verdict.due is None:
        return say(plain)
    return say(about if verdict.about else on, due=verdict.due)


def _lent(verdict: Verdict) -> Words:
    return _dated(Key.ROW_LENT, Key.ROW_LENT_ABOUT, verdict, Key.ROW_ALREADY_YOURS_PLAIN), None


def _renewed(verdict: Verdict) -> Words:
    return _dated(Key.ROW_RENEWED, Key.ROW_RENEWED_ABOUT, verdict, Key.ROW_ALREADY_YOURS_PLAIN), None


def _already_yours(verdict: Verdict) -> Words:
    key = Key.ROW_ALREADY_YOURS
    return _dated(key, key, verdict, Key.ROW_ALREADY_YOURS_PLAIN), say(Key.HINT_RENEW)


def _late(verdict: Verdict) -> Words:
    days = verdict.days_late or 1
    if verdict.fee is not None:
        return say(Key.ROW_RETURNED_LATE_FEE, n=days, fee=verdict.fee), None
    return say(Key.ROW_RETURNED_LATE, n=days), None


def _for_hold(verdict: Verdict) -> Words:
    return say(Key.ROW_RETURNED_HOLD), _shelf(verdict)


def _elsewhere(verdict: Verdict) -> Words:
    return say(Key.ROW_RETURNED_ELSEWHERE, branch=verdict.branch), _shelf(verdict)


def _shelf(verdict: Verdict) -> Say:
    return say(Key.HINT_RED_SHELF, shelf=verdict.shelf) if verdict.shelf else say(Key.HINT_LEAVE_HERE)


def _over_limit(verdict: Verdict) -> Words:
    if verdict.limit is None or verdict.borrowed is None:
        return say(Key.ROW_OVER_LIMIT_PLAIN), say(Key.HINT_RETURN_ONE)
    if verdict.media:
        return say(Key.ROW_OVER_KIND, borrowed=verdict.borrowed, limit=verdict.limit), say(Key.HINT_RETURN_KIND)
    return say(Key.ROW_OVER_LIMIT, borrowed=verdict.borrowed, n=verdict.limit), say(Key.HINT_RETURN_ONE)


def _says_what_to_do(verdict: Verdict) -> bool:
    """Whether the words for a renewal's no hold the way out: then they need no date."""
    return verdict.outcome in {Outcome.TOO_EARLY, Outcome.OVERDUE} or bool(verdict.blocks)


def _bring_back(due: date | None, *, overdue: bool = False) -> Say:
    """What to do about an item that one has and may not keep longer."""
    if overdue:
        return say(Key.HINT_BRING_BACK_SOON)
    return say(Key.HINT_BRING_BACK, due=due) if due else say(Key.HINT_TO_DESK)


def _fee_first(verdict: Verdict) -> Words:
    text = say(Key.ROW_FEE_FIRST, fee=verdict.fee) if verdict.fee is not None else say(Key.ROW_FEE_FIRST_PLAIN)
    return text, say(Key.HINT_TO_DESK)


def _overdue(verdict: Verdict) -> Words:
    return _dated(Key.ROW_OVERDUE, Key.ROW_OVERDUE, verdict, Key.ROW_OVERDUE_PLAIN), say(Key.HINT_BRING_BACK_SOON)


def _too_early(verdict: Verdict) -> Words:
    since = next((block.since for block in verdict.blocks), None)
    if since is not None and verdict.due is not None:
        return say(Key.ROW_CARD_ENDS, due=verdict.due, since=since), say(Key.HINT_TO_DESK)
    return _dated(Key.ROW_TOO_EARLY, Key.ROW_TOO_EARLY, verdict, Key.ROW_RENEWAL_LIMIT), None


def _not_offline(verdict: Verdict) -> Words:
    if verdict.reason is OfflineReason.QUOTA and verdict.borrowed is not None:
        return say(Key.ROW_OFFLINE_QUOTA, n=verdict.borrowed), say(Key.HINT_TO_DESK)
    return _plain(_NOT_OFFLINE.get(verdict.reason, Key.ROW_NOT_OFFLINE), Key.HINT_TO_DESK)


_NOT_OFFLINE: dict[OfflineReason | None, Key] = {
    OfflineReason.MIRROR_OLD: Key.ROW_OFFLINE_TOO_LONG,
    OfflineReason.CATEGORY: Key.ROW_OFFLINE_CARD,
    OfflineReason.MEDIA: Key.ROW_OFFLINE_KIND,
    OfflineReason.UNKNOWN_ITEM: Key.ROW_OFFLINE_ITEM,
    OfflineReason.UNKNOWN_LOAN: Key.ROW_OFFLINE_LOAN,
}


def _blocked(verdict: Verdict) -> Words:
    return say(Key.ROW_BLOCKED), block_reason(verdict.blocks[0]) if verdict.blocks else say(Key.HINT_TO_DESK)


def _plain(text: Key, hint: Key | None = None) -> Words:
    return say(text), say(hint) if hint else None


_OUTCOMES: dict[Outcome, Callable[[Verdict], Words]] = {
    Outcome.LENT: _lent,
    Outcome.RENEWED: _renewed,
    Outcome.RETURNED: lambda _: _plain(Key.ROW_RETURNED),
    Outcome.RETURNED_LATE: _late,
    Outcome.RETURNED_FOR_HOLD: _for_hold,
    Outcome.RETURNED_ELSEWHERE: _elsewhere,
    Outcome.WAS_NOT_ON_LOAN: lambda _: _plain(Key.ROW_WAS_NOT_ON_LOAN),
    Outcome.RETURNED_UNSEEN: lambda _: _plain(Key.ROW_RETURNED_UNSEEN),
    Outcome.ALREADY_YOURS: _already_yours,
    Outcome.ON_LOAN_TO_OTHER: lambda _: _plain(Key.ROW_OTHER_LOAN, Key.HINT_RETURN_FIRST),
    Outcome.NOT_FOR_LOAN: lambda _: _plain(Key.ROW_NOT_FOR_LOAN, Key.HINT_LEAVE_HERE),
    Outcome.RESERVED: lambda _: _plain(Key.ROW_RESERVED, Key.HINT_LEAVE_HERE),
    Outcome.RECALLED: lambda _: _plain(Key.ROW_RECALLED, Key.HINT_LEAVE_HERE),
    Outcome.OVER_LIMIT: _over_limit,
    Outcome.PATRON_BLOCKED: _blocked,
    Outcome.UNKNOWN_ITEM: lambda _: _plain(Key.ROW_UNKNOWN_ITEM, Key.HINT_TO_DESK),
    Outcome.UNKNOWN_PATRON: lambda _: _plain(Key.ROW_UNKNOWN_PATRON, Key.HINT_TO_DESK),
    Outcome.NOT_YOURS: lambda _: _plain(Key.ROW_NOT_YOURS, Key.HINT_TO_DESK),
    Outcome.RENEWAL_LIMIT: lambda verdict: (say(Key.ROW_RENEWAL_LIMIT), _bring_back(verdict.due)),
    Outcome.NOT_OFFLINE: _not_offline,
    Outcome.OVERDUE: _overdue,
    Outcome.TOO_EARLY: _too_early,
    Outcome.FEE_FIRST: _fee_first,
    Outcome.DECLINED: lambda _: _plain(Key.ROW_DECLINED, Key.HINT_TO_DESK),
    Outcome.NO_ANSWER: lambda _: _plain(Key.ROW_NO_ANSWER, Key.HINT_TRY_AGAIN),
}
