"""The exceptions that the station keeps by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conflict", sa.String, nullable=False),
        _text("key"),
        sa.Column("said", sa.Text),
        sa.Column("happened_at", sa.String, nullable=False),
        sa.Column("opened_at", sa.String, nullable=False),
        *map(_text, ("wanted", "resolution", "resolved_at", "resolved_by", "why")),
    )
    op.create_index(
        "one_open_exception", "exceptions", ["conflict", "key"], unique=True, sqlite_where=sa.text("resolution = ''")
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default=sa.text("''"))


def downgrade() -> None:
    op.drop_table("exceptions")
