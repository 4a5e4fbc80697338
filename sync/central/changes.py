"""The log of changes that mirrors are fed from: written by the session that makes the change, read below the horizon.

A bulk statement that goes past the ORM leaves no trace here. Whoever needs one notes the change by hand (`note`), or
stations find out at night that their mirror has drifted.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, delete, event, func, insert, inspect, literal, select, tuple_
from sqlalchemy.orm import Session, UOWTransaction

from sync.catalogue import Credential
from sync.central.models import (
    Branch,
    Card,
    ChangeRow,
    FeeRow,
    HoldRow,
    ItemRow,
    LoanRow,
    PatronRow,
    Setting,
    Title,
    again_after_collision,
    utc_now,
)
from sync.feed.pages import Gone
from sync.feed.schema import Half
from sync.feed.snapshot import card_digest

KEPT = timedelta(days=90)
"""How long changes are kept: a station that was away for longer takes a new snapshot."""


class Kind(StrEnum):
    """What changed. The comment says what `ref` is."""

    ITEM = "item"  # a barcode
    COPIES = "copies"  # a title's id: something about all its copies
    TITLE = "title"  # a title's id
    BRANCH = "branch"  # a branch's code
    RULES = "rules"
    PATRON = "patron"  # a patron's ref
    CARD = "card"  # the keyed hash of a card that is no more


KINDS = {
    Half.CATALOGUE: (Kind.ITEM, Kind.COPIES, Kind.TITLE, Kind.BRANCH, Kind.RULES),
    Half.PATRONS: (Kind.PATRON, Kind.CARD, Kind.RULES),
}

Change = tuple[Kind, str]


# ── writing ──


def note_all_changes() -> None:
    """From now on every ORM session of this process notes what it changes."""
    if not event.contains(Session, "after_flush", _note_flushed):
        event.listen(Session, "after_flush", _note_flushed)


def note(db: Session, changes: Iterable[Change]) -> None:
    """Note changes by hand, in the transaction that makes them."""
    now = utc_now()
    rows = [{"kind": str(kind), "ref": ref, "at": now} for kind, ref in dict.fromkeys(changes)]
    if rows:
        db.connection().execute(insert(ChangeRow).values(xid=_transaction_id(db)), rows)


def _transaction_id(db: Session) -> Any:
    if db.get_bind().dialect.name != "postgresql":
        return literal(0)
    return func.pg_current_xact_id().cast(Text).cast(BigInteger)


def _note_flushed(db: Session, _context: UOWTransaction) -> None:
    changed = [row for row in db.dirty if db.is_modified(row)]
    touched = [change for row in (*db.new, *changed) for change in _touched(db, row)]
    touched += [change for row in db.deleted for change in (*_touched(db, row), *_vanished(db, row))]
    note(db, touched)


def _touched(_db: Session, row: object) -> Iterator[Change]:
    """The mirror's rows that may say something else because of this one, and because of what it was before."""
    for kind, attribute in _TOUCHES.get(type(row), ()):
        if attribute is None:
            if isinstance(row, Setting) and row.name == "rules":
                yield kind, ""
            continue
        history = inspect(row).attrs[attribute].load_history()
        for value in (*history.added, *history.unchanged, *history.deleted):
            if value is not None:
                yield kind, str(value)


_TOUCHES: dict[type, tuple[tuple[Kind, str | None], ...]] = {
    ItemRow: ((Kind.ITEM, "barcode"), (Kind.COPIES, "title_id")),
    Title: ((Kind.TITLE, "id"), (Kind.COPIES, "id")),
    HoldRow: ((Kind.COPIES, "title_id"), (Kind.PATRON, "patron")),
    LoanRow: ((Kind.ITEM, "item"), (Kind.PATRON, "patron")),
    PatronRow: ((Kind.PATRON, "ref"),),
    Card: ((Kind.PATRON, "patron"),),
    FeeRow: ((Kind.PATRON, "patron"),),
    Branch: ((Kind.BRANCH, "code"),),
    Setting: ((Kind.RULES, None),),
}


def _vanished(db: Session, row: object) -> Iterator[Change]:
    """A card that is gone can be named by its hash alone: nobody could reckon it later."""
    if isinstance(row, Card):
        with db.no_autoflush:
            yield Kind.CARD, card_digest(card_key(db), Credential(row.kind, row.value))


def card_key(db: Session) -> str:
    """The library's key for card hashes. Raises `LookupError` in a database without a library."""
    setting = db.get(Setting, "card_key")
    if setting is None:
        raise LookupError("this database has no key for cards")
    return setting.body


# ── where a reader stands ──


class Place(NamedTuple):
    """A place in the log."""

    xid: int
    id: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mirror has read. Opaque to stations. `scope`: the branch whose patrons it follows, '' for items."""

    history: str
    scope: str
    place: Place

    def __str__(self) -> str:
        return f"{self.history}.{self.place.xid}.{self.place.id}.{self.scope}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """What a station sent. Raises `Gone` where it makes no sense: a snapshot mends that."""
        try:
            history, xid, number, scope = text.split(".", 3)
            return cls(history, scope, Place(int(xid), int(number)))
        except ValueError as error:
            raise Gone("not a cursor of ours") from error


def prepare(db: Session) -> None:
    """Draw what a new database needs: the key for cards, and a name for its history."""
    for name, length in (("card_key", 32), ("history", 8)):
        if db.get(Setting, name) is None:
            db.add(Setting(name=name, body=secrets.token_hex(length)))
    db.flush()


def history(db: Session) -> str:
    """The name of this database's history. Another one begins where the log went backwards."""
    setting = db.get(Setting, "history")
    if setting is None:
        raise LookupError("this database has no history yet")
    return setting.body


def begin_new_history(db: Session) -> None:
    """The log went backwards (a backup was restored, the data moved to another server): no cursor of before is good."""
    db.execute(delete(ChangeRow))
    db.execute(delete(Setting).where(Setting.name.in_(("history", "pruned"))))
    db.expire_all()
    prepare(db)


def went_backwards(db: Session, known: str | None) -> bool:
    """Whether this database is an older state of itself, or its log another server's. `known`: the furthest cursor that
    was given out before."""
    if db.get_bind().dialect.name == "postgresql":
        beyond = func.pg_snapshot_xmax(func.pg_current_snapshot()).cast(Text).cast(BigInteger)
        if db.scalar(select(ChangeRow.id).where(ChangeRow.xid >= beyond).limit(1)) is not None:
            return True
    if known is None:
        return False
    cursor = Cursor.read(known)
    return cursor.history == history(db) and cursor.place > end(db)


def end(db: Session) -> Place:
    """The last change that can be read now: below the horizon, there is nothing that could still come before it."""
    return _last(db, _below_horizon(db)) or Place(0, 0)


def _last(db: Session, *where: Any) -> Place | None:
    row = db.execute(
        select(ChangeRow.xid, ChangeRow.id).where(*where).order_by(ChangeRow.xid.desc(), ChangeRow.id.desc()).limit(1)
    ).first()
    return Place(*row) if row else None


def _below_horizon(db: Session) -> Any:
    """Only transactions older than every one that still runs: PostgreSQL's xmin."""
    if db.get_bind().dialect.name != "postgresql":
        return ChangeRow.xid == 0
    return ChangeRow.xid < func.pg_snapshot_xmin(func.pg_current_snapshot()).cast(Text).cast(BigInteger)


class Changes(NamedTuple):
    """Some changes. `more`: there are others that can be read now. `complete`: none that is committed is hidden."""

    found: list[Change]
    place: Place
    more: bool
    complete: bool


def changes_after(db: Session, half: Half, cursor: Cursor, limit: int) -> Changes:
    """The next changes of one half of the mirror.

    Raises:
        Gone: the cursor is another history's, further than the log (a backup was restored), or from before it begins.
    """
    last = end(db)
    pruned = db.get(Setting, "pruned")
    begins = Cursor.read(pruned.body).place if pruned else Place(0, 0)
    if cursor.history != history(db) or not begins <= cursor.place <= last:
        raise Gone("the log does not reach there")
    where = (
        tuple_(ChangeRow.xid, ChangeRow.id) > tuple_(literal(cursor.place.xid), literal(cursor.place.id)),
        _below_horizon(db),
        ChangeRow.kind.in_([str(kind) for kind in KINDS[half]]),
    )
    query = select(ChangeRow.xid, ChangeRow.id, ChangeRow.kind, ChangeRow.ref).where(*where)
    rows = db.execute(query.order_by(ChangeRow.xid, ChangeRow.id).limit(limit)).all()
    more = len(rows) == limit
    return Changes(
        found=[(Kind(kind), ref) for _, _, kind, ref in rows],
        place=Place(rows[-1][0], rows[-1][1]) if more else last,
        more=more,
        complete=db.scalar(select(ChangeRow.id).where(~_below_horizon(db)).limit(1)) is None,
    )


# ── forgetting ──


@again_after_collision
def prune(open_session: Callable[[], Session], now: datetime) -> int:
    """Forget changes that are older than `KEPT`, but never the last: it says how far the log has come. Returns how
    many."""
    with open_session() as db, db.begin():
        last = end(db)
        old = _last(db, ChangeRow.at < now - KEPT, tuple_(ChangeRow.xid, ChangeRow.id) < tuple_(*map(literal, last)))
        if old is None:
            return 0
        db.merge(Setting(name="pruned", body=str(Cursor(history(db), "", old))))
        done = db.execute(
            delete(ChangeRow).where(tuple_(ChangeRow.xid, ChangeRow.id) <= tuple_(*map(literal, old))),
            execution_options={"synchronize_session": False},
        )
        return int(done.rowcount)  # type: ignore[attr-defined]
