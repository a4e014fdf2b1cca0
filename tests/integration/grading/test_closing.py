"""Closing a course freezes and certifies its levels; what comes later asks somebody instead of revoking anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import closing, closing_store, preview
from lti_tool.competency.certifying import Certificate, Outcome
from lti_tool.competency.closing import Closing, Settlement
from lti_tool.competency.decisions import Said, Who
from lti_tool.competency.passing_time import overtaken
from lti_tool.competency.preview import LevelChange
from lti_tool.competency.profile import explain, profile_of
from lti_tool.competency.tables import CertifiedLevelRow, ClosureRow, CompetencyStandingRow, RegradeCaseRow
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import closing as door
from lti_tool.grading import decisions as judging_door
from lti_tool.grading import gradebook, jobs
from lti_tool.grading.gradebook import follow_time
from lti_tool.ids import ActivityId, CompetencyId, CourseId, PersonId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow, MembershipRow
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

REASON = "Кайра текшерилди."
ADMIN = 2
"""Which of the people decides, as an institute admin."""


class Finished:
    """Person 0 has level 2 of competency 1.1 by 80 and 70, person 1 has nothing; the worker has sent it."""

    def __init__(self, room: Schoolroom) -> None:
        self.room = room
        self.quiz = self._activity("Quiz: 1", 1)
        self.essay = self._activity("Assignment: 2", 2)
        room.mark(self.quiz, 80)
        room.mark(self.essay, 70)
        room.work()

    def _activity(self, name: str, level: int) -> ActivityId:
        activity = self.room.activity(name)
        self.room.map_levels(activity, level)
        return activity

    @property
    def person(self) -> PersonId:
        return self.room.people[0]

    @property
    def competency(self) -> CompetencyId:
        return self.room.framework.competency("1.1").id

    @property
    def admin(self) -> Who:
        return Who(self.room.people[ADMIN], is_admin=True)

    def look(self) -> Closing:
        return self.room.do(lambda s: closing.look(s, self.room.course_id, self.room.now))

    def close(self, seen: str | None = None, by: Who | None = None) -> None:
        self.room.now += timedelta(minutes=1)
        told = self.look().fingerprint if seen is None else seen
        self.room.do(
            lambda s: door.accept_closing(s, self.room.course_id, told, by=by or self.admin, now=self.room.now)
        )

    def reopen(self, by: Who | None = None) -> None:
        self.room.now += timedelta(minutes=1)
        self.room.do(lambda s: door.accept_reopening(s, self.room.course_id, by=by or self.admin, now=self.room.now))

    def settle(self, *, adopt: bool, seen: int | None, reason: str = REASON, by: Who | None = None) -> None:
        self.room.now += timedelta(minutes=1)
        said = Settlement(((self.cases()[-1].public_id, seen),), adopt, reason)
        self.room.do(
            lambda s: door.accept_settlement(s, self.room.course_id, said, by=by or self.admin, now=self.room.now)
        )

    def cases(self) -> list[RegradeCaseRow]:
        return self.room.do(lambda s: _detached(s, list(s.scalars(select(RegradeCaseRow).order_by(RegradeCaseRow.id)))))

    def case(self) -> tuple[int | None, int | None, str | None]:
        """Frozen, computed and outcome of the only case."""
        (row,) = self.cases()
        return row.frozen, row.computed, row.outcome

    def certified(self) -> set[tuple[int, int]]:
        """(person, level) of what stands."""
        found = self.room.do(lambda s: closing_store.standing_certificates(s, self.room.course_id, self.room.now))
        return {(each.person, each.level) for each in found}

    def level(self) -> int | None:
        def read(session: Session) -> int | None:
            row = session.get(CompetencyStandingRow, (self.room.course_id, self.person, self.competency))
            return row.established if row else None

        return self.room.do(read)


def _detached(session: Session, rows: list[RegradeCaseRow]) -> list[RegradeCaseRow]:
    for row in rows:
        session.expunge(row)
    return rows


@pytest.fixture
def finished(any_sessions: SessionFactory, now: datetime) -> Finished:
    return Finished(open_schoolroom(any_sessions, now, people=3))


# ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_looking_says_what_closing_certifies_and_stores_nothing(finished: Finished) -> None:
    seen = finished.look()

    assert seen.granted == {Certificate(finished.person, finished.competency, level) for level in (1, 2)}
    assert (seen.kept, seen.ended, seen.changes, seen.disputes) == (frozenset(), frozenset(), (), 0)
    assert len(seen.persons) == 3
    assert finished.certified() == set()


def test_closing_certifies_the_established_level_and_those_below(finished: Finished) -> None:
    finished.close()

    assert finished.certified() == {(finished.person, 1), (finished.person, 2)}
    profile = finished.room.do(lambda s: profile_of(s, finished.room.course_id, finished.person, finished.room.now))
    levels = profile.standings[finished.competency].levels
    assert [level.certified for level in levels] == [True, True, False]


def test_a_closing_is_told_with_who_and_when(finished: Finished) -> None:
    finished.close()

    row = finished.room.do(lambda s: s.scalars(select(ClosureRow)).one())
    assert (row.closed, row.said_by, row.said_at) == (True, finished.admin.id, finished.room.now)


def test_a_held_level_is_not_certified(any_sessions: SessionFactory, now: datetime) -> None:
    finished = Finished(open_schoolroom(any_sessions, now, people=3))
    finished.room.mark(finished.quiz, 10)

    finished.close()

    assert finished.certified() == set()
    assert finished.level() == 0


def test_closing_changes_no_grade_that_was_sent(finished: Finished) -> None:
    finished.close()

    assert finished.room.work() == 0
    assert finished.room.shown() == Decimal(2)


def test_work_never_handed_in_counts_from_the_closing_where_the_course_says_so(finished: Finished) -> None:
    room = finished.room
    room.do(lambda s: gradebook.accept_rules(s, room.course_id, {"missing_is_zero": True}, by=None, now=room.now))
    missed = room.people[1]

    seen = finished.look()

    assert LevelChange(missed, finished.competency, None, 0) in seen.changes
    finished.close()
    room.work()
    assert room.shown(1) == Decimal(0)


def test_who_has_left_meanwhile_keeps_what_they_had_shown(finished: Finished) -> None:
    def leave(session: Session) -> None:
        row = session.get_one(MembershipRow, (finished.room.course_id, finished.person))
        row.launched_role, row.roster_role, row.active = "participant", None, False

    finished.room.do(leave)

    finished.close()

    assert (finished.person, 2) in finished.certified()


def test_nobody_certifies_a_trainer(finished: Finished) -> None:
    finished.room.set_role(0, "trainer")

    finished.close()

    assert finished.certified() == set()


def test_a_validity_of_the_rules_ends_the_certificate_too(finished: Finished) -> None:
    room = finished.room
    room.do(lambda s: gradebook.accept_rules(s, room.course_id, {"validity_months": 12}, by=None, now=room.now))

    finished.close()

    expiries = room.do(lambda s: set(s.scalars(select(CertifiedLevelRow.expires_at))))
    assert expiries == {room.now.replace(year=room.now.year + 1)}
    room.now += timedelta(days=366)
    assert finished.certified() == set()


# ── who and when ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_lead_or_an_admin_closes_and_reopens(finished: Finished) -> None:
    somebody = Who(finished.room.people[1])
    with pytest.raises(RuleBroken, match="not_lead"):
        finished.close(by=somebody)
    finished.close()
    with pytest.raises(RuleBroken, match="not_lead"):
        finished.reopen(by=somebody)

    assert finished.certified()


def test_what_was_not_looked_at_is_not_closed(finished: Finished) -> None:
    seen = finished.look().fingerprint
    finished.room.mark(finished.essay, 20)

    with pytest.raises(Conflict, match="closing_changed_meanwhile"):
        finished.close(seen)

    assert finished.certified() == set()
    assert finished.room.do(lambda s: closing.is_closed(s, finished.room.course_id)) is False


def test_closing_twice_is_told(finished: Finished) -> None:
    finished.close()

    with pytest.raises(Conflict, match="course_closed_already"):
        finished.close()


def test_reopening_an_open_course_is_told(finished: Finished) -> None:
    with pytest.raises(Conflict, match="course_open_already"):
        finished.reopen()


def test_a_dispute_is_decided_first(finished: Finished) -> None:
    room, indicator = finished.room, finished.room.indicators("1.1", 2)[0]
    for number, attained in ((1, True), (2, False)):
        said = Said(finished.person, indicator, attained, REASON)
        room.do(
            lambda s, said=said, number=number: judging_door.accept_judgement(
                s, room.course_id, said, seen=number - 1, by=room.people[number], now=room.now
            )
        )

    assert finished.look().disputes == 1
    with pytest.raises(RuleBroken, match="disputes_open"):
        finished.close()


def test_levels_that_still_follow_a_change_are_not_frozen(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    finished.room.do(lambda s: jobs.compute_anew(s, finished.room.course_id, finished.room.now))

    with pytest.raises(Conflict, match="levels_under_way"):
        finished.close()


# ── a closed course ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lower_mark_opens_a_case_and_revokes_nothing(finished: Finished) -> None:
    finished.close()

    finished.room.mark(finished.essay, 20)

    assert finished.case() == (2, 1, None)
    assert finished.level() == 2
    assert (finished.person, 2) in finished.certified()
    assert finished.room.work() == 0
    assert finished.room.shown() == Decimal(2)


def test_the_page_of_why_knows_what_counts_and_what_the_marks_say(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    why = finished.room.do(lambda s: explain(s, finished.room.course_id, finished.person, "1.1", finished.room.now))

    assert (why.standing.established, why.computed.established) == (2, 1)


def test_a_case_follows_the_marks_and_vanishes_when_they_come_back(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)
    finished.room.mark(finished.quiz, 20)
    assert finished.case() == (2, 0, None)

    finished.room.mark(finished.essay, 75)
    finished.room.mark(finished.quiz, 75)

    assert finished.case() == (2, 0, Outcome.VANISHED.value)


def test_a_mark_that_changes_no_level_opens_no_case(finished: Finished) -> None:
    finished.close()

    finished.room.mark(finished.essay, 90)

    assert finished.cases() == []


def test_a_late_first_mark_opens_a_case_too(finished: Finished) -> None:
    finished.close()

    finished.room.mark(finished.quiz, 90, person=1)

    (case,) = finished.cases()
    assert (case.person_id, case.frozen, case.computed) == (finished.room.people[1], None, 1)
    finished.room.work()
    assert finished.room.shown(1) is None


def test_mapping_and_rules_are_fixed(finished: Finished) -> None:
    room = finished.room
    finished.close()

    with pytest.raises(RuleBroken, match="course_closed"):
        room.unmap()
    with pytest.raises(RuleBroken, match="course_closed"):
        room.do(lambda s: gradebook.accept_rules(s, room.course_id, {"pass_mark": "1/2"}, by=None, now=room.now))


def test_who_comes_after_the_closing_has_no_case(finished: Finished) -> None:
    room = finished.room
    room.do(lambda s: gradebook.accept_rules(s, room.course_id, {"missing_is_zero": True}, by=None, now=room.now))
    finished.close()

    def come(session: Session) -> PersonId:
        make = Make(session, room.now)
        course = session.get_one(CourseRow, room.course_id)
        person = make.person(session.get_one(PlatformRow, course.platform_id), "Person 9")
        make.membership(course, person)
        return PersonId(person.id)

    late = room.do(come)
    room.do(lambda s: gradebook.welcome(s, room.course_id, [late], now=room.now))

    assert finished.cases() == []


# ── cases decided ────────────────────────────────────────────────────────────────────────────────────────────────


def test_keeping_leaves_everything_and_does_not_ask_again(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    finished.settle(adopt=False, seen=1)
    finished.room.mark(finished.essay, 21)

    assert finished.case() == (2, 1, Outcome.KEPT.value)
    assert (finished.level(), (finished.person, 2) in finished.certified()) == (2, True)


def test_another_level_than_the_one_decided_asks_again(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)
    finished.settle(adopt=False, seen=1)

    finished.room.mark(finished.quiz, 20)

    assert [(row.computed, row.outcome) for row in finished.cases()] == [(1, Outcome.KEPT.value), (0, None)]


def test_adopting_a_lower_level_ends_the_certificate_and_sends_the_grade(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    finished.settle(adopt=True, seen=1)

    assert finished.level() == 1
    assert finished.certified() == {(finished.person, 1)}
    finished.room.work()
    assert finished.room.shown() == Decimal(1)


def test_adopting_a_higher_level_certifies_it(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.quiz, 90, person=1)

    finished.settle(adopt=True, seen=1)

    assert (finished.room.people[1], 1) in finished.certified()
    finished.room.work()
    assert finished.room.shown(1) == Decimal(1)


def test_a_level_ended_and_given_again_is_a_new_certificate(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)
    finished.settle(adopt=True, seen=1)
    finished.room.mark(finished.essay, 90)

    finished.settle(adopt=True, seen=2)

    rows = finished.room.do(
        lambda s: s.execute(
            select(CertifiedLevelRow.level, CertifiedLevelRow.ended_at.is_(None)).order_by(CertifiedLevelRow.id)
        ).all()
    )
    assert [tuple(row) for row in rows] == [(1, True), (2, False), (2, True)]


@pytest.mark.parametrize(
    ("seen", "reason", "error"),
    [(0, REASON, "case_changed_meanwhile"), (1, "жок", "reason_length"), (1, "", "reason_length")],
)
def test_what_cannot_be_decided_so_is_told(finished: Finished, seen: int, reason: str, error: str) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    with pytest.raises((Conflict, RuleBroken), match=error):
        finished.settle(adopt=True, seen=seen, reason=reason)

    assert finished.case() == (2, 1, None)


def test_one_decides_no_case_of_ones_own(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    with pytest.raises(RuleBroken, match="own_record"):
        finished.settle(adopt=False, seen=1, by=Who(finished.person, is_admin=True))


def test_a_decision_sent_twice_is_stored_once(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)
    finished.settle(adopt=True, seen=1)

    finished.settle(adopt=True, seen=1)

    assert finished.case() == (2, 1, Outcome.ADOPTED.value)
    assert finished.certified() == {(finished.person, 1)}
    with pytest.raises(Conflict, match="case_changed_meanwhile"):
        finished.settle(adopt=False, seen=1)


def test_a_decision_about_no_case_is_none(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    with pytest.raises(RuleBroken, match="nothing_chosen"):
        finished.room.do(
            lambda s: door.accept_settlement(
                s, finished.room.course_id, Settlement((), True, REASON), by=finished.admin, now=finished.room.now
            )
        )

    assert finished.case() == (2, 1, None)


def test_of_several_cases_one_that_has_changed_keeps_all_of_them_open(finished: Finished) -> None:
    room = finished.room
    room.mark(finished.quiz, 80, person=1)
    room.mark(finished.essay, 80, person=1)
    finished.close()
    room.mark(finished.essay, 20)
    room.mark(finished.essay, 30, person=1)
    one, other = finished.cases()
    said = Settlement(((one.public_id, 1), (other.public_id, 2)), True, REASON)

    with pytest.raises(Conflict, match="case_changed_meanwhile"):
        room.do(lambda s: door.accept_settlement(s, room.course_id, said, by=finished.admin, now=room.now))

    assert [each.outcome for each in finished.cases()] == [None, None]
    assert finished.certified() == {(person, level) for person in room.people[:2] for level in (1, 2)}


def test_a_case_of_another_course_is_unknown_here(finished: Finished) -> None:
    finished.close()
    said = Settlement((("nothing", 1),), True, REASON)

    with pytest.raises(NotFound, match="case_unknown"):
        finished.room.do(
            lambda s: door.accept_settlement(s, finished.room.course_id, said, by=finished.admin, now=finished.room.now)
        )


# ── reopening and closing again ──────────────────────────────────────────────────────────────────────────────────


def test_reopening_does_what_its_preview_said(finished: Finished) -> None:
    room = finished.room
    finished.close()
    room.mark(finished.essay, 20)

    seen = room.do(lambda s: preview.of_reopening(s, room.course_id, room.now))
    finished.reopen()

    assert seen.changes == (LevelChange(finished.person, finished.competency, 2, 1),)
    assert finished.level() == 1
    assert finished.case() == (2, 1, Outcome.VANISHED.value)
    room.work()
    assert room.shown() == Decimal(1)


def test_reopening_leaves_what_was_certified(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)

    finished.reopen()

    assert (finished.person, 2) in finished.certified()


def test_closing_again_says_what_it_ends_and_ends_it(finished: Finished) -> None:
    finished.close()
    finished.room.mark(finished.essay, 20)
    finished.reopen()

    seen = finished.look()
    finished.close()

    assert seen.kept == {Certificate(finished.person, finished.competency, 1)}
    assert seen.ended == {Certificate(finished.person, finished.competency, 2)}
    assert finished.certified() == {(finished.person, 1)}


# ── other courses ────────────────────────────────────────────────────────────────────────────────────────────────


def _second_course(finished: Finished) -> tuple[Schoolroom, ActivityId]:
    """A course of the same people that assesses level 3 of 1.1 only: the levels below come from the record."""
    first = finished.room

    def make_course(session: Session) -> int:
        make = Make(session, first.now)
        here = session.get_one(CourseRow, first.course_id)
        course = make.course(session.get_one(PlatformRow, here.platform_id))
        for person in first.people:
            session.add(MembershipRow(course_id=course.id, person_id=person, roster_role="participant", active=True))
        session.flush()
        return course.id

    room = Schoolroom(
        first.sessions,
        first.now,
        first.framework,
        CourseId(first.do(make_course)),
        first.people,
        first.subs,
    )
    exam = room.activity("Quiz: exam")
    room.map_levels(exam, 3)
    room.mark(exam, 90)
    return room, exam


def _level_in(room: Schoolroom, finished: Finished) -> int | None:
    return room.do(
        lambda s: s.get_one(CompetencyStandingRow, (room.course_id, finished.person, finished.competency)).established
    )


def test_a_certified_level_counts_elsewhere_whatever_the_marks_say_later(finished: Finished) -> None:
    other, _ = _second_course(finished)
    assert _level_in(other, finished) == 3
    finished.close()

    finished.room.mark(finished.essay, 20)

    assert _level_in(other, finished) == 3


def test_ending_a_certificate_reaches_the_courses_that_rest_on_it(finished: Finished) -> None:
    other, _ = _second_course(finished)
    finished.close()
    finished.room.mark(finished.essay, 20)

    finished.settle(adopt=True, seen=1)

    assert _level_in(other, finished) == 1


def test_a_course_certifies_only_what_it_assessed_itself(finished: Finished) -> None:
    _second_course(finished)
    assert finished.level() == 3

    finished.close()

    assert finished.certified() == {(finished.person, 1), (finished.person, 2)}


def test_an_expired_certificate_reaches_them_too(finished: Finished) -> None:
    room = finished.room
    room.do(lambda s: gradebook.accept_rules(s, room.course_id, {"validity_months": 1}, by=None, now=room.now))
    other, _ = _second_course(finished)
    finished.close()
    closed = room.now

    later = closed + timedelta(days=40)
    for each in room.do(lambda s: overtaken(s, closed, later)):
        room.do(lambda s, each=each: follow_time(s, each, now=later))

    assert _level_in(other, finished) is None
    assert finished.level() == 3, "what the course was closed with stays on its own pages"
    assert finished.cases() == [], "time is no re-grade"


def test_what_is_shown_elsewhere_moves_a_closed_course_no_longer(finished: Finished) -> None:
    other, exam = _second_course(finished)
    admin = finished.admin
    seen = other.do(lambda s: closing.look(s, other.course_id, other.now)).fingerprint
    other.do(lambda s: door.accept_closing(s, other.course_id, seen, by=admin, now=other.now))

    finished.room.mark(finished.quiz, 10)
    finished.room.mark(finished.essay, 10)

    assert _level_in(other, finished) == 3
    assert finished.cases() == []
    assert exam
