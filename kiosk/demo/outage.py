"""The rehearsal of an outage: the line is cut, readers come all the same, the station is killed in between, the front
desk does something that does not fit, and when the line is back every act is told, once, and the conflict settled.

Everything is real but the hardware: the station's journal is read beside the station at work, and the centre is asked
through its API. Only whether it has an act *once* is counted in its tables, for no answer would show a second one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kiosk.clock import SystemClock
from kiosk.demo.front_desk import FrontDesk
from kiosk.demo.peer import DemoError
from kiosk.demo.rehearsal import Report, Tell, play
from kiosk.demo.stage import Picture, Stage
from kiosk.demo.visits import LEAVE, Visits, deed, press, press_row, scan, tap
from kiosk.flow.keys import Key
from kiosk.store.database import open_reading
from kiosk.store.mirror import MIRROR, PATRON
from kiosk.store.reading import SETTLED_FACTS, UNKNOWN, Entry, JournalReader
from sync.acts import ActKind, ActState
from sync.central.models import LoanRow, StreamRow, open_engine
from sync.conflicts import Conflict, ExceptionView

SOON_S = 10.0
"""Until what happens by itself must have happened: the mirror filled, all acts told."""

LOOK_S = 0.05


class OutageReport(Report, frozen=True, kw_only=True):
    """How it went, and what became of the acts of the outage. `queued`: when the line was mended; `delivered`: how many
    of these the centre has by the end; `excepted`: how many of these staff have to look at."""

    queued: int
    delivered: int
    excepted: int


def play_outage(stage: Stage, tell: Tell, shots: Path | None = None) -> OutageReport:
    """Play the outage on the sample library. `tell` and `shots` as of `play`. Nothing is played after a failure, for
    every step rests on the ones before.

    Raises:
        DemoError: the front desk is not let in.
    """
    outage = Outage(stage, FrontDesk(stage.stack))
    report = play(stage, outage.visits(), tell, shots, one_story=True)
    states = outage.states()
    return OutageReport(
        ok=report.ok,
        steps=report.steps,
        queued=len(states),
        delivered=sum(state in SETTLED_FACTS for state in states),
        excepted=states.count(ActState.EXCEPTION),
    )


class Outage:
    """The story, and what it remembers from one step to the next.

    Args:
        stage: a station on the sample library.
        desk: the front desk of the same branch.
    """

    ALONE = "5"  # borrowed alone
    UNDONE = "6"  # borrowed alone, and not after all
    CONTESTED = "16"  # lent at the desk, and left lying where the next reader found it

    def __init__(self, stage: Stage, desk: FrontDesk) -> None:
        self._stage = stage
        self._desk = desk
        self._queued: tuple[str, ...] = ()
        self._exception = 0

    def visits(self) -> Visits:
        """What is played."""
        return {
            "before": [
                deed("the mirror is filled", self._mirror_filled, screen="welcome", offline=False),
                tap("anna", screen="borrow", offline=False),
                scan("3", rows=(Key.ROW_LENT,)),
                *LEAVE,
            ],
            "alone": [
                deed("cut the line", Stage.cut_line, screen="welcome", sentence=Key.WELCOME, offline=True),
                tap("liwei", screen="borrow", offline=True),
                scan(self.UNDONE, rows=(Key.ROW_LENT_ABOUT,), offline=True),
                press_row("undo", rows=(Key.ROW_UNDONE,)),
                *LEAVE,
            ],
            "a card with a PIN": [
                tap("ben", screen="message", sentence=Key.NOT_OFFLINE, details=(Key.NOT_OFFLINE_DETAIL,), offline=True),
                press("return", screen="return"),
                scan("42", rows=(Key.ROW_RETURNED_UNSEEN,), offline=True),
                scan("30", rows=(Key.ROW_RETURNED_UNSEEN, Key.ROW_RETURNED_UNSEEN)),
                *LEAVE,
            ],
            "killed in a visit": [
                tap("anna", screen="borrow", offline=True),
                scan(self.ALONE, rows=(Key.ROW_LENT_ABOUT,)),
                deed("kill the station and start it", self._kill, screen="welcome", offline=True),
            ],
            "a conflict": [
                deed("the front desk lends to kim", self._lend_at_desk, screen="welcome", offline=True),
                tap("hugo", screen="borrow", offline=True),
                scan(self.CONTESTED, rows=(Key.ROW_LENT_ABOUT,), offline=True),
                *LEAVE,
            ],
            "the line is back": [
                deed("mend the line", self._mend, screen="welcome", offline=False),
                deed("all acts are told", self._all_told, offline=False),
                deed("the centre has each once", self._each_once),
                tap("anna", screen="borrow", offline=False),
                scan(self.ALONE, rows=(Key.ROW_ALREADY_YOURS,), offline=False),
                *LEAVE,
            ],
            "settled": [
                deed("staff see the conflict", self._one_exception),
                deed("it is resolved", self._resolve),
                deed("a second time is refused", self._refused),
            ],
        }

    def states(self) -> tuple[ActState, ...]:
        """Where the acts of the outage stand, in the station's own journal."""
        with self._journal() as journal:
            entries = [journal.entry(key) for key in self._queued]
        return tuple(entry.state for entry in entries if entry is not None)

    # ── before, and alone ──

    def _mirror_filled(self, stage: Stage) -> Picture:
        """A station that has never had a mirror knows nothing when it is alone."""
        files = [stage.stack.data / name for name in (MIRROR, PATRON)]
        _soon(lambda: all(file.exists() for file in files), "the mirror is not filled")
        return stage.view()

    def _kill(self, stage: Stage) -> Picture:
        """In the middle of a visit. What the screen had called done must wait in the journal afterwards too."""
        before = self._waiting()
        stage.kill()
        picture = stage.wait(screen="welcome", offline=True)
        if self._waiting() != before:
            raise DemoError("the journal holds other acts than before the station was killed")
        return picture

    def _lend_at_desk(self, stage: Stage) -> Picture:
        """The station cannot know of it."""
        self._desk.lend(stage.code(self.CONTESTED), stage.patrons["kim"])
        return stage.view()

    # ── the line is back ──

    def _mend(self, stage: Stage) -> Picture:
        self._queued = self._waiting()
        if not self._queued:
            raise DemoError("no act waits for the line")
        return stage.mend_line()

    def _all_told(self, stage: Stage) -> Picture:
        _soon(self._nothing_untold, "the centre does not have all acts")
        return stage.view()

    def _nothing_untold(self) -> bool:
        with self._journal() as journal:
            return journal.waiting() == 0 and journal.untold() == 0

    def _each_once(self, stage: Stage) -> Picture:
        """Each act has one place in the stream, and each that lent has one loan, at the reader who borrowed."""
        with self._journal() as journal:
            entries = [entry for key in self._queued if (entry := journal.entry(key))]
        told, lent = self._at_centre()
        wrong = sum(told[key] != 1 for key in self._queued)
        wrong += sum(lent[entry.act.key, entry.act.patron or ""] != 1 for entry in entries if _lends(entry))
        if wrong:
            raise DemoError(f"the centre has {wrong} acts not once")
        return stage.view()

    def _at_centre(self) -> tuple[Counter[str], Counter[tuple[str, str]]]:
        """How often the centre was told each act, and how many loans it made of it for whom."""
        engine = open_engine(self._stage.stack.own_centre.database)
        made = or_(LoanRow.key.in_(self._queued), LoanRow.again_key.in_(self._queued))
        try:
            with Session(engine) as db:
                told = Counter(db.scalars(select(StreamRow.key).where(StreamRow.key.in_(self._queued))))
                loans = db.scalars(select(LoanRow).where(made)).all()
        finally:
            engine.dispose()
        lent = Counter((key, loan.patron) for loan in loans for key in (loan.key, loan.again_key) if key)
        return told, lent

    # ── settled ──

    def _one_exception(self, stage: Stage) -> Picture:
        """Just the one that was made, with the station's history and the centre's."""
        found = self._desk.exceptions()
        if len(found) != 1 or not self._is_ours(found[0]):
            raise DemoError(f"staff see {', '.join(each.conflict for each in found) or 'nothing'}")
        self._exception = found[0].id
        return stage.view()

    def _is_ours(self, found: ExceptionView) -> bool:
        both = found.act is not None and len(found.believed.loans) >= 1
        return both and found.conflict == Conflict.OTHER_OLD and found.item == self._stage.code(self.CONTESTED)

    def _resolve(self, stage: Stage) -> Picture:
        """Staff accept it: who has the book in hand has it in the catalogue."""
        if not self._desk.accept(self._exception):
            raise DemoError("the centre does not let the conflict be resolved")
        item = stage.code(self.CONTESTED)
        if item not in stage.loans_at_centre("hugo") or item in stage.loans_at_centre("kim"):
            raise DemoError("the item is not with the reader who has it")
        return stage.view()

    def _refused(self, stage: Stage) -> Picture:
        if self._desk.accept(self._exception):
            raise DemoError("the same conflict could be resolved twice")
        if self._desk.exceptions():
            raise DemoError("what was resolved is still on the desk")
        return stage.view()

    # ── the journal ──

    def _waiting(self) -> tuple[str, ...]:
        """The acts that the centre does not know yet, by their keys."""
        with self._journal() as journal:
            return tuple(entry.act.key for entry in journal.in_state(*UNKNOWN))

    @contextmanager
    def _journal(self) -> Iterator[JournalReader]:
        stack = self._stage.stack
        engine = open_reading(stack.data / "journal.db")
        try:
            yield JournalReader(engine, SystemClock(stack.configuration().zone))
        finally:
            engine.dispose()


def _lends(entry: Entry) -> bool:
    return entry.act.kind is ActKind.CHECKOUT


def _soon(true: Callable[[], bool], else_: str) -> None:
    """Wait until it is true. Raises `DemoError` where it takes too long."""
    until_s = time.monotonic() + SOON_S
    while not true():
        if time.monotonic() > until_s:
            raise DemoError(else_)
        time.sleep(LOOK_S)
