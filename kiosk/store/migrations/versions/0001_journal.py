"""The journal: incarnations, acts, their patrons, transitions, delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "incarnations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
    )
    op.create_table(
        "acts",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("incarnation", sa.String, sa.ForeignKey("incarnations.id"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("mono_ns", sa.BigInteger, nullable=False),
        sa.Column("boot_id", sa.String, nullable=False),
        sa.Column("clock", sa.String, nullable=False),
        sa.Column("undoes", sa.String),
        sa.Column("due_before", sa.String),
        sa.Column("v", sa.Integer, nullable=False),
        sa.Column("commitment", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.UniqueConstraint("incarnation", "seq"),
    )
    op.create_index("acts_item", "acts", ["item"])
    op.create_table(
        "act_patrons",
        sa.Column("key", sa.String, sa.ForeignKey("acts.key"), primary_key=True),
        sa.Column("patron", sa.String, nullable=False),
        sa.Column("salt", sa.String, nullable=False),
    )
    op.create_index("act_patrons_patron", "act_patrons", ["patron"])
    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, sa.ForeignKey("acts.key"), nullable=False),
        sa.Column("from_state", sa.String, nullable=False),
        sa.Column("to_state", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("verdict", sa.Text),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.UniqueConstraint("key", "from_state"),
    )
    op.create_table(
        "delivery",
        sa.Column("key", sa.String, sa.ForeignKey("acts.key"), primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.String, nullable=False),
        sa.Column("last_error", sa.String, nullable=False),
    )
    op.create_index("delivery_state", "delivery", ["state"])


def downgrade() -> None:
    for table in ("delivery", "transitions", "act_patrons", "acts", "incarnations"):
        op.drop_table(table)
