"""Whole stations for things to go wrong in."""

from tests.journeys.conftest import new_stage, stage

__all__ = ["new_stage", "stage"]
