"""Courses and activities as launches and files bring them: made once, kept up to date, refused where faulty."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import ActivityId, CourseId, PlatformId
from lti_tool.people import activities, courses
from lti_tool.people.courses import SeenCourse
from lti_tool.people.model import ActivityKind, ActivitySource
from tests.factories.make import Make

EVIDENCE, NATIVE = ActivityKind.EVIDENCE, ActivityKind.NATIVE
LTI, GRADEBOOK = ActivitySource.LTI, ActivitySource.GRADEBOOK
NAME = "External tool: Portfolio"


@pytest.fixture
def course_id(make: Make) -> CourseId:
    return CourseId(make.course().id)


def test_a_course_is_made_once_and_follows_what_is_told(session: Session, make: Make, now: datetime) -> None:
    platform = PlatformId(make.platform().id)

    first = courses.note_course(session, platform, SeenCourse("2", "ICT", "ИКТ", "1", now), now)
    second = courses.note_course(session, platform, SeenCourse("2", title="ИКТ 2"), now + timedelta(1))

    assert (second.id, second.title, second.label) == (first.id, "ИКТ 2", "ICT")
    assert courses.find_course(session, first.public_id) == second
    assert courses.get_course(session, first.id) == second


def test_the_same_context_of_another_platform_is_another_course(session: Session, make: Make, now: datetime) -> None:
    seen = SeenCourse("2")
    one, other = (courses.note_course(session, PlatformId(make.platform().id), seen, now) for _ in range(2))

    assert one.id != other.id
    assert one.title == "2"


def test_the_first_trainers_language_stays_the_courses(session: Session, course_id: CourseId) -> None:
    courses.settle_locale(session, course_id, "ru")
    courses.settle_locale(session, course_id, "en")

    assert courses.get_course(session, course_id).locale == "ru"


def test_a_course_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="course_unknown"):
        courses.find_course(session, "nothing")


def test_an_activity_is_made_once_and_renamed(session: Session, course_id: CourseId, now: datetime) -> None:
    made, is_new = activities.note_activity(session, course_id, EVIDENCE, LTI, "5", NAME, now)
    again, is_new_again = activities.note_activity(
        session, course_id, ActivityKind.PROFILE, LTI, "5", "External tool: Папка", now, Decimal(20)
    )

    assert (is_new, is_new_again) == (True, False)
    assert (again.id, again.name, again.mark_max) == (made.id, "External tool: Папка", Decimal(20))
    assert again.kind is EVIDENCE
    assert activities.activities_of(session, course_id) == (again,)


def test_a_link_that_a_file_named_first_is_that_activity(session: Session, course_id: CourseId, now: datetime) -> None:
    from_file = activities.ensure_activity(session, course_id, NATIVE, GRADEBOOK, NAME, NAME, now)

    launched = activities.ensure_activity(session, course_id, EVIDENCE, LTI, "5", NAME, now)
    other = activities.ensure_activity(session, course_id, EVIDENCE, LTI, "6", NAME, now)

    assert (launched.id, launched.kind, launched.source) == (from_file.id, EVIDENCE, LTI)
    assert other.id != launched.id


@pytest.mark.parametrize("name", ["", "  ", "x" * 401])
def test_a_faulty_name_is_refused(session: Session, course_id: CourseId, now: datetime, name: str) -> None:
    with pytest.raises(RuleBroken, match="activity_name_faulty"):
        activities.ensure_activity(session, course_id, NATIVE, GRADEBOOK, "1", name, now)


@pytest.mark.parametrize("maximum", ["0", "-1", "0.000001", "1E+9", "NaN", "Infinity"])
def test_a_maximum_that_no_gradebook_holds_is_refused(
    session: Session, course_id: CourseId, now: datetime, maximum: str
) -> None:
    with pytest.raises(RuleBroken, match="mark_maximum_faulty"):
        activities.ensure_activity(session, course_id, NATIVE, GRADEBOOK, "1", "Quiz", now, Decimal(maximum))
    assert activities.activities_of(session, course_id) == ()


def test_a_maximum_is_kept_to_five_places(session: Session, course_id: CourseId, now: datetime) -> None:
    made = activities.ensure_activity(session, course_id, NATIVE, GRADEBOOK, "1", "Quiz", now)

    activities.note_mark_max(session, course_id, made.id, Decimal("33.333333333333336"))

    assert activities.activities_of(session, course_id)[0].mark_max == Decimal("33.33333")


def test_an_activity_of_another_course_is_not_touched(session: Session, course_id: CourseId, make: Make) -> None:
    foreign = ActivityId(make.activity(make.course()).id)

    with pytest.raises(NotFound, match="activity_unknown"):
        activities.note_mark_max(session, course_id, foreign, Decimal(10))


def test_an_offer_waits_until_the_parameter_is_taken_over(session: Session, course_id: CourseId, make: Make) -> None:
    row = make.activity(session.get_one(type(make.course()), course_id))
    activity = ActivityId(row.id)

    activities.note_offered(session, activity, "4.1.1.a")
    assert row.offered == "4.1.1.a"

    activities.note_declared(session, activity, "4.1.1.a")
    assert (activities.declared(session, activity), row.offered) == ("4.1.1.a", None)
