"""Everything, as it was when the centre's tables began to have versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "branches",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("hold_shelf", sa.String, nullable=False),
        sa.Column("transit_shelf", sa.String, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("xid", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sqlite_autoincrement=True,  # a number that was pruned is never given again
    )
    op.create_index("changes_in_order", "changes", ["xid", "id"])
    op.create_table(
        "cursors",
        sa.Column("station", sa.String(64), primary_key=True),
        sa.Column("incarnation", sa.String(26), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("delivered_at", TIME, nullable=False),
    )
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conflict", sa.String(32), nullable=False),
        sa.Column("station", sa.String(64), nullable=False),
        sa.Column("key", sa.String(26), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("raw", sa.String, nullable=False),
        sa.Column("believed", sa.String, nullable=False),
        sa.Column("effects", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("happened_at", TIME, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("suggested", sa.String(16), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=False),
        sa.Column("resolved_at", TIME),
        sa.Column("resolved_by", sa.String(64), nullable=False),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_index("ix_exceptions_item", "exceptions", ["item"])
    op.create_index("ix_exceptions_key", "exceptions", ["key"])
    op.create_index("ix_exceptions_state", "exceptions", ["state"])
    op.create_index("ix_exceptions_station", "exceptions", ["station"])
    op.create_table(
        "fees",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("patron", sa.String(64), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("minor", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
    )
    op.create_index("ix_fees_patron", "fees", ["patron"])
    op.create_table(
        "loans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("patron", sa.String(64), nullable=False),
        sa.Column("key", sa.String(26), nullable=False),
        sa.Column("lent_at", TIME, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("renewals", sa.Integer, nullable=False),
        sa.Column("returned_at", TIME),
        sa.Column("again_at", TIME),
        sa.Column("again_key", sa.String(26), nullable=False),
        sa.Column("hold", sa.JSON),
    )
    op.create_index("ix_loans_item", "loans", ["item"])
    op.create_index("ix_loans_key", "loans", ["key"])
    op.create_index("ix_loans_patron", "loans", ["patron"])
    op.create_index(
        "one_open_loan_per_item",
        "loans",
        ["item"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.create_table(
        "patrons",
        sa.Column("ref", sa.String(26), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("branch", sa.String(32), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("pin", sa.String, nullable=False),
        sa.Column("wrong_pins", sa.Integer, nullable=False),
        sa.Column("rests_until", TIME),
        sa.Column("expires", sa.Date),
        sa.Column("block_codes", sa.JSON, nullable=False),
        sa.Column("messages", sa.JSON, nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("ix_sightings_item", "sightings", ["item"])
    op.create_table(
        "streams",
        sa.Column("station", sa.String(64), primary_key=True),
        sa.Column("incarnation", sa.String(26), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(26), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
    )
    op.create_index("ix_streams_key", "streams", ["key"])
    op.create_table(
        "titles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("control_number", sa.String(64), unique=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("year", sa.String(16), nullable=False),
        sa.Column("isbn", sa.String(13), nullable=False),
        sa.Column("media", sa.String(16), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("shelf", sa.String, nullable=False),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("key", "kind"),
    )
    op.create_table(
        "cards",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("value", sa.String(128), primary_key=True),
        sa.Column("patron", sa.String(26), sa.ForeignKey("patrons.ref"), nullable=False),
    )
    op.create_index("ix_cards_patron", "cards", ["patron"])
    op.create_table(
        "former_refs",
        sa.Column("former", sa.String(64), primary_key=True),
        sa.Column("ref", sa.String(26), sa.ForeignKey("patrons.ref"), nullable=False),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title_id", sa.Integer, sa.ForeignKey("titles.id"), nullable=False),
        sa.Column("patron", sa.String(26), sa.ForeignKey("patrons.ref"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("item", sa.String(64)),
        sa.Column("until", sa.Date),
    )
    op.create_index("ix_holds_item", "holds", ["item"])
    op.create_index("ix_holds_patron", "holds", ["patron"])
    op.create_index("ix_holds_title_id", "holds", ["title_id"])
    op.create_table(
        "items",
        sa.Column("barcode", sa.String(64), primary_key=True),
        sa.Column("title_id", sa.Integer, sa.ForeignKey("titles.id"), nullable=False),
        sa.Column("branch", sa.String(32), sa.ForeignKey("branches.code"), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("recalled", sa.Boolean, nullable=False),
    )
    op.create_index("ix_items_title_id", "items", ["title_id"])
    op.create_table(
        "stations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("branch", sa.String(32), sa.ForeignKey("branches.code"), nullable=False),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("incarnation", sa.String(26), nullable=False),
    )


def downgrade() -> None:
    first = "stations items holds former_refs cards verdicts titles streams sightings"
    then = "settings patrons loans fees exceptions cursors changes branches"
    for table in (*first.split(), *then.split()):
        op.drop_table(table)
