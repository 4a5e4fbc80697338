"""Whose card it is, and how much of its reader this account may know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync.catalogue import CARD_REF, LONGEST_REF, Credential, Patron, PatronState, card_ref
from sync.central.holdings import open_loans_of
from sync.central.models import Card, PatronRow
from sync.central.people import patron_blocks
from sync.central.sip2.rooms import Call

LONGEST_CARD = 128
"""Characters, as the centre keeps them."""

_LONGEST_TOLD = LONGEST_REF - len(f"{CARD_REF}barcode:")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader as an account may know them.

    `ref` is empty for a card that is not known. `patron` is there where the reader may do something here; `personal`
    says whether it holds more than how the account stands. `pin_right` is None where no PIN was looked at.
    """

    state: PatronState
    ref: str = ""
    patron: Patron | None = None
    personal: bool = False
    pin_right: bool | None = None

    @property
    def known(self) -> bool:
        """Whether the card is one of the library's."""
        return bool(self.ref)


def recognise(call: Call, card: str | None, pin: str | None) -> Reader:
    """Who holds this card. A PIN that is given must be right; whether one is needed, the account says. An empty one is
    none: machines send the field whether they have asked for it or not."""
    with Session(call.rooms.reads) as db:
        credential = find_card(db, card)
        if credential is None:
            return Reader(PatronState.UNKNOWN)
        row = db.get_one(PatronRow, db.get_one(Card, (credential.kind, credential.value)).patron)
        ref, has_pin = row.ref, bool(row.pin)
        if has_pin and not pin and not call.account.settings.pin_required:
            return Reader(PatronState.WELCOME, ref, _standing(call, db, row))
    answer = call.rooms.people.answer(credential, pin or None)
    pin_right = answer.patron is not None and has_pin if pin else None
    return Reader(answer.state, ref, answer.patron, answer.patron is not None, pin_right)


def _standing(call: Call, db: Session, row: PatronRow) -> Patron:
    """How the account stands, and nothing of the person."""
    return Patron(
        ref=row.ref,
        category=row.category,
        limit=call.rooms.rules.limit_for(row.category),
        borrowed=len(open_loans_of(db, row.ref)),
        blocks=patron_blocks(db, call.rooms.rules, row, call.today),
    )


def find_card(db: Session, value: str | None) -> Credential | None:
    """The card with this number: a barcode before any other kind. None where there is none, and where it could be that
    of two readers."""
    number = (value or "").strip()
    if not 0 < len(number) <= LONGEST_CARD or not number.isprintable():
        return None
    cards = db.scalars(select(Card).where(Card.value == number).order_by(Card.kind != "barcode", Card.kind)).all()
    if not cards or (cards[0].kind != "barcode" and len({card.patron for card in cards}) > 1):
        return None
    return Credential(cards[0].kind, number)


def ref_of(call: Call, card: str | None) -> str:
    """What an act that has happened carries: the reader's ref, or the card where nothing else is known."""
    with Session(call.rooms.reads) as db:
        credential = find_card(db, card)
        if credential is not None:
            return db.get_one(Card, (credential.kind, credential.value)).patron
    printable = "".join(filter(str.isprintable, (card or "").strip()))
    return card_ref(Credential("barcode", printable[:_LONGEST_TOLD]))
