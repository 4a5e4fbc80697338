"""A library system for the servers to stand before: what it has is in `library.toml`, what it does is what Koha and its
relatives do.

A checkout by whoever has the item is a renewal. Nothing is done once only: what comes twice is done twice. Nothing here
but the standard library, for it runs where the servers are installed and nothing of ours is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("library.toml")


@dataclass(frozen=True, slots=True)
class Title:
    """What items are copies of. `media`: book or dvd. `queue`: the patrons who wait for a copy, in order."""

    name: str
    media: str
    queue: list[Patron] = field(default_factory=list)


@dataclass(slots=True)
class Item:
    """A copy. `patron`: who has it, until `due`. `held_for`: for whom it stands on the hold shelf."""

    barcode: str
    title: Title
    branch: str
    for_loan: bool = True
    patron: Patron | None = None
    due: date | None = None
    renewals: int = 0
    held_for: Patron | None = None


@dataclass(slots=True, eq=False)
class Patron:
    """A reader. `cards`: the barcode first. `fees` in hundredths; less than nothing is a credit."""

    name: str
    cards: tuple[str, ...]
    pin: str = ""
    expired: bool = False
    blocked: bool = False
    fees: int = 0

    def knows(self, pin: str) -> bool:
        """Whether this is the PIN. Of a patron who has none, anything is."""
        return not self.pin or pin == self.pin


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a request. `alert`: the item goes to a person or another place."""

    ok: bool
    message: str = ""
    renewed: bool = False
    alert: bool = False


class Library:
    """The library, laid out as of a moment, and again whenever that is wanted."""

    def __init__(self, now: datetime) -> None:
        self.lay_out(now)

    def lay_out(self, now: datetime) -> None:
        """Forget all that was done; count days from here."""
        data: dict[str, Any] = tomllib.loads(DATA.read_text(encoding="utf-8"))
        self.now = now
        self.today = now.date()
        self.rules = data
        self.institution: str = data["institution"]
        self.name: str = data["name"]
        self._station: tuple[str, str] = (data["station"]["user"], data["station"]["password"])
        titles = {one["id"]: Title(one["title"], one["media"]) for one in data["titles"]}
        self.items = {one["barcode"]: Item(**one | {"title": titles[one["title"]]}) for one in data["items"]}
        self.patrons: dict[str, Patron] = {}
        for one in data["patrons"]:
            self._register(titles, **one)

    def _register(
        self,
        titles: dict[int, Title],
        cards: list[str],
        loans: Iterable[dict[str, Any]] = (),
        holds: Iterable[dict[str, Any]] = (),
        **more: Any,
    ) -> None:
        patron = Patron(cards=tuple(cards), **more)
        self.patrons |= dict.fromkeys(cards, patron)
        for loan in loans:
            item = self.items[loan["item"]]
            item.patron, item.due = patron, self.today + timedelta(loan["due_in_days"])
        for hold in holds:
            titles[hold["title"]].queue.append(patron)
            self.items[hold["ready"]].held_for = patron

    # ── what is known ──

    def admits(self, user: str, password: str) -> bool:
        """Whether this is a station of ours."""
        return (user, password) == self._station

    def loans(self, patron: Patron) -> list[Item]:
        """What the patron has, by barcode."""
        return [item for item in self.items.values() if item.patron is patron]

    def overdue(self, patron: Patron) -> list[Item]:
        """What the patron has had for too long."""
        return [item for item in self.loans(patron) if item.due and item.due < self.today]

    def ready(self, patron: Patron) -> list[Item]:
        """What stands on the hold shelf for the patron."""
        return [item for item in self.items.values() if item.held_for is patron]

    def waiting(self, patron: Patron) -> list[Title]:
        """For what the patron still waits."""
        ready = [item.title for item in self.ready(patron)]
        titles = {id(item.title): item.title for item in self.items.values()}.values()
        return [title for title in titles if patron in title.queue and title not in ready]

    def conditions(self, patron: Patron) -> set[int]:
        """Which of the 14 positions of 'patron status' say Y (SIP 2.00, patron status)."""
        found = {
            5: len(self.loans(patron)) >= self.rules["loans"],
            6: len(self.overdue(patron)) > self.rules["overdue_limit"],
            11: patron.fees > self.rules["fee_limit"],
        }
        denied = patron.blocked or patron.expired or found[6] or found[11]
        return {place for place, so in found.items() if so} | ({0, 1, 3} if denied else set())

    def circulation(self, item: Item) -> str:
        """Its circulation status (SIP 2.00, circulation status)."""
        if item.patron:
            return "04"
        if item.held_for:
            return "08"
        return "03" if item.for_loan else "01"

    def due_text(self, item: Item) -> str:
        """The end of the day on which it is due, in the protocol's way; nothing where it is not lent."""
        return moment(datetime.combine(item.due, time(23, 59))) if item.due else ""

    # ── what is done ──

    def checkout(self, card: str, barcode: str, *, force_until: date | None = None) -> Said:
        """Lend, or renew where the patron has it. `force_until`: it has happened; no rule counts, nor who had it."""
        patron, item = self.patrons.get(card), self.items.get(barcode)
        if patron is None or item is None:
            return Said(False, "Unknown patron" if patron is None else "Unknown item")
        if force_until:
            return self._lend(patron, item, force_until)
        if item.patron is patron:
            return self.renew(card, barcode)
        why_not = self._why_not(patron, item)
        return Said(False, why_not) if why_not else self._lend(patron, item, self._due(item))

    def _why_not(self, patron: Patron, item: Item) -> str:
        conditions = self.conditions(patron)
        if item.patron:
            return "Item checked out to another patron"
        if item.held_for not in (None, patron):
            return "Item is on hold shelf for another patron"
        if not item.for_loan:
            return "Item is not for loan"
        if 0 in conditions:
            return "Patron Blocked"
        return "Too many checkouts" if 5 in conditions else ""

    def _lend(self, patron: Patron, item: Item, due: date) -> Said:
        if item.held_for is patron:
            item.held_for = None
            item.title.queue.remove(patron)
        item.patron, item.due, item.renewals = patron, due, 0
        return Said(True)

    def _due(self, item: Item) -> date:
        due = self.today + timedelta(self.rules["loan_days"][item.title.media])
        while due.weekday() in self.rules["closed_weekdays"]:
            due += timedelta(1)
        return due

    def renew(self, card: str, barcode: str) -> Said:
        """Lend for longer."""
        patron, item = self.patrons.get(card), self.items.get(barcode)
        if patron is None or item is None or item.patron is not patron:
            return Said(False, "Item is not checked out to this patron")
        if 1 in self.conditions(patron):
            return Said(False, "Patron Blocked")
        if item.renewals >= self.rules["renewals"]:
            return Said(False, "No more renewals")
        if item.title.queue:
            return Said(False, "Item is on hold for another patron")
        item.due, item.renewals = self._due(item), item.renewals + 1
        return Said(True, renewed=True)

    def checkin(self, barcode: str) -> Said:
        """Take back. Late returns cost; what others wait for goes to the hold shelf, what is another branch's there."""
        item = self.items.get(barcode)
        if item is None:
            return Said(False, "Unknown item", alert=True)
        was_out = self._take_back(item)
        if item.held_for is None and item.title.queue and item.for_loan:
            item.held_for = next((one for one in item.title.queue if not self._has_ready(one, item.title)), None)
        if item.held_for:
            return Said(was_out, "Item is on hold shelf", alert=True)
        if item.branch != self.rules["branch"]:
            return Said(was_out, f"Item belongs to {item.branch}", alert=True)
        return Said(True) if was_out else Said(False, "Item not checked out")

    def _take_back(self, item: Item) -> bool:
        patron, due = item.patron, item.due
        if patron is None or due is None:
            return False
        patron.fees += max(0, (self.today - due).days) * self.rules["fee_per_day"]
        item.patron = item.due = None
        return True

    def _has_ready(self, patron: Patron, title: Title) -> bool:
        return any(item.title is title for item in self.ready(patron))

    def cancel(self, card: str, barcode: str) -> Said:
        """Undo a checkout that the station could not finish."""
        item = self.items.get(barcode)
        if item is None or item.patron is None or item.patron is not self.patrons.get(card):
            return Said(False, "Item is not checked out to this patron")
        item.patron = item.due = None
        return Said(True)

    def hold(self, card: str, barcode: str, mode: str = "+") -> Said:
        """Reserve the title of an item, or with '-' no longer."""
        patron, item = self.patrons.get(card), self.items.get(barcode)
        if patron is None or item is None:
            return Said(False, "Unknown patron" if patron is None else "Unknown item")
        queue = item.title.queue
        if (patron in queue) == (mode == "+") or mode not in "+-":
            return Said(False, "Nothing to change")
        queue.append(patron) if mode == "+" else queue.remove(patron)
        return Said(True)

    def pay(self, card: str, amount: str) -> Said:
        """Book a payment, as often as it comes. What is too much is a credit."""
        patron = self.patrons.get(card)
        whole, _, part = amount.partition(".")
        if patron is None or not (whole.isdigit() and (part.isdigit() or not part) and len(part) <= 2):
            return Said(False, "Unknown patron" if patron is None else "Not an amount")
        patron.fees -= int(whole) * 100 + int(part.ljust(2, "0"))
        return Said(True)


def moment(at: datetime) -> str:
    """A moment as SIP 2.00 writes it, in local time."""
    return f"{at:%Y%m%d}    {at:%H%M%S}"


def money(hundredths: int) -> str:
    """An amount as SIP 2.00 writes it."""
    return f"{hundredths / 100:.2f}"
