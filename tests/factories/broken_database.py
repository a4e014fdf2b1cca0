"""A database in trouble on order: what its driver says when a statement is sent, or when a transaction is to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psycopg
from sqlalchemy import Engine, event, func, select

from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory


@contextmanager
def failing_statements(sessions: SessionFactory, error: Exception, word: str = "") -> Iterator[list[str]]:
    """Every statement with this word fails as the driver would let it; the statements that did."""
    engine: Engine = sessions.kw["bind"]
    failed: list[str] = []

    def fail(_cursor: object, statement: str, _parameters: object, _context: object) -> None:
        if word in statement:
            failed.append(statement)
            raise error

    def fail_prepared(_connection: object, _cursor: object, statement: str, _given: object, *more: object) -> None:
        context, _many = more
        if context is None:
            fail(None, statement, None, None)

    ways = {"do_execute": fail, "do_executemany": fail, "before_cursor_execute": fail_prepared}
    for way, how in ways.items():
        event.listen(engine, way, how)
    try:
        yield failed
    finally:
        for way, how in ways.items():
            event.remove(engine, way, how)


@contextmanager
def failing_commits(sessions: SessionFactory, error: Exception, after: int = 0) -> Iterator[None]:
    """So many transactions may still end, then every COMMIT fails: nothing of it is stored."""
    engine: Engine = sessions.kw["bind"]
    commit, left = engine.dialect.do_commit, after

    def fail(connection: object) -> None:
        nonlocal left
        if left:
            left -= 1
            return commit(connection)  # type: ignore[arg-type]  # the pool's own connection, passed on as it came
        raise error

    with patch.object(engine.dialect, "do_commit", fail):
        yield


def driver_error(sessions: SessionFactory, said: str = "database or disk is full") -> Exception:
    """A full disk as the driver of this database tells it."""
    engine: Engine = sessions.kw["bind"]
    if engine.dialect.name == "postgresql":
        return psycopg.errors.DiskFull("could not extend file: No space left on device")
    failure: Exception = engine.dialect.loaded_dbapi.OperationalError(said)
    return failure


def rows(sessions: SessionFactory) -> dict[str, int]:
    """How many rows each table has."""
    with sessions() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
