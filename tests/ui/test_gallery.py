"""Every screen in every state, size and language: nothing cut, nothing too small, nothing over another."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible

from kiosk.flow.keys import Key
from kiosk.flow.view import Screen, say
from tests.ui.conftest import NewHand
from tests.ui.gallery import gallery
from tests.ui.hand import Hand, Seen

SIZES = [(1024, 600), (600, 1024), (1280, 800), (1920, 1080), (1080, 1920)]
LANGUAGES = ["en", "zh_CN"]
LEAST_PX = 64
SHAPES = {"QQuickRectangle", "QQuickShape", "Sign", "Shelf", "CardPicture", "BookPicture", "DrawnCover", "NoticePanel"}
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


def stray_shapes(items: list[Seen], page: QRectF) -> list[str]:
    """Pictures, panels and signs that leave the window. A list is clipped."""
    shapes = [item for item in items if item.kind in SHAPES and not item.inside("BookList", "FocusRing")]
    return [f"outside: {item.kind} in {item.within[-1]}" for item in shapes if not page.contains(item.place)]


def broken_words(items: list[Seen]) -> list[str]:
    """Words of a button that are wider or higher than the button."""
    buttons = {item.name: item.place for item in items if item.button}
    words = [item for item in items if item.is_text and item.on_button]
    return [f"{word.text!r} leaves {word.home}" for word in words if not buttons[word.home].contains(word.painted)]


def unspoken(hand: Hand, sentence: str) -> list[str]:
    """What a screen reader would pass over, find without a name, or find twice under one name in one place."""
    heard = hand.heard()
    touchable = [each for each in heard if each.touchable]
    missing = sum(item.button for item in hand.items()) - len(touchable)
    wrong = [f"{missing} buttons without a role"] * bool(missing)
    wrong += ["a button without a name" for each in touchable if not each.name.strip()]
    counted = Counter((each.name, each.row) for each in touchable)
    wrong += [f"{count} times {name!r}" for (name, _), count in counted.items() if count > 1]
    said = {QAccessible.Role.Heading, QAccessible.Role.StaticText}
    wrong += ["the sentence is not heard"] * (sentence not in {each.name for each in heard if each.role in said})
    return wrong + [
        "a row without a name" for each in heard if each.role is QAccessible.Role.ListItem and not each.name
    ]


def faults(hand: Hand) -> list[str]:
    """What is wrong with the page that is shown."""
    page = QRectF(0, 0, hand.window.root.width(), hand.window.root.height())
    items = hand.items()
    return [
        *cut_texts(items),
        *stray_texts(items, page),
        *stray_shapes(items, page),
        *bad_buttons(items, page),
        *broken_words(items),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_can_be_read_and_touched(new_ui: NewHand, size: tuple[int, int], language: str) -> None:
    hand = new_ui(size=size)
    wrong: dict[str, list[str]] = {}
    for name, view in gallery(language).items():
        hand.show(view)
        wrong[name] = [*faults(hand), *unspoken(hand, str(hand.bridge.sentence))]
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_every_page_is_drawn_in_the_other_themes(new_ui: NewHand, theme: str) -> None:
    hand = new_ui(theme=theme)
    for view in gallery("en").values():
        hand.show(view)
    assert hand.window.warnings == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(1024, 600), (1920, 1080), (1080, 1920)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scale", [1.25, 1.6])
def test_larger_text_is_not_cut(new_ui: NewHand, scale: float, size: tuple[int, int], language: str) -> None:
    hand = new_ui(text_scale=scale, size=size)
    wrong: dict[str, list[str]] = {}
    for name, view in gallery(language).items():
        hand.show(view)
        wrong[name] = faults(hand)
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("side", ["left", "below"])
def test_the_arrow_to_the_reader_stays_inside(new_ui: NewHand, side: str) -> None:
    """Wherever the real reader sits."""
    for size in SIZES:
        hand = new_ui(size=size, card_side=side, scan_side=side)
        for name in ("welcome", "card", "borrow-empty"):
            hand.show(gallery("en")[name])
            assert faults(hand) == [], (size, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_left_over(new_ui: NewHand, language: str) -> None:
    """A sentence of several lines fills them about evenly, and a number stays with what it counts."""
    hand = new_ui()
    hand.show(replace(gallery(language)["done"], sentence=say(Key.DONE_LENT, n=3, due=date(2026, 12, 14))))
    sentence = hand.find("sentence")
    assert sentence.text.replace("\u00a0", " ").replace("\u2060", "") == str(hand.bridge.sentence)
    assert not re.search(r"\d (?=\w)", sentence.text)
    hand.show(replace(gallery(language)["borrow"], sentence=say(Key.ITEM_ON_HOLD_SHELF)))
    sentence = hand.find("sentence")
    assert sentence.width < hand.find("finish").width


def test_the_gallery_has_every_screen() -> None:
    assert {view.screen for view in gallery("en").values()} == set(Screen)
