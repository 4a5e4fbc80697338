"""Telling a library system what has happened: loans of an outage, returns, renewals.

The protocol has no keys, and most systems do a thing again that they are told again. So each telling begins with a
question where it could be the second, and what a system does not take as it was becomes an exception with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

import msgspec

from sync.acts import Act, ActKind
from sync.catalogue import Item, ItemStatus, Outcome, Verdict
from sync.conflicts import Conflict
from sync.sip2.answers import CheckinResponse
from sync.sip2.catalogue import Sip2Catalogue
from sync.sip2.codes import AlertType
from sync.sip2.dialogue import Dialogue
from sync.sip2.errors import Unsendable
from sync.sip2.items import day_of, item_of
from sync.sip2.profile import NoBlock

DAY_END = time(23, 59)

LATE_S = 120.0
"""Seconds after which a thing is told as one that has happened: 'now' would not be true."""

FORCED = (NoBlock.AS_DUE_DATE, NoBlock.AS_ISSUE_DATE)
"""Generations of 'no block' that take a loan as it was."""


class Sip2Facts:
    """Implements `sync.lanes.Taker`.

    Args:
        catalogue: the library system.
        dialogue: the same, in a voice that lets readers go first.
        no_block: what the library system makes of 'no block'.
        zone: the library's.
        now: the station's clock, UTC.
    """

    def __init__(
        self,
        catalogue: Sip2Catalogue,
        dialogue: Dialogue,
        no_block: NoBlock,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._ask = dialogue
        self._no_block = no_block
        self._zone = zone
        self._now = now

    async def take(self, act: Act, shown: Verdict | None, *, again: bool) -> Verdict:
        """Tell one fact.

        Args:
            act: what happened.
            shown: what the screen said.
            again: it may have been told before.

        Returns:
            What the library system has now; with a conflict class where it is not what happened.
        """
        try:
            return await self._told(act, shown, again=again)
        except Unsendable:  # no library system can have an item or a reader of such a name
            return Verdict(outcome=Outcome.DECLINED, conflict=Conflict.DECLINED)

    async def _told(self, act: Act, shown: Verdict | None, *, again: bool) -> Verdict:
        match act.kind:
            case ActKind.CHECKIN:
                return await self._returned(act, again=again)
            case ActKind.CHECKOUT:
                return await self._lent(act, shown)
            case ActKind.RENEW:
                return await self._renewed(act, shown)

    # ── returns ──

    async def _returned(self, act: Act, *, again: bool) -> Verdict:
        if again:
            item = item_of(await self._ask.item(act.item), self._zone)
            if item is not None and item.status is not ItemStatus.ON_LOAN:
                return Verdict(outcome=Outcome.RETURNED, item=item)
        answer = await self._ask.checkin(act.item, act.at, happened=self._is_late(act))
        if not answer.ok:
            return await self._not_taken_back(act)
        return self._routed(act, answer)

    def _routed(self, act: Act, answer: CheckinResponse) -> Verdict:
        item = Item(barcode=act.item, title=answer.title or act.item, branch=answer.permanent_location or "")
        if answer.alert_type is AlertType.HOLD_HERE:
            return Verdict(outcome=Outcome.RETURNED_FOR_HOLD, item=item, shelf=answer.sort_bin or "")
        if answer.alert_type in {AlertType.HOLD_ELSEWHERE, AlertType.TRANSIT}:
            branch = answer.destination or answer.permanent_location or ""
            return Verdict(outcome=Outcome.RETURNED_ELSEWHERE, item=item, branch=branch, shelf=answer.sort_bin or "")
        return Verdict(outcome=Outcome.RETURNED, item=item)

    async def _not_taken_back(self, act: Act) -> Verdict:
        """Systems say no to what was not on loan, and some have done all that a return does. Only a loan that is still
        there has not ended."""
        item = item_of(await self._ask.item(act.item), self._zone)
        if item is None:
            return Verdict(outcome=Outcome.UNKNOWN_ITEM, conflict=Conflict.UNKNOWN_ITEM)
        if item.status is ItemStatus.ON_LOAN:
            return Verdict(outcome=Outcome.DECLINED, item=item, conflict=Conflict.DECLINED)
        return Verdict(outcome=Outcome.WAS_NOT_ON_LOAN, item=item, conflict=Conflict.NOT_ON_LOAN)

    # ── loans ──

    async def _lent(self, act: Act, shown: Verdict | None) -> Verdict:
        done = await self._catalogue.became_of(act, self._ask)
        if done is not None:
            return done
        forced = self._no_block in FORCED and self._is_late(act)
        answer = await self._ask.checkout(
            act.patron or "",
            act.item,
            happened=act.at if forced else None,
            nb_due=self._nb_due(act, shown) if forced else None,
        )
        if not answer.ok:
            why = await self._catalogue.why_not(act, answer)
            return msgspec.structs.replace(why, conflict=Conflict.DECLINED)
        return Verdict(
            outcome=Outcome.LENT,
            item=Item(barcode=act.item, title=answer.title or act.item, status=ItemStatus.ON_LOAN),
            due=day_of(answer.due_date, self._zone),
            conflict=self._flaw(act, renewed=answer.renewal_ok, forced=forced),
        )

    def _flaw(self, act: Act, *, renewed: bool, forced: bool) -> Conflict | None:
        """What is not as it was, though it was taken."""
        if renewed:
            return Conflict.COUNTED_AGAIN
        is_dated_now = act.at.astimezone(self._zone).date() != self._now().astimezone(self._zone).date()
        return Conflict.DATED_NOW if is_dated_now and not forced else None

    def _nb_due(self, act: Act, shown: Verdict | None) -> datetime:
        if self._no_block is NoBlock.AS_ISSUE_DATE or shown is None or shown.due is None:
            return act.at
        return datetime.combine(shown.due, DAY_END, self._zone)

    async def _renewed(self, act: Act, shown: Verdict | None) -> Verdict:
        item = item_of(await self._ask.item(act.item), self._zone)
        promised = shown.due if shown is not None else None
        if item is not None and item.due is not None and promised is not None and item.due >= promised:
            return Verdict(outcome=Outcome.RENEWED, item=item, due=item.due)
        answer = await self._ask.renew(act.patron or "", act.item)
        if not answer.ok:
            why = await self._catalogue.why_not(act, answer)
            return msgspec.structs.replace(why, conflict=Conflict.DECLINED)
        return Verdict(outcome=Outcome.RENEWED, item=item, due=day_of(answer.due_date, self._zone))

    def _is_late(self, act: Act) -> bool:
        return (self._now() - act.at).total_seconds() > LATE_S
