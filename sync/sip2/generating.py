"""Functions from source that is put together: for each message what one would write by hand for it.

To go through the declaration of a message takes twice as long as the lines that it stands for.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import CodeType
from typing import Any


def function(title: str, lines: Sequence[str], names: Mapping[str, object]) -> Callable[..., Any]:
    """The function that these lines define.

    Args:
        title: what tracebacks call its file.
        lines: the definition, made of declarations of ours alone. What comes from a configuration is handed in by name,
            and never put into them.
        names: what the lines use.
    """
    made: dict[str, Callable[..., Any]] = {}
    exec(_code(title, "\n".join(lines)), dict(names), made)  # noqa: S102  see `lines`
    return made.popitem()[1]


@cache  # profiles differ in what is handed in, hardly ever in the lines
def _code(title: str, source: str) -> CodeType:
    file = f"<{title} {hash(source):x}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # for tracebacks
    return compile(source, file, "exec")
