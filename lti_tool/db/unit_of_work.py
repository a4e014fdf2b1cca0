"""Engines and transactions: the edge (a request, a worker's step, a command) commits, stores only flush."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from lti_tool.db import sign_of_life
from lti_tool.db.trouble import is_trouble

KEPT = 8
"""Connections that stay open: as many as a web process has threads. Each above them is made for one use."""
MOST = 15
SQLITE_WAIT_MS = 20_000
BRIEFLY_MS = 100


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, writers wait) or PostgreSQL (stale connections noticed).

    What a statement was given (names, marks) never stands in the text of an error: that ends in the log.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_MS / 1000}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(url, hide_parameters=True, pool_size=KEPT, max_overflow=MOST - KEPT)
        sign_of_life.look_for(engine)
    event.listen(engine, "handle_error", _drop_after_failed_commit)
    return engine


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


def _drop_after_failed_commit(failure: ExceptionContext) -> None:
    # A COMMIT that fails (disk full) may leave the transaction open; SQLAlchemy takes it for ended and would lend the
    # connection out again, with the write lock in its hands.
    if failure.statement is None and isinstance(failure.sqlalchemy_exception, OperationalError):
        failure.is_disconnect = True
        failure.invalidate_pool_on_disconnect = False


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    wait_ms = options.get("sqlite_wait_ms")
    if wait_ms is None:
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}")
    try:
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")


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


def begin_to_write(session: Session) -> None:
    """What has only read until here writes from here on; what it read may have changed since, and is to be asked again.

    SQLite takes its write lock in a new transaction; PostgreSQL goes on in the one there is.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.commit()
        session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})


def try_briefly(sessions: SessionFactory, work: Callable[[Session], None]) -> bool:
    """Does a small write that may be left out, as it is where the database is busy, full or gone: then False."""
    try:
        with sessions() as session:
            if session.get_bind().dialect.name == "sqlite":
                session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE", "sqlite_wait_ms": BRIEFLY_MS})
            else:
                session.execute(text(f"SET LOCAL lock_timeout = {BRIEFLY_MS}"))
            work(session)
            session.commit()
    except SQLAlchemyError as error:
        if not is_trouble(error):
            raise
        return False
    return True
