"""What the centre says of changes, and what it counts so that drift is seen."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

from sync.catalogue import SyncError
from sync.feed.schema import Row
from sync.rules import LendingRules

BUCKETS = 256


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Changes since a cursor, as rows that are true now.

    `upserts` and `gone` by table; `gone` holds keys. `more`: there is another page. `complete`: no change that is
    committed is held back behind one that is not; without `more`, everything the centre had settled when it was asked
    is in the mirror then. `branch`: where the station stands. `rules`: where they have changed.
    """

    cursor: str
    at: datetime
    branch: str
    more: bool = False
    complete: bool = False
    rules: LendingRules | None = None
    upserts: dict[str, list[Row]] = {}
    gone: dict[str, list[str]] = {}

    @property
    def rows(self) -> int:
        """How many rows it speaks of."""
        return sum(map(len, self.upserts.values())) + sum(map(len, self.gone.values()))


class Gone(SyncError):
    """The feed does not reach back to this cursor, or is another one: take a new snapshot (HTTP 410)."""

    code = "feed_gone"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """For each table and each of `BUCKETS` buckets: how many rows, and the sum of their hashes."""

    tables: dict[str, list[tuple[int, int]]]

    def differing(self, other: Counts) -> frozenset[tuple[str, int]]:
        """The buckets in which two mirrors are not the same."""
        return frozenset(
            (table, bucket)
            for table in {*self.tables, *other.tables}
            for bucket in range(BUCKETS)
            if self._at(table, bucket) != other._at(table, bucket)
        )

    def _at(self, table: str, bucket: int) -> tuple[int, int]:
        return self.tables[table][bucket] if table in self.tables else (0, 0)


def count(rows: Iterable[tuple[str, Row]], tables: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """Count rows, each with its table's name. Both ends hash the same bytes: the row as JSON. Sums are modulo 2^64."""
    counts = {table: [0] * BUCKETS for table in tables}
    sums = {table: [0] * BUCKETS for table in counts}
    encode = msgspec.json.Encoder().encode
    for table, row in rows:
        bucket = zlib.crc32(str(row[0]).encode()) % BUCKETS
        counts[table][bucket] += 1
        sums[table][bucket] += int.from_bytes(hashlib.blake2b(encode(row), digest_size=8).digest(), "big")
    return {
        table: [(number, total % 2**64) for number, total in zip(numbers, sums[table], strict=True)]
        for table, numbers in counts.items()
    }
