"""Of one row and of many the same is said, in as few statements as may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.orm import Session

from lti_tool.db import among
from lti_tool.db.among import Among, portions
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow
from tests.factories.make import Make

MARKS = Among(
    select(ActivityRow.id, ActivityRow.mark_max, ActivityRow.created_at)
    .where(ActivityRow.course_id == bindparam("course"), ActivityRow.kind != "profile")
    .order_by(ActivityRow.id),
    ActivityRow.id,
)


@pytest.fixture
def any_session(any_sessions: SessionFactory) -> Iterator[Session]:
    with any_sessions() as session:
        yield session


@pytest.fixture
def course(any_session: Session, now: datetime) -> int:
    return Make(any_session, now).course().id


@pytest.fixture
def activities(any_session: Session, course: int, now: datetime) -> list[int]:
    rows = [
        ActivityRow(course_id=course, kind=kind, source=ActivitySource.LTI, external_id=str(number), name=str(number))
        for number, kind in enumerate([ActivityKind.NATIVE, ActivityKind.PROFILE, *[ActivityKind.NATIVE] * 3])
    ]
    for number, row in enumerate(rows):
        row.mark_max, row.created_at = Decimal(number) + Decimal("0.33333"), now
        any_session.add(row)
    any_session.flush()
    return [row.id for row in rows]


def test_one_and_many_say_the_same(any_session: Session, course: int, activities: Sequence[int], now: datetime) -> None:
    every = MARKS.all(any_session, activities, course=course)

    assert [tuple(row) for row in every] == [
        (activities[number], Decimal(number) + Decimal("0.33333"), now) for number in (0, 2, 3, 4)
    ]
    assert [row for each in activities for row in MARKS.all(any_session, {each}, course=course)] == every
    assert MARKS.all(any_session, [activities[0]], course=course + 1) == []


@pytest.mark.parametrize(("ids", "statements"), [(0, 0), (1, 1), (2, 1), (4, 2), (5, 3)])
def test_a_statement_names_at_most_a_portion(
    ids: int,
    statements: int,
    any_session: Session,
    course: int,
    activities: Sequence[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(among, "PORTION", 2)
    asked: list[str] = []
    event.listen(any_session.get_bind(), "before_cursor_execute", lambda *said: asked.append(said[2]))

    found = MARKS.all(any_session, activities[:ids], course=course)

    assert [row[0] for row in found] == [each for each in activities[:ids] if each != activities[1]]
    assert len(asked) == statements


def test_portions_are_in_order_and_leave_nothing_out() -> None:
    assert [len(each) for each in portions(range(1001))] == [500, 500, 1]
    assert [key for each in portions({3, 1, 2}) for key in each] == [1, 2, 3]
    assert list(portions([])) == []
