"""What a UNIMARC or CNMARC record says of its title (UNIMARC Manual: Bibliographic Format; GB/T 33286 for CNMARC)."""

from __future__ import annotations

from pymarc import Field

from sync.feed.marc.languages import bcp47
from sync.feed.marc.marc21 import AUTHORS, SUBJECTS
from sync.feed.marc.record import MarcRecord
from sync.feed.marc.text import bare, given_first, is_cjk, isbn_in, join_title, without_repeats, year_in
from sync.feed.records import TitleRecord

_MAKERS = ("700", "701", "710", "711", "720", "721")
_HELPERS = ("702", "712")  # translators, editors: named where nobody else is
_SUBJECTS = ("600", "601", "602", "604", "605", "606", "607", "608", "610")
_VARIANTS = ("500", "510", "512", "513", "514", "515", "516", "517")
TAGS = frozenset({"001", "010", "100", "101", "135", "200", "210", "214", *_MAKERS, *_HELPERS, *_SUBJECTS, *_VARIANTS})

_BEFORE = {"a": "; ", "d": " = ", "e": ": ", "h": ". ", "i": ". "}
_KIND = {
    "c": "score", "d": "score", "e": "map", "f": "map", "g": "dvd", "i": "audiobook", "j": "cd", "k": "picture",
    "m": "kit", "r": "object",
}  # fmt: skip
_AUDIENCE = {"a": "child", "b": "child", "c": "child", "d": "child", "e": "youth"}  # 100 $a/17 to 19
_ADULTS = {"k", "m"}


def title_of(record: MarcRecord, number: str, *, original_script: bool = True) -> TitleRecord | None:
    """The title; None where the record names none.

    Args:
        record: with the fields of `TAGS`.
        number: what becomes its id.
        original_script: of several 200 fields, show one that is not in Latin letters.
    """
    titles = sorted(record.all("200"), key=lambda field: original_script and _title(field).isascii())
    title = next(filter(None, map(_title, titles)), "")
    if not title:
        return None
    coded = record.first("100", "a").ljust(36)
    also = [_title(field) for field in titles[1:] + record.all(*_VARIANTS)]
    also += [text for field in record.all("200") for text in _romanised(field)]
    also += [text for field in record.all(*_MAKERS) for text in _romanised(field)]
    return TitleRecord(
        id=number,
        title=title,
        author=_author(record, titles[0]),
        subjects=without_repeats([_subject(field) for field in record.all(*_SUBJECTS)])[:SUBJECTS],
        isbn=without_repeats([isbn_in(field.get("a", "")) for field in record.all("010")]),
        language=bcp47(record.first("101", "a")),
        year=next(filter(None, map(year_in, (coded[9:13], record.first("210", "d"), record.first("214", "d")))), ""),
        media=_media(record),
        audience=_audience(coded[17:20]),
        also=tuple(form for form in without_repeats(also) if form != title),
    )


def _title(field: Field) -> str:
    parts = []
    last = ""
    for code, value in field.subfields:
        if code in _BEFORE:
            parts.append((", " if (last, code) == ("h", "i") else _BEFORE[code], value))
            last = code
    return join_title(parts)


def _romanised(field: Field) -> list[str]:
    """Pinyin, as CNMARC has it beside a title or a name ($9, in newer records $A). Elsewhere $9 is a number."""
    return [bare(text) for text in field.get_subfields("9", "A") if not text.strip().isdigit()]


def _author(record: MarcRecord, title: Field) -> str:
    for tags in (_MAKERS, _HELPERS):
        names = without_repeats([_name(field) for field in record.all(*tags)])
        if names:
            return "; ".join(names[:AUTHORS])
    return bare(title.get("f", ""))


def _name(field: Field) -> str:
    entry, rest = bare(field.get("a", "")), bare(field.get("b", ""))
    if field.tag.startswith("71"):
        return ". ".join(filter(None, (entry, rest)))
    if field.indicator2 == "1" or is_cjk(entry):
        return given_first(entry, rest)
    return f"{entry} {rest}".strip()


def _subject(field: Field) -> str:
    family = field.tag in ("600", "602")
    heading = ", ".join(filter(None, map(bare, field.get_subfields(*("ab" if family else "a")))))
    return " -- ".join(filter(None, [heading, *map(bare, field.get_subfields("j", "x", "y", "z"))]))


def _audience(codes: str) -> str:
    """Up to three groups. 'em', as most Chinese records have it, is young and grown-up readers: for adults too."""
    if _ADULTS.intersection(codes):
        return "adult"
    return _AUDIENCE.get(codes[0], "adult")


def _media(record: MarcRecord) -> str:
    kind, level = record.leader[6], record.leader[7]
    if kind in "ab":
        return "magazine" if level == "s" else "book"
    if kind == "l":
        return "game" if record.first("135", "a")[:1] == "g" else "software"
    return _KIND.get(kind, "book")
