"""A person's record over courses: what one course has not seen another may have, and none lowers what another gave."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import event

from lti_tool.competency.over_courses import OverCourses, over_courses
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.ids import PersonId
from tests.factories.schoolroom import Schoolroom
from tests.factories.two_courses import FIRST, SECOND, TwoCourses, open_two_courses


@pytest.fixture
def two(any_sessions: SessionFactory, now: datetime) -> TwoCourses:
    """Two courses in which nothing is mapped yet."""
    return open_two_courses(any_sessions, now)


def record(two: TwoCourses, room: Schoolroom | None = None, person: PersonId | None = None) -> OverCourses:
    """The record as one of the courses asks for it."""
    course = (room or two.first).course_id
    return two.first.do(lambda s: over_courses(s, course, person or two.person, two.now))


def level(found: OverCourses, code: str = "1.1") -> int | None:
    return found.standings[found.framework.competency(code).id].established


def test_of_whom_nothing_is_known_no_level_is_said(two: TwoCourses) -> None:
    found = record(two)

    assert [each.established for each in found.standings.values()] == [None, None]
    assert (found.profile.level, found.profile.assessed, found.certified) == (None, 0, ())


def test_what_two_courses_have_seen_makes_a_level_together(two: TwoCourses) -> None:
    two.show(two.first, (1, 0))
    assert level(record(two)) is None
    two.show(two.second, (1, 1))

    assert level(record(two)) == 1


def test_both_courses_tell_the_same(two: TwoCourses) -> None:
    two.show(two.first, (1, 0), (1, 1))
    two.show(two.second, (2, 0), (2, 1))

    assert (level(record(two)), level(record(two, two.second))) == (2, 2)


def test_a_second_course_lowers_nobody(two: TwoCourses) -> None:
    two.show(two.first, (1, 0), (1, 1), (1, 2))
    two.show(two.second, (1, 0), (1, 1), (1, 2), mark=10)

    assert level(record(two)) == 1


def test_below_basic_is_said_only_where_no_course_has_seen_more(two: TwoCourses) -> None:
    two.show(two.second, (1, 0), (1, 1), (1, 2), mark=10)
    assert level(record(two)) == 0

    two.show(two.first, (1, 0), (1, 1))

    assert level(record(two)) == 1


def test_what_is_certified_stays_whatever_the_marks_become(two: TwoCourses) -> None:
    quiz = two.show(two.first, (1, 0), (1, 1), (1, 2))
    closed_at = two.close(two.first)

    two.first.mark(quiz, 10)

    found = record(two)
    assert level(found) == 1
    assert [(each.level, each.course_title, each.certified_at, each.expires_at) for each in found.certified] == [
        (1, FIRST, closed_at, None)
    ]


def test_each_certified_level_names_the_course_that_gave_it(two: TwoCourses) -> None:
    two.show(two.first, (1, 0), (1, 1))
    two.close(two.first)
    two.show(two.second, (1, 0), (1, 1), (2, 0), (2, 1))
    two.close(two.second)

    attested = record(two).certified

    assert [(each.level, each.course_title) for each in attested] == [(1, FIRST), (1, SECOND), (2, SECOND)]


def test_nobody_elses_levels_are_in_it(two: TwoCourses) -> None:
    two.show(two.first, (1, 0), (1, 1))
    two.close(two.first)

    found = record(two, person=two.first.people[1])

    assert (level(found), found.certified) == (None, ())


def test_it_asks_as_often_for_one_course_as_for_two(two: TwoCourses) -> None:
    two.show(two.first, (1, 0), (1, 1))
    record(two)
    few = _queries(two)
    two.show(two.second, (2, 0), (2, 1))
    two.close(two.first)

    assert _queries(two) == few


def _queries(two: TwoCourses) -> int:
    asked: list[str] = []

    def count(session_: object, cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    with two.first.sessions() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", count)
        try:
            over_courses(session, two.first.course_id, two.person, two.now)
        finally:
            event.remove(engine, "before_cursor_execute", count)
    return len(asked)
