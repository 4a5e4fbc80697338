"""Every screen in every state, size and language: nothing cut, nothing too small, nothing over another."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible

from kiosk.flow.view import Screen
from tests.ui.conftest import NewHand
from tests.ui.gallery import gallery
from tests.ui.hand import Hand, Seen

SIZES = [(1024, 600), (1280, 800), (1920, 1080), (1080, 1920)]
LANGUAGES = ["en", "zh_CN"]
LEAST_PX = 64
MAY_BE_CUT = {"title", "author", "stationName"}


def cut_texts(items: list[Seen]) -> list[str]:
    """Texts that end in an ellipsis though they must not."""
    cut = [item for item in items if item.cut and item.name not in MAY_BE_CUT and not item.inside("DrawnCover")]
    return [f"cut: {item.text!r}" for item in cut]


def stray_texts(items: list[Seen], page: QRectF) -> list[str]:
    """Texts that leave the window, or lie on a button that is not theirs."""
    free = [item for item in items if item.is_text and not item.inside("BookList")]
    stray = [f"outside: {item.text!r}" for item in free if not page.contains(item.place)]
    plain = [item for item in free if not item.on_button]
    buttons = [item for item in items if item.button and item.name != "stay" and not item.inside("BookList")]
    pairs = [(text, button) for text in plain for button in buttons if text.painted.intersects(button.place)]
    return stray + [f"{text.text!r} lies on {button.name}" for text, button in pairs]


def bad_buttons(items: list[Seen], page: QRectF) -> list[str]:
    """Buttons without a name, too small, outside the window or over one another."""
    buttons = [item for item in items if item.button]
    small = [f"small: {b.name} {b.width:.0f}x{b.height:.0f}" for b in buttons if min(b.width, b.height) < LEAST_PX]
    fixed = [b for b in buttons if not b.inside("BookList")]
    outside = [f"outside: {b.name}" for b in fixed if not page.contains(b.place)]
    nameless = [f"nameless: {b.kind}" for b in buttons if not b.name]
    lists = [item.place for item in items if item.kind == "BookList"]
    shown = [b for b in buttons if not b.inside("BookList") or lists[0].contains(b.place)]
    pairs = combinations([b for b in shown if b.name != "stay"], 2)
    over = [f"{a.name} over {b.name}" for a, b in pairs if a.place.intersects(b.place)]
    return small + outside + nameless + over


def unspoken_buttons(hand: Hand) -> list[str]:
    """Buttons that a screen reader would pass over, and controls it finds without a name."""
    spoken = [name for role, name in hand.spoken() if role in {QAccessible.Role.Button, QAccessible.Role.CheckBox}]
    missing = sum(item.button for item in hand.items()) - len(spoken)
    return [f"{missing} buttons without a role"] * bool(missing) + ["a button without a name"] * spoken.count("")


def faults(hand: Hand) -> list[str]:
    """What is wrong with the page that is shown."""
    page = QRectF(0, 0, hand.window.root.width(), hand.window.root.height())
    items = hand.items()
    return [*cut_texts(items), *stray_texts(items, page), *bad_buttons(items, page)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_can_be_read_and_touched(new_ui: NewHand, size: tuple[int, int], language: str) -> None:
    hand = new_ui(size=size)
    wrong: dict[str, list[str]] = {}
    for name, view in gallery(language).items():
        hand.show(view)
        wrong[name] = [*faults(hand), *unspoken_buttons(hand)]
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_every_page_is_drawn_in_the_other_themes(new_ui: NewHand, theme: str) -> None:
    hand = new_ui(theme=theme)
    for view in gallery("en").values():
        hand.show(view)
    assert hand.window.warnings == []


@pytest.mark.parametrize("scale", [1.25, 1.6])
def test_larger_text_is_not_cut(new_ui: NewHand, scale: float) -> None:
    hand = new_ui(text_scale=scale, size=(1920, 1080))
    wrong: dict[str, list[str]] = {}
    for name, view in gallery("en").items():
        hand.show(view)
        wrong[name] = faults(hand)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_gallery_has_every_screen() -> None:
    assert {view.screen for view in gallery("en").values()} == set(Screen)
