"""The journal: every act, before anybody is told that it is done.

Used from the one store thread. An act and its first transition are one transaction, fsynced before `record` returns;
each later move of the act is a compare-and-swap on the state it leaves. What has come true is appended to the stream in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update
from ulid import ULID

from kiosk.clock import Clock
from kiosk.errors import JournalUnwritable
from kiosk.store.chain import Chains
from kiosk.store.database import Lock, driver_of, migrate, open_engine
from kiosk.store.faults import as_our_errors
from kiosk.store.mark import write_mark
from kiosk.store.reading import Entry, JournalReader
from kiosk.store.schema import acts, delivery, incarnations, stream
from sync.acts import Act, ActKind, ActState, ClockQuality
from sync.catalogue import Verdict

PROBE_BYTES = 65_536
"""More than an act and its transitions take up."""


class Journal(JournalReader):
    """The journal of one station.

    Args:
        path: the database file; made where it is missing.
        station: the station's id, part of every act.
        clock: where times come from.
        synchronous: what SQLite waits for at a commit; anything but FULL loses acts when the power goes.

    Raises:
        JournalUnwritable: disk full or read-only, no permission, or another process holds it.
        JournalCorrupt: the file is no journal of ours.
    """

    def __init__(self, path: Path, station: str, clock: Clock, *, synchronous: str = "FULL") -> None:
        with as_our_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(path.with_suffix(".lock"))
        super().__init__(open_engine(path, synchronous=synchronous), clock)
        self._path = path
        self._station = station
        self._boot_id = clock.boot_id()  # no process outlives its boot
        self._writer: Connection | None = None
        self._shared: Connection | None = None
        try:
            with as_our_errors():
                migrate(self._engine)
                self.begin_incarnation()
        except Exception:
            self.close()
            raise

    def begin_incarnation(self) -> None:
        """From here on acts belong to a new incarnation, with a stream of its own: at every start, once a day (so that
        a station which is never restarted can let old days go), and where the stream of this one is another
        machine's too."""
        with self.transaction() as db:
            chains = Chains.begin(db, self._station, self._clock.now())
        self._chains = chains
        self.incarnation = chains.incarnation
        self.began_at = self._clock.now()

    def close(self) -> None:
        """Close the file and let the next process in."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._engine.dispose()
        self._lock.release()

    # ── acts ──

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
        with self._chained() as db:
            act = self._mint(kind, item, patron, undoes=undoes, due_before=due_before)
            self._chains.write_act(db, act, state, self._clock.now())
        return act

    def move(self, key: str, from_state: ActState, to_state: ActState, verdict: Verdict | None = None) -> bool:
        """Move an act on. False where it has left `from_state` already: another answer was first, and holds."""
        with self._chained() as db:
            return self._chains.move(db, key, from_state, to_state, verdict, self._clock.now())

    def owe(self, key: str, from_state: ActState, to_state: ActState, verdict: Verdict) -> None:
        """A move that could not be written although its verdict is shown: it is written before anything else, as soon
        as there is room. Should this process end before, the act is looked up."""
        self._owed[key] = (from_state, to_state, verdict)

    def take_back(self, entry: Entry, verdict: Verdict | None) -> bool:
        """The catalogue lent what was abandoned here: confirm that, and write the act that undoes it, in one
        transaction. False where the act has been moved on meanwhile."""
        with self._chained() as db:
            now = self._clock.now()
            if not self._chains.move(db, entry.act.key, entry.state, ActState.CONFIRMED, verdict, now):
                return False
            undo = self._mint(ActKind.CHECKIN, entry.act.item, entry.act.patron, undoes=entry.act.key)
            self._chains.write_act(db, undo, ActState.EXECUTED, now)
        return True

    def settle(self, incarnation: str, told: int, verdicts: Sequence[tuple[str, ActState, Verdict]]) -> None:
        """The centre has a stream up to the position `told` and said this of the facts: one transaction. A fact that
        had its last word already keeps it."""
        with self._chained() as db:
            for key, state, verdict in verdicts:
                self._chains.move(db, key, ActState.EXECUTED, state, verdict, self._clock.now())
            self._note_told(db, incarnation, told)

    def settle_one(self, key: str, state: ActState, verdict: Verdict, also: Callable[[Connection], None]) -> None:
        """A fact's last word, unless it had one, and what is `also` written in the same transaction."""
        with self._chained() as db:
            self._chains.move(db, key, ActState.EXECUTED, state, verdict, self._clock.now())
            also(db)

    def postpone(self, key: str, error: str, after_s: float) -> None:
        """A look-up failed: note the error's code and when to try again."""
        next_at = self._clock.now() + timedelta(seconds=after_s)
        with self.transaction() as db:
            db.execute(
                update(delivery)
                .where(delivery.c.key == key)
                .values(tries=delivery.c.tries + 1, next_at=next_at.isoformat(), last_error=error)
            )

    # ── streams ──

    def note_told(self, incarnation: str, position: int) -> None:
        """The centre has a stream up to `position`: what it said last counts, also where that is less than before."""
        with self.transaction() as db:
            self._note_told(db, incarnation, position)

    def _note_told(self, db: Connection, incarnation: str, position: int) -> None:
        told_at = self._clock.now().isoformat()
        at = incarnations.c.id == incarnation
        db.execute(update(incarnations).where(at).values(told=position, told_at=told_at))

    def retell(self, incarnation: str) -> None:
        """This stream is another machine's at the centre: a copy of this journal is, or was, at work elsewhere. Its
        facts are told anew in the stream of this process, under the keys that they have; what the centre knows of them
        already it will say."""
        if incarnation == self.incarnation:
            self.begin_incarnation()
        with self._chained() as db:
            db.execute(update(incarnations).where(incarnations.c.id == incarnation).values(forked=1))
            own = select(stream.c.key).where(stream.c.incarnation == self.incarnation)
            query = (
                select(stream.c.key, acts.c.hash)
                .join(acts, acts.c.key == stream.c.key)
                .where(stream.c.incarnation == incarnation, stream.c.key.not_in(own))
                .order_by(stream.c.position)
            )
            for key, digest in db.execute(query).all():
                self._chains.append(db, key, digest)

    # ── the file ──

    def probe(self) -> None:
        """Write and sync something that does not stay, to see whether acts can be recorded again.

        Raises:
            JournalUnwritable: they cannot.
        """
        with self._chained() as db:
            # Nothing smaller and nothing equal: SQLite does not write a row anew that stays the same, and what a failed
            # act has left of the disk may still hold a page or two.
            db.execute(insert(incarnations).values(id="probe", station="." * PROBE_BYTES, started_at=""))
            db.execute(delete(incarnations).where(incarnations.c.id == "probe"))

    def mark(self) -> bool:
        """Note beside the file where the journal stands (`kiosk.store.mark`). False where an earlier note says that it
        is not the same any more; that one is left."""
        with as_our_errors():
            return write_mark(self._engine, self._path)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several calls that write, and one commit for them: none of them is on the disk before this ends. A call that
        fails takes back what it did itself, and no other's."""
        with self._chained() as db:
            self._shared = db
            try:
                yield
                _still_open(db)  # the driver would call a commit of nothing a success
            finally:
                self._shared = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, or a part of the one that calls share (`together`)."""
        with as_our_errors():
            if self._shared is not None:
                _still_open(self._shared)
                with self._shared.begin_nested():
                    yield self._shared
            else:
                with self._whole() as db:
                    yield db

    # ── inside ──

    @contextmanager
    def _whole(self) -> Iterator[Connection]:
        """A transaction on a connection that is kept: to take it out of the pool for each act costs as much as to write
        the act's rows."""
        if self._writer is None:
            self._writer = self._engine.connect()
        try:
            with self._writer.begin():
                yield self._writer
        except BaseException:
            driver_of(self._writer).rollback()  # after a commit that failed SQLAlchemy leaves this to the pool
            raise

    @contextmanager
    def _chained(self) -> Iterator[Connection]:
        """A transaction that writes to the chains; where it fails, the chains end where they ended."""
        chains, ends = self._chains, self._chains.ends
        owed = tuple(self._owed.items()) if self._shared is None else ()  # a shared commit may fail still
        try:
            with self.transaction() as db:
                for key, move in owed:
                    chains.move(db, key, *move, self._clock.now())
                yield db
        except BaseException:
            chains.ends = ends
            raise
        for key, _ in owed:
            self._owed.pop(key, None)

    def _mint(
        self, kind: ActKind, item: str, patron: str | None, *, undoes: str | None, due_before: date | None = None
    ) -> Act:
        now = self._clock.now()
        return Act(
            key=str(ULID.from_datetime(now)),
            kind=kind,
            station=self._station,
            incarnation=self.incarnation,
            seq=self._chains.ends.seq + 1,
            item=item,
            patron=patron,
            at=now,
            mono_ns=self._clock.boot_ns(),
            boot_id=self._boot_id,
            clock=ClockQuality.BEHIND if now < self._chains.ends.last_at else ClockQuality.UNKNOWN,
            undoes=undoes,
            due_before=due_before,
        )


def _still_open(db: Connection) -> None:
    """After some errors SQLite takes back the whole transaction by itself. What a call wrote after that would stand for
    itself, on chains that are not there.

    Raises:
        JournalUnwritable: it did, for all who share the transaction.
    """
    if not driver_of(db).in_transaction:
        raise JournalUnwritable("the transaction was taken back")
