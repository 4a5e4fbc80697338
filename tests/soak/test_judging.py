"""The judge must see what must not be, or a soak proves nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kiosk.clock import SystemClock
from kiosk.store.journal import Journal
from sync.acts import ActKind
from sync.central.models import LoanRow, open_engine
from tests.soak.judging import Report, judge
from tests.soak.ledger import Ledger, Line
from tests.soak.library import Centre

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    station = tmp_path / "station"
    station.mkdir()
    Journal(station / "journal.db", "s1", SystemClock(ZoneInfo("UTC"))).close()
    return station


@pytest.fixture
def centre(tmp_path: Path) -> Engine:
    library = Centre(tmp_path, None)
    library.load()
    return open_engine(library.database)


def judged(folder: Path, centre: Engine) -> Report:
    report = Report()
    judge(report, folder, centre)
    centre.dispose()
    return report


def saw(folder: Path, kind: ActKind, item: str, key: str) -> None:
    """A reader asks, and the screen calls it done."""
    ledger = Ledger(folder / "ledger")
    ledger.write(Line(kind=kind, item=item, patron="anna"))
    ledger.write(Line(kind=kind, item=item, patron="anna", said=True, key=key))


def lent(centre: Engine, item: str, renewals: int) -> None:
    with Session(centre) as db, db.begin():
        db.add(LoanRow(key=f"of-{item}", item=item, patron="anna", lent_at=AT, due=AT.date(), renewals=renewals))


def test_an_act_that_the_centre_was_never_told_is_lost(folder: Path, centre: Engine) -> None:
    saw(folder, ActKind.CHECKOUT, "101", "a-key")

    report = judged(folder, centre)

    assert report.lost == 1
    assert "checkout 101 a-key never arrived" in report.faults
    assert "the centre is wrong about where 101 is" in report.faults
    assert "the screen said what nobody did: checkout 101" in report.faults


def test_a_renewal_that_nobody_wished_for_is_doubled(folder: Path, centre: Engine) -> None:
    saw(folder, ActKind.RENEW, "102", "a-key")
    lent(centre, "102", renewals=2)

    assert judged(folder, centre).doubled == 1


def test_a_loan_of_which_no_reader_knows_is_seen(folder: Path, centre: Engine) -> None:
    saw(folder, ActKind.CHECKIN, "103", "a-key")
    lent(centre, "103", renewals=0)

    assert "the centre is wrong about where 103 is" in judged(folder, centre).faults


def test_nothing_wrong_is_nothing_found(folder: Path, centre: Engine) -> None:
    assert judged(folder, centre) == Report()
