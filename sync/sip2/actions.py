"""What a session wants done, in this order. Data: whoever has the socket does it."""

from __future__ import annotations

from dataclasses import dataclass

from sync.catalogue import SyncError
from sync.sip2.answers import ACSStatus
from sync.sip2.message import Answer


@dataclass(frozen=True, slots=True)
class Send:
    """These bytes are to go out in one piece, and their answer's time begins."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """A line came. Nothing is to be done: it is for whoever keeps a trace."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """The library system knows the station; requests may come."""

    status: ACSStatus


@dataclass(frozen=True, slots=True)
class Answered:
    """The request in flight has its answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """The request in flight, or the beginning of the connection, has come to nothing."""

    error: SyncError


@dataclass(frozen=True, slots=True)
class StartOver:
    """The library system cannot read sequence numbers and checksums: on a new connection, begin without them."""

    because: str


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is of no more use."""


Action = Send | Heard | Ready | Answered | Failed | StartOver | Close
