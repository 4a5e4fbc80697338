"""Is the journal what was written? Every hash is reckoned anew.

Found are a gap, an edit, a change of order and a file that was put back from a backup: the last by what the centre, or
a mark beside the journal, has seen of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, RowMapping, select

from kiosk.store.faults import as_our_errors
from kiosk.store.journal import transition_hash
from kiosk.store.reading import act_of
from kiosk.store.schema import act_patrons, acts, anchors, delivery, incarnations, stream, transitions
from sync.acts import act_hash, patron_commitment
from sync.stream import Cursor, next_link


class Fault(StrEnum):
    """What can be wrong with a journal."""

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


def verify(engine: Engine) -> tuple[Finding, ...]:
    """Everything that is wrong with the journal itself; empty where it is as it was written.

    Raises:
        JournalUnwritable, JournalCorrupt: it cannot be read.
    """
    with as_our_errors(), engine.connect() as db:
        anchor = db.execute(select(anchors)).mappings().first()
        people = {row["key"]: row for row in db.execute(select(act_patrons)).mappings()}
        all_acts = db.execute(select(acts).order_by(acts.c.incarnation, acts.c.seq)).mappings().all()
        moves = db.execute(select(transitions).order_by(transitions.c.id)).mappings().all()
        facts = db.execute(select(stream).order_by(stream.c.incarnation, stream.c.position)).mappings().all()
        states = dict(db.execute(select(delivery.c.key, delivery.c.state)).all())
    findings = [
        *_acts(all_acts, people),
        *_transitions(moves, anchor, {row["key"] for row in all_acts if row["emptied_at"]}),
    ]
    findings += _stream(facts, {row["key"]: row["hash"] for row in all_acts})
    findings += _first_and_last(all_acts, moves, states)
    return tuple(findings)


def _acts(rows: Sequence[RowMapping], people: Mapping[str, RowMapping]) -> Iterator[Finding]:
    ends: dict[str, tuple[int, str]] = {}
    hashes = {row["hash"] for row in rows}
    for row in rows:
        where = f"act {row['incarnation']}/{row['seq']}"
        seq, previous = ends.get(row["incarnation"], (0, ""))
        yield from _linked(row, where, row["seq"] == seq + 1, previous, hashes)
        if not row["emptied_at"] and not _act_is_as_written(row, people.get(row["key"])):
            yield Finding(Fault.EDITED, where, "the act is not what its hash says")
        ends[row["incarnation"]] = (row["seq"], row["hash"])


def _act_is_as_written(row: RowMapping, person: RowMapping | None) -> bool:
    try:
        if (
            person is not None
            and patron_commitment(person["patron"], bytes.fromhex(person["salt"])) != row["commitment"]
        ):
            return False
        digest: str = row["hash"]
        return act_hash(act_of(row, None), row["commitment"], row["previous"]) == digest
    except ValueError:
        return False


def _transitions(rows: Sequence[RowMapping], anchor: RowMapping | None, emptied: set[str]) -> Iterator[Finding]:
    end, previous = (anchor["seq"], anchor["hash"]) if anchor else (0, "")
    hashes = {row["hash"] for row in rows}
    for row in rows:
        where = f"transition {row['id']}"
        yield from _linked(row, where, row["id"] == end + 1, previous, hashes)
        if row["key"] not in emptied and transition_hash(dict(row)) != row["hash"]:
            yield Finding(Fault.EDITED, where, "the transition is not what its hash says")
        end, previous = row["id"], row["hash"]


def _linked(row: RowMapping, where: str, follows: bool, previous: str, hashes: set[str]) -> Iterator[Finding]:
    """Whether a row stands after the one that it was written after."""
    if row["previous"] == previous:
        if not follows:
            yield Finding(Fault.GAP, where, "its number does not follow on the one before")
        return
    moved = row["previous"] in hashes or row["previous"] == ""
    if moved and follows:
        yield Finding(Fault.REORDERED, where, "it was written after another one than it stands after")
    else:
        yield Finding(Fault.GAP, where, "what it was written after is missing")


def _stream(rows: Sequence[RowMapping], hashes: Mapping[str, str]) -> Iterator[Finding]:
    ends: dict[str, tuple[int, str]] = {}
    for row in rows:
        position, link = ends.get(row["incarnation"], (0, ""))
        where = f"stream {row['incarnation']}/{row['position']}"
        if row["position"] != position + 1:
            yield Finding(Fault.GAP, where, "its position does not follow on the one before")
        elif row["link"] != next_link(link, hashes.get(row["key"], "")):
            yield Finding(Fault.EDITED, where, "the link is not what its act says")
        ends[row["incarnation"]] = (row["position"], row["link"])


def _first_and_last(
    all_acts: Sequence[RowMapping], moves: Sequence[RowMapping], states: Mapping[str, str]
) -> Iterator[Finding]:
    """Whether each act has a beginning, and stands where its last transition left it."""
    first = {row["key"] for row in moves if row["from_state"] == ""}
    last = {row["key"]: row["to_state"] for row in moves}
    for row in all_acts:
        where = f"act {row['incarnation']}/{row['seq']}"
        if row["emptied_at"]:
            continue
        if row["key"] not in first:
            yield Finding(Fault.GAP, where, "its first transition is missing")
        elif states.get(row["key"]) != last[row["key"]]:
            yield Finding(Fault.STATE, where, "the delivery table says otherwise than the chain")


# ── against what others have seen ──


def compare(engine: Engine, cursors: Mapping[str, Cursor]) -> tuple[Finding, ...]:
    """What the centre's cursors say of this journal: whether it was put back from a backup, or copied."""
    findings = []
    with as_our_errors(), engine.connect() as db:
        for incarnation, cursor in sorted(cursors.items()):
            known = db.execute(select(incarnations.c.id).where(incarnations.c.id == incarnation)).first()
            link = db.execute(
                select(stream.c.link).where(
                    stream.c.incarnation == incarnation, stream.c.position == cursor.head.position
                )
            ).scalar()
            where = f"stream {incarnation}"
            if known is None or (link is None and cursor.head.position and cursor.agrees):
                findings.append(Finding(Fault.RESTORED, where, "the centre has seen more of it"))
            elif not cursor.agrees or (link is not None and link != cursor.head.link):
                findings.append(Finding(Fault.FORKED, where, "the centre has seen something else in it"))
    return tuple(findings)


MARK = "journal.mark"
"""Beside the journal: its last transition as of some minutes ago. A journal that does not have it any more was put back
from a backup."""


def write_mark(engine: Engine, folder: Path) -> None:
    """Note where the journal stands."""
    with as_our_errors(), engine.connect() as db:
        last = db.execute(select(transitions.c.id, transitions.c.hash).order_by(transitions.c.id.desc())).first()
    if last is not None:
        with as_our_errors():
            fresh = folder / f"{MARK}.new"
            fresh.write_text(json.dumps({"id": last.id, "hash": last.hash}))
            fresh.replace(folder / MARK)


def against_mark(engine: Engine, folder: Path) -> tuple[Finding, ...]:
    """Whether the journal still has what the mark beside it says."""
    try:
        mark = json.loads((folder / MARK).read_text())
        wanted, digest = int(mark["id"]), str(mark["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    with as_our_errors(), engine.connect() as db:
        anchor = db.execute(select(anchors.c.seq)).scalar() or 0
        there = db.execute(select(transitions.c.hash).where(transitions.c.id == wanted)).scalar()
    if there == digest or wanted <= anchor:
        return ()
    return (Finding(Fault.RESTORED, f"transition {wanted}", "it was there before"),)
