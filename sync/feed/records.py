"""A title and a copy, as catalogue files, snapshots and the search index hold them."""

from __future__ import annotations

import msgspec

from sync.catalogue import ItemStatus


class TitleRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bibliographic record: what copies are copies of. `id` is the catalogue's own."""

    id: str
    title: str
    author: str = ""  # as printed: several are separated by '; '
    subjects: tuple[str, ...] = ()
    isbn: tuple[str, ...] = ()  # 10 or 13 characters, no hyphens
    language: str = ""  # BCP 47
    year: str = ""
    media: str = "book"
    audience: str = "adult"
    also: tuple[str, ...] = ()  # other forms of title and names (romanised, parallel): searched, not shown


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One copy, without who has it."""

    barcode: str
    title: str  # the title's id
    branch: str = ""
    shelf: str = ""  # call number or place, as written on the spine
    status: ItemStatus = ItemStatus.AVAILABLE
    recalled: bool = False  # the library wants it back: lent and renewed by nobody offline
