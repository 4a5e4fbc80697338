"""Colours are measured, and one that cannot be read is refused with its figure."""

from __future__ import annotations

import msgspec
import pytest

from kiosk.ui.theme import PAIRS, ThemeRefused, contrast, measured, read_theme

SHIPPED = ["light", "dark", "contrast"]


def test_contrast_as_the_standard_has_it() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    assert contrast("#17212B", "#F7F4ED") == pytest.approx(14.8, abs=0.1)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_themes_can_be_read(name: str) -> None:
    theme = read_theme(name)
    figures = {(drawn, ground): contrast(getattr(theme, drawn), getattr(theme, ground)) for drawn, ground, _ in PAIRS}
    assert all(figures[drawn, ground] >= least for drawn, ground, least in PAIRS)


@pytest.mark.parametrize(("drawn", "ground"), [(drawn, ground) for drawn, ground, _ in PAIRS])
def test_a_pair_that_cannot_be_told_apart_is_refused(drawn: str, ground: str) -> None:
    theme = read_theme()
    with pytest.raises(ThemeRefused, match="contrast"):
        measured(msgspec.structs.replace(theme, **{drawn: getattr(theme, ground)}))


def test_a_library_brings_its_own_primary() -> None:
    theme = read_theme("light", primary="#8A1538")
    assert (theme.primary, theme.on_primary) == ("#8A1538", "#FFFFFF")


@pytest.mark.parametrize(("primary", "reason"), [("#C9D6DF", r"contrast 1\.\d, needs 4\.5"), ("teal", "primary")])
def test_a_primary_that_cannot_be_read_is_refused(primary: str, reason: str) -> None:
    with pytest.raises(ThemeRefused, match=reason):
        read_theme("light", primary=primary)


@pytest.mark.parametrize("name", ["neon", "../light", ""])
def test_a_theme_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ThemeRefused, match="no theme"):
        read_theme(name)
