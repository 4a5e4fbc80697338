"""The bridge: the one object that QML knows. Python shows it a `ViewState`; QML tells it of presses."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.flow.view import Press, ViewState
from kiosk.ui.models import KeyedModel
from kiosk.ui.picture import ButtonText, LanguageText, LineText, Painter, Picture, RowText

# Read by the QML type registration and by pyside6-metaobjectdump.
QML_IMPORT_NAME = "Kiosk"
QML_IMPORT_MAJOR_VERSION = 1

OnPress = Callable[[Press, str], None]


@QmlElement
class Bridge(QObject):
    """What the screen draws, as typed properties; a group of them notifies only where something in it changed.

    Args:
        on_press: called in the GUI thread with the button pressed and its argument (row id, digit, locale; else '').
    """

    frame_changed = Signal()
    lead_changed = Signal()
    notice_changed = Signal()
    pin_changed = Signal()
    patron_changed = Signal()
    item_changed = Signal()
    clocks_changed = Signal()

    def __init__(self, on_press: OnPress, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_press = on_press
        self._painter = Painter("en")
        self._view: ViewState | None = None
        self._picture = Picture()
        self._buttons = KeyedModel(ButtonText, self)
        self._rows = KeyedModel(RowText, self)
        self._details = KeyedModel(LineText, self)
        self._languages = KeyedModel(LanguageText, self)

    def show(self, view: ViewState) -> None:
        """Draw `view`. Call it in the GUI thread. What did not change is not told again."""
        if view == self._view:
            return
        if self._view is None or view.language != self._view.language:
            self._painter = Painter(view.language)
        before, self._view, self._picture = self._picture, view, self._painter.paint(view)
        self._tell_lists()
        self._tell(before)

    @property
    def view(self) -> ViewState | None:
        """What is drawn now."""
        return self._view

    @property
    def picture(self) -> Picture:
        """The same, put to words."""
        return self._picture

    def _tell_lists(self) -> None:
        self._buttons.show(self._picture.buttons)
        self._rows.show(self._picture.rows)
        self._details.show(self._picture.details)
        self._languages.show(self._picture.languages)

    def _tell(self, before: Picture) -> None:
        """The frame last: a screen that is new finds everything in place."""
        now = self._picture
        if now.lead != before.lead:
            self.lead_changed.emit()
        if now.notice != before.notice:
            self.notice_changed.emit()
        if now.pin != before.pin:
            self.pin_changed.emit()
        if now.patron != before.patron:
            self.patron_changed.emit()
        if now.item != before.item:
            self.item_changed.emit()
        if now.clocks != before.clocks:
            self.clocks_changed.emit()
        if now.frame != before.frame:
            self.frame_changed.emit()

    @Slot(str, str)
    def press(self, name: str, arg: str) -> None:
        """QML: the button `name` was pressed."""
        self._on_press(Press(name), arg)

    @Property(QObject, constant=True)
    def buttons(self) -> QObject:
        return self._buttons

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        return self._rows

    @Property(QObject, constant=True)
    def details(self) -> QObject:
        return self._details

    @Property(QObject, constant=True)
    def languages(self) -> QObject:
        return self._languages

    # ── frame ──

    @Property(str, notify=frame_changed)
    def screen(self) -> str:
        return self._picture.frame.screen

    @Property(str, notify=frame_changed)
    def language(self) -> str:
        return self._picture.frame.language

    @Property(str, notify=frame_changed)
    def languageWord(self) -> str:
        return self._picture.frame.language_word

    @Property(str, notify=frame_changed)
    def selectWord(self) -> str:
        return self._picture.frame.select_word

    @Property(str, notify=frame_changed)
    def stationName(self) -> str:
        return self._picture.frame.station_name

    @Property(bool, notify=frame_changed)
    def offline(self) -> bool:
        return self._picture.frame.offline

    @Property(str, notify=frame_changed)
    def offlineText(self) -> str:
        return self._picture.frame.offline_text

    @Property(bool, notify=frame_changed)
    def blank(self) -> bool:
        return self._picture.frame.blank

    # ── lead ──

    @Property(str, notify=lead_changed)
    def sentence(self) -> str:
        return self._picture.lead.sentence

    @Property(str, notify=lead_changed)
    def detail(self) -> str:
        return self._picture.lead.detail

    @Property(str, notify=lead_changed)
    def tone(self) -> str:
        return self._picture.lead.tone

    @Property(str, notify=lead_changed)
    def empty(self) -> str:
        return self._picture.lead.empty

    @Property(str, notify=lead_changed)
    def waiting(self) -> str:
        return self._picture.lead.waiting

    # ── notice ──

    @Property(str, notify=notice_changed)
    def noticeTone(self) -> str:
        return self._picture.notice.tone

    @Property(str, notify=notice_changed)
    def noticeText(self) -> str:
        return self._picture.notice.text

    @Property(str, notify=notice_changed)
    def noticePicture(self) -> str:
        return self._picture.notice.picture

    @Property(int, notify=notice_changed)
    def noticeSerial(self) -> int:
        return self._picture.notice.serial

    # ── pin ──

    @Property(int, notify=pin_changed)
    def pinLength(self) -> int:
        return self._picture.pin.length

    @Property(int, notify=pin_changed)
    def pinLongest(self) -> int:
        return self._picture.pin.longest

    @Property(bool, notify=pin_changed)
    def pinBusy(self) -> bool:
        return self._picture.pin.busy

    @Property(str, notify=pin_changed)
    def pinKeys(self) -> str:
        return self._picture.pin.keys

    @Property(str, notify=pin_changed)
    def eraseWord(self) -> str:
        return self._picture.pin.erase_word

    @Property(bool, notify=pin_changed)
    def eraseUsable(self) -> bool:
        return self._picture.pin.erase_usable

    @Property(str, notify=pin_changed)
    def okWord(self) -> str:
        return self._picture.pin.ok_word

    @Property(bool, notify=pin_changed)
    def okUsable(self) -> bool:
        return self._picture.pin.ok_usable

    # ── patron ──

    @Property(str, notify=patron_changed)
    def patronName(self) -> str:
        return self._picture.patron.name

    @Property(str, notify=patron_changed)
    def counts(self) -> str:
        return self._picture.patron.counts

    # ── item ──

    @Property(str, notify=item_changed)
    def itemTitle(self) -> str:
        return self._picture.item.title

    @Property(str, notify=item_changed)
    def itemAuthor(self) -> str:
        return self._picture.item.author

    @Property(str, notify=item_changed)
    def itemMedia(self) -> str:
        return self._picture.item.media

    @Property(int, notify=item_changed)
    def itemCover(self) -> int:
        return self._picture.item.cover

    # ── clocks ──

    @Property(int, notify=clocks_changed)
    def closingLeft(self) -> int:
        return self._picture.clocks.closing_left

    @Property(int, notify=clocks_changed)
    def closingTotal(self) -> int:
        return self._picture.clocks.closing_total

    @Property(int, notify=clocks_changed)
    def stillLeft(self) -> int:
        return self._picture.clocks.still_left

    @Property(int, notify=clocks_changed)
    def stillTotal(self) -> int:
        return self._picture.clocks.still_total

    @Property(str, notify=clocks_changed)
    def stillSentence(self) -> str:
        return self._picture.clocks.still_sentence

    @Property(str, notify=clocks_changed)
    def stillDetail(self) -> str:
        return self._picture.clocks.still_detail

    @Property(str, notify=clocks_changed)
    def stayWord(self) -> str:
        return self._picture.clocks.stay_word
