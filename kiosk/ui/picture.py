"""A `ViewState` put to words: plain values, grouped as QML is told of their change."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from kiosk.flow.keys import Key
from kiosk.flow.view import Button, Press, RowView, Say, Screen, ViewState, Weight, say
from kiosk.ui.words import endonym, put

KEYPAD = frozenset({Press.ERASE, Press.OK})
LOUDNESS = {Weight.QUIET: 0, Weight.SECONDARY: 1, Weight.PRIMARY: 2}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every screen."""

    screen: str = ""
    language: str = ""
    language_word: str = ""
    select_word: str = ""
    station_name: str = ""
    offline: bool = False
    offline_text: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """The sentence and what belongs to it."""

    sentence: str = ""
    detail: str = ""
    tone: str = "plain"
    empty: str = ""
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """The notice; `serial` differs for each new one."""

    tone: str = "plain"
    text: str = ""
    picture: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN screen: how much was typed, on which keys, and the two that every keypad has."""

    length: int = 0
    longest: int = 0
    busy: bool = False
    keys: str = "digits"
    erase_word: str = ""
    erase_usable: bool = False
    ok_word: str = ""
    ok_usable: bool = False


@dataclass(frozen=True, slots=True)
class Patron:
    """Who is served."""

    name: str = ""
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """The item of the item screen; no title: there is none (yet)."""

    title: str = ""
    author: str = ""
    media: str = ""
    cover: int = 0


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two countdowns, in seconds; total 0: not running."""

    closing_left: int = 0
    closing_total: int = 0
    still_left: int = 0
    still_total: int = 0
    still_sentence: str = ""
    still_detail: str = ""
    stay_word: str = ""


@dataclass(frozen=True, slots=True)
class ButtonText:
    """A button, as the role names of its model."""

    press: str
    label: str
    weight: str
    usable: bool
    sign: str

    @property
    def key(self) -> str:
        """What stays the same while the button lives."""
        return self.press


@dataclass(frozen=True, slots=True)
class RowText:
    """A row, as the role names of its model."""

    key: int
    title: str
    author: str
    media: str
    cover: int
    initial: str
    tone: str
    said: str
    hint: str
    action: str
    action_label: str
    action_sign: str
    action_usable: bool
    selectable: bool
    selected: bool


@dataclass(frozen=True, slots=True)
class LineText:
    """One of several sentences."""

    key: int
    line: str


@dataclass(frozen=True, slots=True)
class LanguageText:
    """A language a reader can choose."""

    key: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    frame: Frame = Frame()
    lead: Lead = Lead()
    notice: NoticeText = NoticeText()
    pin: Pin = Pin()
    patron: Patron = Patron()
    item: Item = Item()
    clocks: Clocks = Clocks()
    buttons: tuple[ButtonText, ...] = ()
    rows: tuple[RowText, ...] = ()
    details: tuple[LineText, ...] = ()
    languages: tuple[LanguageText, ...] = ()


def cover_of(title: str) -> int:
    """The number of the drawn cover: always the same one for a title, 0–65535."""
    return crc32(title.encode()) >> 16


def initial_of(title: str) -> str:
    """What a small drawn cover shows of a title: its first letter or number, whatever the script."""
    return next((char for char in title if char.isalnum()), title[:1]).upper()


class Painter:
    """Puts a view to words in one language."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def paint(self, view: ViewState) -> Picture:
        """The picture of `view`."""
        return Picture(
            frame=self._frame(view),
            lead=Lead(
                self._put(view.sentence),
                self._put(view.detail),
                view.tone,
                self._put(view.empty),
                self._put(view.waiting),
            ),
            notice=self._notice(view),
            pin=self._pin(view),
            patron=Patron(view.patron.name, self._put(view.patron.counts)) if view.patron else Patron(),
            item=self._item(view.item) if view.item else Item(),
            clocks=self._clocks(view),
            buttons=self._buttons(view),
            rows=tuple(self._row(row) for row in view.rows),
            details=tuple(LineText(i, self._put(line)) for i, line in enumerate(view.details)),
            languages=tuple(LanguageText(name, endonym(name), name == view.language) for name in view.languages),
        )

    def _put(self, said: Say | None) -> str:
        return "" if said is None else put(said, self._locale)

    def _word(self, key: Key) -> str:
        return put(say(key), self._locale)

    def _frame(self, view: ViewState) -> Frame:
        return Frame(
            screen=view.screen,
            language=view.language,
            language_word=self._word(Key.LANGUAGE),
            select_word=self._word(Key.SELECT),
            station_name=view.station_name,
            offline=view.offline,
            offline_text=self._word(Key.OFFLINE),
            blank=view.blank,
        )

    def _item(self, item: RowView) -> Item:
        return Item(item.title, item.author, item.media, cover_of(item.title))

    def _notice(self, view: ViewState) -> NoticeText:
        notice = view.notice
        if notice is None:
            return NoticeText()
        return NoticeText(notice.tone, self._put(notice.text), notice.picture, notice.serial)

    def _pin(self, view: ViewState) -> Pin:
        if view.pin is None:
            return Pin()
        keys = {button.press: button for button in view.buttons}
        erase, accept = keys.get(Press.ERASE), keys.get(Press.OK)
        return Pin(
            length=view.pin.length,
            longest=view.pin.longest,
            busy=view.pin.busy,
            keys=view.pin.keys,
            erase_word=self._put(erase.text) if erase else self._word(Key.PIN_ERASE),
            erase_usable=bool(erase and erase.enabled),
            ok_word=self._put(accept.text) if accept else self._word(Key.PIN_OK),
            ok_usable=bool(accept and accept.enabled),
        )

    def _clocks(self, view: ViewState) -> Clocks:
        closing, still = view.closing, view.still_there
        return Clocks(
            closing_left=closing.left_s if closing else 0,
            closing_total=closing.total_s if closing else 0,
            still_left=still.left_s if still else 0,
            still_total=still.total_s if still else 0,
            still_sentence=self._word(Key.STILL_THERE),
            still_detail=self._put(say(Key.STILL_THERE_DETAIL, n=still.left_s)) if still else "",
            stay_word=self._word(Key.STAY),
        )

    def _buttons(self, view: ViewState) -> tuple[ButtonText, ...]:
        """Quiet first, the primary last: it stands bottom right. The ways in stand as they are read, the keypad draws
        its own."""
        shown = [button for button in view.buttons if button.press not in KEYPAD]
        if view.screen is not Screen.WELCOME:
            shown.sort(key=lambda button: LOUDNESS[button.weight])
        return tuple(self._button(button) for button in shown)

    def _button(self, button: Button) -> ButtonText:
        return ButtonText(button.press, self._put(button.text), button.weight, button.enabled, button.icon)

    def _row(self, row: RowView) -> RowText:
        action = row.action
        return RowText(
            key=row.id,
            title=row.title,
            author=row.author,
            media=row.media,
            cover=cover_of(row.title),
            initial=initial_of(row.title),
            tone=row.tone,
            said=self._put(row.text),
            hint=self._put(row.hint),
            action=action.press if action else "",
            action_label=self._put(action.text) if action else "",
            action_sign=action.icon if action else "",
            action_usable=bool(action and action.enabled),
            selectable=row.selectable,
            selected=row.selected,
        )
