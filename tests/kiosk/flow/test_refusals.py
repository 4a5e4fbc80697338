"""Each no is put to words that say why, and what the reader can do now."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.flow.keys import Key
from kiosk.flow.rows import row_view
from kiosk.flow.state import Row, RowStatus
from sync.acts import ActKind
from sync.catalogue import Block, BlockCode, OfflineReason, Outcome, Verdict

DUE = date(2026, 11, 30)
OVERDUE = Block(BlockCode.OVERDUE, limit=2)


def said(verdict: Verdict, **row: object) -> tuple[Key, Key | None]:
    """Text and hint of a row with this answer."""
    view = row_view(
        Row(id=1, kind=ActKind.CHECKOUT, item="301", status=RowStatus.ANSWERED, verdict=verdict, **row)  # type: ignore[arg-type]
    )
    return view.text.key, view.hint.key if view.hint else None


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (OfflineReason.NO_MIRROR, Key.ROW_NOT_OFFLINE),
        (OfflineReason.MIRROR_OLD, Key.ROW_OFFLINE_TOO_LONG),
        (OfflineReason.CLOCK, Key.ROW_NOT_OFFLINE),
        (OfflineReason.POLICY, Key.ROW_NOT_OFFLINE),
        (OfflineReason.QUOTA, Key.ROW_OFFLINE_QUOTA),
        (OfflineReason.CATEGORY, Key.ROW_OFFLINE_CARD),
        (OfflineReason.MEDIA, Key.ROW_OFFLINE_KIND),
        (OfflineReason.UNKNOWN_ITEM, Key.ROW_OFFLINE_ITEM),
        (OfflineReason.UNKNOWN_LOAN, Key.ROW_OFFLINE_LOAN),
        (None, Key.ROW_NOT_OFFLINE),
    ],
)
def test_a_station_by_itself_says_why_not(reason: OfflineReason | None, text: Key) -> None:
    verdict = Verdict(outcome=Outcome.NOT_OFFLINE, reason=reason, limit=3, borrowed=3, mirror_hours=30)
    assert said(verdict) == (text, Key.HINT_TO_DESK)


def test_a_limit_of_one_kind_is_told_from_the_limit_for_all() -> None:
    numbers = {"limit": 3, "borrowed": 3}
    for media, words in (
        ("", (Key.ROW_OVER_LIMIT, Key.HINT_RETURN_ONE)),
        ("dvd", (Key.ROW_OVER_KIND, Key.HINT_RETURN_KIND)),
    ):
        assert said(Verdict(outcome=Outcome.OVER_LIMIT, media=media, **numbers)) == words  # type: ignore[arg-type]


def test_what_the_library_wants_back_stays_here() -> None:
    assert said(Verdict(outcome=Outcome.RECALLED)) == (Key.ROW_RECALLED, Key.HINT_LEAVE_HERE)


@pytest.mark.parametrize(
    ("verdict", "overdue", "words"),
    [
        pytest.param(
            Verdict(outcome=Outcome.RECALLED, due=DUE), False, (Key.ROW_RECALLED, Key.HINT_BRING_BACK), id="recalled"
        ),
        pytest.param(
            Verdict(outcome=Outcome.RECALLED, due=DUE),
            True,
            (Key.ROW_RECALLED, Key.HINT_BRING_BACK_SOON),
            id="a date in the past is no date to bring it back by",
        ),
        pytest.param(
            Verdict(outcome=Outcome.OVERDUE, due=DUE), True, (Key.ROW_OVERDUE, Key.HINT_BRING_BACK_SOON), id="overdue"
        ),
        pytest.param(
            Verdict(outcome=Outcome.OVERDUE), True, (Key.ROW_OVERDUE_PLAIN, Key.HINT_BRING_BACK_SOON), id="since when?"
        ),
        pytest.param(
            Verdict(outcome=Outcome.PATRON_BLOCKED, due=DUE, blocks=(OVERDUE,)),
            False,
            (Key.ROW_BLOCKED, Key.BLOCK_OVERDUE),
            id="blocked: the way out is another one",
        ),
        pytest.param(
            Verdict(outcome=Outcome.TOO_EARLY, due=DUE, blocks=(Block(BlockCode.EXPIRED, since=DUE),)),
            False,
            (Key.ROW_CARD_ENDS, Key.HINT_TO_DESK),
            id="the card ends",
        ),
        pytest.param(Verdict(outcome=Outcome.TOO_EARLY, due=DUE), False, (Key.ROW_TOO_EARLY, None), id="too early"),
    ],
)
def test_a_renewal_that_is_refused(verdict: Verdict, overdue: bool, words: tuple[Key, Key | None]) -> None:
    assert said(verdict, had=True, due=DUE, overdue=overdue) == words
