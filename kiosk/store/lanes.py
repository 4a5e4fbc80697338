"""The journal as the courier of a library system sees it: fact by fact (`sync.lanes`)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, and_, func, select, update

from kiosk.store.exceptions import close_for, open_for, wanted_again
from kiosk.store.journal import Journal
from kiosk.store.outbox import JournalProposals, fact_state
from kiosk.store.reading import Entry
from kiosk.store.schema import delivery, incarnations, stream
from sync.acts import Act, ActKind, ActState
from sync.catalogue import Verdict
from sync.lanes import REST_S, Waiting


class JournalLanes(JournalProposals):
    """Implements `sync.lanes.LaneOutbox`."""

    async def proposals(self) -> tuple[Act, ...]:
        """Only those of which nothing can be under way any more: a library system makes no promise about what arrives
        after it was asked."""
        return tuple(act for act in await super().proposals() if self._journal.long_ago(act, REST_S))

    async def waiting(self) -> tuple[Waiting, ...]:
        return await self._run(_waiting, self._journal)

    async def about_to_tell(self, act: Act, rest_s: float) -> None:
        until = self._journal.now() + timedelta(seconds=rest_s)
        await self._run(_note_try, self._journal, act.key, 1, until.isoformat())

    async def not_told(self, act: Act) -> None:
        await self._run(_note_try, self._journal, act.key, -1, "")

    async def settle_fact(self, act: Act, verdict: Verdict) -> None:
        await self._run(_settle, self._journal, act, verdict)


def _waiting(journal: Journal) -> tuple[Waiting, ...]:
    """First what staff have decided on, then what was never taken."""
    again = [_as_waiting(journal, entry, again=True) for entry in wanted_again(journal)]
    new = [_as_waiting(journal, entry) for entry in journal.in_state(ActState.EXECUTED)]
    return (*again, *new)


def _as_waiting(journal: Journal, entry: Entry, *, again: bool = False) -> Waiting:
    """What the reader proposed may be under way still, though the screen went on without an answer."""
    was_asked = entry.act.kind is not ActKind.CHECKIN and not journal.long_ago(entry.act, REST_S)
    put_off = was_asked or journal.put_off(entry)
    return Waiting(entry.act, entry.verdict, again=again or entry.tries > 0, put_off=put_off)


def _note_try(journal: Journal, key: str, tries: int, next_at: str) -> None:
    with journal.transaction() as db:
        db.execute(
            update(delivery).where(delivery.c.key == key).values(tries=delivery.c.tries + tries, next_at=next_at)
        )


def _settle(journal: Journal, act: Act, verdict: Verdict) -> None:
    """The act's last word, what staff have to look at, and how far its stream is told."""
    state = fact_state(verdict)
    now = journal.now()

    def also(db: Connection) -> None:
        if state is ActState.EXCEPTION:
            open_for(db, act, verdict, now)
        else:
            close_for(db, act, now)
        _note_told(db, act.key, now.isoformat())

    journal.settle_one(act.key, state, verdict, also)


def _note_told(db: Connection, key: str, now: str) -> None:
    """A stream is told up to its first fact that waits. No library system has streams: this is for what is let go."""
    where = db.execute(select(stream.c.incarnation).where(stream.c.key == key)).scalars().all()
    for incarnation in where:
        own = stream.c.incarnation == incarnation
        waits = and_(own, delivery.c.key == stream.c.key, delivery.c.state == ActState.EXECUTED)
        first = db.execute(select(func.min(stream.c.position)).where(waits)).scalar()
        end = db.execute(select(func.max(stream.c.position)).where(own)).scalar_one()
        told = end if first is None else first - 1
        db.execute(update(incarnations).where(incarnations.c.id == incarnation).values(told=told, told_at=now))
