"""Each case finds the database as the first one found it: whatever a case stores and commits is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lti_tool.db.unit_of_work import SessionFactory


@contextmanager
def undone(sessions: SessionFactory) -> Iterator[None]:
    """In the block every transaction is a part of one that is rolled back at its end (PostgreSQL)."""
    engine = sessions.kw["bind"]
    with engine.connect() as connection:
        whole = connection.begin()
        sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield
        finally:
            sessions.configure(bind=engine, join_transaction_mode="conditional_savepoint")
            whole.rollback()
