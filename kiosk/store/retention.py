"""What a journal lets go of, and when: first whose act it was, then what it was, and last its hashes.

Nothing that is not settled, or that the centre has not said that it has, is touched, however old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, or_, select, update

from kiosk.clock import Clock
from kiosk.store.chain import TRANSITIONS
from kiosk.store.journal import Journal
from kiosk.store.schema import act_patrons, acts, anchors, delivery, incarnations, stream, transitions
from sync.acts import ActState

SETTLED = (ActState.CONFIRMED, ActState.REFUSED)
"""States after which nobody asks any more who it was. An exception waits for staff, who must know."""

PATRON_DAYS = 30
"""Days after the last word on an act until it does not say any more whose it was."""

CONTENT_DAYS = 90
"""Days that acts are kept after their delivery: a centre that is restored from a backup of that age hears of all of
them again."""

HASH_DAYS = 365
"""Days that hashes are kept, so that the code on a receipt can be checked."""


def forget_patrons(journal: Journal, clock: Clock, days: int = PATRON_DAYS) -> int:
    """Erase the patrons of acts that were told and whose last transition is final and older than `days` days. The chain
    still checks: it holds a salted commitment, and the salt goes too. Returns how many acts were made anonymous."""
    last_word = (
        select(transitions.c.key)
        .join(delivery, and_(delivery.c.key == transitions.c.key, delivery.c.state == transitions.c.to_state))
        .where(delivery.c.state.in_(SETTLED), transitions.c.at < _days_ago(clock, days))
    )
    untold = (
        select(stream.c.key)
        .join(incarnations, incarnations.c.id == stream.c.incarnation)
        .where(incarnations.c.forked == 0, stream.c.position > incarnations.c.told)
    )
    with journal.transaction() as db:
        old = act_patrons.c.key.in_(last_word), act_patrons.c.key.not_in(untold)
        return db.execute(delete(act_patrons).where(*old)).rowcount


def retire(journal: Journal, clock: Clock, days: int = CONTENT_DAYS, hash_days: int = HASH_DAYS) -> int:
    """Keep only the hashes of incarnations that were settled and delivered whole more than `days` days ago, and after
    `hash_days` not even these. Returns how many acts were emptied."""
    before = _days_ago(clock, days)
    now: datetime = clock.now()
    with journal.transaction() as db:
        _let_streams_go(db, before, journal.incarnation)
        done_with = db.scalars(_done_with(before, journal.incarnation)).all()
        emptied = sum(_empty(db, incarnation, now.isoformat()) for incarnation in done_with)
        _let_hashes_go(db, _days_ago(clock, hash_days))
        _let_silent_go(db, before, journal.incarnation)
    return emptied


def _days_ago(clock: Clock, days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()


def _let_streams_go(db: Connection, before: str, running: str) -> None:
    """Streams that were told whole before that day, or are told in another one."""
    untold = exists().where(stream.c.incarnation == incarnations.c.id, stream.c.position > incarnations.c.told)
    told = and_(incarnations.c.told_at < before, ~untold)
    done = select(incarnations.c.id).where(incarnations.c.id != running, or_(incarnations.c.forked == 1, told))
    db.execute(delete(stream).where(stream.c.incarnation.in_(done)))


def _done_with(before: str, running: str) -> Select[str]:
    """Incarnations in which nothing is open and nothing moved since that day, and of which nothing could be told."""
    full = select(acts.c.incarnation).where(acts.c.emptied_at == "")
    unsettled = (
        select(acts.c.incarnation).join(delivery, delivery.c.key == acts.c.key).where(delivery.c.state.not_in(SETTLED))
    )
    moved = (
        select(acts.c.incarnation).join(transitions, transitions.c.key == acts.c.key).where(transitions.c.at >= before)
    )
    told = select(acts.c.incarnation).join(stream, stream.c.key == acts.c.key)
    return select(incarnations.c.id).where(
        incarnations.c.id != running,
        incarnations.c.started_at < before,
        incarnations.c.id.in_(full),
        incarnations.c.id.not_in(unsettled),
        incarnations.c.id.not_in(moved),
        incarnations.c.id.not_in(told),
    )


def _empty(db: Connection, incarnation: str, now: str) -> int:
    keys = select(acts.c.key).where(acts.c.incarnation == incarnation)
    db.execute(delete(act_patrons).where(act_patrons.c.key.in_(keys)))
    db.execute(delete(delivery).where(delivery.c.key.in_(keys)))
    db.execute(update(transitions).where(transitions.c.key.in_(keys)).values(verdict=None))
    full = acts.c.incarnation == incarnation, acts.c.emptied_at == ""
    return db.execute(update(acts).where(*full).values(item="", undoes=None, due_before=None, emptied_at=now)).rowcount


def _let_hashes_go(db: Connection, before: str) -> None:
    """The oldest part of the transitions' chain, as far as all of it is old and empty; where the rest begins is noted.
    The newest one stays, for the next is chained to it. Then incarnations that nothing speaks of any more: whole, for
    their acts are a chain too."""
    kept = (
        select(transitions.c.id)
        .join(acts, acts.c.key == transitions.c.key)
        .where(or_(acts.c.emptied_at == "", transitions.c.at >= before))
        .order_by(transitions.c.id)
        .limit(1)
    )
    newest = select(func.max(transitions.c.id)).scalar_subquery()
    first_kept = func.coalesce(kept.scalar_subquery(), newest)
    last = db.execute(
        select(transitions.c.id, transitions.c.hash)
        .where(transitions.c.id < first_kept)
        .order_by(transitions.c.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return
    db.execute(delete(anchors).where(anchors.c.chain == TRANSITIONS))
    db.execute(insert(anchors).values(chain=TRANSITIONS, seq=last.id, hash=last.hash))
    db.execute(delete(transitions).where(transitions.c.id <= last.id))
    spoken_of = select(acts.c.incarnation).join(transitions, transitions.c.key == acts.c.key)
    db.execute(delete(acts).where(acts.c.emptied_at != "", acts.c.incarnation.not_in(spoken_of)))


def _let_silent_go(db: Connection, before: str, running: str) -> None:
    """Incarnations in which nobody ever did anything."""
    silent = (
        incarnations.c.id != running,
        incarnations.c.started_at < before,
        incarnations.c.told == 0,
        incarnations.c.forked == 0,
        incarnations.c.id.not_in(select(acts.c.incarnation)),
        incarnations.c.id.not_in(select(stream.c.incarnation)),
    )
    db.execute(delete(incarnations).where(*silent))
