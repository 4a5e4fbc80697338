"""Alembic's entry: migrations run on the journal's own engine."""

from __future__ import annotations

from alembic import context

from kiosk.store.schema import metadata

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
