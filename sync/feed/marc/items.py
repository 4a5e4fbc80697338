"""Where a library's system writes its copies: no standard says it, so a profile does."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from pymarc import Field

from sync.catalogue import ItemStatus
from sync.feed.marc.record import MarcRecord
from sync.feed.marc.text import clean
from sync.feed.records import ItemRecord


class ItemProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The field of a copy and what its subfields mean. Where several codes stand, the first that is there counts."""

    tag: str
    barcode: str  # repeated within one field: a copy each
    branch: str = ""
    shelf: tuple[str, ...] = ()  # each a group of subfields that are joined; the first group that is there counts
    shelf_join: str = " "
    not_for_loan: str = ""  # flags: set where they say anything but one of `unset`
    withdrawn: str = ""
    lost: str = ""
    unset: tuple[str, ...] = ("", "0")
    status: str = ""  # a code, looked up in `statuses`; what is not there is available
    statuses: dict[str, ItemStatus] = {}
    type: str = ""  # a code, looked up in `media`; what is not there leaves the media of the title
    media: dict[str, str] = {}
    place: str = ""  # the field that has branch and shelf, where that is not `tag` (852 beside 876), linked by $8
    numbers: tuple[str, ...] = ("001",)  # where the title's number stands: tag, or tag and subfield; the first counts

    @property
    def tags(self) -> frozenset[str]:
        """The fields that are looked at."""
        return frozenset(tag for tag in (self.tag, self.place, *(number[:3] for number in self.numbers)) if tag)


_SIERRA = {
    "o": ItemStatus.NOT_FOR_LOAN,  # library use only
    "w": ItemStatus.NOT_FOR_LOAN,  # withdrawn
    "m": ItemStatus.LOST,  # missing
    "n": ItemStatus.LOST,  # billed
    "$": ItemStatus.LOST,  # lost and paid
    "z": ItemStatus.LOST,  # claims returned
    "t": ItemStatus.IN_TRANSIT,
}
_SYMPHONY = {
    "MISSING": ItemStatus.LOST,
    "LOST": ItemStatus.LOST,
    "LOST-PAID": ItemStatus.LOST,
    "LOST-CLAIM": ItemStatus.LOST,
    "DISCARD": ItemStatus.NOT_FOR_LOAN,
    "INTRANSIT": ItemStatus.IN_TRANSIT,
}

PROFILES: dict[str, ItemProfile] = {
    # Koha manual, 'Item/holdings record cataloging guide'. 999 $c is the number that Koha itself goes by.
    "koha": ItemProfile(
        tag="952", barcode="p", branch="ab", shelf=("o",), not_for_loan="7", withdrawn="0", lost="1", type="y",
        numbers=("999c", "001"),
    ),
    # The same for UNIMARC; 'Recommandation 995' of the French libraries, as Koha uses it.
    "unimarc995": ItemProfile(
        tag="995", barcode="f", branch="bc", shelf=("k",), not_for_loan="o", withdrawn="3", lost="2", type="r",
    ),
    # MARC 21 Format for Holdings Data: 852 $p; and 876 $p with the place in the 852 of the same $8.
    "852": ItemProfile(tag="852", barcode="p", branch="ba", shelf=("khim", "j")),
    "876": ItemProfile(tag="876", barcode="p", branch="ba", shelf=("khim", "j"), place="852"),
    # Sierra's load tables and its export; status codes as delivered.
    "949": ItemProfile(tag="949", barcode="i", branch="l", shelf=("ab",), status="s", statuses=_SIERRA, type="t"),
    "945": ItemProfile(tag="945", barcode="i", branch="l", shelf=("ab",), status="s", statuses=_SIERRA, type="t"),
    # Symphony: 999 with the library in $m; the current location $l says what is missing.
    "999": ItemProfile(tag="999", barcode="i", branch="m", shelf=("a",), status="l", statuses=_SYMPHONY, type="t"),
    # CNMARC has no common field; these are what systems in China write most.
    "905": ItemProfile(tag="905", barcode="b", branch="a", shelf=("f", "de", "ds"), shelf_join="/"),
    "906": ItemProfile(tag="906", barcode="h", branch="a", shelf=("f", "de", "ds"), shelf_join="/", place="905"),
}  # fmt: skip
"""Shipped profiles. `profile` changes one."""

BARCODE = 64
"""Characters that a barcode may have."""


def profile(name: str, changes: dict[str, str]) -> ItemProfile:
    """A shipped profile with some of its values changed. A change of `statuses.CODE` or `media.CODE` adds an entry;
    the groups of `shelf`, `unset` and `numbers` are separated by commas.

    Raises:
        KeyError: there is no such profile.
        msgspec.ValidationError: there is no such value, or it cannot be this; the message names the place.
    """
    built = msgspec.to_builtins(PROFILES[name])
    for key, value in changes.items():
        whole, _, code = key.partition(".")
        if code:
            built[whole] = {**built.get(whole, {}), code: value}
        else:
            built[key] = value.split(",") if isinstance(built.get(key), (list, tuple)) else value
    return msgspec.convert(built, ItemProfile)


def number_of(record: MarcRecord, of: ItemProfile) -> str:
    """The title's number; '' without one."""
    found = (record.first(where[:3], where[3:]) if where[3:] else record.control(where) for where in of.numbers)
    return next(filter(None, map(clean, found)), "")


def items_of(record: MarcRecord, title: str, of: ItemProfile) -> Iterator[ItemRecord | None]:
    """The copies; None for one without a barcode that can be used.

    Args:
        record: with the fields of `ItemProfile.tags`.
        title: the title's id.
        of: where things stand.
    """
    for field in record.all(of.tag):
        place = _place(record, field, of)
        barcodes = [clean(text) for text in field.get_subfields(*of.barcode)] or [""]
        for barcode in barcodes:
            if not barcode or len(barcode) > BARCODE or "\ufffd" in barcode:
                yield None
                continue
            yield ItemRecord(
                barcode=barcode,
                title=title,
                branch=_first(of.branch, place),
                shelf=_shelf(of, place),
                status=_status(field, of),
            )


def media_of(record: MarcRecord, of: ItemProfile) -> str:
    """What the types of the copies say the title is; '' where they say nothing."""
    types = (_first(of.type, field) for field in record.all(of.tag))
    return next((of.media[code] for code in types if code in of.media), "")


def _place(record: MarcRecord, field: Field, of: ItemProfile) -> Field:
    """Where branch and shelf stand: in the field of `place` with the same link number ($8, before its point), else the
    first of that tag, else the copy's own."""
    places = record.all(of.place) if of.place else []
    link = field.get("8", "").partition(".")[0]
    return next((place for place in places if place.get("8", "").partition(".")[0] == link), next(iter(places), field))


def _first(codes: str, field: Field) -> str:
    texts = (clean(field.get(code, "")) for code in codes)
    return next(filter(None, texts), "")


def _shelf(of: ItemProfile, field: Field) -> str:
    for codes in of.shelf:
        texts = [text for code in codes for text in map(clean, field.get_subfields(code)) if text]
        if texts:
            return of.shelf_join.join(texts)
    return ""


def _status(field: Field, of: ItemProfile) -> ItemStatus:
    if _flag(field, of.lost, of):
        return ItemStatus.LOST
    if _flag(field, of.withdrawn, of) or _flag(field, of.not_for_loan, of):
        return ItemStatus.NOT_FOR_LOAN
    return of.statuses.get(_first(of.status, field), ItemStatus.AVAILABLE)


def _flag(field: Field, codes: str, of: ItemProfile) -> bool:
    return any(clean(text) not in of.unset for text in field.get_subfields(*codes))
