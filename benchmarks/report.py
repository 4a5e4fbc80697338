"""Figures and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. `beside`: what it is held against, a limit of ours or a peer or floor of the same run."""

    name: str
    value: float
    beside: str = ""


Bench = Callable[[bool], list[Figure]]
"""Measures; True for a short run."""


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of them do not exceed, by nearest rank; `percent` 1 to 100."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def table(name: str, figures: Sequence[Figure]) -> str:
    """A report for people."""
    width = max(len(figure.name) for figure in figures)
    lines = [f"  {figure.name:{width}}  {figure.value:10.2f}   {figure.beside}".rstrip() for figure in figures]
    return "\n".join([f"── {name}", *lines])
