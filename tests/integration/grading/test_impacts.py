"""All courses of an institute looked at and moved by workers: with progress, one by one, and only as they were seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from lti_tool.competency import crosswalks, moving, versions
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.framework import Framework
from lti_tool.competency.impact import Impact
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.competency.validity import Validity
from lti_tool.competency.versions import Import
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook, impacts
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.people import errands
from lti_tool.people.errand import LEASE, MOST_TRIES, ErrandKind
from lti_tool.people.tables import CourseRow
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make


@dataclass
class Institute:
    """Three courses. In the first somebody has shown level 1 of 4.1 by six of its nine indicators, one of which is
    split in the next version: five of ten are too few there to assess the level."""

    sessions: SessionFactory
    now: datetime
    platform: PlatformId
    courses: list[CourseId]
    activity: ActivityId
    person: PersonId
    new: Framework

    def ask(self) -> int:
        with unit_of_work(self.sessions) as session:
            return impacts.ask(session, self.platform, self.new.id, None, self.now)

    def work(self) -> None:
        impacts.advance(self.sessions, self.now)

    def found(self) -> dict[CourseId, Impact]:
        with unit_of_work(self.sessions, writes=False) as session:
            return {each.course_id: each for each in impacts.impacts_of(session, self.platform).courses}

    def move(self, *courses: CourseId) -> int:
        ids = {each.public_id for each in self.found().values() if each.course_id in courses}
        with unit_of_work(self.sessions) as session:
            return impacts.ask_moves(session, self.platform, ids, None, self.now)

    def version(self, course: CourseId) -> str:
        with unit_of_work(self.sessions, writes=False) as session:
            return rules_of(session, course, self.now).framework.version

    def mark(self, given: int) -> None:
        self.now += timedelta(minutes=1)
        entry = NewEvidence(
            self.person, self.activity, None, Decimal(given), Decimal(0), Decimal(100), "gradebook_file", self.now
        )
        with unit_of_work(self.sessions) as session:
            gradebook.accept_results(session, self.courses[0], [entry], by=None, now=self.now)


@pytest.fixture
def institute(any_sessions: SessionFactory, now: datetime) -> Institute:
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        old, row = make.framework(), make.platform()
        courses, person = [make.course(row, f"Course {number}") for number in range(3)], make.person(row)
        for course in courses:
            make.membership(course, person)
            rules_of(session, CourseId(course.id), now)
        quiz = ActivityId(make.activity(courses[0]).id)
        cells = [Mapping(quiz, each.id) for each in old.competency("4.1").of_level(1)[:6]]
        gradebook.accept_mapping(session, CourseId(courses[0].id), cells, by=None, now=now)
        data = json.dumps(next_catalogue()).encode()
        new = versions.take_in(session, Import(data, known=Validity(beside=True)), now + timedelta(days=1))
        crosswalks.confirm(session, PlatformId(row.id), old, new, seen=0, by=None, now=now)
        made = Institute(
            any_sessions,
            now,
            PlatformId(row.id),
            [CourseId(each.id) for each in courses],
            quiz,
            PersonId(person.id),
            new,
        )
    made.mark(90)
    return made


def test_every_open_course_is_looked_at_and_none_is_changed(institute: Institute) -> None:
    with unit_of_work(institute.sessions) as session:
        session.get_one(CourseRow, institute.courses[2]).closed_at = institute.now
    assert institute.ask() == 2
    assert {each.computed_at for each in institute.found().values()} == {None}

    institute.work()

    found = institute.found()
    assert found.keys() == set(institute.courses[:2])
    first = found[institute.courses[0]]
    assert (first.persons, first.gaining, first.losing, first.fault) == (1, 0, 1, None)
    assert {institute.version(course) for course in institute.courses} == {"1.0"}


def test_chosen_courses_are_moved(institute: Institute) -> None:
    institute.ask()
    institute.work()

    assert institute.move(institute.courses[0], institute.courses[1]) == 2
    institute.work()

    assert [institute.version(course) for course in institute.courses] == ["2.0", "2.0", "1.0"]
    assert institute.found().keys() == {institute.courses[2]}


def test_a_course_that_comes_out_otherwise_than_it_was_seen_is_not_moved(institute: Institute) -> None:
    institute.ask()
    institute.work()
    institute.move(institute.courses[0])
    institute.mark(10)

    institute.work()

    first = institute.found()[institute.courses[0]]
    assert (first.fault, first.move, first.gaining, first.losing) == (impacts.CHANGED, False, 0, 1)
    assert institute.version(institute.courses[0]) == "1.0"
    institute.move(institute.courses[0])
    institute.work()
    assert institute.version(institute.courses[0]) == "2.0"


def test_a_course_that_cannot_move_says_why_and_the_others_go_on(institute: Institute) -> None:
    institute.ask()
    with unit_of_work(institute.sessions) as session:
        session.get_one(CourseRow, institute.courses[0]).closed_at = institute.now

    institute.work()

    faults = [institute.found()[course].fault for course in institute.courses]
    assert faults == ["course_closed", None, None]
    assert institute.move(*institute.courses) == 2


def test_what_nobody_foresaw_costs_one_course_only(institute: Institute, monkeypatch: pytest.MonkeyPatch) -> None:
    real = moving.look

    def fails(session: object, course: CourseId, *rest: object) -> moving.Look:
        if course == institute.courses[0]:
            raise ZeroDivisionError
        return real(session, course, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "look", fails)
    institute.ask()

    institute.work()

    assert [institute.found()[course].fault for course in institute.courses] == ["ZeroDivisionError", None, None]


def test_a_course_over_which_workers_die_is_given_up(institute: Institute) -> None:
    institute.ask()
    for _ in range(MOST_TRIES):
        for _course in institute.courses:
            with unit_of_work(institute.sessions) as session:
                assert errands.take_next(session, [ErrandKind.IMPACT], [], institute.now) is not None
        institute.now += LEASE + timedelta(seconds=1)

    institute.work()

    assert {each.fault for each in institute.found().values()} == {"workers_lost"}


def test_asking_anew_forgets_what_was_found(institute: Institute) -> None:
    institute.ask()
    institute.work()
    institute.now += timedelta(minutes=1)

    assert institute.ask() == 3

    assert {each.computed_at for each in institute.found().values()} == {None}


def _while_first_is_looked_at(
    institute: Institute, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]
) -> list[CourseId]:
    """Does something else once a worker has begun with the first course; which courses are looked at, in turn."""
    real, looked = moving.look, list[CourseId]()

    def look(session: Session, course: CourseId, *rest: object) -> moving.Look:
        looked.append(course)
        if looked == [institute.courses[0]]:
            work()
        return real(session, course, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "look", look)
    return looked


def test_who_asks_anew_while_a_worker_looks_is_not_answered_with_what_was_seen_before(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_anew() -> None:
        institute.now += timedelta(minutes=1)
        institute.ask()

    institute.ask()
    looked = _while_first_is_looked_at(institute, monkeypatch, ask_anew)

    institute.work()
    institute.work()

    assert None not in {each.computed_at for each in institute.found().values()}
    assert looked.count(institute.courses[0]) == 2, "what was looked at for the former question is no answer"


def test_a_course_that_another_worker_has_taken_over_is_left_to_it(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept longer than its lease stores nothing over what the other finds."""

    def taken_over() -> None:
        with unit_of_work(institute.sessions) as session:
            later = institute.now + LEASE + timedelta(seconds=1)
            held = errands.take_next(session, [ErrandKind.IMPACT], [], later)
            while held is not None and held.course_id != institute.courses[0]:
                held = errands.take_next(session, [ErrandKind.IMPACT], [], later)
            assert held is not None

    institute.ask()
    _while_first_is_looked_at(institute, monkeypatch, taken_over)

    with capture_logs() as events:
        institute.work()

    assert [event["event"] for event in events] == ["errand_lost"]
    assert institute.found()[institute.courses[0]].computed_at is None


def test_a_course_that_somebody_moves_by_hand_waits_for_no_worker(institute: Institute) -> None:
    institute.ask()
    first = institute.courses[0]
    with unit_of_work(institute.sessions) as session:
        seen = moving.look(session, first, institute.new.id, institute.now).fingerprint
        impacts.move_now(session, first, institute.new.id, seen, None, institute.now)

    institute.work()

    assert (institute.version(first), institute.found().keys()) == ("2.0", set(institute.courses[1:]))
    with unit_of_work(institute.sessions) as session:
        assert errands.take_next(session, [ErrandKind.IMPACT], [], institute.now) is None


def test_how_many_are_looked_at_and_how_many_wait_is_told(institute: Institute) -> None:
    institute.ask()
    before = _progress(institute)
    institute.work()
    looked_at = _progress(institute)
    institute.move(institute.courses[0])

    assert (before, looked_at, _progress(institute)) == ((0, 3), (3, 0), (3, 1))


def _progress(institute: Institute) -> tuple[int, int]:
    with unit_of_work(institute.sessions, writes=False) as session:
        found = impacts.impacts_of(session, institute.platform)
    return found.done, found.waiting


def test_a_course_is_moved_by_hand_though_nobody_had_it_looked_at(institute: Institute) -> None:
    first = institute.courses[0]
    with unit_of_work(institute.sessions) as session:
        seen = moving.look(session, first, institute.new.id, institute.now).fingerprint
        impacts.move_now(session, first, institute.new.id, seen, None, institute.now)

    assert (institute.version(first), institute.found()) == ("2.0", {})


def test_a_turn_of_a_worker_ends_after_so_many_courses_and_the_next_one_goes_on(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impacts, "PER_TURN", 2)
    institute.ask()

    institute.work()
    after_one = _progress(institute)
    institute.work()

    assert (after_one, _progress(institute)) == ((2, 1), (3, 0))
