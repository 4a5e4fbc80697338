"""What accounts asked for last, so that a change that is sent again is not made again.

Within a connection a repetition shows by its sequence number and checksum. A machine that has lost its connection over
a lost answer comes back on a new one, with new numbers: then it is the same request to the second, and it is the last
change that its account asked for.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.sip2 import Answer

KEPT = timedelta(minutes=15)
"""Longer than any machine goes on trying."""


@dataclass(slots=True)
class _Last:
    lock: threading.Lock = field(default_factory=threading.Lock)
    said: str = ""
    answer: Answer | None = None
    at: datetime | None = None


class Recent:
    """The last change of each account; an account's changes are made one after the other.

    Args:
        now: the centre's clock, UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._accounts: defaultdict[str, _Last] = defaultdict(_Last)
        self._lock = threading.Lock()

    def once(self, account: str, said: str, make: Callable[[], Answer]) -> Answer:
        """What `make` answers, or what it answered where this was the last thing that was said. A repetition that comes
        while the first is being made waits for it.

        Args:
            said: the request without its numbers.
        """
        with self._lock:
            last = self._accounts[account]
        with last.lock:
            if last.answer is not None and last.said == said and last.at and self._now() - last.at < KEPT:
                return last.answer
            last.answer = None
            answer = make()
            last.said, last.answer, last.at = said, answer, self._now()
            return answer
