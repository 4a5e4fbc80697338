"""Conflict classes: what can be wrong with a fact that the catalogue has applied, and what staff can do about it.

A fact is never refused, for the book has left or has come back. Where it does not fit what the catalogue believed, it
is applied by a rule of its class and, if staff must look, an exception is opened with what the station saw, what the
catalogue believed, and an outcome that is suggested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec

from sync.acts import Act
from sync.catalogue import Verdict


class Conflict(StrEnum):
    """The classes. The values go over the wire and into the centre's tables."""

    SAME = "SAME"  # lent to a reader who has it already
    OTHER_OLD = "OTHER-OLD"  # on loan to somebody else, who borrowed it before
    OTHER_NEW = "OTHER-NEW"  # somebody else has borrowed it since
    BLOCKED = "BLOCKED"  # the reader was blocked meanwhile
    LIMIT = "LIMIT"  # over a limit, or somebody waits for it
    UNKNOWN_ITEM = "UNKNOWN-ITEM"
    UNKNOWN_CARD = "UNKNOWN-CARD"
    REISSUED = "REISSUED"  # the account has another number now
    NOT_ON_LOAN = "NOT-ON-LOAN"  # a return of what was not lent
    TIME = "TIME"  # which of two things came first cannot be told
    POISON = "POISON"  # it could not be applied at all
    WAITS = "WAITS"  # it waits behind one of the same item that could not be applied
    FORK = "FORK"  # two histories of one station
    RESTORED = "RESTORED"  # a station's journal was put back from a backup
    TWO_MACHINES = "TWO-MACHINES"  # two machines work under one station's name
    DECLINED = "DECLINED"  # the library system did not take it: nothing is done there
    COUNTED_AGAIN = "COUNTED-AGAIN"  # told again, the library system made a renewal of it
    DATED_NOW = "DATED-NOW"  # the library system took it, and dated it on the day on which it was told
    LATE = "LATE"  # for a week the catalogue could not be told what was done: the station's own exception


class Severity(StrEnum):
    """How much staff are asked to do."""

    INFORMATION = "information"
    AMBER = "amber"  # look at it some time this week
    RED = "red"  # somebody may be wronged until it is looked at


class Resolution(StrEnum):
    """What staff can decide about an exception."""

    ACCEPT = "accept"  # what was done by itself stands
    REVERSE = "reverse"  # take back what was done by itself
    AGAIN = "again"  # apply it again, now that the cause is mended
    WRITE_OFF = "write_off"  # it will not be applied; the record stays


@dataclass(frozen=True, slots=True)
class ConflictClass:
    """What holds for a class. `reader`: whether the reader is told at the next visit. The first resolution is the one
    that is suggested."""

    severity: Severity
    resolutions: tuple[Resolution, ...] = ()
    reader: bool = False
    ends_by_itself: bool = False  # once its cause is gone: nobody has to decide anything


KEEP_OR_REVERSE = (Resolution.ACCEPT, Resolution.REVERSE)
TRY_OR_LET_GO = (Resolution.AGAIN, Resolution.WRITE_OFF)

CLASSES: dict[Conflict, ConflictClass] = {
    Conflict.SAME: ConflictClass(Severity.INFORMATION),
    Conflict.NOT_ON_LOAN: ConflictClass(Severity.INFORMATION),
    Conflict.REISSUED: ConflictClass(Severity.INFORMATION),
    Conflict.OTHER_OLD: ConflictClass(Severity.RED, KEEP_OR_REVERSE),
    Conflict.OTHER_NEW: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE),
    Conflict.BLOCKED: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE, reader=True),
    Conflict.LIMIT: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE, reader=True),
    Conflict.UNKNOWN_ITEM: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE),
    Conflict.UNKNOWN_CARD: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE),
    Conflict.TIME: ConflictClass(Severity.AMBER, KEEP_OR_REVERSE),
    Conflict.POISON: ConflictClass(Severity.RED, TRY_OR_LET_GO),
    Conflict.WAITS: ConflictClass(Severity.AMBER, TRY_OR_LET_GO),
    Conflict.FORK: ConflictClass(Severity.RED, (Resolution.ACCEPT,)),
    Conflict.RESTORED: ConflictClass(Severity.RED, (Resolution.ACCEPT,)),
    Conflict.TWO_MACHINES: ConflictClass(Severity.RED, (Resolution.ACCEPT,)),
    Conflict.DECLINED: ConflictClass(Severity.RED, (Resolution.AGAIN, Resolution.ACCEPT, Resolution.WRITE_OFF)),
    Conflict.COUNTED_AGAIN: ConflictClass(Severity.AMBER, (Resolution.ACCEPT,)),
    Conflict.DATED_NOW: ConflictClass(Severity.AMBER, (Resolution.ACCEPT,)),
    Conflict.LATE: ConflictClass(Severity.RED, ends_by_itself=True),
}


def asks_staff(conflict: str | None) -> bool:
    """Whether an exception is opened for it. A class that is not known here came from a newer catalogue: staff look."""
    if conflict is None:
        return False
    try:
        return CLASSES[Conflict(conflict)].severity is not Severity.INFORMATION
    except ValueError:
        return True


# ── on the desk ──────────────────────────────────────────────────────────────────────────────────────────


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was done by itself, so that staff can take it back. `other`: the open loan that was left alone."""

    kind: Literal["opened", "closed", "recorded", "renewed", "left_open"]
    loan: int
    other: int | None = None
    due_before: date | None = None
    renewals_before: int = 0


class PastLoan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan of the item as the centre has it."""

    patron: str
    lent_at: datetime
    due: date
    returned_at: datetime | None


class Believed(msgspec.Struct, frozen=True, kw_only=True):
    """What the centre thought when a fact came: what it would have said to a proposal, and who had the item."""

    would_say: Verdict | None = None
    loans: tuple[PastLoan, ...] = ()


class ExceptionView(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as the maintenance screen gets it. `act` is the station's history, `believed` the centre's."""

    id: int
    conflict: str
    severity: str
    station: str
    item: str
    state: str
    act: Act | None
    believed: Believed
    effects: tuple[Effect, ...]
    happened_at: datetime
    opened_at: datetime
    suggested: str
    possible: tuple[Resolution, ...]
    resolution: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    why: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a member of staff decides about an exception, and why."""

    resolution: Resolution
    who: str
    why: str = ""
