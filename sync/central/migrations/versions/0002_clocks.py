"""What the centre knows of the stations' clocks, of their processes, and of the order of what they did."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
LONG_AGO = "2000-01-01 00:00:00"

Columns = tuple[sa.Column[Any], ...]


def sightings() -> Columns:
    """New columns, made anew for each use."""
    return (
        sa.Column("station", sa.String(64), nullable=False, server_default=""),
        sa.Column("incarnation", sa.String(26), nullable=False, server_default=""),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("earliest", TIME, nullable=False, server_default=LONG_AGO),
        sa.Column("latest", TIME, nullable=False, server_default=LONG_AGO),
    )


def cursors() -> Columns:
    """The same."""
    return (
        sa.Column("met_at", TIME, nullable=False, server_default=LONG_AGO),
        sa.Column("place", sa.Integer, nullable=False, server_default="0"),
        sa.Column("contacts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("returns", sa.Integer, nullable=False, server_default="0"),
    )


def upgrade() -> None:
    op.create_table(
        "boots",
        sa.Column("station", sa.String(64), primary_key=True),
        sa.Column("boot_id", sa.String(64), primary_key=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
    )
    _add("sightings", sightings(), "UPDATE sightings SET earliest = at, latest = at")
    _add("cursors", cursors(), "UPDATE cursors SET met_at = delivered_at")


def _add(table: str, columns: Columns, fill: str) -> None:
    """Columns that every row must have: new rows get theirs from the program, those of before from `fill`."""
    for column in columns:
        op.add_column(table, column)
    op.execute(fill)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.alter_column(column.name, existing_type=column.type, server_default=None)


def downgrade() -> None:
    for table, columns in (("cursors", cursors()), ("sightings", sightings())):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
    op.drop_table("boots")
