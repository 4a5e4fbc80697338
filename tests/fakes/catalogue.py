"""A small catalogue in memory that loses messages and answers when it is told to."""

from __future__ import annotations

import asyncio
import copy
from datetime import date
from enum import StrEnum
from typing import Any

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
from sync.stream import Contact, Cursor, Delivery, Head, OutOfStep, Receipt, Welcome, next_link

DUE = date(2026, 4, 1)


class Line(StrEnum):
    """What happens to a message on its way."""

    GOOD = "good"
    CUT = "cut"  # nothing is sent
    LOSES_QUESTIONS = "loses_questions"  # sent, never arrives
    LOSES_ANSWERS = "loses_answers"  # arrives and is done; the answer is lost
    HANGS = "hangs"  # arrives and is done; the answer never comes, nor an error


class FakeCatalogue:
    """Implements `sync.catalogue.Catalogue` and `sync.stream.Centre` over a dict of loans. Idempotent by (key,
    kind)."""

    def __init__(self) -> None:
        self.line = Line.GOOD
        self.loans: dict[str, str] = {}  # item → patron
        self.history: list[tuple[str, str, str]] = []  # (kind, item, key), each as often as it was done
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.patrons: dict[Credential, PatronAnswer] = {}
        self.pins: dict[Credential, str] = {}
        self.refuses: dict[str, Outcome] = {}
        self.streams: dict[str, list[tuple[Head, str]]] = {}  # incarnation → its facts' places and keys
        self.contacts = 0
        self.asked = 0

    def copy(self) -> dict[str, Any]:
        """A backup of what it has."""
        return copy.deepcopy({name: getattr(self, name) for name in ("loans", "history", "verdicts", "streams")})

    def restore(self, backup: dict[str, Any]) -> None:
        """What came after the backup is gone."""
        vars(self).update(copy.deepcopy(backup))

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

    async def contact(self, contact: Contact) -> Welcome:
        await self._travel()
        self.contacts += 1
        await self._answer()
        ours = {name: self.streams[name] for name in contact.heads if name in self.streams}
        return Welcome(
            {name: Cursor(facts[-1][0], self._agree(facts, contact.heads[name])) for name, facts in ours.items()}
        )

    def _agree(self, facts: list[tuple[Head, str]], theirs: Head) -> bool:
        return theirs.position > len(facts) or theirs.position == 0 or facts[theirs.position - 1][0] == theirs

    async def deliver(self, delivery: Delivery) -> Receipt:
        await self._travel()
        facts = self.streams.setdefault(delivery.incarnation, [])
        end = facts[-1][0] if facts else Head()
        if delivery.after not in (Head(), end, *(head for head, _ in facts)):
            raise OutOfStep("gap")
        del facts[delivery.after.position :]  # told again: the same, and the same verdicts
        verdicts = []
        at = delivery.after
        for fact in delivery.facts:
            at = Head(at.position + 1, next_link(at.link, fact.hash))
            facts.append((at, fact.act.key))
            verdicts.append(self._once(fact.act, "fact"))
        await self._answer()
        return Receipt(at, tuple(verdicts))

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
