"""What is shown: the catalogue's data with the station's own acts laid over it, where it does not know them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kiosk.store.reading import Entry
from sync.acts import ActKind
from sync.catalogue import Item, Loan, PatronAnswer


def overlay(answer: PatronAnswer, entries: Sequence[Entry], items: Mapping[str, Item]) -> PatronAnswer:
    """`answer` with what it does not know of: acts on its patron's items (`entries`, oldest first), done to the loans
    and their count. What another patron has done since with one of the items means that this one has it no more."""
    patron = answer.patron
    if patron is None:
        return answer
    loans = {loan.item: loan for loan in patron.loans}
    borrowed = patron.borrowed
    for entry in entries:
        before = entry.act.item in loans
        _apply(loans, entry, items.get(entry.act.item), patron.ref)
        borrowed += (entry.act.item in loans) - before
    changed = msgspec.structs.replace(patron, loans=tuple(loans.values()), borrowed=max(0, borrowed))
    return msgspec.structs.replace(answer, patron=changed)


def _apply(loans: dict[str, Loan], entry: Entry, item: Item | None, patron: str) -> None:
    act, verdict = entry.act, entry.verdict
    if act.kind is ActKind.CHECKIN or act.patron != patron:
        loans.pop(act.item, None)
    elif verdict is not None and verdict.due is not None:
        known = loans.get(act.item)
        loans[act.item] = Loan(
            item=act.item,
            title=known.title if known else (item.title if item else act.item),
            author=known.author if known else (item.author if item else ""),
            media=known.media if known else (item.media if item else "book"),
            due=verdict.due,
            about=verdict.about,
            renewals_left=verdict.renewals_left,
        )
