"""What a command works with: settings, and sessions on a database whose schema is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Rows of every package lead to platforms, whose table is LTI's: who does not know it can write none of them.
import lti_tool.lti.queries  # noqa: F401
from lti_tool import clock
from lti_tool.competency.publishing import ensure_packaged
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.settings import Settings, config_dir


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings in force and sessions on their database."""

    settings: Settings
    sessions: SessionFactory


@contextmanager
def opened(*, upgrading: bool = False, settings: Settings | None = None) -> Iterator[Opened]:
    """Opens the database of the settings for one command and closes it afterwards.

    An SQLite of the tool's own is brought up to date by itself, so that a first start needs no further step; a
    database that the settings name is the operator's: `lti-tool db upgrade` changes it, nothing else does.
    """
    settings = settings or Settings.load()
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        sessions = make_session_factory(engine)
        if upgrading or not settings.database_url:
            schema.upgrade(sessions)
        else:
            schema.check_current(sessions)
        with unit_of_work(sessions) as session:
            ensure_packaged(session, config_dir(), clock.now())
        yield Opened(settings, sessions)
    finally:
        engine.dispose()
