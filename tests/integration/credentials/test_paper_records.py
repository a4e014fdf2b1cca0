"""Paper records: frozen when they are made, replaced by newer ones, withdrawn by nobody but whose they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from lti_tool.credentials import paper_records, queries
from lti_tool.credentials.model import Credential, Revocation, Standing
from lti_tool.credentials.paper_records import FRESH, Asked
from lti_tool.credentials.record_facts import RecordFacts
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.people.tables import CourseRow
from tests.factories.two_courses import FIRST, TwoCourses, open_two_courses

ISSUER = "Институт"


class Desk:
    """Where person 0 makes records; level 1 of 1.1 is certified."""

    def __init__(self, two: TwoCourses) -> None:
        self.two, self.now = two, two.now

    def asked(self, *, locale: str = "ky", shows_name: bool = False) -> Asked:
        room = self.two.first
        platform = room.do(lambda s: s.get_one(CourseRow, room.course_id).platform_id)
        return Asked(PlatformId(platform), room.course_id, self.two.person, ISSUER, locale, shows_name)

    def make(self, *, locale: str = "ky", shows_name: bool = False, after: timedelta = FRESH * 2) -> str:
        self.now += after
        asked = self.asked(locale=locale, shows_name=shows_name)
        return self.do(lambda s: paper_records.make(s, asked, self.now))

    def do(self, work: Callable[[Session], str]) -> str:
        return self.two.first.do(work)

    def found(self, public_id: str) -> Credential:
        found = self.two.first.do(lambda s: queries.find(s, public_id))
        assert found is not None
        return found

    def shown_name(self, public_id: str) -> str:
        found = self.found(public_id)
        return self.do(lambda s: queries.shown_name(s, found))

    def standing(self, public_id: str) -> Standing:
        return self.found(public_id).standing(self.now)


@pytest.fixture
def desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    """The course in which level 1 was shown is closed."""
    two = open_two_courses(any_sessions, now)
    two.show(two.first, (1, 0), (1, 1))
    two.close(two.first)
    return Desk(two)


def test_it_states_levels_courses_and_the_issuer_and_no_name(desk: Desk) -> None:
    record = desk.found(desk.make(shows_name=True))

    facts = RecordFacts.from_json(record.facts)
    assert (facts.issuer, facts.version, facts.overall) == (ISSUER, desk.two.first.framework.version, 1)
    assert [(each.code, each.level, [one.course for one in each.certified]) for each in facts.competencies] == [
        ("1.1", 1, [FIRST]),
        ("1.2", None, []),
    ]
    assert "Person 0" not in str(record.facts)
    assert record.standing(desk.now) is Standing.VALID


def test_what_comes_later_changes_nothing_in_it(desk: Desk) -> None:
    record = desk.make()
    before = desk.found(record).facts

    desk.two.show(desk.two.second, (2, 0), (2, 1))

    assert desk.found(record).facts == before


def test_a_newer_one_takes_its_place(desk: Desk) -> None:
    first = desk.make()
    second = desk.make()

    assert (desk.standing(first), desk.found(first).superseded_by) == (Standing.SUPERSEDED, second)
    assert desk.standing(second) is Standing.VALID


def test_asked_twice_in_a_moment_it_is_one(desk: Desk) -> None:
    first = desk.make()

    assert desk.make(after=timedelta(seconds=1)) == first


@pytest.mark.parametrize("other", ["language", "name", "levels"])
def test_what_says_something_else_is_another(desk: Desk, other: str) -> None:
    first = desk.make()
    if other == "levels":
        desk.two.show(desk.two.second, (2, 0), (2, 1))

    locale = "ru" if other == "language" else "ky"
    second = desk.make(locale=locale, shows_name=other == "name", after=timedelta(seconds=1))

    assert second != first


def test_whose_it_is_withdraws_it(desk: Desk) -> None:
    record = desk.make()

    desk.two.first.do(lambda s: paper_records.withdraw(s, desk.two.person, record, desk.now))

    found = desk.found(record)
    assert (found.ended_as, found.ended_at) == (Revocation.HOLDER, desk.now)
    with pytest.raises(NotFound):
        desk.two.first.do(lambda s: paper_records.to_print(s, desk.two.person, record))


def test_what_was_withdrawn_keeps_its_time(desk: Desk) -> None:
    record = desk.make()
    withdrawn_at = desk.now
    for later in (timedelta(0), timedelta(days=1)):
        at = withdrawn_at + later
        desk.two.first.do(lambda s, at=at: paper_records.withdraw(s, desk.two.person, record, at))

    assert desk.found(record).ended_at == withdrawn_at


def test_after_a_withdrawal_the_same_is_made_anew(desk: Desk) -> None:
    first = desk.make()
    desk.two.first.do(lambda s: paper_records.withdraw(s, desk.two.person, first, desk.now))

    second = desk.make(after=timedelta(seconds=1))

    assert second != first
    assert (desk.standing(first), desk.standing(second)) == (Standing.REVOKED, Standing.VALID)


def test_nobody_else_prints_names_or_withdraws_it(desk: Desk) -> None:
    record, stranger = desk.make(), desk.two.first.people[1]
    tries: tuple[Callable[[Session], object], ...] = (
        lambda s: paper_records.to_print(s, stranger, record),
        lambda s: paper_records.show_name(s, stranger, record, shows=True),
        lambda s: paper_records.withdraw(s, stranger, record, desk.now),
        lambda s: paper_records.to_print(s, desk.two.person, "nosuch"),
    )
    for each in tries:
        with pytest.raises(NotFound):
            desk.two.first.do(each)

    assert (desk.standing(record), desk.found(record).shows_name) == (Standing.VALID, False)


def test_whose_it_is_decides_whether_the_check_names_them(desk: Desk) -> None:
    record = desk.make(shows_name=True)
    shown = desk.shown_name(record)

    desk.two.first.do(lambda s: paper_records.show_name(s, desk.two.person, record, shows=False))

    assert (shown, desk.shown_name(record)) == ("Person 0", "")


def test_all_of_a_person_are_listed_the_newest_first(desk: Desk) -> None:
    made = [desk.make(), desk.make()]

    listed = desk.two.first.do(lambda s: paper_records.of_person(s, desk.two.person))

    assert [each.public_id for each in listed] == made[::-1]
