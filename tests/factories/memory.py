"""A database in memory, for tests that need many of them."""

from __future__ import annotations

import sqlite3
from functools import cache

from sqlalchemy import Engine, event

from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import make_engine


def memory_engine() -> Engine:
    """An SQLite with all tables and nothing in them, of one connection a thread."""
    tables = _tables()
    engine = make_engine("sqlite://")
    # Before anything else is asked of the connection; making the tables takes longer than most examples do.
    event.listen(engine, "connect", lambda connection, _entry: connection.deserialize(tables), insert=True)
    return engine


@cache
def _tables() -> bytes:
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine)
    connection = engine.raw_connection()
    made = connection.driver_connection
    assert isinstance(made, sqlite3.Connection)
    found = made.serialize()
    connection.close()
    engine.dispose()
    return found
