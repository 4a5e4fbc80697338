"""Every pair of stage and event has an answer; a scan or a tap is always felt; random visits keep the rules."""

from __future__ import annotations

import typing
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from drivers.events import (
    CardFault,
    CardLifted,
    CardSeen,
    CardUnreadable,
    CodeKind,
    CodeScanned,
    Credential,
    CredentialKind,
    DeviceDown,
    DeviceUp,
    DownReason,
    ScanFault,
    ScanUnreadable,
)
from kiosk.flow import state as stages
from kiosk.flow.draw import draw
from kiosk.flow.effects import AskAgain, AskItem, AskPatron, Checkin, Checkout, Effect, Renew, Undo
from kiosk.flow.events import (
    ActAnswered,
    Event,
    InOrder,
    ItemAnswered,
    LinkDown,
    LinkUp,
    OutOfOrder,
    OutOfOrderReason,
    PatronAnswered,
    Pressed,
    Timer,
    TimeUp,
    Touched,
)
from kiosk.flow.presses import BY_STAGE, EVERYWHERE
from kiosk.flow.state import State, Station, Visit
from kiosk.flow.step import HANDLERS, SIGNS_OF_LIFE, step
from kiosk.flow.view import Press, Screen, say
from sync.catalogue import Item, Outcome, PatronAnswer, PatronState, Verdict
from tests.kiosk.flow.visits import ANNA, SETTINGS, WELCOME

CARD = Credential(CredentialKind.UID, "04A1")
STAGES: tuple[stages.Stage | None, ...] = (
    None,
    stages.Greeting(),
    stages.AskingCard(stages.Purpose.BORROW),
    stages.Identifying(stages.Purpose.BORROW, CARD),
    stages.EnteringPin(stages.Purpose.BORROW, CARD, typed="12"),
    stages.Borrowing(),
    stages.Returning(),
    stages.Looking("301", answered=True, item=Item(barcode="301", title="Emma")),
    stages.Reading(ready=True),
    stages.Telling(say("unknown_card"), left_s=5),  # type: ignore[arg-type]
    stages.Leaving(5),
)
EVENTS: tuple[Event, ...] = (
    *(Pressed(press, "1") for press in Press),
    Touched(),
    CardSeen("nfc", CARD),
    CardUnreadable("nfc", CardFault.RANDOM_UID),
    CardLifted("nfc"),
    *(CodeScanned("scanner", kind, "301") for kind in CodeKind),
    ScanUnreadable("scanner", ScanFault.GARBAGE),
    PatronAnswered(1, 7, WELCOME),
    PatronAnswered(1, 7, None),
    ItemAnswered(1, "301", None, sure=True),
    ActAnswered(1, 1, "K", None),
    *(TimeUp(timer, 9) for timer in Timer),
    DeviceUp("nfc"),
    DeviceDown("scanner", DownReason.UNPLUGGED),
    LinkUp(),
    LinkDown(),
    OutOfOrder(OutOfOrderReason.JOURNAL),
    InOrder(),
)


def state_in(stage: stages.Stage | None) -> State:
    timers = tuple((timer, 9) for timer in Timer)
    if stage is None:
        return State(SETTINGS, Station(link_up=True), timers=timers, serial=9)
    known = isinstance(stage, (stages.Borrowing, stages.Reading))
    visit = Visit(number=1, language="en", stage=stage, question=7, patron=ANNA if known else None)
    return State(SETTINGS, Station(link_up=True), visit, visits=1, timers=timers, serial=9)


def test_the_lists_above_are_whole() -> None:
    assert {type(stage) for stage in STAGES if stage} == set(typing.get_args(stages.Stage))
    assert {type(event) for event in EVENTS} == set(HANDLERS)


def test_every_pair_has_an_answer_and_a_picture() -> None:
    for stage in STAGES:
        for event in EVENTS:
            after, _ = step(state_in(stage), event)
            assert draw(after).screen in Screen


def test_a_scan_or_a_tap_is_always_felt() -> None:
    for stage in STAGES:
        for event in EVENTS:
            if isinstance(event, SIGNS_OF_LIFE) and not isinstance(event, (Pressed, Touched)):
                before = state_in(stage)
                after, _ = step(before, event)
                assert draw(after) != draw(before), (stage, event)


def test_every_button_that_is_drawn_does_something() -> None:
    for stage in STAGES:
        state = state_in(stage)
        for button in draw(state).buttons:
            kind = type(stage) if stage else stages.Greeting
            assert (kind, button.press) in BY_STAGE or button.press in EVERYWHERE, (stage, button.press)


def test_a_visit_s_answers_do_nothing_without_it() -> None:
    idle = state_in(None)
    for event in (PatronAnswered(1, 7, WELCOME), ItemAnswered(1, "301", None, sure=True), ActAnswered(1, 1, "K", None)):
        assert step(idle, event) == (idle, ())


class AnyVisit(RuleBasedStateMachine):
    """Whatever readers, devices, catalogue and time do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State(SETTINGS, Station(link_up=True))
        self.open: list[Effect] = []

    def feel(self, event: Event) -> None:
        self.state, effects = step(self.state, event)
        self.open += [
            e for e in effects if isinstance(e, (AskPatron, AskAgain, AskItem, Checkout, Checkin, Renew, Undo))
        ]

    @rule(event=st.sampled_from(EVENTS))
    def anything(self, event: Event) -> None:
        self.feel(event)

    @rule(press=st.sampled_from(list(Press)), arg=st.sampled_from(["", "1", "2", "3", "x", "en", "zh_CN"]))
    def press(self, press: Press, arg: str) -> None:
        self.feel(Pressed(press, arg))

    @rule(item=st.sampled_from(["301", "302", "39"]))
    def scan(self, item: str) -> None:
        self.feel(CodeScanned("scanner", CodeKind.ITEM, item))

    @rule(timer=st.sampled_from(list(Timer)))
    def time_up(self, timer: Timer) -> None:
        self.feel(TimeUp(timer, dict(self.state.timers).get(timer, 0)))

    @rule(data=st.data(), outcome=st.sampled_from(list(Outcome)), patron=st.sampled_from(list(PatronState)))
    def answer(self, data: st.DataObject, outcome: Outcome, patron: PatronState) -> None:
        if not self.open:
            return
        effect = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if isinstance(effect, (AskPatron, AskAgain)):
            known = ANNA if patron is PatronState.WELCOME else None
            self.feel(PatronAnswered(effect.visit, effect.question, PatronAnswer(state=patron, patron=known)))
        elif isinstance(effect, AskItem):
            self.feel(ItemAnswered(effect.visit, effect.barcode, Item(barcode=effect.barcode, title="T"), sure=True))
        elif isinstance(effect, (Checkout, Checkin, Renew, Undo)):
            self.feel(ActAnswered(effect.visit, effect.row, "K", Verdict(outcome=outcome, due=date(2026, 12, 1))))

    @invariant()
    def a_picture_can_be_drawn(self) -> None:
        view = draw(self.state)
        assert sum(button.weight == "primary" for button in view.buttons) <= 1
        assert len({row.id for row in view.rows}) == len(view.rows)

    @invariant()
    def nothing_is_left_of_anybody_when_idle(self) -> None:
        if self.state.visit is None:
            assert "Anna" not in repr(self.state)

    @invariant()
    def somebody_will_end_every_visit(self) -> None:
        if self.state.visit is not None:
            assert {Timer.IDLE, Timer.TICK} & set(dict(self.state.timers))

    @invariant()
    def a_row_waits_only_while_it_is_asked_about(self) -> None:
        visit = self.state.visit
        if visit is not None:
            asked = {(e.visit, e.row) for e in self.open if isinstance(e, (Checkout, Checkin, Renew, Undo))}
            assert all((visit.number, row.id) in asked for row in visit.rows if row.status in {"waiting", "undoing"})


TestAnyVisit = AnyVisit.TestCase
TestAnyVisit.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
