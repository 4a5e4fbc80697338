"""A station that was not used for so long that its journal has let go of everything."""

from __future__ import annotations

from pathlib import Path

from kiosk.store.retention import CONTENT_DAYS, HASH_DAYS, retire
from kiosk.store.verification import verify
from sync.acts import ActState
from tests.fakes.clock import MovableClock
from tests.kiosk.store.chain import rows
from tests.kiosk.store.conftest import OpenJournal
from tests.kiosk.store.test_journal import LENT, propose, return_of


def test_after_a_year_without_a_reader_the_journal_goes_on_where_it_stood(
    restart: OpenJournal, path: Path, clock: MovableClock
) -> None:
    journal = restart()
    for item in ("301", "302"):
        journal.move(propose(journal, item), ActState.PROPOSED, ActState.REFUSED, LENT)
    stood_at = journal.position()
    for days in (CONTENT_DAYS, HASH_DAYS):
        clock.advance(days * 86_400 + 1)
        journal = restart()
        retire(journal, clock)
    assert len(rows(path, "SELECT * FROM transitions")) == 1
    assert rows(path, "SELECT DISTINCT item FROM acts") == [{"item": ""}]
    journal = restart()
    return_of(journal, "303")
    assert journal.position() == stood_at + 1, "a mirror made before knows that this came after"
    assert verify(journal._engine, clock.now()) == ()


def test_of_a_day_whose_last_word_came_late_all_stays_or_nothing(
    restart: OpenJournal, path: Path, clock: MovableClock
) -> None:
    journal = restart()
    early, late = propose(journal, "301"), propose(journal, "302")
    journal.move(early, ActState.PROPOSED, ActState.REFUSED, LENT)
    clock.advance(HASH_DAYS * 86_400)
    journal = restart()
    journal.move(late, ActState.PROPOSED, ActState.REFUSED, LENT)
    clock.advance(CONTENT_DAYS * 86_400 + 1)
    for _day in range(2):  # emptied on the first, and on the second its hashes could go
        journal = restart()
        retire(journal, clock)
        assert verify(journal._engine, clock.now()) == ()
    assert len(rows(path, "SELECT * FROM acts WHERE emptied_at != ''")) == 2
    assert len(rows(path, "SELECT * FROM transitions")) < 4, "of the chain between them what is old has gone"
