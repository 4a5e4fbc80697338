"""The screen under a finger: what is pressed is told, what is shown stands still, the language changes everywhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QSignalSpy, QTest

from kiosk.flow.keys import Key
from kiosk.flow.view import Countdown, Notice, Press, RowView, Tone, say
from kiosk.ui.window import Look, Window
from tests.ui.conftest import NewHand
from tests.ui.gallery import DUE, UNDO, gallery
from tests.ui.hand import Hand

PAGES = gallery("en")


@pytest.mark.parametrize(
    ("page", "name", "told"),
    [
        ("welcome", "borrow", (Press.BORROW, "")),
        ("welcome", "return", (Press.RETURN, "")),
        ("welcome", "books", (Press.BOOKS, "")),
        ("welcome", "language:zh_CN", (Press.LANGUAGE, "zh_CN")),
        ("card", "back", (Press.BACK, "")),
        ("pin-typed", "digit:7", (Press.DIGIT, "7")),
        ("pin-typed", "erase", (Press.ERASE, "")),
        ("pin-or-letters", "keyboard", (Press.KEYBOARD, "")),
        ("pin-letters", "letter:q", (Press.LETTER, "q")),
        ("pin-letters", "letter:@", (Press.LETTER, "@")),
        ("pin-letters", "digit:0", (Press.DIGIT, "0")),
        ("pin-letters", "capital", (Press.CAPITAL, "")),
        ("pin-letters", "ok", (Press.OK, "")),
        ("pin-capital", "letter:Q", (Press.LETTER, "Q")),
        ("pin-typed", "ok", (Press.OK, "")),
        ("borrow", "finish", (Press.FINISH, "")),
        ("borrow", "undo:1", (Press.UNDO, "1")),
        ("books", "select:1", (Press.SELECT, "1")),
        ("books", "renew:1", (Press.RENEW, "1")),
        ("books", "renew_selected", (Press.RENEW_SELECTED, "")),
        ("books-empty", "renew_all", (Press.RENEW_ALL, "")),
        ("item", "item_return", (Press.ITEM_RETURN, "")),
        ("item", "item_renew", (Press.ITEM_RENEW, "")),
        ("item-long", "item_borrow", (Press.ITEM_BORROW, "")),
        ("done", "close", (Press.CLOSE, "")),
        ("still-there", "stay", (Press.STAY, "")),
    ],
)
def test_a_touch_tells_what_was_pressed(ui: Hand, page: str, name: str, told: tuple[Press, str]) -> None:
    ui.show(PAGES[page])
    ui.tap(name)
    assert ui.presses == [told]


@pytest.mark.parametrize(("page", "name"), [("pin", "ok"), ("pin-checking", "digit:1"), ("borrow-finishing", "finish")])
def test_what_cannot_be_pressed_tells_nothing(ui: Hand, page: str, name: str) -> None:
    ui.show(PAGES[page])
    ui.tap(name)
    assert ui.presses == []
    assert ui.touches == 1


def test_the_first_touch_on_a_sleeping_screen_only_wakes_it(ui: Hand) -> None:
    ui.show(PAGES["welcome"])
    borrow = ui.find("borrow").place.center()
    ui.show(PAGES["blank"])
    ui.touch_down(borrow)
    ui.show(PAGES["welcome"])
    ui.touch_up(borrow)
    assert (ui.presses, ui.touches) == ([], 1)
    ui.tap("borrow")
    assert (ui.presses, ui.touches) == ([(Press.BORROW, "")], 2)


def test_a_button_that_is_held_survives_what_happens_meanwhile(ui: Hand) -> None:
    """A book's answer comes while a finger is on Finish: the press still counts."""
    page = PAGES["borrow"]
    ui.show(page)
    finish = ui.find("finish").place.center()
    ui.touch_down(finish)
    ui.show(replace(page, buttons=(replace(page.buttons[0], enabled=False), *page.buttons[1:]), rows=page.rows[1:]))
    ui.touch_up(finish)
    assert ui.presses == [(Press.FINISH, "")]


def test_a_touch_anywhere_means_still_there(ui: Hand) -> None:
    ui.show(PAGES["still-there"])
    ui.tap_at(QPointF(40, 40))
    assert ui.presses == [(Press.STAY, "")]


def test_the_keyboard_reaches_and_presses_every_button(ui: Hand) -> None:
    ui.show(PAGES["borrow"])
    reached = []
    for _ in range(12):
        QTest.keyClick(ui.window.root, Qt.Key.Key_Tab)
        reached += [item.name for item in ui.items() if item.focused and item.button]
    assert {"books", "return", "finish", "undo:0", "undo:1", "language:en"} <= set(reached)
    QTest.keyClick(ui.window.root, Qt.Key.Key_Space)
    assert len(ui.presses) == 1


def test_the_ways_in_are_reached_as_they_are_read(ui: Hand) -> None:
    ui.show(PAGES["welcome"])
    ways = sorted((item for item in ui.items() if item.kind == "WayIn"), key=lambda item: item.y)
    assert [item.name for item in ways] == ["borrow", "return", "books"]
    heard = [name for role, name in ui.spoken() if role is QAccessible.Role.Button]
    assert [name for name in heard if ":" not in name] == [item.text for item in ways]


def test_a_row_keeps_its_place_when_it_can_no_longer_be_chosen(ui: Hand) -> None:
    page = PAGES["books"]
    ui.show(page)
    before = [(item.text, item.x) for item in ui.items() if item.name == "title"]
    ui.show(replace(page, rows=tuple(replace(row, selectable=False, selected=False, action=None) for row in page.rows)))
    assert [(item.text, item.x) for item in ui.items() if item.name == "title"] == before


def test_the_focus_is_seen(ui: Hand) -> None:
    ui.show(PAGES["card"])
    assert "FocusRing" not in {item.kind for item in ui.items()}
    QTest.keyClick(ui.window.root, Qt.Key.Key_Tab)
    assert "FocusRing" in {item.kind for item in ui.items()}


def test_another_language_changes_every_text(ui: Hand) -> None:
    page = replace(PAGES["books"], station_name="")
    own = {row.title for row in page.rows} | {row.author for row in page.rows} | {"Anna B.", "English", "中文"}
    ui.show(page)
    english = set(ui.texts()) - own
    ui.show(replace(page, language="zh_CN"))
    chinese = set(ui.texts()) - own
    covers = {title[:1] for title in own}
    assert (english & chinese) - covers == set()
    assert ui.find("language:zh_CN").button


def test_a_new_row_leaves_the_others_where_they_were(ui: Hand) -> None:
    page = PAGES["borrow"]
    ui.show(page)
    list_before = delegates(ui)
    newest = RowView(77, "Stoner", "John Williams", "book", Tone.DONE, say(Key.ROW_LENT, due=DUE), None, UNDO)
    ui.show(replace(page, rows=(newest, *page.rows)))
    after = delegates(ui)
    assert set(after) == set(list_before) | {"row:77"}
    assert {name: after[name] for name in list_before} == list_before
    tops = {item.name: item.y for item in ui.items() if item.name.startswith("row:")}
    assert min(tops, key=lambda name: tops[name]) == "row:77"


def test_rows_never_lie_on_one_another(ui: Hand) -> None:
    """Whatever comes, goes and moves: a ListView left a ghost of the row that moved out of its view."""
    full = PAGES["borrow-many"]
    for rows in (full.rows[-3:], full.rows, full.rows[::-1], full.rows[5:], (full.rows[-1], *full.rows[:12])):
        ui.show(replace(full, rows=rows))
        places = [item.place for item in ui.items() if item.name.startswith("row:")]
        assert len(places) == len(rows)
        assert not [1 for a, b in combinations(places, 2) if a.intersects(b)]


def delegates(ui: Hand) -> dict[str, str]:
    """Each row's delegate, as an address: the same one while it stands."""
    script = """(function look(item, out) {
        if (item.objectName.startsWith("row:")) out.push(item.objectName + " " + String(item))
        for (let i = 0; i < item.children.length; i++) look(item.children[i], out)
        return out
    })(contentItem, []).join("\\n")"""
    return dict(line.split(" ", 1) for line in ui.evaluate(script).splitlines())


def test_what_did_not_change_is_not_told(ui: Hand) -> None:
    page = PAGES["done"]
    ui.show(page)
    lead, clocks = QSignalSpy(ui.bridge.lead_changed), QSignalSpy(ui.bridge.clocks_changed)
    ui.show(replace(page, closing=Countdown(7, 12)))
    ui.show(replace(page, closing=Countdown(7, 12)))
    assert (lead.count(), clocks.count()) == (0, 1)


def test_what_is_awaited_is_drawn_after_a_while_only(new_ui: NewHand, qtbot: object) -> None:
    slow = new_ui(wait_ms=60_000)
    slow.show(PAGES["books-waiting"])
    assert "Waiting" not in {item.kind for item in slow.items()}
    quick = new_ui(wait_ms=0)
    quick.show(PAGES["books-waiting"])
    qtbot.waitUntil(lambda: "Waiting" in {item.kind for item in quick.items()})  # type: ignore[attr-defined]


def test_nothing_of_a_reader_is_left_on_the_welcome_screen(ui: Hand) -> None:
    ui.show(PAGES["books"])
    ui.show(PAGES["welcome"])
    left = " ".join(ui.texts()) + " ".join(name for _, name in ui.spoken())
    assert "Anna" not in left
    assert not any(row.title in left for row in PAGES["books"].rows)
    assert ui.bridge.rows.rowCount() == 0  # type: ignore[attr-defined]


def test_titles_are_never_read_as_markup(ui: Hand) -> None:
    row = replace(PAGES["borrow"].rows[0], title="<b>Bold</b> & <img src='file:///etc/hostname'>")
    ui.show(replace(PAGES["borrow"], rows=(row,)))
    assert row.title in ui.texts()
    assert ui.evaluate("String(contentItem.children.length > 0)") == "true"


def test_the_same_notice_twice_is_told_twice(ui: Hand) -> None:
    spy = QSignalSpy(ui.bridge.notice_changed)
    for serial in (1, 2):
        ui.show(replace(PAGES["welcome"], notice=Notice(Tone.MIND, say(Key.COACH_ISBN), "", serial)))
    assert spy.count() == 2


def test_a_screen_reader_hears_the_row_whole(ui: Hand) -> None:
    ui.show(PAGES["borrow-refused"])
    assert any("Reserved for somebody. Please leave it here." in name for _, name in ui.spoken())


def test_a_screenshot_is_the_window(ui: Hand, tmp_path: Path) -> None:
    ui.show(PAGES["welcome"])
    ui.shot(tmp_path / "welcome.png")
    assert QImage(str(tmp_path / "welcome.png")).size() == ui.window.root.size()
    with pytest.raises(OSError, match="cannot write"):
        ui.shot(tmp_path / "nowhere" / "welcome.png")


def test_a_theme_reaches_the_screen(new_ui: NewHand, tmp_path: Path) -> None:
    dark = new_ui(theme="dark")
    dark.show(PAGES["welcome"])
    dark.shot(tmp_path / "dark.png")
    assert QImage(str(tmp_path / "dark.png")).pixelColor(2, 2).name() == "#12181e"


def test_full_screen_is_the_default() -> None:
    assert Look().size is None
    assert Window is not None
