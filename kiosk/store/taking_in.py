"""Taking another journal of this station in: from a machine that was replaced, or from a backup.

Acts that are here already are left alone. The others come with their own chain, hashes and all; what became of them is
one new transition in the chain of this journal. What happened is told to the centre again, which knows it by its key.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, and_, bindparam, insert, or_, select

from kiosk.clock import Clock
from kiosk.store.archive import ArchivedAct, ArchivedFact, ArchiveRefused, Incarnation, checked, read
from kiosk.store.chain import INSERT_FACT, INSERT_PATRON, Chains, Ends, last_transition
from kiosk.store.database import Lock, driver_of, migrate, open_engine
from kiosk.store.faults import as_our_errors
from kiosk.store.schema import acts, delivery, incarnations, stream, transitions
from kiosk.store.verification import HAPPENED, is_as_written
from sync.stream import Head, next_link

# Built once: they are asked for each line of a file that may have a million.
ADD_ACT = insert(acts)
ACT_AT = select(acts.c.key, acts.c.hash).where(
    or_(
        acts.c.key == bindparam("act"),
        and_(acts.c.incarnation == bindparam("incarnation"), acts.c.seq == bindparam("seq")),
    )
)
HASH_OF = select(acts.c.hash).where(acts.c.key == bindparam("act"))
LINK_AT = select(stream.c.link).where(
    stream.c.incarnation == bindparam("incarnation"), stream.c.position == bindparam("position")
)

TWO_HISTORIES = "the file and the journal here tell two histories of one process"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many acts came, and how many were here already."""

    added: int
    known: int


def take_in(file: Path, path: Path, station: str, clock: Clock) -> TakenIn:
    """Take the exported journal `file` into the one at `path`, whole or not at all. Doing it twice changes nothing.

    Args:
        file: as `archive.export` wrote it.
        path: the journal, made where it is missing. No station may be working on it.
        station: the station's id.
        clock: where times come from.

    Raises:
        ArchiveRefused: the file is damaged, another station's, or contradicts the journal.
        JournalUnwritable: the journal cannot be written, or a station works on it.
        JournalCorrupt: it is no journal of ours.
    """
    checked(file, station)
    with as_our_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(path.with_suffix(".lock"))
    try:
        engine = open_engine(path)
        try:
            with as_our_errors():
                migrate(engine)
                with engine.begin() as db:
                    return _Taking(db, file, station, clock.now()).take()
        finally:
            engine.dispose()
    finally:
        lock.release()


class _Taking:
    """One transaction that takes a file in."""

    def __init__(self, db: Connection, file: Path, station: str, now: datetime) -> None:
        self._db = db
        self._file = file
        self._station = station
        self._now = now
        self._before, digest = last_transition(db)
        self._chains = Chains("", Ends(transition=digest))
        self._ends: dict[str, Head | None] = {}  # of streams; None for those that are not told from here any more
        self._count: Counter[bool] = Counter()

    def take(self) -> TakenIn:
        for line in read(self._file):
            match line:
                case Incarnation():
                    self._incarnation(line)
                case ArchivedAct():
                    self._act(line)
                case ArchivedFact():
                    self._fact(line)
        self._tell_the_rest()
        return TakenIn(added=self._count[True], known=self._count[False])

    # ── incarnations and acts ──

    def _incarnation(self, line: Incarnation) -> None:
        here = self._db.execute(select(incarnations.c.forked).where(incarnations.c.id == line.id)).first()
        if here is None:
            self._db.execute(insert(incarnations).values(msgspec.structs.asdict(line)))
            self._ends[line.id] = Head()
        else:
            self._ends[line.id] = None if here.forked else self._end(line.id)

    def _end(self, incarnation: str) -> Head | None:
        facts = select(stream.c.position, stream.c.link).where(stream.c.incarnation == incarnation)
        last = self._db.execute(facts.order_by(stream.c.position.desc()).limit(1)).first()
        return None if last is None else Head(last.position, last.link)

    def _act(self, line: ArchivedAct) -> None:
        place = {"act": line.key, "incarnation": line.incarnation, "seq": line.seq}
        here = self._db.execute(ACT_AT, place).all()
        if not here:
            self._add(line)
        elif [tuple(row) for row in here] != [(line.key, line.hash)]:
            raise ArchiveRefused(f"{self._file}: {TWO_HISTORIES}: act {line.incarnation}/{line.seq}")
        self._count[not here] += 1

    def _add(self, line: ArchivedAct) -> None:
        row = msgspec.structs.asdict(line)
        if not line.emptied_at and not is_as_written(row):
            raise ArchiveRefused(f"{self._file}: act {line.incarnation}/{line.seq} is not what its hash says")
        self._db.execute(ADD_ACT, {column.name: row[column.name] for column in acts.columns})
        if line.patron is not None:
            driver_of(self._db).execute(INSERT_PATRON, {"key": line.key, "patron": line.patron, "salt": line.salt})
        if line.moves and line.emptied_at:
            self._chains.transition(self._db, line.key, "", line.moves[-1].to_state, None, self._now)
        elif line.moves:
            self._chains.begin_act(self._db, line.key, line.moves[-1].to_state, line.moves[-1].verdict, self._now)

    # ── streams ──

    def _fact(self, line: ArchivedFact) -> None:
        """A stream that is new here, or goes on further than it does here, is kept as it is: the centre has it so."""
        end = self._ends.get(line.incarnation)
        if end is None:
            return
        where = f"stream {line.incarnation}/{line.position}"
        if line.position <= end.position:
            place = {"incarnation": line.incarnation, "position": line.position}
            if self._db.scalar(LINK_AT, place) != line.link:
                raise ArchiveRefused(f"{self._file}: {TWO_HISTORIES}: {where}")
            return
        digest = self._db.scalar(HASH_OF, {"act": line.key})
        follows = Head(end.position + 1, next_link(end.link, digest or ""))
        if follows != Head(line.position, line.link):
            raise ArchiveRefused(f"{self._file}: {TWO_HISTORIES}: {where}")
        driver_of(self._db).execute(INSERT_FACT, msgspec.structs.asdict(line))
        self._ends[line.incarnation] = follows

    def _tell_the_rest(self) -> None:
        """What came in and happened, and stands in no stream here, is told in a new one: in the order in which it came
        true, where the file knows it."""
        rest = self._in_no_stream()
        if rest:
            self._chains = Chains.begin(self._db, self._station, self._now)
            for line in read(self._file):
                if isinstance(line, ArchivedFact) and line.key in rest:
                    self._chains.append(self._db, line.key, rest.pop(line.key))
        for key, digest in rest.items():
            self._chains.append(self._db, key, digest)

    def _in_no_stream(self) -> dict[str, str]:
        """Keys and hashes."""
        told = (
            select(stream.c.key)
            .join(incarnations, incarnations.c.id == stream.c.incarnation)
            .where(incarnations.c.forked == 0)
        )
        query = (
            select(acts.c.key, acts.c.hash)
            .join(transitions, and_(transitions.c.key == acts.c.key, transitions.c.from_state == ""))
            .join(delivery, delivery.c.key == acts.c.key)
            .where(transitions.c.id > self._before, delivery.c.state.in_(HAPPENED), acts.c.key.not_in(told))
            .order_by(transitions.c.id)
        )
        return dict(self._db.execute(query).all())
