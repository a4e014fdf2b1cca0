"""What an operator wants to know of the database before anything in it: is it there, how goes its clock.

Changes nothing, makes no file, and does not wait long.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, make_url, select

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, make_engine, unit_of_work

CONNECT_SECONDS = 5


def impatient_engine(url: str) -> Engine:
    """An engine that gives up connecting after five seconds. Raises ArgumentError where `url` is none."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    return make_engine(parsed.render_as_string(hide_password=False))


def shown(url: str) -> str:
    """The address without its password."""
    return make_url(url).render_as_string(hide_password=True)


def missing_file(url: str) -> Path | None:
    """The file of an SQLite that is not there: connecting would make it. None where nothing is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    file = Path(parsed.database)
    return None if file.exists() else file


def ahead(sessions: SessionFactory) -> timedelta:
    """How far this machine's clock is ahead of the database's; nothing for SQLite, which has no clock of its own."""
    with unit_of_work(sessions, writes=False) as session:
        if session.get_bind().dialect.name != "postgresql":
            return timedelta(0)
        session.connection()
        before = clock.now()
        there: datetime = session.scalars(select(func.clock_timestamp())).one()
        after = clock.now()
    return before + (after - before) / 2 - there
