"""At a library system without idempotency, on a line that loses, delays and cuts: no loan twice, none lost, none
silently different. `python -m tests.sync.sip2.model` plays more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

import kiosk.store.lanes
import sync.lanes
from sync.acts import Act
from sync.catalogue import Verdict
from sync.sip2.catalogue import Sip2Catalogue
from sync.sip2.dialogue import Dialogue
from tests.sync.sip2.world import Outcome, play

SCHEDULES = 40

pytestmark = pytest.mark.logs(r"^(sync\.delivery|sync\.lanes|kiosk\.loans\.link|kiosk\.store\.journal)")


def played(seeds: range, folder: Path) -> list[Outcome]:
    return [play(seed, folder / str(seed)) for seed in seeds]


def test_every_book_is_where_the_library_system_thinks_or_staff_were_asked(tmp_path: Path) -> None:
    outcomes = played(range(SCHEDULES), tmp_path)
    assert [outcome.faults for outcome in outcomes if outcome.faults] == []
    acts = sum(outcome.acts for outcome in outcomes)
    assert acts > 20 * SCHEDULES
    assert 0 < sum(outcome.exceptions for outcome in outcomes) < acts / 20, "staff are asked, and rarely"


# ── each rule left out: the model must notice ──


@contextmanager
def never_asks() -> Iterator[None]:
    """A loan is told without a question whether the library system has it already."""

    async def nothing(_self: Sip2Catalogue, _act: Act, _dialogue: Dialogue) -> Verdict | None:
        return None

    with patch.object(Sip2Catalogue, "became_of", nothing):
        yield


@contextmanager
def never_rests() -> Iterator[None]:
    """What was sent may be under way still, and is told again."""
    with patch.object(sync.lanes, "REST_S", 0.0), patch.object(kiosk.store.lanes, "REST_S", 0.0):
        yield


@contextmanager
def keeps_no_lanes() -> Iterator[None]:
    """A return is told before the loan that it ends."""
    with patch.object(sync.lanes, "_lanes", lambda act: {act.key}):
        yield


@pytest.mark.parametrize("mutant", [never_asks, never_rests, keeps_no_lanes])
def test_a_rule_that_is_left_out_is_noticed(mutant: Callable[[], Iterator[None]], tmp_path: Path) -> None:
    with mutant():  # type: ignore[attr-defined]
        for seed in range(SCHEDULES):
            if play(seed, tmp_path / str(seed)).faults:
                return
    pytest.fail(f"nothing was noticed of {mutant.__name__}")
