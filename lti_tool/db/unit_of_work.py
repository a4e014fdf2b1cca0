"""Engines and transactions: the edge (a request, a worker's step, a command) commits, stores only flush."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_WAIT_MS = 20_000


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, writers wait) or PostgreSQL (stale connections noticed)."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # SQLAlchemy sends BEGIN itself (below): the driver's own late BEGIN would let two readers both turn writers
    # and one of them fail at once instead of waiting.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_WAIT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


SessionFactory = sessionmaker[Session]


def make_session_factory(engine: Engine) -> SessionFactory:
    """Sessions whose objects stay readable after the commit (pages are rendered from values, not rows)."""
    return sessionmaker(engine, expire_on_commit=False)


def open_session(sessions: SessionFactory, *, writes: bool = True) -> Session:
    """A session in a transaction that the caller ends.

    With `writes` SQLite takes its write lock at the beginning, so that a transaction that first reads and then
    writes waits for its turn instead of failing on a stale snapshot. PostgreSQL needs no such help.
    """
    session = sessions()
    if writes and session.get_bind().dialect.name == "sqlite":
        session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
    return session


@contextmanager
def unit_of_work(sessions: SessionFactory, *, writes: bool = True) -> Iterator[Session]:
    """One transaction: committed when the block ends well, rolled back when it raises."""
    with open_session(sessions, writes=writes) as session:
        yield session
        session.commit()
