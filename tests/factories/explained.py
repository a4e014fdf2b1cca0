"""Any two courses of one person, open or closed, with rules, judgements and marks of every kind, for what pages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from lti_tool.competency import closing, decision_store, recompute
from lti_tool.competency.decisions import Who
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import make_session_factory
from lti_tool.grading import closing as closing_door
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.lti.tables import PlatformRow
from tests.factories.make import Make
from tests.factories.memory import memory_engine
from tests.factories.world import ACTIVITIES, COURSES, NOW, World

INDICATORS = 6
TWO_MONTHS = 60 * 24 * 60
"""Minutes: some marks are older than a validity of one month, some not."""
KEYS = ("1.1.1.a", "1.1.2.b")


@dataclass(frozen=True)
class Cell:
    """A cell of the mapping."""

    course: int
    activity: int
    indicator: int
    weight: int
    role: MappingRole
    pass_mark: str | None


@dataclass(frozen=True)
class Result:
    """A mark as it arrives, of the whole activity or for one indicator, so many minutes ago."""

    course: int
    activity: int
    indicator: int | None
    mark: Decimal | None
    low: int
    high: int
    ago: int


@dataclass(frozen=True)
class Word:
    """What one of two trainers judges, so many minutes ago, perhaps until some minutes from now."""

    course: int
    indicator: int
    trainer: int
    attained: bool
    decides: bool
    withdrawn: bool
    until: int | None
    ago: int


@dataclass(frozen=True)
class Story:
    """Everything that happens."""

    cells: Sequence[Cell]
    results: Sequence[Result]
    words: Sequence[Word]
    rules: Sequence[dict[str, Any]]
    """Of each course."""
    keys: Sequence[str] = ()
    closes: Sequence[int] = ()
    """Courses that are closed then, in this order."""
    later: Sequence[Result] = field(default=())
    """What arrives after that."""


_courses = st.integers(0, COURSES - 1)
_activities = st.integers(0, ACTIVITIES - 1)
_indicators = st.integers(0, INDICATORS - 1)
_roles = st.sampled_from([MappingRole.SUPPORTING, *MappingRole])


@st.composite
def _cells(draw: st.DrawFn) -> list[Cell]:
    """Activity by activity, each for several indicators: single cells seldom come to a level that can be assessed."""
    places = draw(st.lists(st.tuples(_courses, _activities), min_size=1, max_size=5, unique=True))
    return [
        Cell(course, activity, indicator, draw(st.integers(1, 5)), draw(_roles), draw(_pass_marks))
        for course, activity in places
        for indicator in sorted(draw(st.sets(_indicators, min_size=1)))
    ]


_pass_marks = st.sampled_from([None, None, "0.4", "0.50005", "0.70004"])


def _results(course: int, activity: int) -> st.SearchStrategy[Result]:
    return st.builds(
        Result,
        course=st.just(course),
        activity=st.just(activity),
        indicator=st.none() | st.none() | _indicators,
        mark=st.integers(0, 40).map(lambda half: Decimal(half) / 2) | st.sampled_from([None, Decimal(9)]),
        low=st.sampled_from([0, 0, 1]),
        high=st.sampled_from([10, 15, 20]),
        ago=st.integers(0, 500) | st.integers(0, TWO_MONTHS),
    )


def _words(course: int, indicator: int, trainer: int) -> st.SearchStrategy[Word]:
    return st.builds(
        Word,
        course=st.just(course),
        indicator=st.just(indicator),
        trainer=st.just(trainer),
        attained=st.booleans(),
        decides=st.sampled_from([False] * 7 + [True]),
        withdrawn=st.sampled_from([False] * 7 + [True]),
        until=st.sampled_from([None, None, None, -5, 600]),
        ago=st.integers(10, TWO_MONTHS),
    )


_rules = st.fixed_dictionaries(
    {},
    optional={
        "aggregation": st.sampled_from(["mean", "best", "latest", "n_of_m"]),
        "n": st.integers(1, 3),
        "pass_mark": st.sampled_from(["0", "1/3", "0.50005", "7/10", "1"]),
        "min_coverage": st.sampled_from(["0", "2/3", "1"]),
        "validity_months": st.sampled_from([1, 12]),
        "missing_is_zero": st.booleans(),
    },
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A mapping, marks in most of what is mapped, some judgements, and what comes of it later."""
    cells = draw(_cells())
    places = sorted({(cell.course, cell.activity) for cell in cells})
    results = [draw(_results(*place)) for place in places for _each in range(draw(st.sampled_from([1, 1, 2, 0])))]
    judged = draw(st.lists(st.sampled_from([(cell.course, cell.indicator) for cell in cells]), max_size=2))
    words = [draw(_words(*place, trainer)) for place in judged for trainer in range(draw(st.sampled_from([1, 2, 2])))]
    later = draw(st.lists(st.sampled_from(places), max_size=2))
    return Story(
        cells=cells,
        results=results,
        words=words,
        rules=[draw(_rules) for _course in range(COURSES)],
        keys=draw(st.lists(st.sampled_from(KEYS), unique=True)),
        closes=draw(st.sampled_from([(), (), (0,), (1,), (1, 0)])),
        later=[draw(_results(*place)) for place in later],
    )


class Told(World):
    """A story as it went; person 0 is the one whom it is about."""

    def tell(self, story: Story) -> None:
        """All of it, in order."""
        platform = self.session.get_one(PlatformRow, self.courses[0].platform_id)
        make = Make(self.session, NOW)
        self.trainers = [make.person(platform, f"Trainer {number}", sub=f"trainer-{number}") for number in (1, 2)]
        for number, course in enumerate(self.courses):
            self._set_up(story, number, CourseId(course.id))
        for result in story.results:
            self._arrive(result)
        for word in story.words:
            self._judge(word)
        self._compute()
        for number in story.closes:
            self._close(CourseId(self.courses[number].id))
        for result in story.later:
            self._arrive(result)
        self._compute()

    def _set_up(self, story: Story, number: int, course: CourseId) -> None:
        mapping = [
            Mapping(
                ActivityId(self.activities[number][cell.activity].id),
                self.indicators[cell.indicator].id,
                cell.weight,
                cell.role,
                None if cell.pass_mark is None else Fraction(cell.pass_mark),
            )
            for cell in story.cells
            if cell.course == number
        ]
        gradebook.accept_rules(self.session, course, story.rules[number], by=None, now=NOW)
        gradebook.accept_mapping(self.session, course, mapping, by=None, now=NOW)

    def _arrive(self, result: Result) -> None:
        entry = NewEvidence(
            person_id=PersonId(self.people[0].id),
            activity_id=ActivityId(self.activities[result.course][result.activity].id),
            indicator_id=None if result.indicator is None else self.indicators[result.indicator].id,
            mark=result.mark,
            mark_min=Decimal(result.low),
            mark_max=Decimal(result.high),
            source="trainer",
            worked_at=NOW - timedelta(minutes=result.ago),
        )
        course = CourseId(self.courses[result.course].id)
        gradebook.accept_results(self.session, course, [entry], by=PersonId(self.trainers[0].id), now=NOW)

    def _judge(self, word: Word) -> None:
        decision_store.add_judgement(
            self.session,
            course_id=self.courses[word.course].id,
            person_id=self.people[0].id,
            indicator_id=self.indicators[word.indicator].id,
            judged_by=self.trainers[word.trainer].id,
            attained=word.attained,
            reason="Сабакта көрдүм.",
            decides=word.decides,
            judged_at=NOW - timedelta(minutes=word.ago),
            until=None if word.until is None else NOW + timedelta(minutes=word.until),
            withdrawn_at=NOW if word.withdrawn else None,
        )

    def _compute(self) -> None:
        """Twice: the levels of one course may rest on what the other one shows."""
        for _turn in range(2):
            for course in self.courses:
                recompute.compute_course(self.session, CourseId(course.id), None, NOW)

    def _close(self, course: CourseId) -> None:
        """Not while a judgement is disputed: nobody can."""
        found = closing.look(self.session, course, NOW)
        if not found.disputes:
            by = Who(PersonId(self.trainers[0].id), is_admin=True)
            closing_door.accept_closing(self.session, course, found.fingerprint, by=by, now=NOW)


def tell(story: Story) -> Told:
    """A story in a database of its own."""
    engine = memory_engine()
    told = Told(make_session_factory(engine)(), [], story.keys)
    told.tell(story)
    return told
