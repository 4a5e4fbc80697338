"""Visits as lists of steps: what happened, and what the screen showed then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from drivers.events import CardSeen, CodeKind, CodeScanned, Credential, CredentialKind
from kiosk.flow.draw import draw
from kiosk.flow.effects import AskAgain, AskItem, AskPatron, Checkin, Checkout, Effect, Play, Renew, StartTimer, Undo
from kiosk.flow.events import ActAnswered, Event, ItemAnswered, LinkUp, PatronAnswered, Pressed, Timer, TimeUp
from kiosk.flow.state import FlowSettings, State, Station
from kiosk.flow.step import step
from kiosk.flow.view import Press, ViewState
from sync.catalogue import Item, Loan, Outcome, Patron, PatronAnswer, PatronState, Verdict

DUE = date(2026, 12, 14)
SETTINGS = FlowSettings(
    station_name="Hall", languages=("zh_CN", "en"), card_devices=frozenset({"nfc"}), scan_devices=frozenset({"scanner"})
)
ANNA = Patron(
    ref="p-anna",
    name="Anna Berg",
    language="en",
    limit=10,
    borrowed=1,
    loans=(Loan(item="39", title="Emma", due=DUE, renewals_left=1),),
)
WELCOME = PatronAnswer(state=PatronState.WELCOME, patron=ANNA)


def lent(item: str, due: date = DUE) -> Verdict:
    return Verdict(outcome=Outcome.LENT, due=due, item=Item(barcode=item, title=f"Title {item}"))


class Kiosk:
    """A station with nobody behind it: events go in, views and effects come out."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State(SETTINGS, Station(link_up=True))
        self.asked: list[Effect] = []
        self.sounds: list[str] = []

    def feel(self, event: Event) -> ViewState:
        self.state, effects = step(self.state, event)
        self.asked += [effect for effect in effects if not isinstance(effect, (Play, StartTimer))]
        self.sounds += [str(effect.tone) for effect in effects if isinstance(effect, Play)]
        return self.view

    @property
    def view(self) -> ViewState:
        return draw(self.state)

    @property
    def screen(self) -> str:
        return str(self.view.screen)

    def tap(self, uid: str = "04A1") -> ViewState:
        return self.feel(CardSeen("nfc", Credential(CredentialKind.UID, uid)))

    def scan(self, code: str, kind: CodeKind = CodeKind.ITEM) -> ViewState:
        return self.feel(CodeScanned("scanner", kind, code))

    def press(self, press: Press, arg: str = "") -> ViewState:
        return self.feel(Pressed(press, arg))

    def last(self, kind: type[Effect]) -> Effect:
        return next(effect for effect in reversed(self.asked) if isinstance(effect, kind))

    def patron(self, answer: PatronAnswer | None = WELCOME) -> ViewState:
        asked = next(effect for effect in reversed(self.asked) if isinstance(effect, (AskPatron, AskAgain)))
        return self.feel(PatronAnswered(asked.visit, asked.question, answer))

    def answer(self, verdict: Verdict | None, key: str = "K1") -> ViewState:
        asked = next(effect for effect in reversed(self.asked) if isinstance(effect, (Checkout, Checkin, Renew, Undo)))
        return self.feel(ActAnswered(asked.visit, asked.row, key, verdict))

    def item(self, item: Item | None, *, sure: bool = True) -> ViewState:
        asked = self.last(AskItem)
        assert isinstance(asked, AskItem)
        return self.feel(ItemAnswered(asked.visit, asked.barcode, item, sure))

    def time_up(self, timer: Timer) -> ViewState:
        return self.feel(TimeUp(timer, dict(self.state.timers)[timer]))

    def signed_in(self) -> Kiosk:
        self.tap()
        self.patron()
        return self

    def offline(self) -> Kiosk:
        self.state = replace(self.state, station=replace(self.state.station, link_up=False))
        return self


__all__ = ["ANNA", "DUE", "SETTINGS", "WELCOME", "Kiosk", "LinkUp", "lent"]
