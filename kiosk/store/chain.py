"""The chains of a journal, and the only hands that write to them: acts, transitions, and the stream of facts.

A reader waits for what is written here. So the statements are compiled once from the tables and given to the driver
itself, in SQLAlchemy's transaction: having them built anew for each act took longer than a good disk takes to sync it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, update
from sqlalchemy.dialects import sqlite
from ulid import ULID

from kiosk.store.database import driver_of
from kiosk.store.faults import as_written
from kiosk.store.schema import act_patrons, acts, anchors, delivery, incarnations, stream, transitions
from sync.acts import Act, ActState, act_hash, patron_commitment
from sync.catalogue import Verdict
from sync.stream import Head, next_link

UNTRUE = frozenset({ActState.PROPOSED, ActState.ABANDONED})
"""States of an act that has not happened, as far as is known here."""

TRUE = frozenset({ActState.EXECUTED, ActState.CONFIRMED})
"""States in which an act comes true."""

TRANSITIONS = ""
"""The name of the transitions' chain in the table of anchors."""

EMPTY = Head()
LONG_AGO = datetime.min.replace(tzinfo=UTC)

UNTRIED = {"tries": 0, "next_at": "", "last_error": ""}
"""In the delivery table, of an act that has just come to its state."""

HASHED = ("key", "from_state", "to_state", "at", "verdict", "previous")
"""What of a transition its hash covers."""


def transition_hash(row: Mapping[str, Any] | RowMapping) -> str:
    """SHA-256 (hex) over a transition's fields, the hash of the one before among them."""
    fields = {name: row[name] for name in HASHED}
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def last_transition(db: Connection) -> tuple[int, str]:
    """Number and hash of the last transition, 0 and '' where there was none yet."""
    newest = select(transitions.c.id, transitions.c.hash).order_by(transitions.c.id.desc()).limit(1)
    row = db.execute(newest).first()
    return (row.id, row.hash) if row is not None else anchor(db)


def anchor(db: Connection) -> tuple[int, str]:
    """Number and hash of the last transition that is not kept any more, 0 and '' where all are kept."""
    row = db.execute(select(anchors.c.seq, anchors.c.hash).where(anchors.c.chain == TRANSITIONS)).first()
    return (row.seq, row.hash) if row is not None else (0, "")


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the chains end: of the acts and the stream of an incarnation, and of the transitions of all of them."""

    seq: int = 0
    act: str = ""  # hash of the last act
    transition: str = ""  # hash of the last transition
    stream: Head = EMPTY
    last_at: datetime = LONG_AGO  # when the latest act in the journal happened


class Chains:
    """Writes acts, moves and facts at the ends of an incarnation's chains. Where a transaction fails, whoever made it
    puts `ends` back."""

    def __init__(self, incarnation: str, ends: Ends) -> None:
        self.incarnation = incarnation
        self.ends = ends

    @classmethod
    def begin(cls, db: Connection, station: str, now: datetime) -> Chains:
        """Of a new incarnation."""
        incarnation = str(ULID.from_datetime(now))
        db.execute(insert(incarnations).values(id=incarnation, station=station, started_at=now.isoformat()))
        last_at = db.execute(select(acts.c.at).order_by(acts.c.at.desc()).limit(1)).scalar()
        with as_written():
            newest = datetime.fromisoformat(last_at) if last_at else LONG_AGO
        return cls(incarnation, Ends(transition=last_transition(db)[1], last_at=newest))

    def write_act(self, db: Connection, act: Act, state: ActState, now: datetime) -> None:
        """A new act of this incarnation, in its first state."""
        salt = os.urandom(16)
        commitment = patron_commitment(act.patron, salt)
        digest = act_hash(act, commitment, self.ends.act)
        row = {"undoes": None, "due_before": None} | msgspec.to_builtins(act)
        row |= {"v": act.v, "commitment": commitment, "previous": self.ends.act, "hash": digest}
        driver_of(db).execute(INSERT_ACT, row)
        if act.patron is not None:
            driver_of(db).execute(INSERT_PATRON, {"key": act.key, "patron": act.patron, "salt": salt.hex()})
        self.ends = replace(self.ends, seq=act.seq, act=digest, last_at=max(self.ends.last_at, act.at))
        self.begin_act(db, act.key, state, None, now)
        if state is ActState.EXECUTED:
            self.append(db, act.key, digest)

    def begin_act(self, db: Connection, key: str, state: str, verdict: str | None, now: datetime) -> None:
        """The first transition of an act, and the row in which its state is found."""
        driver_of(db).execute(INSERT_DELIVERY, {"key": key, "state": state} | UNTRIED)
        self.transition(db, key, "", state, verdict, now)

    def move(
        self,
        db: Connection,
        key: str,
        from_state: ActState,
        to_state: ActState,
        verdict: Verdict | None,
        now: datetime,
    ) -> bool:
        """Move an act on. False where it is not in `from_state`."""
        swap = {"act": key, "from_state": from_state, "to_state": to_state} | UNTRIED
        if driver_of(db).execute(SWAP_STATE, swap).rowcount != 1:
            return False
        said = msgspec.json.encode(verdict).decode() if verdict is not None else None
        self.transition(db, key, from_state, to_state, said, now)
        if from_state in UNTRUE and to_state in TRUE:
            [digest] = driver_of(db).execute(HASH_OF, {"act": key}).fetchone()
            self.append(db, key, digest)
        return True

    def append(self, db: Connection, key: str, digest: str) -> None:
        """A fact, by its act's hash, at the end of the stream."""
        end = Head(self.ends.stream.position + 1, next_link(self.ends.stream.link, digest))
        row = {"incarnation": self.incarnation, "position": end.position, "key": key, "link": end.link}
        driver_of(db).execute(INSERT_FACT, row)
        self.ends = replace(self.ends, stream=end)

    def transition(
        self, db: Connection, key: str, from_state: str, to_state: str, verdict: str | None, now: datetime
    ) -> None:
        """A move of an act in the chain of all of them. `verdict`: its JSON."""
        row: dict[str, Any] = {
            "key": key,
            "from_state": str(from_state),
            "to_state": str(to_state),
            "at": now.isoformat(),
            "verdict": verdict,
            "previous": self.ends.transition,
        }
        row["hash"] = transition_hash(row)
        driver_of(db).execute(INSERT_TRANSITION, row)
        self.ends = replace(self.ends, transition=row["hash"])


_DIALECT = sqlite.dialect(paramstyle="named")


def _insert(table: Table, *left_out: str) -> str:
    """SQL that inserts a row, its values by their columns' names. `left_out`: those that the database fills in."""
    columns = [column.name for column in table.columns if column.name not in left_out]
    return str(insert(table).compile(dialect=_DIALECT, column_keys=columns))


INSERT_ACT = _insert(acts, "emptied_at")
INSERT_PATRON = _insert(act_patrons)
INSERT_DELIVERY = _insert(delivery)
INSERT_TRANSITION = _insert(transitions, "id")
INSERT_FACT = _insert(stream)
SWAP_STATE = str(
    update(delivery)
    .where(delivery.c.key == bindparam("act"), delivery.c.state == bindparam("from_state"))
    .values(state=bindparam("to_state"), **UNTRIED)
    .compile(dialect=_DIALECT)
)
HASH_OF = str(select(acts.c.hash).where(acts.c.key == bindparam("act")).compile(dialect=_DIALECT))
