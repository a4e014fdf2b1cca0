"""What next: the set that is proposed completes the level by the rules themselves, and no smaller one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.model import Evidence, IndicatorState, LevelState, Mapping, MappingRole
from lti_tool.competency.next_doing import OpenCourse
from lti_tool.competency.next_steps import Gap, NextSteps, completes_alone, gap_of, smallest_steps
from lti_tool.competency.record import merged, record_of
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.standing import CompetencyStanding, PersonRecord
from lti_tool.ids import ActivityId, CourseId, EvidenceId
from tests.factories.paper import NOW, PaperCourse, activity, competency, day, indicator, score, shape_of

FRAMEWORK = {"C": [["i1", "i2", "i3"], ["j1", "j2"]]}
NAMES = ("i1", "i2", "i3", "j1", "j2")
HERE = CourseId(1)


@dataclass
class Ways:
    """A course of somebody and other open courses; activities are called by course and name: "1 quiz"."""

    courses: list[PaperCourse]
    closed: bool = False
    gone: set[str] = field(default_factory=set)
    """Activities that can no longer be done."""

    @property
    def here(self) -> PaperCourse:
        return self.courses[0]

    def standing(self, done: Iterable[Mapping] = ()) -> CompetencyStanding:
        """Where the person stands in C by the rules, with full marks in these cells on top of all other marks."""
        stood = [_with(course, done).stand() for course in self.courses]
        elsewhere = record_of(each.whole.results for each in stood[1:])
        if self.closed:
            record = merged([elsewhere, PersonRecord(stood[0].whole.results)])
            return stand_in_record(self.here.shape, record, self.here.rules.pass_mark)[competency()]
        return _with(self.here, done).stand(elsewhere=elsewhere).competency()

    def gap(self) -> Gap | None:
        elsewhere = record_of(each.stand().whole.results for each in self.courses[1:])
        return gap_of(self.here.shape.competencies[0], self.standing(), self.here.stand().whole.results, elsewhere)

    def open_courses(self) -> list[OpenCourse]:
        made = []
        for number, course in enumerate(self.courses, 1):
            doable = {each.activity: _name(each.activity) for each in course.mappings}
            if self.closed and number == 1:
                doable = {}
            kept = {each: name for each, name in doable.items() if name not in self.gone}
            made.append(OpenCourse(CourseId(number), course.plan(), course.stand().whole.indicators, kept))
        return made

    def plan(self) -> NextSteps | None:
        gap = self.gap()
        return gap and smallest_steps(gap, self.open_courses(), NOW)

    def cells(self, activities: Iterable[ActivityId]) -> list[Mapping]:
        wanted = set(activities)
        return [each for course in self.courses for each in course.mappings if each.activity in wanted]


def _with(course: PaperCourse, done: Iterable[Mapping]) -> PaperCourse:
    """The course with full marks in these of its cells, given now."""
    again = PaperCourse(course.shape, course.rules)
    again.mappings, again.judgements, again.entries = course.mappings, course.judgements, list(course.entries)
    for number, cell in enumerate(each for each in done if each in course.mappings):
        again.entries.append(Evidence(cell.activity, cell.indicator, score("1"), NOW, NOW, EvidenceId(10_000 + number)))
    return again


def _name(activity_id: ActivityId) -> str:
    return activity_id.to_bytes(16).decode().strip("\0")


def _named(plan: NextSteps | None) -> list[str]:
    assert plan is not None
    return [_name(each.activity) for each in plan.steps]


def _ways(*courses: PaperCourse, closed: bool = False) -> Ways:
    return Ways(list(courses), closed)


def _course(keys: Iterable[str] = (), rules: RuleSet | None = None) -> PaperCourse:
    return PaperCourse(shape_of(FRAMEWORK, keys), rules)


# --- Whatever the marks are -----------------------------------------------------------------------------------------

CELLS = st.sets(st.tuples(st.integers(1, 3), st.sampled_from(NAMES)), max_size=9)
RULES = st.builds(
    RuleSet,
    aggregation=st.sampled_from(Aggregation),
    n=st.integers(1, 2),
    min_coverage=st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]),
)


@st.composite
def _courses(draw: st.DrawFn, number: int, keys: set[str]) -> PaperCourse:
    course = _course(keys, draw(RULES))
    drawn = sorted(draw(CELLS))
    course.mappings = [
        Mapping(
            activity(f"{number} {what}"),
            indicator(name),
            draw(st.integers(1, 3)),
            draw(st.sampled_from(MappingRole)),
            draw(st.sampled_from([None, None, Fraction(4, 5)])),
        )
        for what, name in drawn
    ]
    for what in range(1, 4):
        for about in draw(st.lists(st.sampled_from([None, *NAMES]), max_size=2, unique=True)):
            value = draw(st.sampled_from(["0.00", "0.30", "0.55", "0.70", "1", None]))
            course.marks(f"{number} {what}", value, about, at=day(draw(st.integers(-3, -1))))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=1)):
        course.judges(name, draw(st.booleans()), at=day(-1))
    return course


@st.composite
def _worlds(draw: st.DrawFn) -> Ways:
    keys = draw(st.sets(st.sampled_from(NAMES), max_size=1))
    number = draw(st.integers(1, 2))
    return Ways(
        [draw(_courses(each, keys)) for each in range(1, number + 1)],
        closed=draw(st.integers(0, 5)) == 0,
        gone=draw(st.sets(st.sampled_from(["1 1", "2 1"]), max_size=1)),
    )


def _sets(ways: Ways, most: int) -> Iterator[tuple[ActivityId, ...]]:
    """Every set of activities that can be done, up to so many."""
    everything = sorted({each for course in ways.open_courses() for each in course.doable})
    return (each for size in range(most + 1) for each in combinations(everything, size))


def _is_met(ways: Ways, gap: Gap, done: Iterable[ActivityId]) -> bool:
    level = next(each for each in ways.standing(ways.cells(done)).levels if each.number == gap.level.number)
    return level.state is LevelState.MET


def _others(ways: Ways, done: Iterable[ActivityId]) -> int:
    """In how many other courses these activities are."""
    return len({number for number, each in enumerate(ways.open_courses()) if number and each.doable.keys() & set(done)})


def _has_again(ways: Ways, gap: Gap, done: Iterable[ActivityId]) -> bool:
    """Whether one of them is graded already wherever it counts for what is missing."""
    for course in ways.open_courses():
        for each in course.doable.keys() & set(done):
            parts = [
                part
                for name in gap.open
                for part in course.standing[name].contributions
                if part.mapping.activity == each
            ]
            if parts and all(part.evidence is not None for part in parts):
                return True
    return False


@settings(max_examples=120, deadline=None)
@given(_worlds())
def test_exactly_these_activities_complete_the_level_and_no_smaller_set_does(ways: Ways) -> None:
    gap = ways.gap()
    plan = ways.plan()

    if gap is None:
        assert plan is None
        return
    if plan is None:
        everything = max(_sets(ways, 6), key=len)
        assert not _is_met(ways, gap, everything)
        return
    chosen = [each.activity for each in plan.steps]
    assert plan.proven
    assert _is_met(ways, gap, chosen)
    best = (_others(ways, chosen), _has_again(ways, gap, chosen), len(chosen))
    for other in _sets(ways, 6):
        if (_others(ways, other), _has_again(ways, gap, other), len(other)) < best:
            assert not _is_met(ways, gap, other)


@settings(max_examples=60, deadline=None)
@given(_worlds())
def test_what_completes_a_level_alone_does_so_by_the_rules_and_nothing_else_does(ways: Ways) -> None:
    gap = ways.gap()
    if gap is None:
        return

    alone = completes_alone(gap, ways.open_courses(), NOW)

    for (each,) in (one for one in _sets(ways, 1) if one):
        new = not _has_again(ways, gap, [each])
        assert (each in alone) == (new and _is_met(ways, gap, [each]))


@settings(max_examples=60, deadline=None)
@given(_worlds(), st.randoms(use_true_random=False))
def test_the_same_marks_give_the_same_answer_in_any_order(ways: Ways, chance: object) -> None:
    before = ways.plan()

    for course in ways.courses:
        chance.shuffle(course.entries)  # type: ignore[attr-defined]  # a Random, by hypothesis
        chance.shuffle(course.mappings)  # type: ignore[attr-defined]

    assert ways.plan() == before


# --- By example -----------------------------------------------------------------------------------------------------


def test_one_activity_that_shows_two_goes_before_two_that_show_one_each() -> None:
    course = _course().maps("1 a", "i1").maps("1 b", "i2").maps("1 quiz", "i1", "i2").maps("1 c", "i3")

    # i1 and i2 are shown by two activities each: half the weight is enough.
    assert _named(_ways(course).plan()) == ["1 quiz"]


def test_what_is_attained_already_counts() -> None:
    course = _course().shows("i1", "0.90").maps("1 b", "i2").maps("1 c", "i3")
    gap = _ways(course).gap()

    assert gap is not None
    assert (gap.missing, gap.open) == (1, (indicator("i2"), indicator("i3")))
    assert _named(_ways(course).plan()) == ["1 b"]


def test_a_key_indicator_is_completed_first_though_others_would_be_enough() -> None:
    course = _course(keys=["i3"]).maps("1 a", "i1", "i2").maps("1 key", "i3")

    assert _named(_ways(course).plan()) == ["1 a", "1 key"]


def test_a_required_activity_is_never_left_out() -> None:
    course = _course(keys=["i1"]).maps("1 big", "i1", "i2", weight=5).maps("1 must", "i1", role="required")

    plan = _ways(course).plan()

    assert _named(plan) == ["1 big", "1 must"]
    assert plan is not None
    assert [each.required_for for each in plan.steps] == [frozenset(), frozenset({indicator("i1")})]


def test_of_two_that_do_the_same_the_higher_weight_is_named_then_the_name() -> None:
    course = _course().shows("i1", "0.90").maps("1 a", "i2").maps("1 b", "i3", weight=3).maps("1 c", "i3", weight=3)

    assert _named(_ways(course).plan()) == ["1 b"]


def test_something_new_goes_before_a_better_mark_in_something_old() -> None:
    course = (
        _course().shows("i1", "0.90").maps("1 old", "i2").marks("1 old", "0.20").maps("1 a", "i3").maps("1 b", "i3")
    )
    course.maps("1 b", "i1")

    assert _named(_ways(course).plan()) == ["1 a"]


def test_more_that_is_new_goes_before_less_that_is_old() -> None:
    course = _course().shows("i1", "0.90").maps("1 old", "i2").marks("1 old", "0.20")
    course.maps("1 a", "i3", role="required").maps("1 b", "i3", role="required")

    assert _named(_ways(course).plan()) == ["1 a", "1 b"]


def test_where_all_is_graded_a_better_mark_is_what_can_be_done() -> None:
    course = (
        _course().shows("i1", "0.90").maps("1 old", "i2").marks("1 old", "0.20").maps("1 b", "i3").marks("1 b", "0.1")
    )

    plan = _ways(course).plan()

    assert plan is not None
    assert [(_name(each.activity), each.again_from) for each in plan.steps] == [("1 b", Fraction(1, 10))]


def test_a_level_that_the_course_cannot_assess_is_completed_in_another() -> None:
    here = _course().maps("1 a", "i1")
    other = _course().maps("2 a", "i2").maps("2 b", "i3")

    # One of three can be shown here, two are needed: the first of the other course comes to it.
    assert _named(_ways(here, other).plan()) == ["1 a", "2 a"]


def test_a_level_that_the_course_can_assess_is_completed_here_alone() -> None:
    here = _course().maps("1 a", "i1").maps("1 b", "i2")
    other = _course().maps("2 all", "i1", "i2", "i3")

    assert _named(_ways(here, other).plan()) == ["1 a", "1 b"]


def test_fewer_other_courses_go_before_fewer_activities() -> None:
    long = _course().maps("2 a", "i1", role="required").maps("2 b", "i1", role="required").maps("2 c", "i2")
    short, other = _course().maps("3 a", "i1"), _course().maps("4 b", "i2")

    assert _named(_ways(_course(), short, other).plan()) == ["3 a", "4 b"]
    assert _named(_ways(_course(), long, short, other).plan()) == ["2 a", "2 b", "2 c"]


def test_of_other_courses_that_do_the_same_the_first_named_is_gone_to() -> None:
    here = _course().maps("1 a", "i1")
    first, second = _course().maps("2 z", "i2"), _course().maps("3 a", "i2")

    assert _named(_ways(here, first, second).plan()) == ["1 a", "2 z"]
    assert _named(_ways(here, second, first).plan()) == ["1 a", "3 a"]


def test_of_more_activities_than_can_all_be_tried_a_set_is_proposed_without_one_too_many() -> None:
    course = _course(keys=["i1"]).shows("i2", "0.90").shows("i3", "0.90")
    for number in range(14):
        # Each with a pass mark of its own, so that no two of them are alike.
        course.maps(f"1 {number:02}", "i1", weight=2 if number else 1, pass_mark=str(Fraction(number + 1, 20)))
    ways = _ways(course)
    plan, gap = ways.plan(), ways.gap()

    assert plan is not None
    assert gap is not None
    assert not plan.proven
    chosen = [each.activity for each in plan.steps]
    assert _is_met(ways, gap, chosen)
    assert not any(_is_met(ways, gap, [other for other in chosen if other != left_out]) for left_out in chosen)
    assert activity("1 00") not in chosen


def test_in_a_closed_course_other_courses_are_what_goes_on() -> None:
    here = _course().shows("i1", "0.90").maps("1 b", "i2").maps("1 c", "i3")
    other = _course().maps("2 a", "i3")

    assert _named(_ways(here, other, closed=True).plan()) == ["2 a"]
    assert _ways(here, closed=True).plan() is None


def test_what_a_trainer_judged_is_changed_by_no_activity() -> None:
    course = _course(keys=["i1"]).maps("1 a", "i1", "i2", "i3").judges("i1", attained=False)

    assert _ways(course).gap() is not None
    assert _ways(course).plan() is None


def test_at_the_highest_level_nothing_is_missing() -> None:
    course = _course()
    for name in NAMES:
        course.shows(name, "0.90")

    assert course.stand().established == 2
    assert _ways(course).gap() is None


def test_a_held_level_is_not_what_comes_next() -> None:
    course = _course().maps("1 a", "i1").maps("1 b", "i2").shows("j1", "0.90").shows("j2", "0.90")
    gap = _ways(course).gap()

    assert gap is not None
    assert gap.level.number == 1
    assert course.stand().state("j1") is IndicatorState.ATTAINED
