"""What a station says to a library system, question by question: typed messages out, typed messages in.

What a station has to add to every message (institution, passwords, the date) is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar, cast

from sync.settings import Sip2Settings
from sync.sip2 import answers, requests
from sync.sip2.codes import Summary
from sync.sip2.message import Answer, Request
from sync.sip2.patron_answers import PatronInformationResponse

A = TypeVar("A", bound=Answer)


class Line(Protocol):
    """One connection at a time, one request at a time (`sync.sip2.link.Link`)."""

    async def ask(self, request: Request, *, urgent: bool = True) -> Answer:
        """The answer. Raises `Unreachable` where nothing was sent, `NoAnswer` where something was, another
        `SyncError` where what came is no answer."""

    async def status(self) -> answers.ACSStatus:
        """The library system is there, and says what it does."""


class Dialogue:
    """The questions. Every method raises as `Line.ask` does.

    Args:
        line: to the library system.
        settings: who the station is there.
        now: the station's clock, with a zone.
        urgent: whether a reader waits; what is told after an outage lets readers go first.
    """

    def __init__(self, line: Line, settings: Sip2Settings, now: Callable[[], datetime], *, urgent: bool = True) -> None:
        self._line = line
        self._settings = settings
        self._now = now
        self._urgent = urgent

    async def patron(
        self, card: str, pin: str | None = None, summary: Summary | None = None
    ) -> PatronInformationResponse:
        """63: all about whoever holds a card, with one list."""
        request = requests.PatronInformation(
            transaction_date=self._now(),
            summary=summary,
            institution=self._settings.institution,
            patron=card,
            terminal_password=self._settings.terminal_password or None,
            patron_password=pin,
        )
        return await self._ask(request, PatronInformationResponse)

    async def item(self, barcode: str) -> answers.ItemInformationResponse:
        """17: what is known of an item."""
        request = requests.ItemInformation(
            transaction_date=self._now(),
            institution=self._settings.institution,
            item=barcode,
            terminal_password=self._settings.terminal_password or None,
        )
        return await self._ask(request, answers.ItemInformationResponse)

    async def checkout(
        self, card: str, item: str, *, happened: datetime | None = None, nb_due: datetime | None = None
    ) -> answers.CheckoutResponse:
        """11: an item is borrowed. `happened`: it left then, and cannot be refused (no block), with `nb_due`."""
        request = requests.Checkout(
            no_block=happened is not None,
            transaction_date=happened or self._now(),
            nb_due_date=nb_due,
            institution=self._settings.institution,
            patron=card,
            item=item,
            terminal_password=self._settings.terminal_password,
        )
        return await self._ask(request, answers.CheckoutResponse)

    async def renew(self, card: str, item: str) -> answers.RenewResponse:
        """29: a loan is to last longer."""
        request = requests.Renew(
            transaction_date=self._now(),
            institution=self._settings.institution,
            patron=card,
            item=item,
            terminal_password=self._settings.terminal_password or None,
        )
        return await self._ask(request, answers.RenewResponse)

    async def checkin(self, item: str, returned: datetime, *, happened: bool) -> answers.CheckinResponse:
        """09: an item came back, then. `happened`: it was taken without the library system (no block)."""
        request = requests.Checkin(
            no_block=happened,
            transaction_date=self._now(),
            return_date=returned,
            current_location=self._settings.location,
            institution=self._settings.institution,
            item=item,
            terminal_password=self._settings.terminal_password,
        )
        return await self._ask(request, answers.CheckinResponse)

    async def status(self) -> answers.ACSStatus:
        """99: the library system is there."""
        return await self._line.status()

    async def _ask(self, request: Request, _kind: type[A]) -> A:
        """The line gives what the request is answered by, and nothing else."""
        return cast(A, await self._line.ask(request, urgent=self._urgent))
