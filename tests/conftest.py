"""What every test may use: a throwaway database, a fixed time, factories that state only what matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import lti_tool.competency.tables
import lti_tool.grading.tables
import lti_tool.lti.tables
import lti_tool.people.tables  # noqa: F401  imported so that the metadata knows all tables
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from tests.factories.make import Make


def pytest_runtest_setup() -> None:
    """Nothing in the tests speaks to another machine."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture
def now() -> datetime:
    """The moment at which tests take place."""
    return datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[SessionFactory]:
    """Sessions on an empty SQLite database with all tables."""
    engine = make_engine(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    Base.metadata.create_all(engine)
    yield make_session_factory(engine)
    engine.dispose()


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """One open session; what it flushes is seen by nobody else until it commits."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def make(session: Session, now: datetime) -> Make:
    """Factories that write through `session`."""
    return Make(session, now)
