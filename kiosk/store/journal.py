"""The journal: every act, before anybody is told that it is done.

Used from the one store thread. An act and its first transition are one transaction, fsynced before `record` returns;
each later move of the act is a compare-and-swap on the state it leaves.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from ulid import ULID

from kiosk.clock import Clock
from kiosk.errors import JournalCorrupt, JournalUnwritable
from kiosk.store.database import Lock, migrate, open_engine
from kiosk.store.schema import act_patrons, acts, delivery, incarnations, transitions
from sync.acts import Act, ActKind, ActState, ClockQuality, act_hash, patron_commitment
from sync.catalogue import Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """An act with where it stands. `verdict` is the last one, from the catalogue or from the station itself."""

    act: Act
    state: ActState
    verdict: Verdict | None = None
    tries: int = 0
    next_at: str = ""


UNRESOLVED_REST_S = 60.0
"""Seconds before an act of this process with an unknown outcome is looked up: longer than any request lives, for a
look-up that overtakes its proposal would find nothing."""

SETTLED_FACTS = (ActState.CONFIRMED, ActState.EXCEPTION)
"""States of an act that has happened and that the catalogue knows of."""

SETTLED = (ActState.CONFIRMED, ActState.REFUSED)
"""States after which nobody asks any more who it was. An exception waits for staff, who must know."""

PATRON_DAYS = 30
"""Days after which a settled act does not say any more whose it was."""

PROBE_BYTES = 65_536
"""More than an act and its transitions take up."""

LONGEST_PUT_OFF_S = 86_400.0
"""Seconds. A next try that lies further ahead was set by a clock that has been set back since: it is due."""


class Journal:
    """The journal of one station.

    Args:
        path: the database file; made where it is missing.
        station: the station's id, part of every act.
        clock: where times come from.

    Raises:
        JournalUnwritable: disk full or read-only, no permission, or another process holds it.
        JournalCorrupt: the file is no journal of ours.
    """

    def __init__(self, path: Path, station: str, clock: Clock) -> None:
        with _as_our_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(path.with_suffix(".lock"))
        self._station = station
        self._clock = clock
        self._engine = open_engine(path)
        try:
            with _as_our_errors():
                migrate(self._engine)
                self._begin_incarnation()
        except Exception:
            self.close()
            raise

    def _begin_incarnation(self) -> None:
        self.incarnation = str(ULID.from_datetime(self._clock.now()))
        self._seq = 0
        self._previous_act = ""
        with self._engine.begin() as db:
            db.execute(
                insert(incarnations).values(
                    id=self.incarnation, station=self._station, started_at=self._clock.now().isoformat()
                )
            )
            last = db.execute(select(transitions.c.hash).order_by(transitions.c.id.desc()).limit(1)).scalar()
            self._previous_transition: str = last or ""
            last_at = db.execute(select(acts.c.at).order_by(acts.c.at.desc()).limit(1)).scalar()
        with _as_written():
            self._last_at = datetime.fromisoformat(last_at) if last_at else datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the file and let the next process in."""
        self._engine.dispose()
        self._lock.release()

    # ── writing ──

    def record(
        self,
        kind: ActKind,
        item: str,
        patron: str | None,
        state: ActState,
        *,
        undoes: str | None = None,
        due_before: date | None = None,
    ) -> Act:
        """Write a new act in its first state (PROPOSED or EXECUTED) and return it once it is on the disk.

        Raises:
            JournalUnwritable: it is not written, and nothing may be said to be done.
        """
        act = self._mint(kind, item, patron, undoes=undoes, due_before=due_before)
        with self._chained() as db:
            self._insert_act(db, act, state)
        return act

    def _mint(
        self, kind: ActKind, item: str, patron: str | None, *, undoes: str | None, due_before: date | None = None
    ) -> Act:
        now = self._clock.now()
        return Act(
            key=str(ULID.from_datetime(now)),
            kind=kind,
            station=self._station,
            incarnation=self.incarnation,
            seq=self._seq + 1,
            item=item,
            patron=patron,
            at=now,
            mono_ns=self._clock.boot_ns(),
            boot_id=self._clock.boot_id(),
            clock=ClockQuality.BEHIND if now < self._last_at else ClockQuality.UNKNOWN,
            undoes=undoes,
            due_before=due_before,
        )

    def move(self, key: str, from_state: ActState, to_state: ActState, verdict: Verdict | None = None) -> bool:
        """Move an act on. False where it has left `from_state` already: another answer was first, and holds."""
        try:
            with self._chained() as db:
                self._insert_move(db, key, from_state, to_state, verdict)
        except (_NotThere, IntegrityError):
            return False
        return True

    def take_back(self, entry: Entry, verdict: Verdict | None) -> bool:
        """The catalogue lent what was abandoned here: confirm that, and write the act that undoes it, in one
        transaction. False where the act has been moved on meanwhile."""
        act = self._mint(ActKind.CHECKIN, entry.act.item, entry.act.patron, undoes=entry.act.key)
        try:
            with self._chained() as db:
                self._insert_move(db, entry.act.key, entry.state, ActState.CONFIRMED, verdict)
                self._insert_act(db, act, ActState.EXECUTED)
        except (_NotThere, IntegrityError):
            return False
        return True

    def postpone(self, key: str, error: str, after_s: float) -> None:
        """A delivery failed: note the error's code and when to try again."""
        next_at = self._clock.now() + timedelta(seconds=after_s)
        with self._transaction() as db:
            db.execute(
                update(delivery)
                .where(delivery.c.key == key)
                .values(tries=delivery.c.tries + 1, next_at=next_at.isoformat(), last_error=error)
            )

    def forget_patrons(self, days: int = PATRON_DAYS) -> int:
        """Erase the patrons of acts whose last transition is final and older than `days` days. The chain still checks:
        it holds a salted commitment, and the salt goes too. Returns how many acts were made anonymous."""
        before = (self._clock.now() - timedelta(days=days)).isoformat()
        last = (
            select(transitions.c.key)
            .where(transitions.c.key == act_patrons.c.key, transitions.c.at < before)
            .join(delivery, and_(delivery.c.key == transitions.c.key, delivery.c.state == transitions.c.to_state))
            .where(delivery.c.state.in_(SETTLED))
        )
        with self._transaction() as db:
            return db.execute(delete(act_patrons).where(last.exists())).rowcount

    def probe(self) -> None:
        """Write and sync something that does not stay, to see whether acts can be recorded again.

        Raises:
            JournalUnwritable: they cannot.
        """
        with self._transaction() as db:
            # Nothing smaller and nothing equal: SQLite does not write a row anew that stays the same, and what a failed
            # act has left of the disk may still hold a page or two.
            db.execute(insert(incarnations).values(id="probe", station="." * PROBE_BYTES, started_at=""))
            db.execute(delete(incarnations).where(incarnations.c.id == "probe"))

    # ── reading ──

    def entry(self, key: str) -> Entry | None:
        """An act by its key."""
        return next(self._entries(acts.c.key == key), None)

    def in_state(self, *states: ActState) -> tuple[Entry, ...]:
        """All acts in these states, oldest first."""
        return tuple(self._entries(delivery.c.state.in_(states)))

    def to_deliver(self, limit: int = 200) -> tuple[Entry, ...]:
        """Facts whose time has come, oldest first; an item's later acts stay behind its earlier ones."""
        due: list[Entry] = []
        held: set[str] = set()
        for entry in self._entries(delivery.c.state == ActState.EXECUTED):
            if entry.act.item in held:
                continue
            if self._put_off(entry):
                held.add(entry.act.item)
            elif len(due) < limit:
                due.append(entry)
        return tuple(due)

    def unresolved(self) -> tuple[Entry, ...]:
        """Acts whose outcome at the catalogue is unknown and may be asked for now, oldest first."""
        return tuple(
            entry
            for entry in self.in_state(ActState.PROPOSED, ActState.ABANDONED)
            if not self._put_off(entry) and self._rested(entry.act)
        )

    def unknown_of(self, item: str) -> tuple[Entry, ...]:
        """Acts about an item whose outcome at the catalogue is unknown, oldest first."""
        unknown = delivery.c.state.in_((ActState.PROPOSED, ActState.ABANDONED))
        return tuple(self._entries(acts.c.item == item, unknown))

    def position(self) -> int:
        """Where the journal stands: the number of its last transition. Not a time: clocks are set."""
        with _as_our_errors(), self._engine.connect() as db:
            return int(db.execute(select(func.coalesce(func.max(transitions.c.id), 0))).scalar_one())

    def facts_of(self, item: str, since: int | None = None) -> tuple[Entry, ...]:
        """Facts about an item that the catalogue does not know yet, oldest first. With `since`, a `position`, also
        those that it has learned of after that."""
        return tuple(self._entries(acts.c.item == item, self._unknown_or_settled(since)))

    def facts_of_patron(self, patron: str, since: int | None = None) -> tuple[Entry, ...]:
        """The same about any item that a patron ever had. What others did with these items is among them, for it says
        who has an item now."""
        items = (
            select(acts.c.item).join(act_patrons, act_patrons.c.key == acts.c.key).where(act_patrons.c.patron == patron)
        )
        return tuple(self._entries(acts.c.item.in_(items), self._unknown_or_settled(since)))

    def waiting(self) -> int:
        """How many acts the catalogue does not know yet."""
        return len(self.in_state(ActState.EXECUTED, ActState.PROPOSED, ActState.ABANDONED))

    # ── inside ──

    def _unknown_or_settled(self, since: int | None) -> ColumnElement[bool]:
        unknown = delivery.c.state == ActState.EXECUTED
        if since is None:
            return unknown
        settled = select(transitions.c.key).where(transitions.c.id > since, transitions.c.to_state.in_(SETTLED_FACTS))
        return or_(unknown, and_(delivery.c.state.in_(SETTLED_FACTS), acts.c.key.in_(settled)))

    def _put_off(self, entry: Entry) -> bool:
        now = self._clock.now()
        return now.isoformat() < entry.next_at <= (now + timedelta(seconds=LONGEST_PUT_OFF_S)).isoformat()

    def _rested(self, act: Act) -> bool:
        """Time since boot, which no one can set: the clock is often set right while a station starts."""
        return (
            act.incarnation != self.incarnation
            or self._clock.boot_ns() - act.mono_ns >= UNRESOLVED_REST_S * 1_000_000_000
        )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with _as_our_errors(), self._engine.begin() as db:
            yield db

    @contextmanager
    def _chained(self) -> Iterator[Connection]:
        """A transaction that writes to the chains; where it fails, the chains stand where they stood."""
        chains = (self._seq, self._previous_act, self._previous_transition, self._last_at)
        try:
            with self._transaction() as db:
                yield db
        except BaseException:
            self._seq, self._previous_act, self._previous_transition, self._last_at = chains
            raise

    def _insert_act(self, db: Connection, act: Act, state: ActState) -> None:
        salt = os.urandom(16)
        commitment = patron_commitment(act.patron, salt)
        digest = act_hash(act, commitment, self._previous_act)
        row = msgspec.to_builtins(act)
        row.pop("patron", None)
        row |= {"commitment": commitment, "previous": self._previous_act, "hash": digest, "v": act.v}
        db.execute(insert(acts).values(**row))
        if act.patron is not None:
            db.execute(insert(act_patrons).values(key=act.key, patron=act.patron, salt=salt.hex()))
        db.execute(insert(delivery).values(key=act.key, state=state, tries=0, next_at="", last_error=""))
        self._insert_transition(db, act.key, "", state, None)
        self._seq, self._previous_act = act.seq, digest
        self._last_at = max(self._last_at, act.at)

    def _insert_move(
        self, db: Connection, key: str, from_state: ActState, to_state: ActState, verdict: Verdict | None
    ) -> None:
        self._insert_transition(db, key, from_state, to_state, verdict)
        swapped = db.execute(
            update(delivery)
            .where(delivery.c.key == key, delivery.c.state == from_state)
            .values(state=to_state, tries=0, next_at="", last_error="")
        )
        if swapped.rowcount != 1:
            raise _NotThere

    def _insert_transition(
        self, db: Connection, key: str, from_state: str, to_state: str, verdict: Verdict | None
    ) -> None:
        row = {
            "key": key,
            "from_state": str(from_state),
            "to_state": str(to_state),
            "at": self._clock.now().isoformat(),
            "verdict": msgspec.json.encode(verdict).decode() if verdict is not None else None,
            "previous": self._previous_transition,
        }
        row["hash"] = transition_hash(row)
        db.execute(insert(transitions).values(**row))
        self._previous_transition = str(row["hash"])

    def _entries(self, *where: object) -> Iterator[Entry]:
        last = (
            select(transitions.c.verdict)
            .where(transitions.c.key == acts.c.key)
            .order_by(transitions.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        first = transitions.alias()  # in the order of writing; keys and incarnations sort by a clock that may be behind
        query = (
            select(
                acts,
                act_patrons.c.patron,
                delivery.c.state,
                delivery.c.tries,
                delivery.c.next_at,
                last.label("last_verdict"),
            )
            .outerjoin(act_patrons, act_patrons.c.key == acts.c.key)
            .join(delivery, delivery.c.key == acts.c.key)
            .join(first, and_(first.c.key == acts.c.key, first.c.from_state == ""))
            .where(*where)  # type: ignore[arg-type]
            .order_by(first.c.id)
        )
        with _as_our_errors(), self._engine.connect() as db:
            rows = db.execute(query).mappings().all()
        with _as_written():
            return iter([_entry(row) for row in rows])


class _NotThere(Exception):
    """The act is not in the state it should be moved from."""


def transition_hash(row: dict[str, str | None]) -> str:
    """SHA-256 (hex) over a transition's fields, the hash of the one before among them."""
    fields = {name: row[name] for name in ("key", "from_state", "to_state", "at", "verdict", "previous")}
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def _entry(values: RowMapping) -> Entry:
    act = Act(
        key=values["key"],
        kind=ActKind(values["kind"]),
        station=values["station"],
        incarnation=values["incarnation"],
        seq=values["seq"],
        item=values["item"],
        patron=values["patron"],
        at=datetime.fromisoformat(values["at"]),
        mono_ns=values["mono_ns"],
        boot_id=values["boot_id"],
        clock=ClockQuality(values["clock"]),
        undoes=values["undoes"],
        due_before=date.fromisoformat(values["due_before"]) if values["due_before"] else None,
        v=values["v"],
    )
    verdict = values["last_verdict"]
    return Entry(
        act=act,
        state=ActState(values["state"]),
        verdict=msgspec.json.decode(verdict, type=Verdict) if verdict else None,
        tries=values["tries"],
        next_at=values["next_at"],
    )


@contextmanager
def _as_our_errors() -> Iterator[None]:
    """SQLite's and the system's errors, said as ours. IntegrityError is an answer (the swap lost) and passes."""
    try:
        yield
    except IntegrityError:
        raise
    except OperationalError as error:
        raise JournalUnwritable(str(error.orig)) from error
    except DatabaseError as error:
        raise JournalCorrupt(str(error.orig)) from error
    except OSError as error:
        raise JournalUnwritable(str(error)) from error


@contextmanager
def _as_written() -> Iterator[None]:
    """What cannot be understood is not what was written."""
    try:
        yield
    except (ValueError, msgspec.MsgspecError) as error:
        raise JournalCorrupt(str(error)) from error
