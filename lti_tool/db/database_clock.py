"""The database's time: the one that all machines share, whatever their own clocks say.

Leases are only safe where all who hold them agree on the time. PostgreSQL is asked every few seconds, and in between
the machine's own steady clock counts on; with SQLite everything is on one machine, whose clock it is.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work

ASK_SECONDS = 5.0


class DatabaseClock:
    """Called, it gives the present moment, aware, in UTC. One object serves all threads of a process."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self._shared = sessions.kw["bind"].dialect.name == "postgresql"
        self._known: tuple[float, datetime] | None = None
        """(steady clock in seconds, the database's time at that moment)."""

    def __call__(self) -> datetime:
        """The moment. Raises what the database raises where it was never reached."""
        if not self._shared:
            return clock.now()
        known = self._known
        if known is None or time.monotonic() - known[0] > ASK_SECONDS:
            known = self._ask(known)
        return known[1] + timedelta(seconds=time.monotonic() - known[0])

    def _ask(self, before: tuple[float, datetime] | None) -> tuple[float, datetime]:
        try:
            with unit_of_work(self._sessions, writes=False) as session:
                found: datetime = session.scalars(select(func.clock_timestamp())).one()
        except SQLAlchemyError:
            if before is None:
                raise
            return before
        self._known = (time.monotonic(), found)
        return self._known
