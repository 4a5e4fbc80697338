"""Is the journal what was written? Every hash is reckoned anew, a row at a time, however long the journal is.

Found are a gap, an edit, a change of order, and a file that was put back from a backup or lives twice: these last by
what the centre, or the mark beside the journal, has seen of it. Whoever rewrites the whole file with all its hashes is
found by the centre alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)

from kiosk.store.chain import TRUE, anchor, transition_hash
from kiosk.store.faults import as_our_errors
from kiosk.store.mark import contradicted
from kiosk.store.reading import act_of
from kiosk.store.retention import CONTENT_DAYS, SETTLED
from kiosk.store.schema import act_patrons, acts, delivery, incarnations, stream, transitions
from sync.acts import ActState, act_hash, patron_commitment
from sync.stream import Head, next_link

MOST_FINDINGS = 100
"""A journal with more faults than this needs no longer list."""

ROWS_AT_A_TIME = 1000

HAPPENED = (*TRUE, ActState.EXCEPTION)


class Fault(StrEnum):
    """What can be wrong with a journal."""

    DAMAGED = "damaged"  # the file itself: SQLite finds it broken
    GAP = "gap"  # something is missing
    EDITED = "edited"  # something is not what was written
    REORDERED = "reordered"  # something stands at another place
    RESTORED = "restored"  # others have seen more of this journal than is in it
    FORKED = "forked"  # others have seen something else in its place
    STATE = "state"  # the working table disagrees with the chain; it can be made anew


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, where it is, and what was found there. Never whose act it is."""

    fault: Fault
    where: str
    why: str


def verify(engine: Engine, now: datetime, most: int = MOST_FINDINGS) -> tuple[Finding, ...]:
    """What is wrong with the journal itself, at most `most` findings; none where it is as it was written.

    Args:
        engine: the journal, as `open_reading` or a `Journal` opens it.
        now: the station's clock. What was let go sooner than it may be is a finding.
        most: how many findings are looked for.

    Raises:
        JournalUnwritable, JournalCorrupt: it cannot be read.
    """
    with as_our_errors(), engine.connect() as connection:
        db = connection.execution_options(yield_per=ROWS_AT_A_TIME)
        return tuple(islice(_findings(db, now), most))


def count_acts(engine: Engine) -> int:
    """How many acts the journal holds, emptied ones among them. Raises like `verify`."""
    with as_our_errors(), engine.connect() as db:
        return int(db.execute(select(func.count()).select_from(acts)).scalar_one())


def _findings(db: Connection, now: datetime) -> Iterator[Finding]:
    damage = list(_damage(db))
    yield from damage
    if not damage:  # else what else is found says little
        yield from _orphans(db)
        yield from _acts(db, now)
        yield from _transitions(db)
        yield from _streams(db)
        yield from _in_no_stream(db)


def _damage(db: Connection) -> Iterator[Finding]:
    for line in db.execute(text(f"PRAGMA quick_check({MOST_FINDINGS})")).scalars():
        if line != "ok":
            yield Finding(Fault.DAMAGED, "file", line)


def _orphans(db: Connection) -> Iterator[Finding]:
    for row in db.execute(text("PRAGMA foreign_key_check")):
        yield Finding(Fault.GAP, f"{row.table} row {row.rowid}", f"what it speaks of is missing in {row.parent}")


# ── acts ──


def _acts(db: Connection, now: datetime) -> Iterator[Finding]:
    for incarnation, rows in groupby(db.execute(_all_acts()).mappings(), itemgetter("incarnation")):
        seq, previous, emptied = 0, "", None
        for row in rows:
            where = f"act {incarnation}/{row['seq']}"
            yield from _linked(db, acts, row, where, previous, follows=row["seq"] == seq + 1)
            if emptied not in {None, bool(row["emptied_at"])}:
                yield Finding(Fault.EDITED, where, "it is empty and its neighbour is not, or the other way round")
            yield from _emptied_act(row, where, now) if row["emptied_at"] else _full_act(row, where)
            seq, previous, emptied = row["seq"], row["hash"], bool(row["emptied_at"])


def _all_acts() -> Select[Any]:
    of_it = transitions.c.key == acts.c.key
    last = select(transitions.c.to_state).where(of_it).order_by(transitions.c.id.desc()).limit(1).scalar_subquery()
    return (
        select(
            acts,
            act_patrons.c.patron,
            act_patrons.c.salt,
            delivery.c.state,
            last.label("last_state"),
            exists().where(of_it, transitions.c.from_state == "").label("has_begun"),
        )
        .outerjoin(act_patrons, act_patrons.c.key == acts.c.key)
        .outerjoin(delivery, delivery.c.key == acts.c.key)
        .order_by(acts.c.incarnation, acts.c.seq)
    )


def _full_act(row: RowMapping, where: str) -> Iterator[Finding]:
    if not is_as_written(row):
        yield Finding(Fault.EDITED, where, "the act is not what its hash says")
    if row["commitment"] and row["patron"] is None and row["state"] not in SETTLED:
        yield Finding(Fault.GAP, where, "whose act it is has been erased before it was settled")
    if not row["has_begun"]:
        yield Finding(Fault.GAP, where, "its first transition is missing")
    elif row["state"] != row["last_state"]:
        yield Finding(Fault.STATE, where, "the delivery table says otherwise than the chain")


def is_as_written(row: Mapping[str, Any] | RowMapping) -> bool:
    """Whether an act, with its patron and salt where they are kept, is what its hash says."""
    try:
        committed = (
            row["patron"] is None or patron_commitment(row["patron"], bytes.fromhex(row["salt"])) == row["commitment"]
        )
        return committed and bool(act_hash(act_of(row, None), row["commitment"], row["previous"]) == row["hash"])
    except (ValueError, TypeError, AttributeError):  # a date that is none, a number where text must be
        return False


def _emptied_act(row: RowMapping, where: str, now: datetime) -> Iterator[Finding]:
    """Of one that was let go only the links can be checked, and that it was old enough."""
    try:
        emptied_at, at = datetime.fromisoformat(row["emptied_at"]), datetime.fromisoformat(row["at"])
        too_soon = min(emptied_at, now) - at < timedelta(days=CONTENT_DAYS)
    except (ValueError, TypeError):
        too_soon = True
    if too_soon or row["item"] or row["patron"] is not None:
        yield Finding(Fault.EDITED, where, f"it is marked as let go, and is not older than {CONTENT_DAYS} days")


# ── transitions ──


def _transitions(db: Connection) -> Iterator[Finding]:
    end, previous = anchor(db)
    query = select(transitions, acts.c.emptied_at).outerjoin(acts, acts.c.key == transitions.c.key)
    for row in db.execute(query.order_by(transitions.c.id)).mappings():
        where = f"transition {row['id']}"
        yield from _linked(db, transitions, row, where, previous, follows=row["id"] == end + 1)
        let_go = row["emptied_at"] and row["verdict"] is None
        if not let_go and transition_hash(row) != row["hash"]:
            yield Finding(Fault.EDITED, where, "the transition is not what its hash says")
        end, previous = row["id"], row["hash"]


def _linked(
    db: Connection, table: Table, row: RowMapping, where: str, previous: str, *, follows: bool
) -> Iterator[Finding]:
    """Whether a row stands after the one that it was written after."""
    if row["previous"] == previous:
        if not follows:
            yield Finding(Fault.GAP, where, "its number does not follow on the one before")
        return
    there = row["previous"] == "" or db.scalar(select(exists().where(table.c.hash == row["previous"])))
    if there and follows:
        yield Finding(Fault.REORDERED, where, "it was written after another one than it stands after")
    else:
        yield Finding(Fault.GAP, where, "what it was written after is missing")


# ── streams ──


def _streams(db: Connection) -> Iterator[Finding]:
    query = (
        select(stream, acts.c.hash, incarnations.c.told)
        .outerjoin(acts, acts.c.key == stream.c.key)
        .outerjoin(incarnations, incarnations.c.id == stream.c.incarnation)
        .order_by(stream.c.incarnation, stream.c.position)
    )
    for incarnation, rows in groupby(db.execute(query).mappings(), itemgetter("incarnation")):
        position, link, told = 0, "", 0
        for row in rows:
            where = f"stream {incarnation}/{row['position']}"
            if row["position"] != position + 1:
                yield Finding(Fault.GAP, where, "its position does not follow on the one before")
            elif row["link"] != next_link(link, row["hash"] or ""):
                yield Finding(Fault.EDITED, where, "the link is not what its act says")
            position, link, told = row["position"], row["link"], row["told"] or 0
        if told > position:
            yield Finding(Fault.GAP, f"stream {incarnation}", f"its end is missing: {told} facts were told from it")


def _in_no_stream(db: Connection) -> Iterator[Finding]:
    """Acts that happened and that the centre will never be told. A stream is let go whole, and the acts in it are of
    its process or an earlier one: what began after the last one that was let go must stand in one."""
    number: ColumnElement[int] = literal_column("incarnations.rowid")
    has_facts = exists().where(stream.c.incarnation == incarnations.c.id)
    let_go = select(func.coalesce(func.max(number), 0)).where(
        ~has_facts, or_(incarnations.c.told > 0, incarnations.c.forked == 1)
    )
    last_let_go = int(db.execute(let_go).scalar_one())
    must = or_(delivery.c.state == ActState.EXECUTED, and_(delivery.c.state.in_(HAPPENED), number > last_let_go))
    told = (
        select(stream.c.key)
        .join(incarnations, incarnations.c.id == stream.c.incarnation)
        .where(incarnations.c.forked == 0)
    )
    query = (
        select(acts.c.incarnation, acts.c.seq)
        .join(delivery, delivery.c.key == acts.c.key)
        .join(incarnations, incarnations.c.id == acts.c.incarnation)
        .where(must, acts.c.key.not_in(told))
    )
    for row in db.execute(query):
        yield Finding(Fault.GAP, f"act {row.incarnation}/{row.seq}", "it happened, and stands in no stream")


# ── against what others have seen ──


def compare(engine: Engine, cursors: Mapping[str, Head]) -> tuple[Finding, ...]:
    """What the centre's cursors, asked for before, say of this journal: whether it was put back from a backup, or lives
    twice. Streams that are told anew in another one, or that were let go, are not held against it.

    Raises:
        JournalUnwritable, JournalCorrupt: it cannot be read.
    """
    with as_our_errors(), engine.connect() as db:
        found = (_compare(db, incarnation, cursors[incarnation]) for incarnation in sorted(cursors))
        return tuple(finding for finding in found if finding is not None)


def _compare(db: Connection, incarnation: str, head: Head) -> Finding | None:
    where = f"stream {incarnation}"
    known = db.execute(select(incarnations).where(incarnations.c.id == incarnation)).first()
    facts = stream.c.incarnation == incarnation
    link = db.scalar(select(stream.c.link).where(facts, stream.c.position == head.position))
    if not head.position or link == head.link or (known is not None and known.forked):
        return None
    if link is not None:
        return Finding(Fault.FORKED, where, "the centre has seen something else in it")
    let_go = known is not None and known.told >= head.position and not db.scalar(select(exists().where(facts)))
    if let_go:
        return None
    return Finding(Fault.RESTORED, where, f"the centre has {head.position} facts of it, and the journal has not")


def against_mark(engine: Engine, journal: Path) -> tuple[Finding, ...]:
    """Whether the journal still has what the mark beside it says.

    Raises:
        JournalUnwritable, JournalCorrupt: it cannot be read.
    """
    with as_our_errors():
        mark = contradicted(engine, journal)
    return () if mark is None else (Finding(Fault.RESTORED, f"transition {mark.id}", "it was there before"),)
