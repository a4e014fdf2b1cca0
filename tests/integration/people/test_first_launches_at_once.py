"""A class opens the course for the first time, all in the same second: everybody arrives, nobody is there twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import RuleSetRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.people import roster
from lti_tool.people import sessions as logins
from lti_tool.people.activities import ensure_activity
from lti_tool.people.courses import SeenCourse, get_course, note_course
from lti_tool.people.model import ActivityKind, ActivitySource, Arrival, CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow, PersonRow
from tests.factories.make import Make

AT_ONCE = 6
TRAINER = CourseRole.TRAINER


@pytest.mark.postgres
@pytest.mark.parametrize("same_person", [True, False])
def test_first_launches_at_once_make_everything_once(
    postgres_sessions: SessionFactory, now: datetime, same_person: bool
) -> None:
    with unit_of_work(postgres_sessions) as session:
        make = Make(session, now)
        make.framework()
        platform = PlatformId(make.platform().id)
    barrier = Barrier(AT_ONCE)

    def launch(number: int) -> None:
        sub = "6" if same_person else str(number)
        arrival = Arrival(sub, "Айгүл", None, None, None, None, "ky", CourseRole.PARTICIPANT)
        with unit_of_work(postgres_sessions) as session:
            barrier.wait(10)
            person = roster.note_person(session, platform, arrival, now)
            course = note_course(session, platform, SeenCourse("2", title="ИКТ"), now)
            roster.note_arrival(session, course.id, person.id, CourseRole.PARTICIPANT, (), now)
            ensure_activity(
                session, course.id, ActivityKind.PROFILE, ActivitySource.LTI, "1", "External tool: Profile", now
            )
            rules_of(session, course.id, now)

    with ThreadPoolExecutor(AT_ONCE) as crew:
        list(crew.map(launch, range(AT_ONCE)))

    people = 1 if same_person else AT_ONCE
    with unit_of_work(postgres_sessions, writes=False) as session:
        counted = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (PersonRow, CourseRow, MembershipRow, ActivityRow, RuleSetRow)
        }
    assert counted == {"person": people, "course": 1, "membership": people, "activity": 1, "rule_set": 1}


@pytest.mark.postgres
def test_a_second_launch_of_one_person_waits_for_the_first_and_knows_its_session(
    postgres_sessions: SessionFactory, now: datetime
) -> None:
    with unit_of_work(postgres_sessions) as session:
        make = Make(session, now)
        platform = make.platform()
        courses = [CourseId(make.course(platform).id) for _ in range(2)]
        make.person(platform, "Айгүл", sub="6", locale="ky")
    arrival = Arrival("6", "Айгүл", None, None, None, None, "ky", CourseRole.TRAINER)

    def begin(session: Session, number: int) -> str:
        person = roster.note_person(session, PlatformId(platform.id), arrival, now)
        beginning = Beginning(person, False, "ky", course_id=courses[number], role=TRAINER, browser=("browser",))
        return logins.begin(session, beginning, None, now)[0]

    def begin_second() -> str:
        with unit_of_work(postgres_sessions) as session:
            return begin(session, 1)

    with ThreadPoolExecutor(1) as other_process:
        with unit_of_work(postgres_sessions) as session:
            tokens = [begin(session, 0)]
            second = other_process.submit(begin_second)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        tokens.append(second.result(10))

    with unit_of_work(postgres_sessions, writes=False) as session:
        for token in tokens:
            places = [get_course(session, course).public_id for course in courses]
            logged_in = [logins.find(session, token, timedelta(hours=1), now, place) for place in places]
            assert [login and login.role for login in logged_in] == [TRAINER, TRAINER]
