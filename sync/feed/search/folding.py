"""Folding: what a reader may type differently from what is printed becomes the same text.

É is e, ß is ss, full width is half width (Unicode NFKC), hiragana is katakana, Arabic is unvowelled, and traditional
Chinese and Japanese characters are the simplified ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_MARKS = re.compile(
    # What is written over and under Latin, Greek, Cyrillic, Hebrew and Arabic letters, and what Arabic stretches them
    # with. Indic and Thai vowels are letters to their readers and stay; so do the two voicing marks of kana.
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+"
)

_LETTERS = {
    **dict(zip("æœøłđðħıŋþ", ("ae", "oe", "o", "l", "d", "d", "h", "i", "n", "th"), strict=True)),
    **dict(zip("ىةکی", "يهكي", strict=True)),  # endings written either way; Persian's own kaf and yeh
    **{chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0, 0x0966) for digit in range(10)},
    **{chr(hiragana): chr(hiragana + 0x60) for hiragana in range(0x3041, 0x3097)},
}


class Folding:
    """Folds texts. `han`: which characters stand for which others (traditional to simplified); it is made by whoever
    builds an index and stored in it, since texts and queries must be folded alike."""

    def __init__(self, han: Mapping[str, str]) -> None:
        self._table = str.maketrans({**_LETTERS, **han})

    def fold(self, text: str) -> str:
        """The text as it is compared. Folding twice changes nothing more."""
        if text.isascii():
            return text.lower()
        spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        return unicodedata.normalize("NFC", _MARKS.sub("", spread)).translate(self._table)
