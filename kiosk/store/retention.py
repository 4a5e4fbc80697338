"""What a journal lets go of, and when: first whose act it was, then what it was, and last its hashes.

Nothing that is not settled, or that the centre has not said that it has, is touched, however old.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Select, and_, delete, func, select, update

from kiosk.clock import Clock
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
    """Erase the patrons of acts whose last transition is final and older than `days` days. The chain still checks: it
    holds a salted commitment, and the salt goes too. Returns how many acts were made anonymous."""
    before = (clock.now() - timedelta(days=days)).isoformat()
    last = (
        select(transitions.c.key)
        .where(transitions.c.key == act_patrons.c.key, transitions.c.at < before)
        .join(delivery, and_(delivery.c.key == transitions.c.key, delivery.c.state == transitions.c.to_state))
        .where(delivery.c.state.in_(SETTLED))
    )
    with journal.transaction() as db:
        return db.execute(delete(act_patrons).where(last.exists())).rowcount


def retire(journal: Journal, clock: Clock, days: int = CONTENT_DAYS, hash_days: int = HASH_DAYS) -> int:
    """Keep only the hashes of incarnations that were settled and delivered whole more than `days` days ago, and after
    `hash_days` not even these. Returns how many acts were emptied."""
    before = (clock.now() - timedelta(days=days)).isoformat()
    with journal.transaction() as db:
        _let_streams_go(db, before, journal.incarnation)
        emptied = 0
        for incarnation in db.scalars(_done_with(before, journal.incarnation)).all():
            emptied += _empty(db, incarnation, clock.now().isoformat())
        _let_hashes_go(db, (clock.now() - timedelta(days=hash_days)).isoformat())
        return emptied


def _let_streams_go(db: Connection, before: str, running: str) -> None:
    """Streams that were told whole before that day, or are told in another one."""
    untold = select(stream.c.key).where(
        stream.c.incarnation == incarnations.c.id, stream.c.position > incarnations.c.told
    )
    done = select(incarnations.c.id).where(
        incarnations.c.id != running,
        (incarnations.c.forked == 1) | and_(incarnations.c.told_at < before, ~untold.exists()),
    )
    db.execute(delete(stream).where(stream.c.incarnation.in_(done)))


def _done_with(before: str, running: str) -> Select[str]:
    """Incarnations in which nothing is open and nothing moved since that day, and of which nothing could be told."""
    of_it = acts.c.incarnation == incarnations.c.id
    open_act = select(acts.c.key).join(delivery, delivery.c.key == acts.c.key)
    moved = select(transitions.c.id).join(acts, acts.c.key == transitions.c.key)
    told = select(stream.c.key).join(acts, acts.c.key == stream.c.key)
    return select(incarnations.c.id).where(
        incarnations.c.id != running,
        incarnations.c.started_at < before,
        select(acts.c.key).where(of_it, acts.c.emptied_at == "").exists(),
        ~open_act.where(of_it, delivery.c.state.not_in(SETTLED)).exists(),
        ~moved.where(of_it, transitions.c.at >= before).exists(),
        ~told.where(of_it).exists(),
    )


def _empty(db: Connection, incarnation: str, now: str) -> int:
    keys = select(acts.c.key).where(acts.c.incarnation == incarnation)
    db.execute(delete(act_patrons).where(act_patrons.c.key.in_(keys)))
    db.execute(delete(delivery).where(delivery.c.key.in_(keys)))
    db.execute(update(transitions).where(transitions.c.key.in_(keys)).values(verdict=None))
    of_it = acts.c.incarnation == incarnation
    return db.execute(update(acts).where(of_it).values(item="", undoes=None, due_before=None, emptied_at=now)).rowcount


def _let_hashes_go(db: Connection, before: str) -> None:
    """The oldest part of the transitions' chain, as far as all of it is old and empty; where the rest begins is noted.
    Then incarnations that nothing speaks of any more, whole: a part would have lost what it follows on. The newest
    transition stays, however old: the chain and its numbers go on from it."""
    kept = acts.c.emptied_at == ""
    newest = select(func.max(transitions.c.id)).scalar_subquery()
    first_kept = (
        select(func.min(transitions.c.id))
        .join(acts, acts.c.key == transitions.c.key)
        .where(kept | (transitions.c.at >= before) | (transitions.c.id == newest))
        .scalar_subquery()
    )
    old = transitions.c.id < first_kept
    last = db.execute(select(transitions.c.id, transitions.c.hash).where(old).order_by(transitions.c.id.desc())).first()
    if last is None:
        return
    db.execute(delete(anchors))
    db.execute(anchors.insert().values(chain="transitions", seq=last.id, hash=last.hash))
    db.execute(delete(transitions).where(transitions.c.id <= last.id))
    spoken_of = select(acts.c.incarnation).join(transitions, transitions.c.key == acts.c.key)
    db.execute(delete(acts).where(acts.c.emptied_at != "", acts.c.incarnation.not_in(spoken_of)))
