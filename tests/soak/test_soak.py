"""A short soak on each kind of database (`make soak` for a long one; SOAK_SECONDS for both together)."""

from __future__ import annotations

import os

import pytest

from tests.soak.campaign import soak

SECONDS = float(os.environ.get("SOAK_SECONDS", "36"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kills_on_a_line_that_fails_lose_nothing_and_double_nothing(database: str) -> None:
    report = soak(database, SECONDS / 2, seed=1)

    assert not report.faults, report.faults
    assert (report.lost, report.doubled) == (0, 0)
    assert set(report.killed) == {"station", "centre", *(["database"] if database == "postgresql" else [])}
    assert report.offline, "the line was never away"
    assert report.done > report.offline, "the line was never there"
