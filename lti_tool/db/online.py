"""Indexes on tables that are large and in use: built without stopping those who write.

PostgreSQL's plain CREATE INDEX lets nobody write into the table until it has read the whole of it; CONCURRENTLY reads
it twice and stops nobody, but cannot be part of a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def build_index(
    name: str,
    table: str,
    columns: Sequence[str | sa.TextClause],
    *,
    where: sa.TextClause | None = None,
    beside: Sequence[str] | None = None,
) -> None:
    """Builds an index; `where` is the condition of a partial one, in words that both databases know.

    `beside` names columns that PostgreSQL keeps in it, so that it need not read the row.

    To be the last of a migration: what came before is committed by it. What an attempt that was broken off has left, an
    index that is not valid, goes first; so the migration can be repeated.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, list(columns), sqlite_where=where)
        return
    before = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
    with op.get_context().autocommit_block():
        # It waits for every transaction that has begun before it, and nobody waits for it meanwhile: so it has time.
        op.execute("SET lock_timeout = 0")
        try:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                list(columns),
                postgresql_where=where,
                postgresql_include=beside,
                postgresql_concurrently=True,
            )
        finally:
            op.execute(f"SET lock_timeout = '{before}'")
