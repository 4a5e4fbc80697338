"""Whatever goes wrong: nothing that a screen called done is lost, nothing is done twice, and every book is where the
centre thinks, or staff are asked. And each rule that this rests on is needed."""

from __future__ import annotations

import os

import pytest

from tests.simulation.campaign import Report, play_all
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import Outcome

SCHEDULES = int(os.environ.get("SIMULATED_SCHEDULES", "2000"))
SEED = 1


@pytest.mark.timeout(900)
def test_in_the_end_all_is_true() -> None:
    report, faults = Report(), dict[int, list[str]]()
    for seed, outcome in play_all(SCHEDULES, SEED):
        report.add(outcome)
        if outcome.faults:
            faults[seed] = outcome.faults
    assert not faults
    assert report.acts > 5 * SCHEDULES
    assert report.exceptions > 0, "nothing ever went wrong: then this proves nothing"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_each_rule_is_needed(mutant: str) -> None:
    bad: list[tuple[int, Outcome]] = []
    for seed, outcome in play_all(400, SEED, mutant):
        if outcome.faults:
            bad.append((seed, outcome))
            break
    assert bad, f"nobody noticed: {mutant}"


def test_a_seed_tells_the_same_story_twice() -> None:
    first, second = (list(play_all(20, SEED, processes=1)) for _ in range(2))
    assert first == second
