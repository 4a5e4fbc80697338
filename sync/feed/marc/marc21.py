"""What a MARC 21 record says of its title (MARC 21 Format for Bibliographic Data).

Where a field has its original script in an 880, that is what readers know and see; the romanised form is searched.
"""

from __future__ import annotations

from pymarc import Field

from sync.feed.marc.languages import bcp47
from sync.feed.marc.record import MarcRecord
from sync.feed.marc.text import bare, isbn_in, join_title, natural_order, without_repeats, year_in
from sync.feed.records import TitleRecord

AUTHORS = 3
SUBJECTS = 20

_NAMES = ("100", "110", "111", "700", "710", "711")
_SUBJECTS = ("600", "610", "611", "630", "650", "651", "655")
TAGS = frozenset(
    {"001", "006", "007", "008", "020", "041", "240", "245", "246", "260", "264", "880", *_NAMES, *_SUBJECTS}
)

_BEFORE = {":": ": ", "=": " = ", ";": "; ", ",": ", "}  # what the end of one subfield says about the next
_BEFORE_CODE = {"b": ": "}  # without punctuation, as records are made since 2019

_KIND = {"c": "score", "d": "score", "e": "map", "f": "map", "i": "audiobook", "j": "cd", "k": "picture", "o": "kit"}
_SERIAL = {"b", "i", "s"}  # leader/07
_NEWSPAPER = "n"  # 008/21 of a serial
_VIDEO_DISC = {"s": "bluray"}  # 007/04 of a video recording; all others are taken for DVDs
_OBJECT = {"g": "game", "w": "toy"}  # 008/33 of visual materials
_HEADING = "abcdfgklnpqt"  # of a subject
_WITH_AUDIENCE = frozenset("acdgijkmort")  # leader/06 where 008/22 is the audience
_AUDIENCE = {"a": "child", "b": "child", "c": "child", "j": "child", "d": "youth"}


def title_of(record: MarcRecord, number: str, *, original_script: bool = True) -> TitleRecord | None:
    """The title; None where the record names none.

    Args:
        record: with the fields of `TAGS`.
        number: what becomes its id.
        original_script: show the form of the 880 fields where there is one.
    """
    linked = _Linked(record)
    shown, other = linked.forms("245", original_script=original_script)
    title = next(filter(None, map(_title, shown)), "")
    if not title:
        return None
    names, other_names = linked.forms(*_NAMES, original_script=original_script)
    variants = record.all("240", "246") + linked.originals("246")
    also = [*map(_title, shown[1:] + other + variants), *map(_heading, other_names)]
    fixed = record.control("008").ljust(40)
    return TitleRecord(
        id=number,
        title=title,
        author="; ".join(without_repeats([_name(field) for field in names])[:AUTHORS]),
        subjects=_subjects(record.all(*_SUBJECTS) + linked.originals(*_SUBJECTS)),
        isbn=without_repeats([isbn_in(field.get("a", "")) for field in record.all("020")]),
        language=bcp47(fixed[35:38]) or bcp47(record.first("041", "a")),
        year=_year(record, fixed),
        media=_media(record, fixed),
        audience=_AUDIENCE.get(fixed[22], "adult") if record.leader[6] in _WITH_AUDIENCE else "adult",
        also=tuple(form for form in without_repeats(also) if form != title),
    )


class _Linked:
    """The 880 fields by the field that they give in its original script (Appendix A, subfield $6: '245-01/$1')."""

    def __init__(self, record: MarcRecord) -> None:
        self._record = record
        self._originals: dict[str, dict[str, Field]] = {}
        for field in record.all("880"):
            tag, _, rest = field.get("6", "").partition("-")
            self._originals.setdefault(tag.strip(), {}).setdefault(rest[:2], field)

    def originals(self, *tags: str) -> list[Field]:
        """All 880 fields of these tags."""
        return [field for tag in tags for field in self._originals.get(tag, {}).values()]

    def forms(self, *tags: str, original_script: bool) -> tuple[list[Field], list[Field]]:
        """The fields of these tags as they are shown, and the same ones in their other script."""
        shown, other = [], []
        for tag in tags:
            originals = dict(self._originals.get(tag, {}))
            for field in self._record.all(tag):
                original = originals.pop(field.get("6", "")[4:6], None)
                pair = (field, original) if original is None or not original_script else (original, field)
                shown.append(pair[0])
                other += [pair[1]] if pair[1] is not None else []
            shown += originals.values()  # those of occurrence 00 stand alone
        return shown, other


def _title(field: Field) -> str:
    parts = []
    before = ""
    for code, value in field.subfields:
        if code in "abnp":
            parts.append((before or _BEFORE_CODE.get(code, ". "), value))
        before = _BEFORE.get(value.rstrip()[-1:], "")
    return join_title(parts)


def _name(field: Field) -> str:
    """A name as one says it: surnames come first in a heading whose first indicator is 1."""
    heading = _heading(field)
    return natural_order(heading) if field.indicator1 == "1" else heading


def _heading(field: Field) -> str:
    if field.get("t"):
        return ""  # a work, not somebody who made this one
    tag = field.get("6", "")[:3] if field.tag == "880" else field.tag
    if tag[1:] in ("10", "11"):
        return ". ".join(filter(None, map(bare, field.get_subfields("a", "b"))))
    return f"{bare(field.get('a', ''))} {bare(field.get('b', ''))}".strip()


def _subjects(fields: list[Field]) -> tuple[str, ...]:
    return without_repeats([" -- ".join(_subject_parts(field)) for field in fields])[:SUBJECTS]


def _subject_parts(field: Field) -> list[str]:
    """The heading as one text, then its subdivisions."""
    heading = bare(" ".join(field.get_subfields(*_HEADING)))
    return [text for text in [heading, *map(bare, field.get_subfields("v", "x", "y", "z"))] if text]


def _year(record: MarcRecord, fixed: str) -> str:
    published = [field for field in record.all("264") if field.indicator2 == "1"]
    printed = [field.get("c", "") for field in (*published, *record.all("260"))]
    return next(filter(None, map(year_in, (fixed[7:11], *printed))), "")


def _media(record: MarcRecord, fixed: str) -> str:
    kind, level = record.leader[6], record.leader[7]
    if kind in "at":
        return _text_media(level, fixed)
    if kind == "g":
        return next((_VIDEO_DISC.get(form[4:5], "dvd") for form in _forms(record) if form.startswith("v")), "dvd")
    if kind == "m":
        return "game" if fixed[26] == "g" else "software"
    if kind == "r":
        return _OBJECT.get(fixed[33], "object")
    return _KIND.get(kind, "book")


def _text_media(level: str, fixed: str) -> str:
    if level not in _SERIAL:
        return "book"
    return "newspaper" if fixed[21] == _NEWSPAPER else "magazine"


def _forms(record: MarcRecord) -> list[str]:
    return [field.data or "" for field in record.all("007")]
