"""Some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in their order, `size` at a time, fewer at the end. Takes no more of them than it gives on.

    Python has this as `itertools.batched` from 3.12 on.
    """
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
