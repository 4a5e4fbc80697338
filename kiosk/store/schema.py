"""Tables of `journal.db`. Changed only together with a migration in `kiosk/store/migrations`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

incarnations = Table(
    "incarnations",
    metadata,
    Column("id", String, primary_key=True),  # ULID, new at every process start
    Column("station", String, nullable=False),
    Column("started_at", String, nullable=False),
    # How far the centre has said that it has this incarnation's stream. Only a hint: it is asked at each contact.
    Column("told", Integer, nullable=False, server_default="0"),
    Column("told_at", String, nullable=False, server_default=text("''")),
    # Its stream at the centre is another machine's: what is in ours was appended to a newer one.
    Column("forked", Integer, nullable=False, server_default="0"),
)

# Immutable. Chained by hash within an incarnation; the patron stands apart so that he or she can be erased.
acts = Table(
    "acts",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("station", String, nullable=False),
    Column("incarnation", ForeignKey("incarnations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("item", String, nullable=False),
    Column("at", String, nullable=False),
    Column("mono_ns", BigInteger, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("clock", String, nullable=False),
    Column("undoes", String),
    Column("due_before", String),
    Column("v", Integer, nullable=False),
    Column("commitment", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("emptied_at", String, nullable=False, server_default=text("''")),  # when only the hashes were kept
    UniqueConstraint("incarnation", "seq"),
    Index("acts_item", "item"),
)

# The erasable part.
act_patrons = Table(
    "act_patrons",
    metadata,
    Column("key", ForeignKey("acts.key"), primary_key=True),
    Column("patron", String, nullable=False),
    Column("salt", String, nullable=False),
    Index("act_patrons_patron", "patron"),
)

# Append-only. Unique per act and from-state: of two that want to move an act on, one wins.
transitions = Table(
    "transitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", ForeignKey("acts.key"), nullable=False),
    Column("from_state", String, nullable=False),  # '' for the first
    Column("to_state", String, nullable=False),
    Column("at", String, nullable=False),
    Column("verdict", Text),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    UniqueConstraint("key", "from_state"),
)

# Append-only: the facts in the order in which they came true, as the centre is told them; one stream per incarnation.
# The link of a position covers everything before it, so that two machines can tell whether they speak of the same.
stream = Table(
    "stream",
    metadata,
    Column("incarnation", ForeignKey("incarnations.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key", ForeignKey("acts.key"), nullable=False),
    Column("link", String, nullable=False),
    UniqueConstraint("incarnation", "key"),
)

# Where a chain begins whose oldest part is not kept any more: '' the transitions', else an incarnation's acts'.
anchors = Table(
    "anchors",
    metadata,
    Column("chain", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String, nullable=False),
)

# Mutable, and could be made anew from the rest.
delivery = Table(
    "delivery",
    metadata,
    Column("key", ForeignKey("acts.key"), primary_key=True),
    Column("state", String, nullable=False),  # the act's state now, so that open acts are found without a scan
    Column("tries", Integer, nullable=False),
    Column("next_at", String, nullable=False),  # '' at once
    Column("last_error", String, nullable=False),
    Index("delivery_state", "state"),
)

# What staff should look at and no centre keeps. Of two who resolve one at once, one does.
exceptions = Table(
    "exceptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conflict", String, nullable=False),
    Column("key", String, nullable=False, server_default=text("''")),  # of the act that it is about; '' none
    Column("said", Text),  # what the catalogue said of it, a verdict
    Column("happened_at", String, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("wanted", String, nullable=False, server_default=text("''")),  # a decision that is being carried out
    Column("resolution", String, nullable=False, server_default=text("''")),  # '' while it waits
    Column("resolved_at", String, nullable=False, server_default=text("''")),
    Column("resolved_by", String, nullable=False, server_default=text("''")),
    Column("why", String, nullable=False, server_default=text("''")),
    Index("one_open_exception", "conflict", "key", unique=True, sqlite_where=text("resolution = ''")),
)
