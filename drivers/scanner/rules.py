"""Which of a library's labels a code is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.events import CodeKind, ScanFault
from drivers.scanner.checks import codabar_mod10, code39_mod43, ean_check
from drivers.scanner.framing import RawCode
from drivers.scanner.settings import Rule, Symbology

_CHECKS: dict[str, Callable[[str], str]] = {
    "codabar_mod10": codabar_mod10,
    "ean": ean_check,
    "code39_mod43": code39_mod43,
}

_CODABAR = re.compile(r"[A-Da-d]([0-9$:/.+-]+)[A-Da-d]")
"""A start letter, characters of Codabar, a stop letter (EN 798)."""

_BOOKLAND = re.compile(r"(97[89][0-9]{10}) ?(?:[0-9]{2}|[0-9]{5})?")
"""An EAN-13 of the book trade, with an EAN-2 or EAN-5 add-on or none (ISO 2108, annex)."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A code and what it is."""

    kind: CodeKind
    value: str
    symbology: Symbology | None


def sort_code(raw: RawCode, rules: Sequence[Rule]) -> Sorted | ScanFault:
    """What `raw` is by the library's `rules`, tried in order.

    A code that no rule takes is an ISBN, where it is one; BAD_CHECK, where a rule wanted it but for its check
    character; or foreign.
    """
    forms = _forms(raw)
    wanted = [(rule, form) for rule in rules for form in forms if _wants(rule, form, raw.symbology)]
    for rule, form in wanted:
        if has_right_check(rule, form):
            value = form[:-1] if rule.strip_check else form
            return Sorted(CodeKind(rule.kind), value, raw.symbology)
    isbn = isbn_of(raw)
    if isbn is not None:
        return Sorted(CodeKind.ISBN, isbn, raw.symbology)
    return ScanFault.BAD_CHECK if wanted else Sorted(CodeKind.FOREIGN, forms[-1], raw.symbology)


def isbn_of(raw: RawCode) -> str | None:
    """The ISBN-13 of `raw` without its add-on; None where it is none or its check digit is wrong."""
    if raw.symbology not in (None, Symbology.EAN13):
        return None
    bookland = _BOOKLAND.fullmatch(raw.text)
    if bookland is None:
        return None
    digits = bookland.group(1)
    return digits if ean_check(digits[:-1]) == digits[-1] else None


def has_right_check(rule: Rule, code: str) -> bool:
    """Whether the last character of `code` is the check character that `rule` asks for, if it asks for one."""
    if rule.check == "none":
        return True
    try:
        return _CHECKS[rule.check](code[:-1]) == code[-1]
    except ValueError:
        return False


def _forms(raw: RawCode) -> list[str]:
    """`raw` as it came and, where that may be Codabar, without its start and stop letters."""
    codabar = _CODABAR.fullmatch(raw.text) if raw.symbology in (None, Symbology.CODABAR) else None
    return [raw.text, codabar.group(1)] if codabar else [raw.text]


def _wants(rule: Rule, code: str, symbology: Symbology | None) -> bool:
    known_other = symbology is not None and rule.symbologies and symbology not in rule.symbologies
    return not known_other and re.fullmatch(rule.pattern, code) is not None
