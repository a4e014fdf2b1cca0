"""Both databases keep marks exact and times aware."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy.exc import StatementError

from lti_tool.competency.tables import AttainmentRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import ActivityRow
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
