"""Alembic's entry: migrations run in the transaction of whoever asks for them (`sync.central.versions`)."""

from __future__ import annotations

from alembic import context

from sync.central.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
