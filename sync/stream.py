"""The stream: how the facts of a station reach the centre, in order, each once, whatever is restored or copied.

Each process start of a station (an incarnation) has a stream of its own. A position is a fact; its *link* is a hash
over everything up to there, so that two sides that agree on a link agree on all that went before. The centre keeps how
far it has each stream (its cursor) and is asked for it at each contact: a station never believes that something has
arrived because it once did.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

import msgspec

from sync.acts import Act
from sync.catalogue import SyncError, Verdict

MOST_FACTS = 200
"""Facts in one delivery."""

MOST_BYTES = 64 * 1024
"""Of a delivery, unless its one fact is longer."""


class Head(msgspec.Struct, frozen=True):
    """The end of a stream: its last position, 0 for an empty one, and the link there."""

    position: int = 0
    link: str = ""


class Fact(msgspec.Struct, frozen=True):
    """An act that happened, with its hash in the station's journal, which names its content for ever: also after its
    patron was erased."""

    act: Act
    hash: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive facts of a stream. `after`: where the stream stands before the first of them."""

    incarnation: str
    after: Head
    facts: tuple[Fact, ...]


class Receipt(msgspec.Struct, frozen=True):
    """What the centre has of the stream now, and its verdicts on the facts that it took, from the first on."""

    cursor: Head
    verdicts: tuple[Verdict, ...] = ()


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """What a station says when it comes in contact: which process it is now, and the ends of all streams it keeps.
    `number`: of this contact, counted by the process, so that one which was overtaken on its way is known as such."""

    incarnation: str
    number: int
    heads: dict[str, Head]


class Cursor(msgspec.Struct, frozen=True):
    """What the centre has of a stream. `agrees`: as far as both have it, it is the same stream."""

    head: Head
    agrees: bool = True


class Welcome(msgspec.Struct, frozen=True):
    """The centre's answer to a contact: its cursors for the streams it was asked about. It may ask for smaller
    deliveries than usual."""

    cursors: dict[str, Cursor]
    most_facts: int = MOST_FACTS


class OutOfStep(SyncError):
    """The centre has another end of this stream than the delivery begins at: make contact again."""

    code = "out_of_step"


class Behind(SyncError):
    """Facts of before have not been told yet, and too many to tell them while a reader waits. Nothing was sent."""

    code = "behind"


class Centre(Protocol):
    """Whoever takes streams. Raises like a `Catalogue`."""

    async def contact(self, contact: Contact) -> Welcome:
        """How far do you have our streams?"""

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Take these facts. Raises `OutOfStep` where they do not follow on what the centre has."""


def next_link(link: str, act_hash: str) -> str:
    """The link after `link` (hex) for a fact with this hash."""
    return hashlib.sha256(f"{link}\n{act_hash}".encode()).hexdigest()


def pack(incarnation: str, after: Head, facts: tuple[Fact, ...], most_facts: int = MOST_FACTS) -> Delivery:
    """As many of the facts, from the first on, as one delivery holds: `most_facts` and `MOST_BYTES`, and at least
    one."""
    size, taken = 0, 0
    for fact in facts[: max(1, most_facts)]:
        size += len(msgspec.json.encode(fact)) + 1
        if taken and size > MOST_BYTES:
            break
        taken += 1
    return Delivery(incarnation=incarnation, after=after, facts=facts[:taken])
