"""People are found by the beginnings of words, page by page, and a figure opens to those whom it counts."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CompetencyId, PlatformId
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.reports import people_queries, rollup
from lti_tool.reports.people_queries import After, FoundPerson
from lti_tool.reports.periods import Period
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

NAMES = (
    ("Айгүл", "Токтосунова", "KG-1", "aigul@example.org"),
    ("Өмүрбек", "Токтогулов", "KG-2", None),
    ("Нургүл", "Асанова", "KG-30", None),
    ("Токто", "Токтобаев", "KG-31", None),
    ("Ёлка", "Эсенова", None, None),
)


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime) -> Schoolroom:
    """Five people with names, and somebody of another platform who has one of them, too."""
    room = open_schoolroom(any_sessions, now, len(NAMES))
    with unit_of_work(any_sessions) as session:
        for person, (given, family, number, email) in zip(room.people, NAMES, strict=True):
            row = session.get_one(PersonRow, person)
            row.name, row.family_name, row.id_number, row.email = f"{given} {family}", family, number, email
        make = Make(session, now)
        elsewhere = make.platform("https://other.example.invalid")
        make.membership(make.course(elsewhere), make.person(elsewhere, "Айгүл Токтосунова"))
    rollup.refresh(any_sessions, now)
    return room


def platform_of(room: Schoolroom) -> PlatformId:
    return room.do(lambda session: PlatformId(session.get_one(CourseRow, room.course_id).platform_id))


def found(room: Schoolroom, text: str, after: After | None = None, number: int = 50) -> tuple[FoundPerson, ...]:
    platform = platform_of(room)
    return room.do(lambda session: people_queries.search(session, platform, text, after, number))


def names(room: Schoolroom, text: str) -> list[str]:
    return [each.name for each in found(room, text)]


def test_each_word_begins_a_name_a_number_or_an_address(room: Schoolroom) -> None:
    assert names(room, "айг ток") == ["Айгүл Токтосунова"]
    assert names(room, "KG-3") == ["Нургүл Асанова", "Токто Токтобаев"]
    assert names(room, "aigul@") == ["Айгүл Токтосунова"]
    assert names(room, "омур") == [], "ө is a letter of its own"
    assert names(room, "бек") == [], "the middle of a word begins nothing"
    assert names(room, "%") == names(room, "жок") == []


def test_nobody_stands_in_a_list_twice(room: Schoolroom) -> None:
    assert sorted(names(room, "токт")) == ["Айгүл Токтосунова", "Токто Токтобаев", "Өмүрбек Токтогулов"]


def test_everybody_stands_by_family_name_in_the_order_of_the_alphabet(room: Schoolroom) -> None:
    families = [name.split()[1] for name in names(room, "")]

    assert families == ["Асанова", "Токтобаев", "Токтогулов", "Токтосунова", "Эсенова"]


@pytest.mark.parametrize("text", ["", "токт", "kg"])
def test_pages_follow_each_other_without_a_gap(room: Schoolroom, text: str) -> None:
    one_by_one: list[FoundPerson] = []
    after = None
    while page := found(room, text, after, number=1):
        one_by_one += page
        after = After(page[-1].key, page[-1].id)

    assert tuple(one_by_one) == found(room, text)
    assert len(one_by_one) > 2


def test_a_changed_name_is_found_and_the_old_one_is_not(room: Schoolroom) -> None:
    with unit_of_work(room.sessions) as session:
        row = session.get_one(PersonRow, room.people[2])
        row.name, row.family_name, row.updated_at = "Нургүл Жээнбекова", "Жээнбекова", room.now

    rollup.count_one(room.sessions, room.course_id, room.now)

    assert names(room, "жээн") == ["Нургүл Жээнбекова"]
    assert names(room, "асан") == []


def test_a_person_is_told_with_the_number_of_courses(room: Schoolroom) -> None:
    person = found(room, "айгүл")[0]

    assert (person.detail, person.courses) == ("KG-1", 1)


@pytest.fixture
def graded(room: Schoolroom) -> Schoolroom:
    """Two at level 1, one at 0, two of whom nothing is known; one of the first has level 2 in another course."""
    quiz = room.activity("Quiz: basics")
    room.map_levels(quiz, 1)
    for person, mark in enumerate((90, 80, 10)):
        room.mark(quiz, mark, person)
    with unit_of_work(room.sessions) as session:
        first = session.scalars(
            select(CompetencyStandingRow).where(CompetencyStandingRow.person_id == room.people[0])
        ).first()
        assert first is not None
        course = CourseRow(platform_id=platform_of_row(session, room), context_id="x", title="B", created_at=room.now)
        session.add(course)
        session.flush()
        session.add(
            CompetencyStandingRow(
                course_id=course.id,
                person_id=room.people[0],
                competency_id=first.competency_id,
                established=2,
                progress=first.progress,
                levels=first.levels,
                rule_set_id=first.rule_set_id,
                computed_at=room.now,
            )
        )
    rollup.refresh(room.sessions, room.now)
    return room


def platform_of_row(session: object, room: Schoolroom) -> int:
    return session.get_one(CourseRow, room.course_id).platform_id  # type: ignore[attr-defined,no-any-return]


def at_level(room: Schoolroom, level: int | None, after: int = 0, number: int = 50) -> list[int]:
    platform, competency = platform_of(room), CompetencyId(room.framework.competency("1.1").id)
    people = room.do(lambda session: people_queries.at_level(session, platform, competency, level, after, number))
    return [each.id for each in people]


def test_a_figure_of_people_opens_to_them_by_their_highest_level(graded: Schoolroom) -> None:
    ids = graded.people

    assert [at_level(graded, level) for level in (None, 0, 1, 2, 3)] == [
        [ids[3], ids[4]],
        [ids[2]],
        [ids[1]],
        [ids[0]],
        [],
    ]
    assert at_level(graded, None, after=ids[3]) == [ids[4]]
    assert at_level(graded, None, number=1) == [ids[3]]


def test_a_figure_of_participations_opens_to_people_and_courses(graded: Schoolroom) -> None:
    platform, competency = platform_of(graded), CompetencyId(graded.framework.competency("1.1").id)

    def rows(level: int | None, period: Period = Period(), after: tuple[int, int] = (0, 0)) -> list[tuple[int, int]]:  # noqa: B008  a frozen value
        with unit_of_work(graded.sessions) as session:
            return list(people_queries.participations_at_level(session, platform, competency, level, period, after, 50))

    course, ids = graded.course_id, graded.people
    assert rows(1) == [(ids[0], course), (ids[1], course)]
    assert rows(1, after=(ids[0], course)) == [(ids[1], course)]
    assert len(rows(2)) == 1
    assert rows(1, Period.read("2026-12", "")) == []


def test_people_of_another_platform_are_in_no_figure(graded: Schoolroom) -> None:
    elsewhere = PlatformId(platform_of(graded) + 1)
    competency = CompetencyId(graded.framework.competency("1.1").id)

    with unit_of_work(graded.sessions) as session:
        assert people_queries.at_level(session, elsewhere, competency, 1, 0, 50) == ()
        assert people_queries.participations_at_level(session, elsewhere, competency, 1, Period(), (0, 0), 50) == ()
        assert len(people_queries.search(session, elsewhere, "", None, 50)) == 1
