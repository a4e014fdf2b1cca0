"""A database in memory, for tests that need many of them."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from lti_tool.db.unit_of_work import _begin_sqlite


def memory_engine() -> Engine:
    """An empty SQLite of one connection."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    event.listen(engine, "begin", _begin_sqlite)
    return engine
