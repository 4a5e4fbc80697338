"""One cache of compiled statements for all engines. It is kept by dialect object, so they share that too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

_CACHE: Any = LRUCache(1000)
_FIRST: list[Engine] = []


def share_compiled(engine: Engine) -> None:
    """Let an SQLite engine use what others have compiled."""
    if not _FIRST:
        engine.connect().close()  # the dialect learns about the database at its first connection
        _FIRST.append(engine)
    engine.dialect = _FIRST[0].dialect
    engine._compiled_cache = _CACHE
