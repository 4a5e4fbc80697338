"""The act: one thing a reader or staff member did, as the journal keeps it and the wire carries it."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import StrEnum

import msgspec


class ActKind(StrEnum):
    """The acts there are. An undo is a checkin or checkout that names the act it undoes."""

    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    RENEW = "renew"


class MessageKind(StrEnum):
    """An act travels as a proposal (may I?) or as a fact (it happened). Idempotency is by (key, kind)."""

    PROPOSAL = "proposal"
    FACT = "fact"


class ClockQuality(StrEnum):
    """How far the station's clock could be believed when the act was written."""

    SYNCED = "synced"
    UNKNOWN = "unknown"
    BEHIND = "behind"  # earlier than an act already in the journal


class ActState(StrEnum):
    """Where an act stands: the last of its transitions (see ARCHITECTURE.md, 'The truth about a loan')."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    EXECUTED = "executed"
    EXCEPTION = "exception"


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An immutable act. Times are UTC; `mono_ns` is CLOCK_BOOTTIME of `boot_id`."""

    key: str  # ULID, minted once, before anything is sent
    kind: ActKind
    station: str
    incarnation: str  # ULID, new at every process start
    seq: int  # 1, 2, 3 … within the incarnation
    item: str  # barcode
    patron: str | None  # None for a return without a card, and after erasure
    at: datetime
    mono_ns: int
    boot_id: str
    clock: ClockQuality
    undoes: str | None = None  # key of the act that this one takes back
    due_before: date | None = None  # renew: the due date that the reader saw (a repeat is recognised by it)
    v: int = 1


class ClockReading(msgspec.Struct, frozen=True):
    """What a station's clocks say at one moment: the wall clock, which may be wrong, and the time since boot."""

    now: datetime
    boot_ns: int
    boot_id: str


def patron_commitment(patron: str | None, salt: bytes) -> str:
    """The salted hash that stands for the patron in the chain, so that a person can be erased and the chain
    still checks. Hex; the empty string where there is no patron."""
    return "" if patron is None else hashlib.sha256(salt + patron.encode()).hexdigest()


def act_hash(act: Act, commitment: str, previous: str) -> str:
    """SHA-256 (hex) over the canonical bytes of `act` without its patron, the `commitment` to the patron,
    and the hash of the act before it in the same incarnation ('' for the first)."""
    anonymous = msgspec.structs.replace(act, patron=None)
    body = msgspec.json.encode(anonymous, order="sorted")
    return hashlib.sha256(b"\n".join((previous.encode(), commitment.encode(), body))).hexdigest()
