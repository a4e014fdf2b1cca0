"""What must hold whatever the marks are: properties of the rules, and the rules said a second time.

The second saying (`again_…`) is written from the text alone, in another manner and without the tool's functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.model import (
    Evidence,
    IndicatorState,
    Judgement,
    LevelState,
    Mapping,
    MappingRole,
    Mark,
    current,
)
from lti_tool.competency.record import better, merged, record_of
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.standing import CompetencyStanding, IndicatorResult, IndicatorStanding, PersonRecord
from lti_tool.grading.scoring import Encoding, EncodingKind, grade_of
from lti_tool.ids import EvidenceId, IndicatorId, PersonId
from tests.factories.paper import PaperCourse, activity, competency, day, indicator, score, shape_of

INDICATORS = ("i1", "i2", "i3", "j1", "j2", "k1")
ACTIVITIES = ("quiz", "essay", "talk", "forum")

scores = st.integers(0, 20).map(lambda twentieths: f"{twentieths / 20:.2f}")
names = st.sampled_from(INDICATORS)
rule_sets = st.builds(
    RuleSet,
    aggregation=st.sampled_from(Aggregation),
    n=st.integers(1, 3),
    min_coverage=st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]),
)
own_pass_marks = st.one_of(st.none(), st.sampled_from([Fraction(2, 5), Fraction(4, 5)]))


@st.composite
def mappings(draw: st.DrawFn) -> list[Mapping]:
    cells = draw(st.sets(st.tuples(st.sampled_from(ACTIVITIES), names), max_size=14))
    return [
        Mapping(
            activity(what),
            indicator(name),
            draw(st.integers(1, 5)),
            draw(st.sampled_from(MappingRole)),
            draw(own_pass_marks),
        )
        for what, name in sorted(cells)
    ]


@st.composite
def ledgers(draw: st.DrawFn) -> list[Evidence]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(ACTIVITIES),
                st.one_of(st.none(), names),
                st.one_of(st.none(), scores),
                st.integers(-3, 3),
                st.integers(4, 5),
            ),
            max_size=14,
        )
    )
    return [
        Evidence(
            activity(what),
            None if name is None else indicator(name),
            None if value is None else score(value),
            day(worked),
            day(recorded),
            EvidenceId(at),
        )
        for at, (what, name, value, worked, recorded) in enumerate(rows, 1)
    ]


judgements = st.lists(
    st.builds(
        Judgement,
        indicator=names.map(indicator),
        by=st.sampled_from([PersonId(1), PersonId(2)]),
        attained=st.booleans(),
        judged_at=st.integers(-3, 3).map(day),
        decides=st.integers(0, 5).map(lambda one_in_six: one_in_six == 0),
    ),
    max_size=4,
    unique_by=lambda judgement: judgement.judged_at,
)


@st.composite
def courses(draw: st.DrawFn) -> PaperCourse:
    levels = draw(st.sampled_from([["i1", "i2", "i3"], ["i1"], []]))
    framework = {"C": [levels, draw(st.sampled_from([["j1", "j2"], []])), ["k1"]]}
    keys = draw(st.sets(st.sampled_from(["i1", "j1"]), max_size=1))
    course = PaperCourse(shape_of(framework, keys), draw(rule_sets))
    asked = {indicator(name) for names_ in framework["C"] for name in names_}
    course.mappings = [each for each in draw(mappings()) if each.indicator in asked]
    course.entries = draw(ledgers())
    course.judgements = draw(judgements)
    return course


results = st.builds(
    IndicatorResult,
    state=st.sampled_from([state for state in IndicatorState if state is not IndicatorState.NOT_MAPPED]),
    value=st.one_of(st.none(), st.integers(0, 10).map(lambda tenth: Fraction(tenth, 10))),
    by_judgement=st.booleans(),
)
records = st.builds(
    PersonRecord,
    results=st.dictionaries(names.map(indicator), results),
    certified=st.frozensets(st.tuples(st.just(competency()), st.integers(1, 3)), max_size=1),
)
T = Fraction(3, 5)

EASILY_WRONG = settings(max_examples=50, deadline=None)
SELDOM_WRONG = settings(max_examples=150, deadline=None)
"""How often to try: more where only rare marks would tell. No deadline, since other tests share the machine."""


# --- Properties -----------------------------------------------------------------------------------------------------


@EASILY_WRONG
@given(courses(), records, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(course: PaperCourse, elsewhere: PersonRecord, chance: Random) -> None:
    before = course.stand(elsewhere=elsewhere).whole

    for rows in (course.entries, course.mappings, course.judgements):
        chance.shuffle(rows)

    assert course.stand(elsewhere=elsewhere).whole == before


@EASILY_WRONG
@given(courses(), records)
def test_superseded_entries_change_nothing(course: PaperCourse, elsewhere: PersonRecord) -> None:
    before = course.stand(elsewhere=elsewhere).whole

    course.entries = list(current(course.entries).values())

    assert course.stand(elsewhere=elsewhere).whole == before


RANK = {LevelState.NOT_MET: 0, LevelState.NO_EVIDENCE: 1, LevelState.IN_PROGRESS: 2, LevelState.MET: 3}


@SELDOM_WRONG
@given(courses(), records, st.data())
def test_one_more_attained_indicator_never_lowers_a_level(
    course: PaperCourse, elsewhere: PersonRecord, data: st.DataObject
) -> None:
    mapped = sorted({each.indicator for each in course.mappings})
    if not mapped:
        return
    chosen = data.draw(st.sampled_from(mapped))
    course.judgements = [each for each in course.judgements if each.indicator != chosen]
    before = course.stand(elsewhere=elsewhere)

    course.judgements.append(Judgement(chosen, PersonId(9), True, day(9), decides=True))
    after = course.stand(elsewhere=elsewhere)

    assert (after.established or 0) >= (before.established or 0)
    for was, becomes in zip(before.competency().levels, after.competency().levels, strict=True):
        assert RANK.get(becomes.state, -1) >= RANK.get(was.state, -1)


@EASILY_WRONG
@given(courses())
def test_unknown_never_equals_zero(course: PaperCourse) -> None:
    course.judgements = []
    course.entries = [
        Evidence(each.activity, each.indicator, None, each.worked_at, each.recorded_at, each.id)
        for each in course.entries
    ]

    stood = course.stand()

    assert stood.established is None
    assert all(each.value is None for each in stood.whole.indicators.values())
    assert all(stood.given(kind, 1) is None for kind in EncodingKind)


@EASILY_WRONG
@given(courses(), records)
def test_zero_is_sent_only_for_a_lowest_level_that_is_known(course: PaperCourse, elsewhere: PersonRecord) -> None:
    stood = course.stand(elsewhere=elsewhere)
    lowest = stood.competency().lowest

    if stood.given() == 0:
        assert lowest is not None
        assert lowest.state is LevelState.NOT_MET
    if lowest is None or lowest.state in (LevelState.NO_EVIDENCE, LevelState.NOT_ASSESSABLE):
        assert all(stood.given(kind, 1) is None for kind in EncodingKind)


@EASILY_WRONG
@given(records, records)
def test_a_second_course_never_lowers_the_record(first: PersonRecord, second: PersonRecord) -> None:
    shape = shape_of()
    before = stand_in_record(shape, first, T)[competency()]
    after = stand_in_record(shape, merged([first, second]), T)[competency()]

    assert (after.established or 0) >= (before.established or 0)
    for was, becomes in zip(before.levels, after.levels, strict=True):
        assert was.state is not LevelState.MET or becomes.state is LevelState.MET
        assert becomes.attained >= was.attained


@EASILY_WRONG
@given(results, results, results)
def test_taking_the_better_may_be_done_in_any_order_and_twice(
    one: IndicatorResult, two: IndicatorResult, three: IndicatorResult
) -> None:
    assert better(one, two) == better(two, one)
    assert better(better(one, two), three) == better(one, better(two, three))
    assert better(one, one) == one


@EASILY_WRONG
@given(courses(), records)
def test_what_is_sent_lies_between_zero_and_the_maximum(course: PaperCourse, elsewhere: PersonRecord) -> None:
    stood = course.stand(elsewhere=elsewhere)

    for grade in (stood.sends(kind) for kind in EncodingKind):
        assert grade.given is None or 0 <= grade.given <= grade.maximum
        assert grade.given is None or not grade.keep_sent


# --- The rules, said again ------------------------------------------------------------------------------------------


def again_score(course: PaperCourse, mapping: Mapping) -> tuple[Fraction, datetime] | None:
    """Own mark before the whole one; each the newest that there is, without one if that is a withdrawal."""
    for about in (mapping.indicator, None):
        rows = [each for each in course.entries if (each.activity, each.indicator) == (mapping.activity, about)]
        rows.sort(key=lambda each: each.id)
        rows.sort(key=lambda each: each.recorded_at)
        rows.sort(key=lambda each: each.worked_at)
        if rows and rows[-1].mark is not None:
            mark: Mark = rows[-1].mark
            return Fraction(mark.given) / Fraction(mark.maximum), rows[-1].worked_at
    return None


Graded = list[tuple[int, Fraction, datetime]]


def again_value(base: Graded, optional: Graded, rules: RuleSet) -> Fraction | None:
    """Not by joining one after the other, but by what that must come to."""
    if not base:
        return max((s for _, s, _ in optional), default=None)
    everything = sorted((s for _, s, _ in base + optional), reverse=True)
    if rules.aggregation is Aggregation.BEST:
        return everything[0]
    if rules.aggregation is Aggregation.N_OF_M:
        return (everything + [Fraction(0)] * rules.n)[rules.n - 1]
    if rules.aggregation is Aggregation.LATEST:
        newest = max(at for _, _, at in base)
        latest = max(s for _, s, at in base if at == newest)
        return max([latest, *(s for _, s, at in optional if at >= newest)])
    ranked = sorted(optional, key=lambda each: -each[1])
    chosen = [base + ranked[:count] for count in range(len(ranked) + 1)]
    return max(Fraction(sum(w * s for w, s, _ in each)) / sum(w for w, _, _ in each) for each in chosen)


def again_indicator(course: PaperCourse, id_: IndicatorId) -> tuple[str, Fraction | None]:
    rules, cells = course.rules, [each for each in course.mappings if each.indicator == id_]
    found = [(each, again_score(course, each)) for each in cells]
    base = [(m.weight, *s) for m, s in found if s and m.role != "optional"]
    optional = [(m.weight, *s) for m, s in found if s and m.role == "optional"]
    value = again_value(base, optional, rules)
    if not cells:
        return "not_mapped", None
    if value is None:
        return "no_evidence", None
    t = rules.pass_mark
    weight = sum(m.weight for m in cells if m.role != "optional")
    below = any(m.role == "required" and s and s[0] < (t if m.pass_mark is None else m.pass_mark) for m, s in found)
    absent = any(m.role == "required" and s is None for m, s in found)
    covered = weight == 0 or Fraction(sum(w for w, _, _ in base), weight) >= rules.min_coverage
    reached = value >= t
    if rules.aggregation is Aggregation.N_OF_M:
        reached = len([s for _, s in found if s and s[0] >= t]) >= rules.n
    if reached and covered and not below and not absent:
        return "attained", value
    complete = all(s is not None for m, s in found if m.role != "optional")
    return ("not_attained" if complete or below else "in_progress"), value


@SELDOM_WRONG
@given(courses())
def test_indicators_agree_with_the_rules_said_again(course: PaperCourse) -> None:
    stood = course.stand().whole.indicators

    assert {id_: (each.computed, each.value) for id_, each in stood.items()} == {
        id_: again_indicator(course, id_) for id_ in stood
    }


def again_met(state: Sequence[str], keys: Sequence[str]) -> str:
    """A level from the states of its indicators, by counting what is still possible."""
    n, mapped = len(state), [each for each in state if each != "not_mapped"]
    k = next(count for count in range(n + 1) if 3 * count >= 2 * n)
    if n == 0:
        return "transparent"
    if len(mapped) < k or "not_mapped" in keys:
        return "not_assessable"
    if state.count("attained") >= k and set(keys) <= {"attained"}:
        return "met"
    possible = [each for each in mapped if each != "not_attained"]
    if len(possible) < k or "not_attained" in keys:
        return "not_met"
    return "no_evidence" if set(mapped) == {"no_evidence"} else "in_progress"


def again_established(states: Sequence[str]) -> int | None:
    asking = [at for at, state in enumerate(states, 1) if state != "transparent"]
    unbroken = [
        at for at in asking if states[at - 1] == "met" and all(state in ("met", "transparent") for state in states[:at])
    ]
    if unbroken:
        return max(unbroken)
    return 0 if asking and states[asking[0] - 1] == "not_met" else None


def again_levels(course: PaperCourse, own: dict[IndicatorId, IndicatorStanding], elsewhere: PersonRecord) -> list[str]:
    order = ["attained", "in_progress", "not_attained", "no_evidence", "not_mapped"]

    def anywhere(id_: IndicatorId) -> str:
        given_ = [own[id_].state.value]
        given_ += [elsewhere.results[id_].state.value] if id_ in elsewhere.results else []
        return min(given_, key=order.index)

    states = []
    for level in course.shape.competencies[0].levels:
        state = again_met([own[i].state.value for i in level.indicators], [own[i].state.value for i in level.keys])
        if state == "not_assessable":
            state = again_met([anywhere(i) for i in level.indicators], [anywhere(i) for i in level.keys])
            state = "met" if (competency(), level.number) in elsewhere.certified else state
        states.append(state)
    return states


@SELDOM_WRONG
@given(courses(), records)
def test_levels_agree_with_the_rules_said_again(course: PaperCourse, elsewhere: PersonRecord) -> None:
    stood = course.stand(elsewhere=elsewhere)
    states = again_levels(course, stood.whole.indicators, elsewhere)

    assert [level.state for level in stood.competency().levels] == states
    assert stood.established == again_established(states)
    held = [at for at, state in enumerate(states, 1) if state == "met" and at > (stood.established or 0)]
    assert list(stood.competency().held) == held


def again_sent(standing: CompetencyStanding, kind: EncodingKind, target: int) -> Fraction | None:
    """What is sent while nothing is disputed."""
    asking = [level.state for level in standing.levels if level.state != "transparent"]
    if kind is EncodingKind.PROGRESS:
        told = asking[:1] in (["met"], ["not_met"], ["in_progress"])
        return Fraction(int(min(standing.progress, Fraction(target)) / target * 10000), 100) if told else None
    if standing.established is None:
        return None
    return Fraction(standing.established if kind is EncodingKind.LEVEL else standing.established >= target)


@EASILY_WRONG
@given(courses(), records, st.integers(1, 3), st.sampled_from(EncodingKind))
def test_grades_agree_with_the_rules_said_again(
    course: PaperCourse, elsewhere: PersonRecord, target: int, kind: EncodingKind
) -> None:
    standing = course.stand(elsewhere=elsewhere).competency()

    grade = grade_of(standing, Encoding(kind, target), default_target=1, top=3)

    assert grade.keep_sent is standing.disputed
    if not standing.disputed:
        assert (None if grade.given is None else Fraction(grade.given)) == again_sent(standing, kind, target)


@EASILY_WRONG
@given(st.lists(records, max_size=4))
def test_a_record_is_the_same_from_courses_one_by_one_or_all_at_once(parts: list[PersonRecord]) -> None:
    all_at_once = record_of([each.results for each in parts])
    one_by_one = PersonRecord()
    for each in parts:
        one_by_one = merged([one_by_one, PersonRecord(each.results)])

    assert one_by_one == all_at_once
