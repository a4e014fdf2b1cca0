"""Alembic's entry: migrations run on the connection that `db/schema.py` hands over."""

from __future__ import annotations

from alembic import context

from lti_tool.db.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=False,
    # Without effect where the caller has begun a transaction around all of them (SQLite).
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
