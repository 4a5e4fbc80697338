"""What a mirror says of a copy and of a patron, and how cards are named in it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import msgspec

from sync.catalogue import Block, Credential, ItemStatus


class MirrorItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item with its title, without who has it."""

    barcode: str
    title: str
    author: str = ""
    media: str = "book"
    status: ItemStatus = ItemStatus.AVAILABLE
    branch: str = ""
    shelf: str = ""
    recalled: bool = False  # the library wants it back: lent and renewed by nobody offline


class MirrorPatron(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A patron as level P2 of the library's policy lets a station know one: no name, no birth date, and the card only
    as a keyed hash.

    Nothing here changes by the mere passing of days: `blocks` are those that hold until somebody lifts them; that a
    card has run out, or too much is overdue, follows from `expires` and `overdue_after` (the last day on which not
    too many items are overdue).
    """

    card: str
    ref: str
    category: str = "adult"
    limit: int
    borrowed: int = 0
    blocks: tuple[Block, ...] = ()
    has_pin: bool = False
    expires: date | None = None
    overdue_after: date | None = None
    language: str = ""


class ListedCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card of the blocked list (level P1). `after`: the last day on which it may borrow. `has_pin`: it may not borrow
    offline at all, for its reader's PIN cannot be checked there."""

    after: date
    has_pin: bool = False


HAS_PIN = "pin"
"""Instead of a day in the blocked list."""

BLOCKED_DIGITS = 16
"""Hex digits of a card's hash in the blocked list: 8 bytes, wrong once in 10^13 for a million cards."""


def card_digest(card_key: str, credential: Credential) -> str:
    """HMAC-SHA256 of a card under the library's key (hex), its first 16 bytes: enough to tell a hundred million cards
    apart, useless without the key."""
    message = f"{credential.kind}\0{credential.value}".encode()
    return hmac.new(bytes.fromhex(card_key), message, hashlib.sha256).hexdigest()[:32]
