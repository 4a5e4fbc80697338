"""The stream of facts as the centre is told it, and what is needed to let old acts go."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("incarnations", sa.Column("told", sa.Integer, nullable=False, server_default="0"))
    op.add_column("incarnations", sa.Column("told_at", sa.String, nullable=False, server_default=sa.text("''")))
    op.add_column("incarnations", sa.Column("forked", sa.Integer, nullable=False, server_default="0"))
    op.add_column("acts", sa.Column("emptied_at", sa.String, nullable=False, server_default=sa.text("''")))
    op.create_table(
        "stream",
        sa.Column("incarnation", sa.String, sa.ForeignKey("incarnations.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, sa.ForeignKey("acts.key"), nullable=False),
        sa.Column("link", sa.String, nullable=False),
        sa.UniqueConstraint("incarnation", "key"),
    )
    op.create_table(
        "anchors",
        sa.Column("chain", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    _stream_what_happened()


def _stream_what_happened() -> None:
    """Facts of before stand in the stream of their own incarnation, in the order in which they were written. The
    centre has most of them: it answers with the verdicts that it has stored."""
    db = op.get_bind()
    facts = db.execute(
        sa.text(
            "SELECT acts.incarnation, acts.key, acts.hash FROM acts"
            " JOIN delivery ON delivery.key = acts.key"
            " JOIN transitions ON transitions.key = acts.key AND transitions.from_state = ''"
            " WHERE delivery.state IN ('executed', 'confirmed', 'exception') ORDER BY transitions.id"
        )
    ).all()
    heads: dict[str, tuple[int, str]] = {}
    for incarnation, key, digest in facts:
        position, link = heads.get(incarnation, (0, ""))
        link = hashlib.sha256(f"{link}\n{digest}".encode()).hexdigest()
        heads[incarnation] = (position + 1, link)
        row = {"incarnation": incarnation, "position": position + 1, "key": key, "link": link}
        db.execute(
            sa.text(
                "INSERT INTO stream (incarnation, position, key, link) VALUES (:incarnation, :position, :key, :link)"
            ),
            row,
        )


def downgrade() -> None:
    op.drop_table("anchors")
    op.drop_table("stream")
    op.drop_column("acts", "emptied_at")
    for column in ("forked", "told_at", "told"):
        op.drop_column("incarnations", column)
