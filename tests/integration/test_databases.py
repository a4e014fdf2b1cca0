"""Both databases keep marks exact and times aware."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session

from lti_tool.competency.tables import AttainmentRow
from lti_tool.db.unit_of_work import SQLITE_WAIT_MS, SessionFactory, try_briefly, unit_of_work
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import ActivityRow
from tests.factories.broken_database import driver_error, failing_commits
from tests.factories.make import Make


def test_a_mark_comes_back_as_it_went_in(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        activity = make.activity(make.course())
        activity.mark_max = Decimal("12.34567")

    with unit_of_work(any_sessions, writes=False) as session:
        found = session.get_one(ActivityRow, activity.id)
        assert (found.mark_max, found.created_at) == (Decimal("12.34567"), now)
        assert found.created_at.tzinfo is UTC


def test_a_naive_time_is_refused(any_sessions: SessionFactory, now: datetime) -> None:
    with pytest.raises(StatementError, match="naive"), unit_of_work(any_sessions) as session:
        Make(session, now).course().begins_at = datetime(2026, 9, 1)  # noqa: DTZ001  the fault under test


def test_a_failed_unit_of_work_leaves_nothing(any_sessions: SessionFactory, now: datetime) -> None:
    with pytest.raises(RuntimeError), unit_of_work(any_sessions) as session:
        platform = Make(session, now).platform()
        raise RuntimeError

    with unit_of_work(any_sessions, writes=False) as session:
        assert session.get(type(platform), platform.id) is None


def test_thirds_stay_thirds() -> None:
    stored = AttainmentRow.__table__.c.value.type.process_bind_param(Fraction(19, 30), None)

    assert stored == "19/30"


def _named(name: str) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        session.execute(update(PlatformRow).values(name=name))

    return work


def _name(sessions: SessionFactory) -> str | None:
    with unit_of_work(sessions, writes=False) as session:
        return session.scalar(select(PlatformRow.name))


def test_a_connection_whose_commit_failed_is_not_lent_out_again(any_sessions: SessionFactory, now: datetime) -> None:
    failing = failing_commits(any_sessions, driver_error(any_sessions))
    with pytest.raises(OperationalError), failing, unit_of_work(any_sessions) as session:
        Make(session, now).platform()

    assert _name(any_sessions) is None
    with unit_of_work(any_sessions) as session:
        Make(session, now).platform()
    assert _name(any_sessions) == "LMS"


def test_what_a_statement_was_given_is_not_in_the_error(any_sessions: SessionFactory) -> None:
    with pytest.raises((OperationalError, ProgrammingError)) as failed, unit_of_work(any_sessions) as session:
        session.execute(text("SELECT 1 FROM nowhere WHERE name = :name"), {"name": "Aigul"})

    assert "nowhere" in str(failed.value)
    assert "Aigul" not in str(failed.value)


def test_a_brief_write_is_stored_where_nobody_is_in_the_way(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        Make(session, now).platform()

    assert try_briefly(any_sessions, _named("Moodle"))
    assert _name(any_sessions) == "Moodle"


def test_a_brief_write_is_left_out_where_another_holds_the_lock(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        Make(session, now).platform()
    with unit_of_work(any_sessions) as session:
        _named("Canvas")(session)
        session.flush()

        began = time.monotonic()
        assert not try_briefly(any_sessions, _named("Moodle"))
        assert time.monotonic() - began < 5

    assert _name(any_sessions) == "Canvas"
    assert try_briefly(any_sessions, _named("Moodle"))


def test_other_writes_wait_as_long_as_ever_after_a_brief_one(sessions: SessionFactory) -> None:
    try_briefly(sessions, lambda _session: None)

    with unit_of_work(sessions) as session:
        assert session.scalar(text("PRAGMA busy_timeout")) == SQLITE_WAIT_MS


def test_a_brief_write_is_left_out_where_the_disk_is_full(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        Make(session, now).platform()

    with failing_commits(any_sessions, driver_error(any_sessions)):
        assert not try_briefly(any_sessions, _named("Moodle"))

    assert _name(any_sessions) == "LMS"


def test_a_fault_in_a_brief_write_is_no_secret(any_sessions: SessionFactory) -> None:
    with pytest.raises(StatementError):
        try_briefly(any_sessions, lambda session: session.add(PlatformRow(issuer="x")))
