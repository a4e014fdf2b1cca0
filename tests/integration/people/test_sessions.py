"""Login sessions: one browser, many people; rights are those of the session's own launches, and end with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from lti_tool.people import sessions as logins
from lti_tool.people.courses import get_course
from lti_tool.people.model import CourseRole, Person
from lti_tool.people.sessions import Beginning, LoginSession
from lti_tool.people.store import as_person
from lti_tool.people.tables import LoginSessionRow, PersonRow, SessionRightRow
from tests.factories.make import Make

IDLE = timedelta(hours=8)
MINUTE = timedelta(minutes=1)
PARTICIPANT, TRAINER = CourseRole.PARTICIPANT, CourseRole.TRAINER


@dataclass
class Lounge:
    """Two people and two courses of one platform."""

    sessions: SessionFactory
    now: datetime
    people: list[Person]
    courses: list[CourseId]

    def begin(
        self,
        person: int = 0,
        course: int | None = 0,
        role: CourseRole | None = TRAINER,
        *,
        replaces: str | None = None,
        new_tab: bool = False,
        is_admin: bool = False,
        browser: tuple[str, ...] = (),
        later: timedelta = timedelta(0),
    ) -> str:
        beginning = Beginning(
            self.people[person],
            is_admin=is_admin,
            locale="ru",
            new_tab=new_tab,
            course_id=None if course is None else self.courses[course],
            role=role,
            browser=browser,
        )
        with unit_of_work(self.sessions) as session:
            return logins.begin(session, beginning, replaces, self.now + later, idle=IDLE)[0]

    def find(self, token: str, later: timedelta = timedelta(0), course: int = 0) -> LoginSession | None:
        with unit_of_work(self.sessions, writes=False) as session:
            place = get_course(session, self.courses[course])
            return logins.find(session, token, IDLE, self.now + later, place.public_id)

    def roles(self, token: str) -> list[CourseRole | None]:
        found = [self.find(token, course=course) for course in range(len(self.courses))]
        return [login.role for login in found if login is not None]


@pytest.fixture
def lounge(any_sessions: SessionFactory, now: datetime) -> Lounge:
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        platform = make.platform()
        people = [as_person(make.person(platform, name)) for name in ("Айгүл", "Бакыт")]
        return Lounge(any_sessions, now, people, [CourseId(make.course(platform).id) for _ in range(2)])


def test_a_launch_begins_a_session_with_its_own_right_only(lounge: Lounge) -> None:
    token = lounge.begin()

    login = lounge.find(token)
    assert login is not None
    assert (login.person.name, login.is_admin, login.locale) == ("Айгүл", False, "ru")
    assert lounge.roles(token) == [TRAINER, None]


def test_the_token_itself_is_nowhere_stored(lounge: Lounge) -> None:
    token = lounge.begin()

    with unit_of_work(lounge.sessions, writes=False) as session:
        assert token not in list(session.scalars(select(LoginSessionRow.token_hash)))
    assert lounge.find(token + "x") is None


def test_a_launch_as_another_person_ends_the_earlier_session_and_takes_nothing_over(lounge: Lounge) -> None:
    earlier = lounge.begin(person=0, course=0, is_admin=True)

    later = lounge.begin(person=1, course=1, role=PARTICIPANT, replaces=earlier)

    assert lounge.find(earlier) is None
    assert lounge.roles(later) == [None, PARTICIPANT]
    assert not (lounge.find(later) or pytest.fail("no session")).is_admin


def test_the_same_person_keeps_the_rights_of_another_course(lounge: Lounge) -> None:
    earlier = lounge.begin(course=0, role=TRAINER)

    later = lounge.begin(course=1, role=PARTICIPANT, replaces=earlier)

    assert lounge.find(earlier) is None
    assert lounge.roles(later) == [TRAINER, PARTICIPANT]


@pytest.mark.parametrize("role", [PARTICIPANT, None])
def test_a_launch_replaces_the_right_in_its_own_course(lounge: Lounge, role: CourseRole | None) -> None:
    earlier = lounge.begin(course=0, role=TRAINER)

    assert lounge.roles(lounge.begin(course=0, role=role, replaces=earlier)) == [role, None]


def test_an_admin_is_one_for_the_session_that_said_so_only(lounge: Lounge) -> None:
    admin = lounge.begin(is_admin=True)

    later = lounge.find(lounge.begin(replaces=admin))

    assert later is not None
    assert not later.is_admin


def test_rights_of_a_session_that_is_over_are_not_taken_over(lounge: Lounge) -> None:
    framed, tab = lounge.begin(course=0), lounge.begin(course=0, new_tab=True)

    after_framed = lounge.begin(course=1, replaces=framed, later=IDLE + MINUTE)
    after_tab = lounge.begin(course=1, replaces=tab, later=timedelta(minutes=31))

    assert (lounge.roles(after_framed), lounge.roles(after_tab)) == ([None, TRAINER], [None, TRAINER])


@pytest.mark.parametrize(
    ("new_tab", "idled", "lives"),
    [
        (False, IDLE, True),
        (False, IDLE + MINUTE, False),
        (True, timedelta(minutes=30), True),
        (True, timedelta(minutes=31), False),
    ],
)
def test_a_session_ends_when_it_has_idled_too_long(
    lounge: Lounge, new_tab: bool, idled: timedelta, lives: bool
) -> None:
    token = lounge.begin(new_tab=new_tab)

    assert (lounge.find(token, idled) is not None) is lives


def test_using_a_session_keeps_it_alive(lounge: Lounge) -> None:
    token = lounge.begin(new_tab=True)
    fresh, used = lounge.find(token, MINUTE), lounge.find(token, 20 * MINUTE)
    assert fresh is not None
    assert used is not None
    assert (fresh.to_touch, used.to_touch) == (False, True)

    with unit_of_work(lounge.sessions) as session:
        logins.touch(session, used, lounge.now + 20 * MINUTE)

    assert lounge.find(token, 45 * MINUTE) is not None


def test_ending_a_session_takes_its_rights_along_and_may_be_done_twice(lounge: Lounge) -> None:
    token, other = lounge.begin(), lounge.begin(person=1)

    for _ in range(2):
        with unit_of_work(lounge.sessions) as session:
            logins.end(session, token)

    assert lounge.find(token) is None
    assert lounge.find(other) is not None
    with unit_of_work(lounge.sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(SessionRightRow)) == 1


def test_idle_sessions_are_cleared_away(lounge: Lounge) -> None:
    lounge.begin()
    lounge.begin(later=2 * MINUTE)

    with unit_of_work(lounge.sessions) as session:
        logins.end_idle(session, IDLE, lounge.now + IDLE + MINUTE)

    with unit_of_work(lounge.sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(LoginSessionRow)) == 1


def test_a_chosen_language_holds_for_the_session_and_the_person(lounge: Lounge) -> None:
    token = lounge.begin()
    login = lounge.find(token)
    assert login is not None

    with unit_of_work(lounge.sessions) as session:
        logins.choose_locale(session, login, "en")

    again = lounge.find(token)
    assert again is not None
    assert again.locale == "en"
    with unit_of_work(lounge.sessions, writes=False) as session:
        assert session.get_one(PersonRow, login.person.id).locale == "en"


def test_two_launches_of_one_browser_at_once_leave_both_courses_open(lounge: Lounge) -> None:
    # Neither request carries the other's session, and the browser keeps one cookie of the two: whichever comes last.
    first = lounge.begin(course=0, browser=("browser",))
    second = lounge.begin(course=1, role=PARTICIPANT, browser=("browser",))

    assert lounge.roles(first) == lounge.roles(second) == [TRAINER, PARTICIPANT]


def test_a_tab_is_known_by_any_of_its_login_tokens(lounge: Lounge) -> None:
    first = lounge.begin(course=0, browser=("one",))
    second = lounge.begin(course=1, browser=("two", "one"))

    assert lounge.roles(first) == lounge.roles(second) == [TRAINER, TRAINER]


def test_a_role_that_shrinks_shrinks_in_the_sessions_beside_it(lounge: Lounge) -> None:
    beside = lounge.begin(browser=("browser",))
    lounge.begin(role=PARTICIPANT, browser=("browser",))
    assert lounge.roles(beside) == [PARTICIPANT, None]

    lounge.begin(role=None, browser=("browser",))

    assert lounge.roles(beside) == [None, None]


@pytest.mark.parametrize(
    "other",
    [{"person": 1, "browser": ("browser",)}, {"browser": ("another",)}, {"browser": ()}],
    ids=["another-person", "another-browser", "no-cookie"],
)
def test_nothing_goes_over_to_another_person_or_browser(lounge: Lounge, other: dict[str, Any]) -> None:
    first = lounge.begin(course=0, browser=("browser",))

    second = lounge.begin(course=1, **other)

    assert lounge.roles(first) == [TRAINER, None]
    assert lounge.roles(second) == [None, TRAINER]


def test_a_session_beside_that_has_idled_too_long_gives_and_gets_nothing(lounge: Lounge) -> None:
    lounge.begin(course=0, browser=("browser",))

    late = lounge.begin(course=1, browser=("browser",), later=IDLE + MINUTE)

    login = lounge.find(late, IDLE + MINUTE)

    assert login is not None
    assert login.role is None


def test_all_sessions_of_a_person_end_at_once_and_nobody_elses(lounge: Lounge) -> None:
    lost, open_elsewhere, others = lounge.begin(), lounge.begin(new_tab=True), lounge.begin(person=1)

    with unit_of_work(lounge.sessions) as session:
        assert logins.end_all_of(session, lounge.people[0].id) == 2

    assert [lounge.find(token) is None for token in (lost, open_elsewhere, others)] == [True, True, False]


def test_all_sessions_of_a_platform_end_at_once_and_no_other_ones(lounge: Lounge) -> None:
    here = [lounge.begin(person=number) for number in (0, 1)]
    with unit_of_work(lounge.sessions) as session:
        make = Make(session, lounge.now)
        away = as_person(make.person(make.platform("https://lms-2.example.invalid"), "Өмүрбек"))
        elsewhere = logins.begin(session, Beginning(away, False, "ky"), None, lounge.now, idle=IDLE)[0]

    with unit_of_work(lounge.sessions) as session:
        assert logins.end_all_at(session, lounge.people[0].platform_id) == 2

    assert [lounge.find(token) for token in here] == [None, None]
    assert lounge.find(elsewhere) is not None
