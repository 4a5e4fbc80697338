"""One turn of the flow: the state while a handler works on it, and what it asked for.

`step` makes a turn, lets one handler act on it and takes the result; nothing outlives the call.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import msgspec

from kiosk.flow.effects import Effect, EndVisit, Play, StartTimer
from kiosk.flow.events import Timer
from kiosk.flow.keys import Key
from kiosk.flow.state import Row, Stage, State, Telling, Visit
from kiosk.flow.view import Notice, Say, Tone, say
from sync.acts import ActKind
from sync.catalogue import Patron

S = TypeVar("S")


class Turn:
    """Collects the changes and effects of one event."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.effects: list[Effect] = []

    @property
    def visit(self) -> Visit:
        """The visit; only asked for where there is one."""
        visit = self.state.visit
        if visit is None:
            raise LookupError("no visit")
        return visit

    def stage(self, kind: type[S]) -> S:
        """The stage, known to be of `kind` by the table that chose the handler."""
        stage = self.visit.stage
        if not isinstance(stage, kind):
            raise TypeError(f"{type(stage).__name__} is not {kind.__name__}")
        return stage

    def ask(self, effect: Effect) -> None:
        """Ask the runner for something."""
        self.effects.append(effect)

    def change(self, **changes: object) -> None:
        """Change fields of the visit."""
        self.state = replace(self.state, visit=replace(self.visit, **changes))  # type: ignore[arg-type]

    def change_station(self, **changes: object) -> None:
        """Change fields of the station."""
        self.state = replace(self.state, station=replace(self.state.station, **changes))  # type: ignore[arg-type]

    # ── visits and stages ──

    def begin(self, stage: Stage) -> None:
        """A reader is here."""
        number = self.state.visits + 1
        visit = Visit(number=number, language=self.state.settings.language, stage=stage)
        self.state = replace(self.state, visits=number, visit=visit)
        self.stop(Timer.BLANK)
        self.start(Timer.IDLE, self.state.settings.idle_s)

    def go(self, stage: Stage) -> None:
        """Go to another stage of the visit, or begin one. What was noticed on the last one is gone."""
        if self.state.visit is None:
            self.begin(stage)
        else:
            self.change(stage=stage, notice=None, question=0)

    def end(self) -> None:
        """The reader has left: nothing of them stays."""
        self.ask(EndVisit(self.visit.number))
        self.state = replace(self.state, visit=None)
        self.stop(Timer.IDLE)
        self.stop(Timer.TICK)
        self.start(Timer.BLANK, self.state.settings.blank_s)

    def tell(self, sentence: Key, *details: Say, books: bool = False, returns: bool = False) -> None:
        """Bad or other news on a screen of its own."""
        seconds = self.state.settings.message_s
        self.go(Telling(say(sentence), details, seconds, offers_books=books, offers_return=returns))
        self.close_by_itself()
        self.play(Tone.STOP)

    def close_by_itself(self) -> None:
        """The stage has its own countdown from now on; a question whether somebody is there is settled by it."""
        self.change(warning_s=None)
        self.stop(Timer.IDLE)
        self.start(Timer.TICK, 1)

    def question(self) -> int:
        """Number a question about a patron; only its own answer will count."""
        self.change(question=self._next_serial())
        return self.visit.question

    def give_back(self, item: str, *, counted: bool) -> None:
        """The patron has this item no more. It was theirs where the catalogue listed it, or where its count held it."""
        patron = self.visit.patron
        if patron is None:
            return
        kept = tuple(loan for loan in patron.loans if loan.item != item)
        if counted or len(kept) < len(patron.loans):
            borrowed = max(0, patron.borrowed - 1)
            self.change(patron=msgspec.structs.replace(patron, loans=kept, borrowed=borrowed))

    @property
    def patron(self) -> Patron:
        """The patron with the count of now; only asked for where one was admitted."""
        patron = self.visit.patron
        if patron is None:
            raise LookupError("no patron")
        return msgspec.structs.replace(patron, borrowed=self.visit.borrowed)

    # ── timers ──

    def start(self, timer: Timer, seconds: float) -> None:
        """Start a timer anew."""
        serial = self._next_serial()
        self._set_timer(timer, serial)
        self.ask(StartTimer(timer, seconds, serial))

    def stop(self, timer: Timer) -> None:
        """What this timer still says is stale."""
        self._set_timer(timer, None)

    def alive(self) -> None:
        """A reader did something: wake the screen, take back the question whether they are there."""
        if self.state.station.blank:
            self.change_station(blank=False)
        if self.state.visit is None:
            self.start(Timer.BLANK, self.state.settings.blank_s)
            return
        if self.visit.warning_s is not None:
            self.change(warning_s=None)
            self.stop(Timer.TICK)
        if not self._closing():
            self.start(Timer.IDLE, self.state.settings.idle_s)

    def _closing(self) -> bool:
        return dict(self.state.timers).get(Timer.TICK) is not None

    def _set_timer(self, timer: Timer, serial: int | None) -> None:
        timers = dict(self.state.timers)
        timers.pop(timer, None)
        if serial is not None:
            timers[timer] = serial
        self.state = replace(self.state, timers=tuple(timers.items()))

    def _next_serial(self) -> int:
        self.state = replace(self.state, serial=self.state.serial + 1)
        return self.state.serial

    # ── feedback ──

    def play(self, tone: Tone) -> None:
        """Sound an outcome."""
        self.ask(Play(tone))

    def notice(self, tone: Tone, text: Say, picture: str = "") -> None:
        """Say something about the last thing that happened, and sound it."""
        self.change(notice=Notice(tone, text, picture, self._next_serial()))
        self.play(tone)

    # ── rows ──

    def add_row(self, kind: ActKind, item: str, **known: object) -> Row:
        """Put a new row at the top."""
        row = Row(id=self.visit.next_row, kind=kind, item=item, **known)  # type: ignore[arg-type]
        self.change(rows=(row, *self.visit.rows), next_row=row.id + 1)
        return row

    def put_row(self, row: Row) -> None:
        """Change a row in its place."""
        self.change(rows=tuple(row if old.id == row.id else old for old in self.visit.rows))

    def drop_rows(self, *row_ids: int) -> None:
        """Take rows off the list."""
        self.change(rows=tuple(row for row in self.visit.rows if row.id not in row_ids))
