"""Imports, launches and rosters of several courses at the same moment: all end well, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.competency import recompute
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping
from lti_tool.competency.tables import CompetencyStandingRow, EvidenceRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.people import roster
from lti_tool.people.model import Arrival, CourseRole, Enrolled
from lti_tool.people.tables import MembershipRow, PersonRow
from tests.factories.make import Make

ROUNDS = 6
CLASS = 12


def _at_once(sessions: SessionFactory, works: Sequence[Callable[[Session], object]]) -> None:
    """Each piece of work in a thread and a transaction of its own, all begun together; raises what any raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[Session], object]) -> None:
        barrier.wait(10)
        with unit_of_work(sessions) as session:
            work(session)

    with ThreadPoolExecutor(len(works)) as crew:
        list(crew.map(run, works))


def _enrolled(number: int) -> Enrolled:
    return Enrolled(f"s{number:02}", CourseRole.PARTICIPANT, name=f"Person {number}")


@pytest.mark.postgres
def test_imports_in_courses_that_share_people_never_wait_for_each_other(
    postgres_sessions: SessionFactory, now: datetime
) -> None:
    with unit_of_work(postgres_sessions) as session:
        make = Make(session, now)
        indicators = make.small_framework(((3, 2, 1),)).indicators
        platform = make.platform()
        courses = [make.course(platform) for _ in range(3)]
        people = [make.person(platform) for _ in range(4)]
        quizzes = [make.activity(course) for course in courses]
        for number, course in enumerate(courses):
            for person in people:
                make.membership(course, person)
            # Each course assesses one level, so its standings rest on what the other two find.
            own = indicators[:3] if number == 0 else indicators[3:5] if number == 1 else indicators[5:]
            cells = [Mapping(ActivityId(quizzes[number].id), each.id) for each in own]
            gradebook.accept_mapping(session, CourseId(course.id), cells, by=None, now=now)

    def mark(course: int, minute: int) -> Callable[[Session], object]:
        at = now + timedelta(minutes=minute)
        entries = [
            NewEvidence(
                PersonId(person.id),
                ActivityId(quizzes[course].id),
                None,
                Decimal(80),
                Decimal(0),
                Decimal(100),
                "gradebook_file",
                at,
            )
            for person in people
        ]
        return lambda session: gradebook.accept_results(session, CourseId(courses[course].id), entries, by=None, now=at)

    for minute in range(ROUNDS):
        _at_once(postgres_sessions, [mark(course, minute) for course in (2, 1, 0)])

    with unit_of_work(postgres_sessions) as session:
        assert session.scalar(select(func.count()).select_from(EvidenceRow)) == ROUNDS * len(courses) * len(people)
        established = select(CompetencyStandingRow.established)
        assert list(session.scalars(established)) == [3] * len(courses) * len(people)
        for course in courses:
            assert not recompute.compute_course(session, CourseId(course.id), None, now).changed


@pytest.mark.postgres
def test_a_class_launches_while_the_rosters_of_its_courses_are_read(
    postgres_sessions: SessionFactory, now: datetime
) -> None:
    with unit_of_work(postgres_sessions) as session:
        make = Make(session, now)
        framework = make.small_framework(((3, 2, 1),))
        platform = make.platform()
        courses = [make.course(platform) for _ in range(2)]
        for course in courses:
            quiz = ActivityId(make.activity(course).id)
            cells = [Mapping(quiz, each.id) for each in framework.indicators[:3]]
            gradebook.accept_mapping(session, CourseId(course.id), cells, by=None, now=now)
        platform_id, course_ids = PlatformId(platform.id), [CourseId(course.id) for course in courses]

    def launch(number: int) -> Callable[[Session], object]:
        sub, course = f"s{number:02}", course_ids[number % 2]
        arrival = Arrival(sub, f"Person {number}", None, None, None, None, "ky", CourseRole.PARTICIPANT)

        def work(session: Session) -> None:
            person = roster.note_person(session, platform_id, arrival, now)
            if roster.note_arrival(session, course, person.id, CourseRole.PARTICIPANT, (), now):
                gradebook.welcome(session, course, [person.id], now=now)

        return work

    def read(course: CourseId, numbers: Sequence[int]) -> Callable[[Session], object]:
        def work(session: Session) -> None:
            joined = roster.sync(session, course, [_enrolled(number) for number in numbers], now).joined
            gradebook.welcome(session, course, joined, now=now)

        return work

    everybody = list(range(CLASS))
    _at_once(
        postgres_sessions,
        [
            read(course_ids[0], everybody),
            read(course_ids[1], everybody[::-1]),
            *(launch(number) for number in everybody[:8]),
        ],
    )

    with unit_of_work(postgres_sessions, writes=False) as session:
        counted = [session.scalar(select(func.count()).select_from(table)) for table in (PersonRow, MembershipRow)]
        taking_part = [len(roster.participant_ids(session, course, now)) for course in course_ids]
    assert (counted, taking_part) == ([CLASS, 2 * CLASS], [CLASS, CLASS])
