"""What searching costs a process in memory: `python -m benchmarks.search_memory INDEX`, queries as JSON on stdin.

Prints the megabytes (PSS) that it grew by. Loads beforehand what a station has loaded anyway.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
from pathlib import Path

import msgspec
import psutil


def main() -> None:
    """Measure, use the search, measure again."""
    queries = msgspec.json.decode(sys.stdin.buffer.read(), type=list[str])
    sqlite3.connect(":memory:").close()
    logging.getLogger(__name__).debug("loaded")
    process = psutil.Process()
    before = process.memory_full_info().pss

    from sync.feed.search.index import SearchIndex  # what it loads is part of the figure

    search = SearchIndex(Path(sys.argv[1]))
    for query in queries:
        search.search(query)
    sys.stdout.write(f"{(process.memory_full_info().pss - before) / 1e6:.2f}\n")


if __name__ == "__main__":
    main()
