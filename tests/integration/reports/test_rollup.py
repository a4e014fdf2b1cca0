"""What the worker counts is what the pages of a course show, on both databases; the months are sums of courses."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import group_queries
from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.competency.tables import CompetencyStandingRow, FrameworkVersionRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, FrameworkVersionId, IndicatorId, PersonId, PlatformId
from lti_tool.people import member_queries
from lti_tool.people.model import STAFF_MEMORY
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow, PersonRow
from lti_tool.reports import queries, rollup, store
from lti_tool.reports.model import CourseFilter, CourseOrder
from lti_tool.reports.periods import Month, Period
from lti_tool.reports.tally import Growth, Tally
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

PEOPLE = 7


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime) -> Schoolroom:
    """Seven people; the first has level 2 of competency 1.1, the second 0, of the third something is known."""
    room = open_schoolroom(any_sessions, now, PEOPLE)
    basics, more = room.activity("Quiz: basics"), room.activity("Quiz: more")
    room.map_levels(basics, 1)
    room.map_levels(more, 2)
    room.mark(basics, 90)
    room.mark(more, 80)
    room.mark(basics, 10, person=1)
    room.mark(more, 95, person=2)
    return room


def platform_of(room: Schoolroom) -> PlatformId:
    return room.do(lambda session: PlatformId(session.get_one(CourseRow, room.course_id).platform_id))


def version_of(room: Schoolroom) -> FrameworkVersionId:
    return room.do(lambda session: FrameworkVersionId(session.scalars(select(FrameworkVersionRow.id)).one()))


def counted(room: Schoolroom) -> queries.CourseCounted:
    rollup.refresh(room.sessions, room.now)
    found = room.do(lambda session: queries.course(session, room.course_id))
    assert found is not None
    return found


def change_member(room: Schoolroom, person: int, **values: object) -> None:
    def change(session: Session) -> None:
        row = session.get_one(MembershipRow, (room.course_id, room.people[person]))
        for name, value in values.items():
            setattr(row, name, value)

    room.do(change)


def test_the_tally_of_a_course_is_what_its_group_page_shows(room: Schoolroom) -> None:
    tally = counted(room).tally

    standings = room.do(lambda session: group_queries.group_standings(session, room.course_id))
    for competency, row in tally.levels.items():
        levels = [each[competency].established for each in standings.values() if competency in each]
        assert row == tuple(levels.count(level) for level in (None, *range(len(row) - 1)))
    assert tally.people == PEOPLE
    assert tally.levels[room.framework.competency("1.1").id] == (PEOPLE - 2, 1, 0, 1)


def test_indicators_are_counted_by_what_is_known_of_them(room: Schoolroom) -> None:
    tally = counted(room).tally

    assert tally.indicators[room.indicators("1.1", 1)[0]] == (1, 0, 1, PEOPLE - 2)
    assert tally.indicators[room.indicators("1.1", 2)[0]] == (2, 0, 0, PEOPLE - 2)
    assert set(tally.indicators) == {*room.indicators("1.1", 1), *room.indicators("1.1", 2)}, "not mapped: not counted"


def test_who_left_or_teaches_is_not_counted(room: Schoolroom) -> None:
    change_member(room, 0, active=False)
    change_member(room, 1, roster_role="trainer")

    tally = counted(room).tally

    assert tally.people == PEOPLE - 2
    assert tally.levels[room.framework.competency("1.1").id] == (PEOPLE - 2,)


def test_taking_part_is_the_same_in_the_database_as_in_the_rules(any_sessions: SessionFactory, now: datetime) -> None:
    roles = (None, "participant", "trainer")
    times = (None, now, now - STAFF_MEMORY, now - STAFF_MEMORY - timedelta(seconds=1))
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        course = make.course()
        for active, launched, told, staff in product((True, False), roles, roles, times):
            person = _person(make, course)
            session.add(
                MembershipRow(
                    course_id=course.id,
                    person_id=person.id,
                    active=active,
                    launched_role=launched,
                    roster_role=told,
                    staff_launched_at=staff,
                )
            )
        session.flush()
        members = member_queries.members_of(session, CourseId(course.id))
        in_rules = {each.id for each in members if each.is_participant(now)}
        staff_in_rules = {each.id for each in members if each.active and each.is_staff(now)}
        one = select(MembershipRow.person_id).where(member_queries.taking_part(now))
        other = select(MembershipRow.person_id).where(member_queries.teaching(now))

        assert set(session.scalars(one)) == in_rules
        assert set(session.scalars(other)) == staff_in_rules
        assert in_rules
        assert staff_in_rules
        assert len(members) > len(in_rules | staff_in_rules)


def _person(make: Make, course: CourseRow) -> PersonRow:
    number = next(make._numbers)
    row = PersonRow(platform_id=course.platform_id, sub=f"p{number}", name="", created_at=make.now, updated_at=make.now)
    make.session.add(row)
    make.session.flush()
    return row


def test_each_group_has_a_tally_and_somebody_in_two_is_in_both(room: Schoolroom) -> None:
    for person, groups in enumerate(("12", "12,15", "15", "15", "15")):
        change_member(room, person, groups=groups)

    found = counted(room)

    competency = room.framework.competency("1.1").id
    assert {group: tally.people for group, tally in found.groups.items()} == {"12": 2, "15": 4}
    assert found.groups["12"].levels[competency] == (0, 1, 0, 1)
    assert found.groups["15"].levels[competency] == (3, 1)
    assert found.tally.people == PEOPLE


def self_assess(room: Schoolroom, person: int, steps: dict[IndicatorId, int], at: datetime | None) -> None:
    def add(session: Session) -> None:
        activity = session.scalars(select(ActivityRow.id)).first()
        row = SelfAssessmentRow(
            course_id=room.course_id,
            person_id=room.people[person],
            activity_id=activity,
            saved_at=room.now,
            submitted_at=at,
        )
        session.add(row)
        session.flush()
        session.add_all(
            SelfAnswerRow(self_assessment_id=row.id, indicator_id=indicator, step=step)
            for indicator, step in steps.items()
        )

    room.do(add)


def test_growth_is_from_the_first_answer_to_the_last_of_those_who_gave_two(room: Schoolroom) -> None:
    one, other, third = room.indicators("1.1", 1)
    day = timedelta(days=1)
    self_assess(room, 0, {one: 0, other: 1}, room.now - 3 * day)
    self_assess(room, 0, {one: 3}, room.now - 2 * day)
    self_assess(room, 0, {one: 2}, room.now - day)
    self_assess(room, 0, {one: 0}, None)
    self_assess(room, 1, {one: 1, third: 2}, room.now - 2 * day)
    self_assess(room, 1, {one: 3, third: 2}, room.now - day)
    change_member(room, 1, groups="12")

    found = counted(room)

    assert found.tally.growth == {one: Growth(2, 1, 5), third: Growth(1, 2, 2)}
    assert found.groups["12"].growth == {one: Growth(1, 1, 3), third: Growth(1, 2, 2)}


def test_months_are_the_sum_of_their_courses(room: Schoolroom) -> None:
    platform, version = platform_of(room), version_of(room)
    with unit_of_work(room.sessions) as session:
        course = session.get_one(CourseRow, room.course_id)
        course.begins_at = datetime(2026, 9, 1, tzinfo=room.now.tzinfo)
    one = counted(room).tally

    found = room.do(lambda session: queries.months(session, platform, version, Period()))

    september = Month.read("2026-09")
    assert september is not None
    assert {month: (each.courses, each.tally) for month, each in found.items()} == {september: (1, one)}
    outside = room.do(lambda session: queries.months(session, platform, version, Period.read("2026-10", "")))
    assert outside == {}


def test_people_are_counted_once_by_their_highest_level(room: Schoolroom) -> None:
    second = _second_course(room, room.people[0], established=1)
    _second_course(room, room.people[1], established=3)

    rollup.refresh(room.sessions, room.now)

    platform = platform_of(room)
    found = room.do(lambda session: queries.people(session, platform))
    assert found is not None
    assert found.tally.people == PEOPLE
    assert found.tally.levels[room.framework.competency("1.1").id] == (PEOPLE - 2, 0, 0, 1, 1)
    assert second != room.course_id


def _second_course(room: Schoolroom, person: PersonId, established: int | None) -> CourseId:
    def add(session: Session) -> CourseId:
        first = session.get_one(CourseRow, room.course_id)
        row = session.scalars(select(CompetencyStandingRow).where(CompetencyStandingRow.person_id == person)).first()
        assert row is not None
        course = CourseRow(
            platform_id=first.platform_id, context_id=f"c{person}", title="Экинчи курс", created_at=room.now
        )
        session.add(course)
        session.flush()
        session.add(
            CompetencyStandingRow(
                course_id=course.id,
                person_id=person,
                competency_id=room.framework.competency("1.1").id,
                established=established,
                progress=row.progress,
                levels=row.levels,
                rule_set_id=row.rule_set_id,
                computed_at=room.now,
            )
        )
        return CourseId(course.id)

    return room.do(add)


def test_courses_are_found_by_words_trainer_state_and_period(room: Schoolroom) -> None:
    platform, now = platform_of(room), room.now

    def prepare(session: Session) -> None:
        first = session.get_one(CourseRow, room.course_id)
        first.title, first.label = "МКТ негиздери", "ӨЗГӨН-1"
        make = Make(session, now)
        other = CourseRow(platform_id=platform, context_id="x", title="Бош курс", created_at=now, closed_at=now)
        session.add(other)
        session.flush()
        trainer = PersonRow(platform_id=platform, sub="t", name="Гүлнара Мамытова", created_at=now, updated_at=now)
        session.add(trainer)
        session.flush()
        make.membership(other, trainer, "trainer")

    room.do(prepare)
    rollup.refresh(room.sessions, now)

    def titles(chosen: CourseFilter) -> list[str]:
        found, everything = room.do(
            lambda session: queries.courses(session, platform, chosen, skip=0, number=50, now=now)
        )
        assert everything == len(found)
        return [each.title for each in found]

    both = ["Бош курс", "МКТ негиздери"]
    assert titles(CourseFilter(order=CourseOrder.TITLE, descending=False)) == both
    assert titles(CourseFilter(order=CourseOrder.PARTICIPANTS)) == both[::-1]
    assert titles(CourseFilter(order=CourseOrder.ESTABLISHED)) == both[::-1], "nothing known stands last"
    assert titles(CourseFilter(order=CourseOrder.ESTABLISHED, descending=False)) == both[::-1]
    assert titles(CourseFilter(text="өзгөн мкт")) == ["МКТ негиздери"]
    assert titles(CourseFilter(text="%")) == []
    assert titles(CourseFilter(closed=True)) == ["Бош курс"]
    assert titles(CourseFilter(closed=False)) == ["МКТ негиздери"]
    assert titles(CourseFilter(unmapped=True)) == ["Бош курс"]
    assert titles(CourseFilter(trainer="мамы гүл")) == ["Бош курс"]
    assert titles(CourseFilter(trainer="Person")) == [], "participants are no trainers"
    assert titles(CourseFilter(trainer="%")) == []
    assert titles(CourseFilter(period=Period.read("2027-01", ""))) == []


def test_a_course_is_counted_again_only_once_it_is_due(room: Schoolroom) -> None:
    rollup.refresh(room.sessions, room.now)

    with unit_of_work(room.sessions) as session:
        again = store.take_due(
            session, 10, room.now + rollup.OPEN_AGAIN - timedelta(seconds=1), room.now + timedelta(hours=1)
        )
        later = store.take_due(
            session, 10, room.now + rollup.OPEN_AGAIN + timedelta(seconds=1), room.now + timedelta(hours=1)
        )
        taken = store.take_due(session, 10, room.now + timedelta(minutes=5), room.now + timedelta(hours=1))

    assert (again, later, taken) == ([], [room.course_id], []), "what one worker has taken, no other takes"


def test_the_step_keeps_everything_and_rests_after_gathering(room: Schoolroom) -> None:
    step, platform = rollup.Rollups(), platform_of(room)
    step(room.sessions, room.now)
    before = room.do(lambda session: queries.people(session, platform))
    change_member(room, 0, active=False)

    step(room.sessions, room.now + timedelta(minutes=2))

    after = room.do(lambda session: queries.people(session, platform))
    assert before is not None
    assert before == after, "people are not counted again within seconds"
    course = room.do(lambda session: queries.course(session, room.course_id))
    assert course is not None
    assert (course.as_of, course.tally.people) == (room.now + timedelta(minutes=2), PEOPLE - 1)


def test_of_nothing_nothing_is_said(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        course = Make(session, now).course()
        ids = CourseId(course.id), PlatformId(course.platform_id)

    with unit_of_work(any_sessions) as session:
        assert queries.course(session, ids[0]) is None
        assert queries.people(session, ids[1]) is None
    rollup.refresh(any_sessions, now)
    with unit_of_work(any_sessions) as session:
        found = queries.course(session, ids[0])
        assert found is not None
        assert found.tally == Tally()
        assert queries.months(session, ids[1], FrameworkVersionId(1), Period()) == {}
