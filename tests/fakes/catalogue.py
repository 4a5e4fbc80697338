"""A small catalogue in memory that loses messages and answers when it is told to."""

from __future__ import annotations

import asyncio
from datetime import date
from enum import StrEnum

from sync.acts import Act, ActKind
from sync.catalogue import (
    Credential,
    Item,
    ItemStatus,
    NoAnswer,
    Outcome,
    Patron,
    PatronAnswer,
    PatronState,
    Unreachable,
    Verdict,
)

DUE = date(2026, 4, 1)


class Line(StrEnum):
    """What happens to a message on its way."""

    GOOD = "good"
    CUT = "cut"  # nothing is sent
    LOSES_QUESTIONS = "loses_questions"  # sent, never arrives
    LOSES_ANSWERS = "loses_answers"  # arrives and is done; the answer is lost
    HANGS = "hangs"  # arrives and is done; the answer never comes, nor an error


class FakeCatalogue:
    """Implements `sync.catalogue.Catalogue` over a dict of loans. Idempotent by (key, kind)."""

    def __init__(self) -> None:
        self.line = Line.GOOD
        self.loans: dict[str, str] = {}  # item → patron
        self.history: list[tuple[str, str, str]] = []  # (kind, item, key), each as often as it was done
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.patrons: dict[Credential, PatronAnswer] = {}
        self.pins: dict[Credential, str] = {}
        self.refuses: dict[str, Outcome] = {}
        self.asked = 0

    async def heartbeat(self) -> None:
        await self._travel()
        await self._answer()

    async def patron(self, credential: Credential, pin: str | None = None) -> PatronAnswer:
        await self._travel()
        await self._answer()
        if credential in self.pins and pin is None:
            return PatronAnswer(state=PatronState.PIN_NEEDED)
        if credential in self.pins and pin != self.pins[credential]:
            return PatronAnswer(state=PatronState.PIN_WRONG)
        return self.patrons.get(credential, PatronAnswer(state=PatronState.UNKNOWN))

    async def item(self, barcode: str) -> Item | None:
        await self._travel()
        await self._answer()
        status = ItemStatus.ON_LOAN if barcode in self.loans else ItemStatus.AVAILABLE
        return Item(barcode=barcode, title=f"Title {barcode}", status=status)

    async def propose(self, act: Act) -> Verdict:
        self.asked += 1
        await self._travel()
        verdict = self._once(act, "proposal")
        await self._answer()
        return verdict

    async def look_up(self, act: Act) -> Verdict | None:
        await self._travel()
        await self._answer()
        verdict = self.verdicts.setdefault((act.key, "proposal"), Verdict(outcome=Outcome.NO_ANSWER))
        return None if verdict.outcome is Outcome.NO_ANSWER else verdict

    async def tell(self, acts: tuple[Act, ...]) -> tuple[Verdict, ...]:
        await self._travel()
        verdicts = tuple(self._once(act, "fact") for act in acts)
        await self._answer()
        return verdicts

    async def _travel(self) -> None:
        if self.line is Line.CUT:
            raise Unreachable("cut")
        if self.line is Line.LOSES_QUESTIONS:
            raise NoAnswer("question lost")

    async def _answer(self) -> None:
        if self.line is Line.LOSES_ANSWERS:
            raise NoAnswer("answer lost")
        if self.line is Line.HANGS:
            await asyncio.Event().wait()

    def _once(self, act: Act, kind: str) -> Verdict:
        if (act.key, kind) not in self.verdicts:
            self.verdicts[act.key, kind] = self._apply(act, kind)
        return self.verdicts[act.key, kind]

    def _apply(self, act: Act, kind: str) -> Verdict:
        proposal = self.verdicts.get((act.key, "proposal"))
        if kind == "fact" and proposal is not None and proposal.outcome.yes:
            return proposal
        item = Item(barcode=act.item, title=f"Title {act.item}")
        if kind == "proposal" and act.item in self.refuses:
            return Verdict(outcome=self.refuses[act.item], item=item)
        if kind == "proposal" and self.loans.get(act.item, act.patron) != act.patron:
            return Verdict(outcome=Outcome.ON_LOAN_TO_OTHER, item=item)
        self.history.append((str(act.kind), act.item, act.key))
        if act.kind is ActKind.CHECKIN:
            had = self.loans.pop(act.item, None)
            return Verdict(outcome=Outcome.RETURNED if had else Outcome.WAS_NOT_ON_LOAN, item=item)
        self.loans[act.item] = act.patron or ""
        done = Outcome.LENT if act.kind is ActKind.CHECKOUT else Outcome.RENEWED
        return Verdict(outcome=done, due=DUE, item=item)


def anna(ref: str = "p-anna") -> Patron:
    """A patron who may borrow."""
    return Patron(ref=ref, name="Anna Berg", limit=10, borrowed=0)
