"""Wakes workers when there is something to do: PostgreSQL's LISTEN and NOTIFY, as a hint that may get lost.

Whoever sleeps looks by itself every second; a hint only spares it the waiting. SQLite has no such thing: there a
worker's look is all there is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory

if TYPE_CHECKING:
    from psycopg import Connection

CHANNEL = "lti_tool_work"
LOOK_SECONDS = 1.0
RECONNECT_SECONDS = 5.0

log = structlog.get_logger()


def workers(session: Session) -> None:
    """Tells all workers, when this transaction commits, that something has become due."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


def listen(sessions: SessionFactory, heard: Callable[[], None], stopping: threading.Event) -> None:
    """Calls `heard` at each hint until `stopping`; a lost connection is made anew. Returns at once on SQLite."""
    engine = sessions.kw["bind"]
    if engine.dialect.name != "postgresql":
        return
    # Imported here: its driver is a tenth of what a process on SQLite would hold.
    import psycopg

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopping.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                _hear(connection, heard, stopping)
        except psycopg.Error as error:
            log.warning("hints_not_heard", reason=type(error).__name__)
            stopping.wait(RECONNECT_SECONDS)


def _hear(connection: Connection, heard: Callable[[], None], stopping: threading.Event) -> None:
    connection.execute(f"LISTEN {CHANNEL}")
    # What came in between is not told again.
    heard()
    while not stopping.is_set():
        for _hint in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
            heard()
