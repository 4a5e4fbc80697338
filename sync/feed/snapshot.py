"""The mirror's content: what a station must know of the catalogue to work without it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime

import msgspec

from sync.catalogue import Block, Credential, ItemStatus
from sync.rules import LendingRules


class MirrorItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item without who has it."""

    barcode: str
    title: str
    author: str = ""
    media: str = "book"
    status: ItemStatus = ItemStatus.AVAILABLE
    branch: str = ""
    shelf: str = ""


class MirrorPatron(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A patron as level P2 of the library's policy lets a station know one: no name, no birth date, and the card only
    as a keyed hash."""

    card: str
    ref: str
    category: str = "adult"
    limit: int
    borrowed: int = 0
    blocks: tuple[Block, ...] = ()
    has_pin: bool = False
    expires: date | None = None
    language: str = ""


class MirrorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole mirror at one moment. `reserved`: barcodes of items that somebody waits for."""

    made_at: datetime
    rules: LendingRules
    card_key: str  # hex; the library's own
    items: tuple[MirrorItem, ...]
    reserved: tuple[str, ...] = ()
    hold_shelf: str = ""
    patrons: tuple[MirrorPatron, ...] = ()


def card_digest(card_key: str, credential: Credential) -> str:
    """HMAC-SHA256 of a card under the library's key (hex), its first 16 bytes: enough to tell a hundred million cards
    apart, useless without the key."""
    message = f"{credential.kind}\0{credential.value}".encode()
    return hmac.new(bytes.fromhex(card_key), message, hashlib.sha256).hexdigest()[:32]
