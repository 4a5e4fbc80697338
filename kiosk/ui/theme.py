"""Colours of the screen: read from TOML, measured, handed to `Look/Theme.qml`.

Contrast by WCAG 2.2, 'contrast ratio' and 'relative luminance': 4.5 for text, 3 for signs, outlines and rings.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Annotated

import msgspec

TEXT_CONTRAST = 4.5
SIGN_CONTRAST = 3.0

COLOUR = "^#[0-9A-Fa-f]{6}$"
Colour = Annotated[str, msgspec.Meta(pattern=COLOUR)]
Cover = Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6} #[0-9A-Fa-f]{6}$")]


class ThemeRefused(ValueError):
    """A theme that somebody could not read. The message names the pair and the figure."""


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The colours, by name. `outline_units`: how thick cards are outlined, in u; `covers`: cloth and stamping."""

    paper: Colour
    card: Colour
    ink: Colour
    soft: Colour
    line: Colour
    outline: Colour
    primary: Colour
    on_primary: Colour
    done: Colour
    done_ground: Colour
    mind: Colour
    mind_ground: Colour
    stop: Colour
    stop_ground: Colour
    told: Colour
    told_ground: Colour
    focus: Colour
    outline_units: Annotated[float, msgspec.Meta(ge=0, le=1)]
    covers: Annotated[tuple[Cover, ...], msgspec.Meta(min_length=1)]


# (drawn, its ground, least contrast)
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((colour, ground, TEXT_CONTRAST) for colour in ("ink", "soft", "primary") for ground in ("paper", "card")),
    ("on_primary", "primary", TEXT_CONTRAST),
    *((tone, ground, TEXT_CONTRAST) for tone in ("done", "mind", "stop", "told") for ground in ("paper", "card")),
    *((tone, f"{tone}_ground", TEXT_CONTRAST) for tone in ("done", "mind", "stop", "told")),
    *(("ink", f"{tone}_ground", TEXT_CONTRAST) for tone in ("done", "mind", "stop", "told")),
    *((colour, ground, SIGN_CONTRAST) for colour in ("focus", "outline") for ground in ("paper", "card")),
)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0–1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1–21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def measured(theme: Theme) -> Theme:
    """The theme, if everybody can read it.

    Raises:
        ThemeRefused: naming the first pair whose contrast is too low.
    """
    for drawn, ground, least in PAIRS:
        _measure(f"{drawn} on {ground}", getattr(theme, drawn), getattr(theme, ground), least)
    for cover in theme.covers:
        cloth, stamping = cover.split()
        _measure(f"cover {cover}", stamping, cloth, TEXT_CONTRAST)
    return theme


def _measure(what: str, drawn: str, ground: str, least: float) -> None:
    ratio = contrast(drawn, ground)
    if ratio < least:
        raise ThemeRefused(f"{what}: contrast {ratio:.1f}, needs {least}")


def read_theme(name: str = "light", primary: str | None = None) -> Theme:
    """A shipped theme, with the library's own primary colour where it has one.

    Args:
        name: `light`, `dark` or `contrast`.
        primary: `#rrggbb`, or None for the theme's own. Its text is white or black, whichever reads better.

    Raises:
        ThemeRefused: no such theme, not a colour, or a contrast too low to read.
    """
    source = files("assets") / "themes" / f"{name}.toml"
    if not re.fullmatch("[a-z]+", name) or not source.is_file():
        raise ThemeRefused(f"there is no theme {name!r}")
    tokens = msgspec.toml.decode(source.read_bytes())
    if primary is not None:
        if not re.fullmatch(COLOUR, primary):
            raise ThemeRefused(f"primary {primary!r} is not a colour as #rrggbb")
        tokens |= {"primary": primary}
        tokens |= {"on_primary": max("#FFFFFF", "#000000", key=lambda ink: contrast(ink, primary))}
    try:
        return measured(msgspec.convert(tokens, Theme))
    except msgspec.ValidationError as error:
        raise ThemeRefused(f"theme {name}: {error}") from error
