"""How a person may go on: this course, their record, a few other open courses of the institute. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.competency import going_on, profile
from lti_tool.competency.decisions import Said
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.going_on import Ahead, Blocked, GoingOn
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading import decisions, gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.big_course import counted
from tests.factories.make import Make


class Institute:
    """Айгүл in a course of a platform, and what other courses there are. Competency 1.1 has levels of 3, 2 and 1."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.make = Make(session, now)
        self.framework = self.make.small_framework(((3, 2, 1), (1, 1, 1)))
        self.platform = self.make.platform()
        self.here = self.make.course(self.platform, "Here")
        self.person = self.make.person(self.platform)
        self.make.membership(self.here, self.person)
        rules_of(session, CourseId(self.here.id), now)

    @property
    def who(self) -> PersonId:
        return PersonId(self.person.id)

    def course(self, title: str, codes: str, **fields: datetime) -> CourseRow:
        """Another course of the platform with a quiz that shows these indicators."""
        made = self.make.course(self.platform, title)
        self.quiz(made, f"Quiz: {title}", codes)
        for name, value in fields.items():
            setattr(made, name, value)
        self.session.flush()
        return made

    def quiz(self, course: CourseRow, name: str, codes: str, **fields: str) -> ActivityRow:
        row = self.make.activity(course, name, **fields)
        cells = [Mapping(ActivityId(row.id), self.framework.indicator(code).id) for code in codes.split()]
        gradebook.accept_mapping(self.session, CourseId(course.id), cells, by=None, now=self.now, merge=True)
        return row

    def mark(self, activity: ActivityRow, mark: int) -> None:
        told = NewEvidence(
            self.who, ActivityId(activity.id), None, Decimal(mark), Decimal(0), Decimal(100), "gradebook_file", self.now
        )
        gradebook.accept_results(self.session, CourseId(activity.course_id), [told], by=None, now=self.now)

    def all(self) -> GoingOn:
        return going_on.in_all(self.session, CourseId(self.here.id), self.who, self.now + timedelta(minutes=1))

    def one(self, code: str = "1.1") -> GoingOn:
        now = self.now + timedelta(minutes=1)
        why = profile.explain(self.session, CourseId(self.here.id), self.who, code, now)
        return going_on.in_one(self.session, why, self.who, now)


@pytest.fixture
def institute(any_sessions: SessionFactory, now: datetime) -> Iterator[Institute]:
    """Nothing is mapped yet."""
    with any_sessions() as session:
        yield Institute(session, now)


def _named(found: GoingOn, at: int = 0) -> list[str]:
    steps = found.levels[at].steps
    assert steps is not None
    return [found.to_do[each.activity].name for each in steps.steps]


def _of(found: GoingOn, code: str = "1.1") -> Ahead:
    return next(each for each in found.levels if each.competency.code == code)


def test_what_this_course_can_assess_is_completed_in_it(institute: Institute) -> None:
    institute.quiz(institute.here, "Quiz: 1", "1.1.1.a 1.1.1.b")
    institute.quiz(institute.here, "Quiz: 2", "1.1.1.c")
    institute.course("Elsewhere", "1.1.1.a 1.1.1.b 1.1.1.c")

    found = institute.one()

    assert _named(found) == ["Quiz: 1"]
    assert found.others == {}, "other courses are not asked for"


def test_all_competencies_are_answered_as_one_of_them_is(institute: Institute) -> None:
    institute.quiz(institute.here, "Quiz: 1", "1.1.1.a 1.1.1.b 1.2.1.a")
    institute.course("Elsewhere", "1.1.1.c 1.2.2.a")

    found = institute.all()

    for code in ("1.1", "1.2"):
        assert (_of(found, code).gap, _of(found, code).steps) == (
            _of(institute.one(code), code).gap,
            _of(institute.one(code), code).steps,
        )
    assert [len(each.alone) for each in found.levels] == [1, 1], "the quiz completes a level of both"


def test_the_next_level_is_completed_in_another_course_where_this_one_cannot_assess_it(institute: Institute) -> None:
    institute.mark(institute.quiz(institute.here, "Quiz: 1", "1.1.1.a 1.1.1.b"), 90)
    institute.course("Elsewhere", "1.1.2.a 1.1.2.b")

    found = institute.one()

    gap = found.levels[0].gap
    assert gap is not None
    assert (gap.level.number, gap.by_record) == (2, True)
    assert _named(found) == ["Quiz: Elsewhere"]


def test_only_open_courses_of_the_same_platform_are_named(institute: Institute) -> None:
    day = timedelta(days=1)
    institute.course("Closed", "1.1.1.a 1.1.1.b", closed_at=institute.now - day)
    institute.course("Over", "1.1.1.a 1.1.1.b", ends_at=institute.now - day)
    elsewhere = institute.make.course(institute.make.platform(), "Another institute")
    institute.quiz(elsewhere, "Quiz: foreign", "1.1.1.a 1.1.1.b")

    assert institute.one().levels[0].blocked is Blocked.NOWHERE

    institute.course("Open", "1.1.1.a 1.1.1.b", ends_at=institute.now + day)

    assert _named(institute.one()) == ["Quiz: Open"]


def test_what_is_gone_or_a_self_assessment_is_never_proposed(institute: Institute) -> None:
    gone = institute.quiz(institute.here, "Quiz: gone", "1.1.1.a 1.1.1.b")
    gone.gone_at = institute.now
    institute.quiz(institute.here, "External tool: Self", "1.1.1.a 1.1.1.b", kind="self_assessment", source="lti")
    institute.session.flush()

    assert institute.one().levels[0].blocked is Blocked.GONE

    institute.quiz(institute.here, "Quiz: late", "1.1.1.a 1.1.1.b")

    # Half the weight of each is enough, though the one that is gone is mapped to them as well.
    assert _named(institute.one()) == ["Quiz: late"]


def test_what_is_gone_elsewhere_or_was_judged_there_is_not_proposed_there(institute: Institute) -> None:
    elsewhere = institute.course("Elsewhere", "1.1.1.a")
    institute.quiz(elsewhere, "Quiz: gone", "1.1.1.b").gone_at = institute.now
    institute.session.flush()
    assert institute.one().levels[0].blocked is Blocked.NOWHERE, "one of three is too few"

    institute.quiz(elsewhere, "Quiz: third", "1.1.1.c")
    assert _named(institute.one()) == ["Quiz: Elsewhere", "Quiz: third"]

    trainer = institute.make.person(institute.platform, "Trainer 1")
    for person, role in ((trainer, "trainer"), (institute.person, "participant")):
        institute.make.membership(elsewhere, person, role)
    said = Said(
        institute.who,
        institute.framework.indicator("1.1.1.c").id,
        attained=False,
        reason="Seen in the lesson",
        until=None,
    )
    decisions.accept_judgement(
        institute.session, CourseId(elsewhere.id), said, seen=0, by=PersonId(trainer.id), now=institute.now
    )

    assert institute.one().levels[0].blocked is Blocked.NOWHERE


def test_who_has_reached_the_highest_level_of_one_competency_has_only_the_others_ahead(institute: Institute) -> None:
    institute.mark(institute.quiz(institute.here, "Quiz: all", "1.2.1.a 1.2.2.a 1.2.3.a"), 90)
    institute.quiz(institute.here, "Quiz: 1", "1.1.1.a 1.1.1.b")

    found = institute.all()

    top, ahead = _of(found, "1.2"), _of(found, "1.1")
    assert (top.gap, top.steps, top.blocked, top.alone) == (None, None, None, frozenset())
    assert ahead.gap is not None
    assert ahead.steps is not None


def test_a_course_that_the_person_is_in_goes_before_one_that_shows_more(institute: Institute) -> None:
    institute.course("Bigger", "1.1.1.a 1.1.1.b 1.1.1.c")
    mine = institute.course("Mine", "1.1.1.a 1.1.1.b")
    institute.make.membership(mine, institute.person)

    found = institute.one()

    assert _named(found) == ["Quiz: Mine"]
    assert found.others[CourseId(mine.id)].is_member


def test_marks_in_another_course_count_as_they_stand_there(institute: Institute) -> None:
    mine = institute.course("Mine", "1.1.1.a")
    institute.make.membership(mine, institute.person)
    institute.mark(institute.quiz(mine, "Quiz: second", "1.1.1.b"), 90)

    gap = institute.one().levels[0].gap

    assert gap is not None
    assert gap.missing == 1
    assert _named(institute.one()) == ["Quiz: Mine"]


def test_what_a_trainer_judged_is_told_as_the_reason(institute: Institute) -> None:
    institute.quiz(institute.here, "Quiz: 1", "1.2.1.a")
    trainer = institute.make.person(institute.platform, "Trainer 1")
    institute.make.membership(institute.here, trainer, "trainer")
    shown = institute.framework.indicator("1.2.1.a").id
    said = Said(institute.who, shown, attained=False, reason="Seen in the lesson", until=None)
    decisions.accept_judgement(
        institute.session, CourseId(institute.here.id), said, seen=0, by=PersonId(trainer.id), now=institute.now
    )

    ahead = institute.one("1.2").levels[0]

    assert (ahead.blocked, ahead.judged) == (Blocked.JUDGED, (shown,))


def test_in_a_closed_course_the_record_is_gone_by(institute: Institute) -> None:
    institute.mark(institute.quiz(institute.here, "Quiz: 1", "1.1.1.a 1.1.1.b"), 90)
    institute.quiz(institute.here, "Quiz: 2", "1.1.2.a 1.1.2.b")
    institute.course("Elsewhere", "1.1.2.a 1.1.2.b")
    institute.here.closed_at = institute.now
    institute.session.flush()

    found = institute.one()

    assert found.is_closed
    assert _named(found) == ["Quiz: Elsewhere"]


def test_of_many_open_courses_a_few_are_read_and_as_often_asked(any_sessions: SessionFactory, now: datetime) -> None:
    def asked(number: int) -> tuple[int, GoingOn]:
        with any_sessions() as session:
            institute = Institute(session, now)
            for at in range(number):
                institute.course(f"Course {at}", "1.1.1.a 1.1.1.b 1.2.1.a")
            session.expire_all()
            institute.all()
            with counted(any_sessions) as sent:
                found = institute.all()
            return len(sent), found

    few, found_few = asked(2)
    many, found_many = asked(30)

    assert (len(found_few.others), len(found_many.others)) == (2, going_on.MOST_COURSES)
    assert few == many > 0
