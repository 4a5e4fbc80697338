"""Tables of the centre. Times are UTC, due dates local dates of the library. SQLite or PostgreSQL.

Each change to them is a migration (`sync.central.versions`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Index,
    Integer,
    String,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC. SQLite keeps no zone, so it is put back when a time is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLAlchemy's hook for writing."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLAlchemy's hook for reading."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Root of the tables."""


class Branch(Base):
    """A library of the network. The first by `position` is the main one."""

    __tablename__ = "branches"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    hold_shelf: Mapped[str] = mapped_column(default="")
    transit_shelf: Mapped[str] = mapped_column(default="")


class Setting(Base):
    """What the library as a whole has decided: rules, the key for card hashes."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str]


class Title(Base):
    """A bibliographic record."""

    __tablename__ = "titles"
    id: Mapped[int] = mapped_column(primary_key=True)
    control_number: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the system it was imported from
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(16), default="")
    year: Mapped[str] = mapped_column(String(16), default="")
    isbn: Mapped[str] = mapped_column(String(13), default="")
    media: Mapped[str] = mapped_column(String(16), default="book")
    audience: Mapped[str] = mapped_column(String(16), default="adult")
    shelf: Mapped[str] = mapped_column(default="")


class ItemRow(Base):
    """One physical copy. `status`: available, not_for_loan, lost, in_transit; who has it stands in the loans."""

    __tablename__ = "items"
    barcode: Mapped[str] = mapped_column(String(64), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id"), index=True, active_history=True)
    branch: Mapped[str] = mapped_column(ForeignKey("branches.code"))
    status: Mapped[str] = mapped_column(String(16), default="available")
    recalled: Mapped[bool] = mapped_column(default=False)  # the library wants it back; ends with the return
    title: Mapped[Title] = relationship(lazy="joined")


class PatronRow(Base):
    """A person with a library account. `ref` is opaque and is what acts carry."""

    __tablename__ = "patrons"
    ref: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str]
    branch: Mapped[str] = mapped_column(String(32), default="")  # of which they are a reader; '' of all
    category: Mapped[str] = mapped_column(String(16), default="adult")
    language: Mapped[str] = mapped_column(String(16), default="")
    pin: Mapped[str] = mapped_column(default="")  # argon2id; '' where none is asked for
    wrong_pins: Mapped[int] = mapped_column(default=0)  # by whichever card: it is the account that rests
    rests_until: Mapped[datetime | None] = mapped_column(UtcTime)
    expires: Mapped[date | None]
    block_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    messages: Mapped[list[str]] = mapped_column(JSON, default=list)


class Card(Base):
    """A card of a patron."""

    __tablename__ = "cards"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(128), primary_key=True)
    patron: Mapped[str] = mapped_column(ForeignKey("patrons.ref"), index=True, active_history=True)


class LoanRow(Base):
    """A loan: open while `returned_at` is empty. At most one open loan per item."""

    __tablename__ = "loans"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(64), index=True)  # no foreign key: unknown items are lent offline too
    patron: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(26), default="", index=True)  # the act that lent it
    lent_at: Mapped[datetime] = mapped_column(UtcTime)
    due: Mapped[date]
    renewals: Mapped[int] = mapped_column(default=0)
    returned_at: Mapped[datetime | None] = mapped_column(UtcTime)
    again_at: Mapped[datetime | None] = mapped_column(UtcTime)  # lent to the same reader once more, by another act:
    again_key: Mapped[str] = mapped_column(String(26), default="")  # between the two it must have come back
    hold: Mapped[dict[str, str | int | None] | None] = mapped_column(JSON)  # the reader's own, which the loan fulfilled
    __table_args__ = (
        Index(
            "one_open_loan_per_item",
            "item",
            unique=True,
            sqlite_where=text("returned_at IS NULL"),
            postgresql_where=text("returned_at IS NULL"),
        ),
    )


class HoldRow(Base):
    """A reservation of a title; with `item` it stands ready on the hold shelf."""

    __tablename__ = "holds"
    id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id"), index=True)
    patron: Mapped[str] = mapped_column(ForeignKey("patrons.ref"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    item: Mapped[str | None] = mapped_column(String(64), index=True)
    until: Mapped[date | None]


class FeeRow(Base):
    """Money owed."""

    __tablename__ = "fees"
    id: Mapped[int] = mapped_column(primary_key=True)
    patron: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str]
    minor: Mapped[int]
    title: Mapped[str] = mapped_column(default="")


class StationRow(Base):
    """A station that may speak to the centre. `token`: SHA-256 of its bearer token."""

    __tablename__ = "stations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    branch: Mapped[str] = mapped_column(ForeignKey("branches.code"))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    incarnation: Mapped[str] = mapped_column(String(26), default="")  # which process spoke last


class VerdictRow(Base):
    """What was answered to a message, for ever: the same message again gets the same answer. `act`: the hash of what it
    said."""

    __tablename__ = "verdicts"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(26))
    kind: Mapped[str] = mapped_column(String(16))
    act: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcTime)
    __table_args__ = (UniqueConstraint("key", "kind"),)


class Sighting(Base):
    """An item came back, then. A loan from before that is told later is over already.

    `earliest` to `latest`: where the clocks do not tell exactly. Of what one station did, `incarnation` and `seq` tell
    the order, whatever the clocks say."""

    __tablename__ = "sightings"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(64), index=True)
    station: Mapped[str] = mapped_column(String(64))
    incarnation: Mapped[str] = mapped_column(String(26))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcTime)
    earliest: Mapped[datetime] = mapped_column(UtcTime)
    latest: Mapped[datetime] = mapped_column(UtcTime)


class BootRow(Base):
    """When a station's machine was booted, by the centre's clock: the earliest of what it was heard to say lately."""

    __tablename__ = "boots"
    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    boot_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    noted_at: Mapped[datetime] = mapped_column(UtcTime)


class CursorRow(Base):
    """How far the centre has a stream of a station. Written with every delivery, also one that brings nothing new: an
    answer must never rest on a transaction that wrote nothing, for a database that was cut off from its standby would
    give it and be thrown away."""

    __tablename__ = "cursors"
    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(26), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    link: Mapped[str] = mapped_column(String(64), default="")
    deliveries: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime] = mapped_column(UtcTime)
    met_at: Mapped[datetime] = mapped_column(UtcTime)  # a process knows of no stream that was begun after it
    place: Mapped[int] = mapped_column(default=0)  # among the station's processes, as the station has them
    contacts: Mapped[int] = mapped_column(default=0)  # the number of its last one
    returns: Mapped[int] = mapped_column(default=0)  # times that it spoke again after another one had


class StreamRow(Base):
    """A fact at its place in a stream. The same key may stand in two, where a station told it anew."""

    __tablename__ = "streams"
    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(26), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(26), index=True)
    link: Mapped[str] = mapped_column(String(64))


class FormerRef(Base):
    """A ref that an account once had, before two were made one or a number was given anew."""

    __tablename__ = "former_refs"
    former: Mapped[str] = mapped_column(String(64), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("patrons.ref"))


class ExceptionRow(Base):
    """A fact that staff should look at, or a station: open → suggested → resolved. Never deleted."""

    __tablename__ = "exceptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    conflict: Mapped[str] = mapped_column(String(32))
    station: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(26), default="", index=True)
    item: Mapped[str] = mapped_column(String(64), default="", index=True)
    subject: Mapped[str] = mapped_column(String(64), default="")  # of one about a station: which incarnation
    act: Mapped[str] = mapped_column(default="")  # what the station saw
    raw: Mapped[str] = mapped_column(default="")  # the fact as it came, where it is set aside
    believed: Mapped[str] = mapped_column(default="")  # what the centre believed before
    effects: Mapped[str] = mapped_column(default="[]")  # what was done by itself
    error: Mapped[str] = mapped_column(default="")  # why it could not be applied; for technicians
    happened_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    suggested: Mapped[str] = mapped_column(String(16), default="")
    resolution: Mapped[str] = mapped_column(String(16), default="")
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    resolved_by: Mapped[str] = mapped_column(String(64), default="")
    why: Mapped[str] = mapped_column(default="")


class ChangeRow(Base):
    """Something changed that mirrors hold: `kind` and `ref` say what, not how. Written in the change's transaction.

    `xid`: PostgreSQL's number of that transaction. Transactions commit in another order than they begin, so a reader
    goes by (xid, id) and stops below the oldest one that still runs. SQLite has one writer at a time: 0.
    """

    __tablename__ = "changes"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger, default=0)
    kind: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    __table_args__ = (
        Index("changes_in_order", "xid", "id"),
        {"sqlite_autoincrement": True},  # a number that was pruned is never given again
    )


def utc_now() -> datetime:
    """The centre's clock."""
    return datetime.now(UTC)


def open_engine(url: str) -> Engine:
    """An engine for the centre's database, on which two stations that want the same item stand in line: SQLite takes
    the write lock at the start of each transaction, PostgreSQL finds that they collided (SERIALIZABLE) and has one of
    them done again (`again_after_collision`)."""
    from sync.central.changes import note_all_changes  # loaded late: it knows the tables

    note_all_changes()
    if make_url(url).get_backend_name() == "postgresql":
        return create_engine(url, isolation_level="SERIALIZABLE", pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True)
    _prepare_sqlite(engine)
    return engine


def reading(engine: Engine) -> Engine:
    """The same database for long transactions that only read: as it stands at one moment, and in no writer's way."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(reading=True)


ATTEMPTS = 8

after_collision = Retrying(
    retry=retry_if_exception_type((OperationalError, IntegrityError)),
    stop=stop_after_attempt(ATTEMPTS),
    wait=wait_random(0.0, 0.05),
    reraise=True,
)
again_after_collision = after_collision.wraps
"""For a function that is one whole transaction: do it again where another one was in the way. PostgreSQL says so at the
commit (40001), or at the index that allows an item one open loan."""


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection, _record):  # type: ignore[no-untyped-def]
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")
