"""Catalogue text made fit for a screen: without the punctuation that belongs to the card catalogue (ISBD)."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xAC, 0x200B, 0xFEFF])
"""Controls, among them those around an article that does not count in sorting (U+0088, U+0089, U+0098, U+009C), and
the sign that some German systems use for that (¬)."""
_INVISIBLE.update({0x09: 0x20, 0x0A: 0x20, 0x0D: 0x20})
_TRAILING = re.compile(r"[\s/:;=,／：；＝，،؛]+$")
_ABBREVIATED = re.compile(r"(?:(?:^|[\s.])\w|\.\.|\b(?:etc|Jr|Sr|Dr|St|vol|no|ed|Inc|Ltd|Co|Bd|Nr))\.$", re.IGNORECASE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_INVERTED = re.compile(r"([^,，،]+)[,，،]\s*([^,，،]+)")
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")
_ISBN = re.compile(r"[\dXx]+(?:[-‐–]+[\dXx]+)*")
_COLON = ": "


def clean(text: str) -> str:
    """Composed (NFC), on one line, without invisible characters and the marks for sorting."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return " ".join(text.replace("<<", "").replace(">>", "").split())


def bare(text: str) -> str:
    """Clean, and without punctuation at its end that only leads to the next element."""
    text = _TRAILING.sub("", clean(text))
    if text.endswith(".") and not _ABBREVIATED.search(text):
        text = text[:-1].rstrip()
    return text


def is_cjk(text: str) -> bool:
    """Whether there is a Chinese, Japanese or Korean character in it."""
    return _CJK.search(text) is not None


def join_title(parts: list[tuple[str, str]]) -> str:
    """Put a title together from (what stands before it, text). A colon after Chinese is a Chinese one."""
    title = ""
    for before, raw in parts:
        text = bare(raw)
        if not text:
            continue
        if not title:
            title = text
        elif before == _COLON and is_cjk(title[-1]):
            title = f"{title}：{text}"
        else:
            title = f"{title}{before}{text}"
    return title


def natural_order(name: str) -> str:
    """'Austen, Jane' as one says it; a name with another number of commas stays as it is."""
    match = _INVERTED.fullmatch(name)
    return given_first(match[1].strip(), match[2].strip()) if match else name


def given_first(family: str, given: str) -> str:
    """A name from its parts, in the order of its script."""
    if is_cjk(family):
        return family + given
    return f"{given} {family}".strip()


def without_repeats(texts: list[str]) -> tuple[str, ...]:
    """In their order, each once, none empty."""
    return tuple(dict.fromkeys(text for text in texts if text))


def year_in(text: str) -> str:
    """The first year from 1000 to 2099; '' without one."""
    match = _YEAR.search(text)
    return match[1] if match else ""


def isbn_in(text: str) -> str:
    """The ISBN without hyphens and what is said about it ('(pbk.)', a price); '' where its check digit is wrong.

    ISBN Users' Manual, 7th edition, appendix 1; ISO 2108:1978 for those of ten digits."""
    match = _ISBN.search(text)
    digits = re.sub(r"[^\dX]", "", match[0].upper()) if match else ""
    return digits if _checks(digits) else ""


def _checks(isbn: str) -> bool:
    if re.fullmatch(r"[0-9]{9}[0-9X]", isbn):
        return sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(isbn)) % 11 == 0
    if re.fullmatch(r"97[89][0-9]{10}", isbn):
        return sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(isbn)) % 10 == 0
    return False
