"""What a command works with: settings, and sessions on a database whose schema is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings in force and sessions on their database."""

    settings: Settings
    sessions: SessionFactory


@contextmanager
def opened() -> Iterator[Opened]:
    """Opens the database of the settings for one command and closes it afterwards."""
    settings = Settings.load()
    engine = make_engine(settings.database)
    try:
        yield Opened(settings, make_session_factory(engine))
    finally:
        engine.dispose()
