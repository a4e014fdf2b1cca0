"""The time that all workers share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from lti_tool import clock
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory

NEARLY = timedelta(seconds=2)


@pytest.fixture
def _machine_ten_minutes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=10))


@pytest.mark.usefixtures("_machine_ten_minutes_ahead")
def test_on_postgresql_the_machine_s_own_time_does_not_count(postgres_sessions: SessionFactory) -> None:
    now = DatabaseClock(postgres_sessions)

    first, second = now(), now()

    assert abs(first - datetime.now(UTC)) < NEARLY
    assert first < second


@pytest.mark.usefixtures("_machine_ten_minutes_ahead")
def test_on_sqlite_the_machine_s_time_is_the_time(sessions: SessionFactory) -> None:
    assert DatabaseClock(sessions)() - datetime.now(UTC) > timedelta(minutes=9)


def test_a_database_that_is_away_later_leaves_the_time_running(postgres_sessions: SessionFactory) -> None:
    now = DatabaseClock(postgres_sessions)
    before = now()
    away = make_session_factory(make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    now._sessions = away
    now._known = (now._known[0] - 60, before - timedelta(seconds=60)) if now._known else None

    assert abs(now() - before) < NEARLY


def test_a_database_that_was_never_reached_tells_no_time() -> None:
    away = make_session_factory(make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))

    with pytest.raises(OperationalError):
        DatabaseClock(away)()
