"""The cards of the sample library's readers, as things to lay on a reader."""

from __future__ import annotations

from drivers.simulated.cards import Card, ClassicCard, FelicaCard, NtagCard, PhoneCard
from sync.central.sample import CardFile, PatronFile

URI = "https://library.example/card/"
"""What stands before the number on cards that carry a web address."""

SOME_UID = "04cafe00112233"
"""Of cards whose record is what counts."""

PHONES = frozenset({"joao"})
"""Readers who hold up a phone."""

STRANGERS: dict[str, Card] = {
    "stranger": ClassicCard(uid="deadbeef"),  # a card of another house
    "phone": PhoneCard(),  # a phone that says nothing: another number each time
    "half": NtagCard(uid="04a1a2a3a4a5a6", text="taken away too early", leaves_after_reads=2),
}


def card_of(patron: PatronFile) -> Card:
    """The card that `patron` taps: the first that is no barcode. Raises LookupError where there is none."""
    for card in patron.cards:
        if card.kind != "barcode":
            return PhoneCard(text=card.value) if patron.alias in PHONES else made(card)
    raise LookupError(f"{patron.alias} has no card to tap")


def barcode_of(patron: PatronFile) -> str:
    """The number on the back of the card. Raises LookupError where there is none."""
    for card in patron.cards:
        if card.kind == "barcode":
            return card.value
    raise LookupError(f"{patron.alias} has no card to scan")


def made(card: CardFile) -> Card:
    """A card that says this. Raises LookupError where nothing to tap can say it."""
    match card.kind:
        case "uid" if len(card.value) == 8:
            return ClassicCard(uid=card.value)
        case "uid":
            return NtagCard(uid=card.value)
        case "idm":
            return FelicaCard(idm=card.value)
        case "ndef_uri":
            return NtagCard(uid=SOME_UID, uri=URI + card.value)
        case "ndef_text":
            return NtagCard(uid=SOME_UID, text=card.value)
    raise LookupError(f"no card can be made of kind {card.kind!r}")
