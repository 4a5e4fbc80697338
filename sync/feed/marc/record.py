"""A record as its file says it, whichever form it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pymarc import Field


class Flavour(StrEnum):
    """Which meaning the tags have. CNMARC is UNIMARC."""

    MARC21 = "marc21"
    UNIMARC = "unimarc"


class Reason(StrEnum):
    """Why a record or a copy was left out, or was taken with a flaw. The words are for whoever imports the file."""

    BROKEN = "broken: cannot be read as MARC"
    CUT_OFF = "broken: cut off in the middle"
    NOT_MARC = "the file holds no MARC records"
    FILE_ENDS = "the file ends too early"
    DELETED = "marked as deleted"
    NOT_A_TITLE = "not a bibliographic record"
    NO_NUMBER = "no control number"
    NO_TITLE = "no title"
    NO_BARCODE = "a copy without a usable barcode"
    DAMAGED_TEXT = "characters that cannot be read (taken all the same)"


class Broken(Exception):
    """A record that cannot be read. `control_number` as far as it could be made out."""

    def __init__(self, reason: Reason, detail: str, control_number: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.control_number = control_number


@dataclass(frozen=True, slots=True)
class MarcRecord:
    """Leader (24 characters) and fields by tag, each tag's in the order of the record."""

    leader: str
    fields: dict[str, list[Field]] = field(default_factory=dict)

    def add(self, one: Field) -> None:
        """Append a field."""
        self.fields.setdefault(one.tag, []).append(one)

    def all(self, *tags: str) -> list[Field]:
        """The fields of these tags, in the order of the tags."""
        return [one for tag in tags for one in self.fields.get(tag, ())]

    def control(self, tag: str) -> str:
        """The text of the first control field of this tag, with its spaces: they count positions. '' without one."""
        return next((one.data or "" for one in self.fields.get(tag, ())), "")

    def first(self, tag: str, codes: str) -> str:
        """The first subfield that is one of `codes`, in any field of this tag; '' without one."""
        found = (value for one in self.fields.get(tag, ()) for value in one.get_subfields(*codes))
        return next(found, "")
