"""The port: what a catalogue can be asked, and what it answers.

A catalogue is whichever the station speaks to: the network's own centre (`sync.central`), or a library
system by SIP2 (`sync.sip2`). Both give these same answers, and so does the station itself offline
(`kiosk.loans`): a flow cannot tell the difference except by `Verdict.decided`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec

from sync.acts import Act


class Credential(msgspec.Struct, frozen=True):
    """What the station read from a card. `kind`: uid, ndef_text, ndef_uri, idm or barcode."""

    kind: str
    value: str


class Money(msgspec.Struct, frozen=True):
    """An amount in the currency's minor unit (cents, fen); `currency` by ISO 4217."""

    minor: int
    currency: str = "EUR"


class Decided(StrEnum):
    """Who decided."""

    ONLINE = "online"
    OFFLINE = "offline"


# ── patrons ──────────────────────────────────────────────────────────────────────────────────────────────


class BlockCode(StrEnum):
    """Why a patron may not borrow."""

    EXPIRED = "expired"
    BARRED = "barred"
    FEES = "fees"  # more owed than the library allows
    OVERDUE = "overdue"  # too many overdue items
    CARD_LOST = "card_lost"
    LIMIT = "limit"  # shown at the item, not at the door


class Block(msgspec.Struct, frozen=True):
    """A block with the numbers that explain it."""

    code: BlockCode
    since: date | None = None
    amount: Money | None = None
    limit: int | None = None


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """An open checkout of an item by a patron. `due` is a local date of the library's zone, None where the catalogue
    does not say; `about` where the station reckoned it and the catalogue has not said yet. `asked_back`: the library or
    another reader needs it, so that it should come back by then."""

    item: str
    title: str
    author: str = ""
    due: date | None
    overdue: bool = False
    renewals_left: int | None = None
    about: bool = False
    asked_back: bool = False
    media: str = "book"


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation. `ready` on the hold shelf until `until`, else waiting at `position`."""

    title: str
    ready: bool
    shelf: str = ""
    until: date | None = None
    position: int | None = None


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """Money owed, with its reason in the library's words."""

    reason: str
    amount: Money
    title: str = ""


class Patron(msgspec.Struct, frozen=True, kw_only=True):
    """A person with a library account. `ref` is what acts carry (the catalogue's own number, not the card).

    `name` is empty where the station decides offline: no names are stored on it. `limit` is None where the catalogue
    does not say it."""

    ref: str
    name: str = ""
    language: str = ""
    category: str = "adult"
    expires: date | None = None  # the last day on which the card is good
    limit: int | None
    borrowed: int
    blocks: tuple[Block, ...] = ()
    loans: tuple[Loan, ...] = ()
    holds: tuple[Hold, ...] = ()
    fees: tuple[Fee, ...] = ()
    messages: tuple[str, ...] = ()


CARD_REF = "card:"
LONGEST_REF = 64
"""Characters, as catalogues keep them."""


def card_ref(credential: Credential) -> str:
    """What an act carries instead of a patron's `ref` where the station knew the card and nothing else."""
    return f"{CARD_REF}{credential.kind}:{credential.value}"


def card_of(ref: str) -> Credential | None:
    """The card that such a `ref` names; None for a ref of the catalogue's own."""
    if not ref.startswith(CARD_REF):
        return None
    kind, _, value = ref.removeprefix(CARD_REF).partition(":")
    return Credential(kind, value)


class PatronState(StrEnum):
    """What came of asking for a patron."""

    WELCOME = "welcome"
    PIN_NEEDED = "pin_needed"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"  # too many wrong PINs; `wait_s` says how long
    UNKNOWN = "unknown"
    NOT_OFFLINE = "not_offline"  # known or not, this card cannot borrow while the catalogue is away


class PatronAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `Catalogue.patron`. `patron` is there for WELCOME only; `tries_left` after a wrong PIN."""

    state: PatronState
    patron: Patron | None = None
    decided: Decided = Decided.ONLINE
    tries_left: int | None = None
    wait_s: int | None = None


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────


class ItemStatus(StrEnum):
    """Where an item is, as far as the catalogue knows."""

    AVAILABLE = "available"
    ON_LOAN = "on_loan"
    ON_HOLD_SHELF = "on_hold_shelf"
    IN_TRANSIT = "in_transit"
    NOT_FOR_LOAN = "not_for_loan"
    LOST = "lost"
    UNKNOWN = "unknown"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One physical copy."""

    barcode: str
    title: str
    author: str = ""
    media: str = "book"
    status: ItemStatus = ItemStatus.AVAILABLE
    due: date | None = None
    shelf: str = ""
    branch: str = ""


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────


class Outcome(StrEnum):
    """What came of an act. The first group says yes, the second no."""

    LENT = "lent"
    RENEWED = "renewed"
    RETURNED = "returned"
    RETURNED_LATE = "returned_late"
    RETURNED_FOR_HOLD = "returned_for_hold"  # somebody waits for it: the hold shelf
    RETURNED_ELSEWHERE = "returned_elsewhere"  # belongs to another branch
    WAS_NOT_ON_LOAN = "was_not_on_loan"  # thank you all the same
    RETURNED_UNSEEN = "returned_unseen"  # taken offline; the catalogue has not seen it yet

    ALREADY_YOURS = "already_yours"
    ON_LOAN_TO_OTHER = "on_loan_to_other"
    NOT_FOR_LOAN = "not_for_loan"
    RESERVED = "reserved"
    RECALLED = "recalled"  # the library wants it back
    OVER_LIMIT = "over_limit"
    PATRON_BLOCKED = "patron_blocked"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_PATRON = "unknown_patron"
    NOT_YOURS = "not_yours"  # renew of an item that is not lent to this patron
    RENEWAL_LIMIT = "renewal_limit"
    OVERDUE = "overdue"  # renew of an item that must come back first
    TOO_EARLY = "too_early"  # renewed now, it would not be due any later
    FEE_FIRST = "fee_first"  # it costs something, which the reader has not agreed to
    DECLINED = "declined"  # the catalogue says no, and not why
    NOT_OFFLINE = "not_offline"  # policy: this cannot be decided while the catalogue is away
    NO_ANSWER = "no_answer"  # given up: its answer was lost, it was looked up and had not arrived

    @property
    def yes(self) -> bool:
        """True where the act stands."""
        return self in _YES


_YES = frozenset(
    {
        Outcome.LENT,
        Outcome.RENEWED,
        Outcome.RETURNED,
        Outcome.RETURNED_LATE,
        Outcome.RETURNED_FOR_HOLD,
        Outcome.RETURNED_ELSEWHERE,
        Outcome.WAS_NOT_ON_LOAN,
        Outcome.RETURNED_UNSEEN,
    }
)


class OfflineReason(StrEnum):
    """Why something cannot be decided while the catalogue is away."""

    NO_MIRROR = "no_mirror"
    MIRROR_OLD = "mirror_old"
    CLOCK = "clock"  # the station's clock stands still: how old the mirror is cannot be told
    POLICY = "policy"  # the library wants nothing of the kind offline
    QUOTA = "quota"
    CATEGORY = "category"
    MEDIA = "media"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_LOAN = "unknown_loan"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an act: the outcome with the numbers that explain it, and the item as far as known.

    `media` is there where a limit (or a no) is that of one kind alone; `reason` and `mirror_hours`, the age of the
    mirror, where the outcome is NOT_OFFLINE. A TOO_EARLY with a block means that the card ends before it could be due
    any later. `conflict` names the conflict class (`sync.conflicts`) of a *fact* that was applied although it did not
    fit (facts are never refused); None where all is well."""

    outcome: Outcome
    item: Item | None = None
    due: date | None = None
    about: bool = False
    days_late: int | None = None
    fee: Money | None = None
    limit: int | None = None
    borrowed: int | None = None
    media: str = ""
    reason: OfflineReason | None = None
    mirror_hours: int | None = None
    blocks: tuple[Block, ...] = ()
    shelf: str = ""  # hold shelf or the other branch's shelf
    branch: str = ""
    renewals_left: int | None = None
    conflict: str | None = None
    decided: Decided = Decided.ONLINE


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────


class Retry(StrEnum):
    """When asking again makes sense."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


class SyncError(Exception):
    """Root of all errors of `sync`. `code` is stable and for technicians; `retry` says when to ask again."""

    code = "sync"
    retry = Retry.LATER


class Unreachable(SyncError):
    """The catalogue could not be asked: nothing was sent."""

    code = "unreachable"


class NoAnswer(SyncError):
    """The question was sent and no answer came: what the catalogue did is unknown. Look it up."""

    code = "no_answer"


class Overloaded(SyncError):
    """The catalogue asked for patience (HTTP 429 or 503); `after_s` in seconds where it said how long."""

    code = "overloaded"

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class NotAuthorised(SyncError):
    """The catalogue does not know this station. Staff must act; acts wait in the journal."""

    code = "not_authorised"


class ProtocolFault(SyncError):
    """The catalogue answered something that cannot be understood."""

    code = "protocol"


# ── the port ─────────────────────────────────────────────────────────────────────────────────────────────


class Catalogue(Protocol):
    """What the station asks. Every call raises a `SyncError` where no answer can be had, and nothing else;
    deadlines are the caller's (`asyncio.timeout`): a cancelled call leaves no half-read answer behind."""

    async def heartbeat(self) -> None:
        """Answers quickly where the catalogue can serve."""

    async def patron(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        """Who holds this card. Without `pin` a patron who has one is answered PIN_NEEDED, with nothing else."""

    async def item(self, barcode: str) -> Item | None:
        """The item, or None where the catalogue does not know it. Says nothing of who has it."""

    async def propose(self, act: Act) -> Verdict:
        """May this be done? On yes it *is* done at the catalogue. Repeating the same act gives the same verdict."""

    async def look_up(self, act: Act) -> Verdict | None:
        """What became of an earlier proposal whose answer was lost. None: the catalogue never did it, and never will:
        a proposal that arrives after its look-up is refused."""
