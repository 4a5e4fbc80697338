"""The receiving end of the streams: what stations tell is taken in order, each fact once, and its verdict kept.

One transaction takes some facts, stores what was said of each, and moves the cursor. A fact that cannot be applied is
stored as it came (POISON), the cursor moves past it, and later facts of the same item wait behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sync.acts import ActKind, ClockReading, MessageKind
from sync.catalogue import Outcome, Verdict
from sync.central.circulation import Circulation, KeyReused, Moment, StationClock, stored_verdict, verdict_row
from sync.central.exceptions import OPEN, UNAPPLIED, CannotBe, open_exception
from sync.central.models import (
    ATTEMPTS,
    CursorRow,
    ExceptionRow,
    StationRow,
    StreamRow,
    after_collision,
    again_after_collision,
    utc_now,
)
from sync.conflicts import Conflict, Resolution
from sync.stream import Contact, Cursor, Fact, Head, Receipt, Welcome, next_link

log = logging.getLogger(__name__)

AT_A_TIME = 20
"""Facts in one transaction: few enough that a reader's question, which stands in line behind it, does not wait long."""

KEPT_AT_LEAST = timedelta(days=80)
"""Stations keep what they have delivered for 90 days."""

RETURNS_OF_TWO = 2
"""Times that a process speaks again after another one, until there must be two machines."""

AS_SHOWN = {ActKind.CHECKOUT: Outcome.LENT, ActKind.RENEW: Outcome.RENEWED, ActKind.CHECKIN: Outcome.RETURNED_UNSEEN}
"""The verdict on a fact that waits: what the reader was told."""


class LooseDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery whose facts may be anything: one that cannot be understood does not hold up the rest."""

    incarnation: str
    after: Head
    facts: tuple[msgspec.Raw, ...]


class _LooseAct(msgspec.Struct, frozen=True):
    key: str = ""
    item: str = ""


class _LooseFact(msgspec.Struct, frozen=True):
    hash: str
    act: _LooseAct = _LooseAct()


class NotInStep(Exception):
    """The delivery does not follow on what the centre has of the stream."""


class _Told(NamedTuple):
    """A fact as it came: `fact` is None where it cannot be understood."""

    raw: bytes
    hash: str
    key: str
    item: str
    fact: Fact | None
    error: str


class Streams:
    """What the centre has of its stations' streams.

    Args:
        engine: the database.
        circulation: applies facts.
        now: the centre's clock, UTC.
    """

    def __init__(self, engine: Engine, circulation: Circulation, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._circulation = circulation
        self._now = now

    # ── contact ──

    @again_after_collision
    def contact(self, station: str, contact: Contact, clock: ClockReading | None = None) -> Welcome:
        """How far the centre has the streams. What it sees of a copied or restored station it puts on the desk."""
        with Session(self._engine) as db, db.begin():
            StationClock(db, station, clock, self._now()).note()
            speaker, overtaken = self._note_process(db, station, contact)
            rows = self._in_their_order(db, station, contact)
            cursors = {row.incarnation: _cursor(db, row, contact) for row in rows if row.incarnation in contact.heads}
            for row in rows:
                forked = row.incarnation in cursors and not cursors[row.incarnation].agrees
                if forked:
                    self._flag_station(db, Conflict.FORK, station, row.incarnation)
                elif not overtaken and self._has_lost(row, contact, speaker):
                    self._flag_station(db, Conflict.RESTORED, station, row.incarnation)
            return Welcome(cursors)

    @again_after_collision
    def cursors(self, station: str) -> dict[str, Head]:
        """How far the centre has the streams that a journal should still have. Changes nothing."""
        with Session(self._engine) as db:
            rows = db.scalars(select(CursorRow).where(CursorRow.station == station))
            return {row.incarnation: Head(row.position, row.link) for row in rows if self._should_be_kept(row)}

    def _in_their_order(self, db: Session, station: str, contact: Contact) -> list[CursorRow]:
        """All streams of the station; those of which it speaks each in its place, which is how it has begun them: the
        process that speaks last."""
        rows = {row.incarnation: row for row in db.scalars(select(CursorRow).where(CursorRow.station == station))}
        place = -1
        for incarnation in dict.fromkeys((*contact.heads, contact.incarnation)):
            if incarnation not in rows:
                rows[incarnation] = _new_cursor(station, incarnation, self._now())
                db.add(rows[incarnation])
            rows[incarnation].place = place = max(place + 1, rows[incarnation].place)
        db.flush()
        return list(rows.values())

    def _has_lost(self, row: CursorRow, contact: Contact, speaker: CursorRow) -> bool:
        """Whether the journal holds less of a stream than the centre was told, though it should hold it."""
        head = contact.heads.get(row.incarnation)
        if head is None:
            return row.met_at <= speaker.met_at and self._should_be_kept(row)
        return row.position > head.position

    def _should_be_kept(self, row: CursorRow) -> bool:
        """A stream that was delivered not long ago stands in the journal still, and every process that has told
        something is a stream."""
        return row.position > 0 and self._now() - row.delivered_at < KEPT_AT_LEAST

    def _note_process(self, db: Session, station: str, contact: Contact) -> tuple[CursorRow, bool]:
        """Who speaks, and whether this was said before something that the centre has heard already.

        A process that speaks again after another has spoken may be a message that was held up; where it does so again
        and again, there are two machines.
        """
        row = db.get_one(StationRow, station)
        known = db.get(CursorRow, (station, contact.incarnation))
        if known is None:
            known = _new_cursor(station, contact.incarnation, self._now())
            db.add(known)
        elif contact.number <= known.contacts:
            return known, True
        elif row.incarnation != contact.incarnation:
            known.returns += 1
            if known.returns >= RETURNS_OF_TWO:
                self._flag_station(db, Conflict.TWO_MACHINES, station, contact.incarnation)
        known.contacts = contact.number
        row.incarnation = contact.incarnation
        db.flush()
        return known, False

    def _flag_station(self, db: Session, conflict: Conflict, station: str, incarnation: str) -> None:
        """Once for each incarnation: what is known to be forked is not restored as well."""
        known = select(ExceptionRow.id).where(
            ExceptionRow.station == station,
            ExceptionRow.subject == incarnation,
            ExceptionRow.conflict.in_((conflict, Conflict.FORK)),
        )
        if db.scalar(known) is None:
            log.error("station %s: %s, stream %s", station, conflict, incarnation)
            now = self._now()
            open_exception(db, conflict, station=station, at=now, now=now, subject=incarnation)

    # ── delivery ──

    def deliver(self, station: str, delivery: LooseDelivery, clock: ClockReading | None = None) -> Receipt:
        """Take what is told.

        Raises:
            NotInStep: there is a gap, or another history.
            msgspec.DecodeError: a fact has not even a hash.
        """
        told = [_read(raw) for raw in delivery.facts]
        cursor, verdicts = delivery.after, list[Verdict]()
        for some in _some_at_a_time(told):
            cursor, taken = self._take(station, delivery.incarnation, cursor, some, clock)
            verdicts += taken
        return Receipt(cursor, tuple(verdicts))

    def _take(
        self, station: str, incarnation: str, after: Head, told: list[_Told], clock: ClockReading | None
    ) -> tuple[Head, list[Verdict]]:
        """A transaction. Where it collides with another one it is done again; what collides every time is poison."""
        for attempt in after_collision:
            with attempt:
                last = attempt.retry_state.attempt_number == ATTEMPTS
                with Session(self._engine) as db, db.begin():
                    taking = _Taking(db, self._circulation, self._now(), station, incarnation, clock, last)
                    return taking.take(after, told)
        raise AssertionError("a retry ends with a result or an error")

    # ── what was set aside ──

    def release(self, db: Session, row: ExceptionRow, apply: bool) -> None:
        """Go on with a fact that was set aside: apply it, if it is to be, and then those that waited behind it.

        Raises:
            CannotBe: it waits behind another one itself, or cannot be applied still.
        """
        aside = (
            select(ExceptionRow)
            .where(ExceptionRow.item == row.item, ExceptionRow.conflict.in_(UNAPPLIED), ExceptionRow.state.in_(OPEN))
            .order_by(ExceptionRow.id)
        )
        others = db.scalars(aside).all()
        if any(other.id < row.id for other in others):
            raise CannotBe("another fact of this item comes first")
        if apply:
            self._apply_stored(db, row)
        for behind in others:
            if behind.conflict != Conflict.WAITS:
                break
            behind.state, behind.resolution = "resolved", Resolution.AGAIN
            behind.resolved_at, behind.resolved_by, behind.why = row.resolved_at, row.resolved_by, row.why
            self._apply_stored(db, behind)

    def _apply_stored(self, db: Session, row: ExceptionRow) -> None:
        fact = _read(msgspec.Raw(row.raw.encode())).fact
        if fact is None:
            raise CannotBe("it cannot be understood here")
        stored = stored_verdict(db, row.key, MessageKind.FACT)
        if stored is not None:
            db.delete(stored)
            db.flush()
        try:
            self._circulation.apply(db, fact, Moment(row.happened_at))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            raise CannotBe(f"it cannot be applied: {type(error).__name__}") from error


def _new_cursor(station: str, incarnation: str, now: datetime) -> CursorRow:
    """Of a stream of which the centre has nothing yet."""
    return CursorRow(
        station=station,
        incarnation=incarnation,
        position=0,
        link="",
        deliveries=0,
        delivered_at=now,
        met_at=now,
        place=0,
        contacts=0,
        returns=0,
    )


def _cursor(db: Session, row: CursorRow, contact: Contact) -> Cursor:
    """Up to the shorter of two ends they are the same stream, or two histories. Where the station's is the longer one,
    it sees that itself."""
    head = contact.heads[row.incarnation]
    there = _link_at(db, row.station, row.incarnation, head.position) or ""
    return Cursor(Head(row.position, row.link), head.position > row.position or head.link == there)


def _link_at(db: Session, station: str, incarnation: str, position: int) -> str | None:
    """The link of a stream there ('' at 0), None where the centre does not have it."""
    if position == 0:
        return ""
    row = db.get(StreamRow, (station, incarnation, position))
    return row.link if row is not None else None


def _some_at_a_time(told: list[_Told]) -> Iterator[list[_Told]]:
    yield from (told[start : start + AT_A_TIME] for start in range(0, max(1, len(told)), AT_A_TIME))


def _read(raw: msgspec.Raw) -> _Told:
    try:
        fact = msgspec.json.decode(raw, type=Fact)
    except msgspec.ValidationError as error:
        loose = msgspec.json.decode(raw, type=_LooseFact)
        return _Told(bytes(raw), loose.hash, loose.act.key, loose.act.item, None, str(error))
    return _Told(bytes(raw), fact.hash, fact.act.key, fact.act.item, fact, "")


class _Taking:
    """Some facts being taken, in one transaction. `last`: what collides now is not a collision."""

    def __init__(
        self,
        db: Session,
        circulation: Circulation,
        now: datetime,
        station: str,
        incarnation: str,
        clock: ClockReading | None,
        last: bool,
    ) -> None:
        self._db = db
        self._circulation = circulation
        self._now = now
        self._station = station
        self._incarnation = incarnation
        self._clock = StationClock(db, station, clock, now)
        self._last = last

    def take(self, after: Head, told: list[_Told]) -> tuple[Head, list[Verdict]]:
        row = self._cursor()
        self._clock.note()
        if after.position > row.position or self._link(after.position, row) != after.link:
            raise NotInStep
        verdicts = []
        end = after
        for one in told:
            end = Head(end.position + 1, next_link(end.link, one.hash))
            verdicts.append(self._take_one(end, one, row))
        row.deliveries += 1
        row.delivered_at = self._now
        return end, verdicts

    def _cursor(self) -> CursorRow:
        at = CursorRow.station == self._station, CursorRow.incarnation == self._incarnation
        row = self._db.scalar(select(CursorRow).where(*at).with_for_update())
        if row is None:
            row = _new_cursor(self._station, self._incarnation, self._now)
            self._db.add(row)
        return row

    def _link(self, position: int, row: CursorRow) -> str | None:
        if position == row.position:
            return row.link
        return _link_at(self._db, self._station, self._incarnation, position)

    def _take_one(self, end: Head, one: _Told, row: CursorRow) -> Verdict:
        if end.position <= row.position:
            if self._link(end.position, row) != end.link:
                raise NotInStep
            return self._stored(one)
        verdict = self._applied(one)
        self._db.add(
            StreamRow(
                station=self._station,
                incarnation=self._incarnation,
                position=end.position,
                key=one.key,
                link=end.link,
            )
        )
        row.position, row.link = end.position, end.link
        return verdict

    def _stored(self, one: _Told) -> Verdict:
        stored = stored_verdict(self._db, one.key, MessageKind.FACT)
        return msgspec.json.decode(stored.body, type=Verdict) if stored is not None else _as_shown(one, Conflict.POISON)

    def _applied(self, one: _Told) -> Verdict:
        if one.fact is None:
            return self._set_aside(one, Conflict.POISON, one.error)
        if one.fact.act.station != self._station:
            return self._set_aside(one, Conflict.POISON, "another station's act")
        if self._waits(one) and not self._is_known(one):
            return self._set_aside(one, Conflict.WAITS, "")
        try:
            with self._db.begin_nested():
                return self._circulation.apply(self._db, one.fact, self._clock.when(one.fact.act))
        except (OperationalError, InterfaceError):
            raise
        except KeyReused:
            return self._set_aside(one, Conflict.FORK, "the key stands for another act")
        except IntegrityError as error:
            if not self._last:
                raise
            return self._set_aside(one, Conflict.POISON, str(error.orig))
        except Exception as error:  # whatever it is, it must not hold up the others
            log.exception("act %s cannot be applied", one.key)
            return self._set_aside(one, Conflict.POISON, f"{type(error).__name__}: {error}")

    def _waits(self, one: _Told) -> bool:
        """Whether an earlier fact of the item is set aside."""
        aside = select(ExceptionRow.id).where(
            ExceptionRow.item == one.item, ExceptionRow.conflict.in_(UNAPPLIED), ExceptionRow.state.in_(OPEN)
        )
        return bool(one.item) and self._db.scalar(aside) is not None

    def _is_known(self, one: _Told) -> bool:
        return stored_verdict(self._db, one.key, MessageKind.FACT) is not None

    def _set_aside(self, one: _Told, conflict: Conflict, error: str) -> Verdict:
        verdict = _as_shown(one, conflict)
        act = one.fact.act if one.fact is not None else None
        at = self._clock.when(act).at if act is not None else self._now
        open_exception(
            self._db,
            conflict,
            station=self._station,
            at=at,
            now=self._now,
            act=act,
            raw=one.raw.decode(errors="replace"),
            item=one.item,
            key=one.key,
            error=error,
        )
        if conflict in UNAPPLIED and one.key and not self._is_known(one):
            self._db.add(verdict_row(one.key, MessageKind.FACT, one.hash, verdict, self._now))
        return verdict


def _as_shown(one: _Told, conflict: Conflict) -> Verdict:
    kind = one.fact.act.kind if one.fact is not None else ActKind.CHECKIN
    return Verdict(outcome=AS_SHOWN[kind], conflict=conflict)
