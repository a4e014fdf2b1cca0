"""What was shown under one version of the requirements, as it counts under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.attainment import stand
from lti_tool.competency.bridge import (
    NO_BRIDGE,
    Bridge,
    backward,
    beside,
    certified_over,
    evidence_over,
    forward,
    joined,
    judgements_over,
    mapping_over,
    results_over,
)
from lti_tool.competency.catalogue import parse
from lti_tool.competency.crosswalk import Kind, Line
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import (
    Evidence,
    IndicatorState,
    Judgement,
    Mapping,
    MappingRole,
    Mark,
)
from lti_tool.competency.plan import CoursePlan
from lti_tool.competency.record import RANK
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.standing import IndicatorResult, Results
from lti_tool.ids import ActivityId, CompetencyId, EvidenceId, IndicatorId, PersonId
from tests.factories.catalogues import small_catalogue

AT = datetime(2026, 3, 2, tzinfo=UTC)
QUIZ, TALK = ActivityId(1), ActivityId(2)
OLD = parse(small_catalogue(((4, 2),)))
"""1.1.1.a to d, 1.1.2.a and b."""
NEW = parse(small_catalogue(((4, 2),), "2"))
A, B, C, D = "1.1.1.a", "1.1.1.b", "1.1.1.c", "1.1.1.d"
SPLIT, MERGED = Line(Kind.SPLIT, (A,), (A, B)), Line(Kind.MERGED, (A, B), (C,))


def _shifted(framework: Framework, by: int) -> Framework:
    """The same version with row ids of its own, as in a database."""
    return replace(
        framework,
        aspects=tuple(
            replace(
                aspect,
                competencies=tuple(
                    replace(
                        each,
                        id=CompetencyId(each.id + by),
                        indicators=tuple(replace(one, id=IndicatorId(one.id + by)) for one in each.indicators),
                    )
                    for each in aspect.competencies
                ),
            )
            for aspect in framework.aspects
        ),
    )


NEW = _shifted(NEW, 100)
LATER = _shifted(NEW, 100)


def old(code: str) -> IndicatorId:
    return OLD.indicator(code).id


def new(code: str) -> IndicatorId:
    return NEW.indicator(code).id


def over(*lines: Line) -> Bridge:
    return forward(lines, OLD, NEW)


def result(state: str, value: str | None = None, *, judged: bool = False) -> IndicatorResult:
    return IndicatorResult(IndicatorState(state), None if value is None else Fraction(value), judged)


# ── the record ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [Kind.SAME, Kind.REWORDED])
def test_one_that_is_the_same_or_reworded_says_what_it_said(kind: Kind) -> None:
    found = results_over(over(Line(kind, (A,), (B,))), {old(A): result("attained", "0.80", judged=True)})

    assert found[new(B)] == result("attained", "0.80", judged=True)


def test_of_a_split_only_what_the_line_names_is_known() -> None:
    shown = {old(A): result("attained", "1")}

    assert new(A) not in results_over(over(SPLIT), shown)
    carried = results_over(over(replace(SPLIT, carries=(B,))), shown)
    assert carried.keys() == {old(A), new(B)}


def test_removed_and_new_ones_say_nothing() -> None:
    assert over(Line(Kind.REMOVED, (A,)), Line(Kind.NEW, (), (A,))) == NO_BRIDGE


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (result("attained", "0.80"), result("attained", "0.70"), result("attained", "0.70")),
        (result("attained", "0.80"), result("not_attained", "0.10"), result("not_attained", "0.10")),
        (result("attained", "0.80"), result("no_evidence"), result("in_progress")),
        (result("in_progress", "0.50"), result("not_attained", "0.10"), result("not_attained", "0.10")),
        (result("no_evidence"), result("no_evidence"), result("no_evidence")),
        (result("not_attained", "0.10"), result("not_mapped"), result("not_mapped")),
        (result("attained", judged=True), result("attained", "1"), result("attained")),
        (result("attained", "0.80"), None, None),
    ],
)
def test_merged_ones_say_it_together(
    one: IndicatorResult, other: IndicatorResult | None, both: IndicatorResult | None
) -> None:
    said: Results = {old(A): one} | ({} if other is None else {old(B): other})

    assert results_over(over(MERGED), said).get(new(C)) == both


def test_a_merged_one_that_the_line_names_is_enough_alone() -> None:
    bridge = over(replace(MERGED, carries=(B,)))

    found = results_over(bridge, {old(A): result("not_attained", "0.10"), old(B): result("attained", "0.80")})

    assert found[new(C)] == result("attained", "0.80")
    assert new(C) not in results_over(bridge, {old(A): result("attained", "1")})


def test_back_the_parts_of_a_split_say_the_whole_together_and_a_merger_says_no_part() -> None:
    bridge = backward([SPLIT, Line(Kind.MERGED, (B, C), (C,)), Line(Kind.REWORDED, (D,), (D,))], OLD, NEW)

    whole = {new(each): result("attained", "1") for each in (A, B, C, D)}
    found = results_over(bridge, whole)
    assert found.keys() - whole.keys() == {old(A), old(D)}
    assert old(A) not in results_over(bridge, {new(A): result("attained", "1")})


def test_what_the_version_itself_says_is_never_lowered() -> None:
    bridge = over(Line(Kind.SAME, (A,), (A,)))

    found = results_over(bridge, {old(A): result("not_attained", "0.90"), new(A): result("attained", "0.60")})

    assert found[new(A)] == result("attained", "0.90")


def test_three_versions_are_joined() -> None:
    second = forward([Line(Kind.MERGED, (A, B), (A,)), Line(Kind.SAME, (C,), (C,))], NEW, LATER)
    first = over(Line(Kind.SAME, (A,), (A,)), Line(Kind.REWORDED, (D,), (B,)))

    bridge = joined(first, second)

    assert bridge.ways == {LATER.indicator(A).id: ((old(A), old(D)),)}
    both = {old(A): result("attained", "1"), old(D): result("attained", "0.60")}
    assert results_over(bridge, both)[LATER.indicator(A).id] == result("attained", "0.60")


states = st.sampled_from([state for state in IndicatorState if state is not IndicatorState.NOT_MAPPED])
results = st.builds(IndicatorResult, states, st.none() | st.fractions(0, 1, max_denominator=10), st.booleans())
said = st.dictionaries(st.sampled_from([old(each) for each in (A, B, C, D)] + [new(each) for each in (A, B)]), results)


@st.composite
def bridges(draw: st.DrawFn) -> Bridge:
    """Ways of any kind from the old version to the new one."""
    ways = st.lists(st.sampled_from([old(each) for each in (A, B, C, D)]), min_size=1, max_size=3, unique=True)
    targets = st.sampled_from([new(each) for each in (A, B, C, D)])
    return Bridge(draw(st.dictionaries(targets, st.lists(ways.map(tuple), max_size=3).map(tuple))))


@given(bridge=bridges(), said=said)
def test_other_versions_only_ever_add(bridge: Bridge, said: Results) -> None:
    found = results_over(bridge, said)

    assert said.keys() <= found.keys()
    for indicator, before in said.items():
        after = found[indicator]
        assert RANK[after.state] >= RANK[before.state]
        assert before.value is None or (after.value is not None and after.value >= before.value)


@given(bridge=bridges(), said=said, better_one=st.sampled_from([old(each) for each in (A, B, C, D)]))
def test_who_has_shown_more_is_never_worse_off(bridge: Bridge, said: Results, better_one: IndicatorId) -> None:
    more = said | {better_one: result("attained", "1")} if better_one in said else said

    less_found, more_found = results_over(bridge, said), results_over(bridge, more)

    assert all(RANK[more_found[each].state] >= RANK[less_found[each].state] for each in less_found)


@given(one=bridges(), other=bridges(), said=said)
def test_the_order_in_which_versions_join_does_not_matter(one: Bridge, other: Bridge, said: Results) -> None:
    found, turned = results_over(beside([one, other]), said), results_over(beside([other, one]), said)

    assert {each: (told.state, told.value) for each, told in found.items()} == {
        each: (told.state, told.value) for each, told in turned.items()
    }


# ── certified levels ─────────────────────────────────────────────────────────────────────────────────────────────


def _certified(*lines: Line) -> frozenset[tuple[CompetencyId, int]]:
    had = {(OLD.competency("1.1").id, 1)}
    return certified_over(over(*lines), had, [OLD.shape()], NEW.shape()) - had


def test_a_certified_level_counts_where_all_that_it_asks_for_now_stems_from_it() -> None:
    same = [Line(Kind.SAME, (each,), (each,)) for each in (A, B, C, D)]
    here = (NEW.competency("1.1").id, 1)

    assert _certified(*same) == {here}
    assert _certified(*same[:3], Line(Kind.NEW, (), (D,))) == frozenset()
    assert _certified(Line(Kind.SPLIT, (A,), (A, B)), *same[2:]) == frozenset()
    assert _certified(Line(Kind.SPLIT, (A,), (A, B), (A, B)), *same[2:]) == {here}


def test_a_level_that_asks_for_nothing_is_not_certified() -> None:
    empty = parse(small_catalogue(((1, 0, 1),))).shape()

    assert certified_over(NO_BRIDGE, frozenset(), [OLD.shape()], empty) == frozenset()


# ── a course that was moved ──────────────────────────────────────────────────────────────────────────────────────


def test_a_mapping_goes_where_its_evidence_goes() -> None:
    cells = [Mapping(QUIZ, old(A), 3), Mapping(QUIZ, old(B), 1), Mapping(TALK, old(D), 2)]
    bridge = over(replace(SPLIT, carries=(B,)), Line(Kind.SAME, (B,), (C,)), Line(Kind.REMOVED, (D,)))

    assert mapping_over(bridge, cells, Fraction(3, 5)) == (Mapping(QUIZ, new(B), 3), Mapping(QUIZ, new(C), 1))


def test_who_showed_one_of_several_that_count_together_is_required() -> None:
    """A was shown by one activity only, B by two; whoever shows A must have shown it for the merged one."""
    cells = [Mapping(QUIZ, old(A), 2, MappingRole.SUPPORTING, Fraction(9, 10)), Mapping(QUIZ, old(B), 1)]
    cells += [Mapping(TALK, old(B), 3)]

    together = mapping_over(over(MERGED), cells, Fraction(3, 5))
    either = mapping_over(over(replace(MERGED, carries=(A,))), cells, Fraction(3, 5))

    assert together == (Mapping(QUIZ, new(C), 2, MappingRole.REQUIRED), Mapping(TALK, new(C), 3))
    assert {each.role for each in either} == {MappingRole.SUPPORTING}


def test_unknown_is_not_shown_after_a_merger() -> None:
    cells = [Mapping(QUIZ, old(A)), Mapping(TALK, old(B))]
    moved = CoursePlan.of(NEW.shape(), mapping_over(over(MERGED), cells, Fraction(3, 5)), RuleSet())

    half = stand(moved, [entry(None, "1", 1, QUIZ)], [], AT + timedelta(days=9))
    both = stand(moved, [entry(None, "1", 1, QUIZ), entry(None, "0.6", 2, TALK)], [], AT + timedelta(days=9))

    assert half.indicators[new(C)].state is IndicatorState.IN_PROGRESS
    assert both.indicators[new(C)].state is IndicatorState.ATTAINED


@pytest.mark.parametrize(
    ("one", "other", "mark"),
    [
        (None, None, None),
        (Fraction(4, 5), None, Fraction(4, 5)),
        (None, Fraction(2, 5), Fraction(3, 5)),
        (Fraction(2, 5), None, Fraction(3, 5)),
        (Fraction(4, 5), Fraction(9, 10), Fraction(9, 10)),
    ],
)
def test_two_cells_that_become_one_are_as_demanding_as_either(
    one: Fraction | None, other: Fraction | None, mark: Fraction | None
) -> None:
    cells = [
        Mapping(QUIZ, old(A), 1, MappingRole.REQUIRED, one),
        Mapping(QUIZ, old(B), 4, MappingRole.OPTIONAL, other),
    ]

    assert mapping_over(over(MERGED), cells, Fraction(3, 5)) == (Mapping(QUIZ, new(C), 4, MappingRole.REQUIRED, mark),)


def entry(code: str | None, score: str | None, day: int = 1, activity: ActivityId = QUIZ, row: int = 0) -> Evidence:
    mark = None if score is None else Mark.number(Decimal(score), Decimal(1))
    at = AT + timedelta(days=day)
    return Evidence(activity, None if code is None else old(code), mark, at, at, EvidenceId(row or day))


def _marks(entries: Sequence[Evidence], code: str) -> list[tuple[ActivityId, Fraction | None, int]]:
    ours = [each for each in entries if each.indicator == new(code)]
    return [(each.activity, each.mark and each.mark.score, each.id) for each in ours]


def test_marks_of_merged_ones_count_together_as_the_lower() -> None:
    marks = [entry(A, "0.9", 1), entry(A, "0.8", 2), entry(B, "0.3", 1, row=7)]

    assert _marks(evidence_over(over(MERGED), marks, {}), C) == [(QUIZ, Fraction(3, 10), 7)]
    assert _marks(evidence_over(over(MERGED), marks[:2], {}), C) == []
    assert _marks(evidence_over(over(MERGED), [*marks, entry(B, None, 3)], {}), C) == [(QUIZ, None, 3)]


def test_of_two_ways_to_one_the_better_mark_counts() -> None:
    either = over(replace(MERGED, carries=(B,)))

    one, other = entry(A, "0.2", 1), entry(B, "0.9", 2)
    assert _marks(evidence_over(either, [one, other], {}), C) == [(QUIZ, Fraction(9, 10), 2)]
    # Withdrawn is less than any mark, and a mark of nothing is one.
    assert _marks(evidence_over(either, [entry(A, None, 1), entry(B, "0", 2)], {}), C) == [(QUIZ, Fraction(0), 2)]


def test_an_activity_owes_only_what_it_was_mapped_to() -> None:
    found = evidence_over(over(MERGED), [entry(A, "0.9", 1)], {QUIZ: {old(A)}})

    assert _marks(found, C) == [(QUIZ, Fraction(9, 10), 1)]


def test_marks_of_whole_activities_stay_as_they_are() -> None:
    whole = [entry(None, "0.9", 1)]

    assert evidence_over(over(MERGED), whole, {}) == whole


def judgement(code: str, *, by: int = 1, attained: bool = True, day: int = 1, until: int | None = None) -> Judgement:
    ends = None if until is None else AT + timedelta(days=until)
    return Judgement(old(code), PersonId(by), attained, AT + timedelta(days=day), ends, id=day)


def test_a_judgement_on_merged_ones_needs_all_by_one_trainer_and_alike() -> None:
    both = judgements_over(over(MERGED), [judgement(A, day=2, until=9), judgement(B, day=5)])

    assert both[2:] == [replace(judgement(A, day=2, until=9), indicator=new(C))]
    for other in (judgement(B, by=2), judgement(B, attained=False), replace(judgement(B), withdrawn=True)):
        assert judgements_over(over(MERGED), [judgement(A), other])[2:] == []


def test_of_two_ways_to_be_judged_the_newer_stands() -> None:
    either = Bridge({new(C): ((old(A), old(B)), (old(C), old(D)))})
    early = [judgement(A, day=1), judgement(B, day=8)]
    late = [judgement(C, day=3), judgement(D, day=4)]

    for said in ([*early, *late], [*late, *early]):
        # A way is as old as the oldest that was said on it: the eighth day is of no weight.
        assert judgements_over(either, said)[4:] == [replace(judgement(C, day=3), indicator=new(C))]


# ── the same under another name ──────────────────────────────────────────────────────────────────────────────────


codes = st.sampled_from([each.code for each in OLD.indicators])
ledgers = st.lists(
    st.builds(
        entry,
        st.none() | codes,
        st.none() | st.sampled_from(["0", "0.5", "0.6", "1"]),
        st.integers(1, 60),
        st.sampled_from([QUIZ, TALK]),
        st.integers(1, 1000),
    ),
    max_size=12,
)
judged = st.lists(
    st.builds(
        judgement,
        codes,
        by=st.integers(1, 2),
        attained=st.booleans(),
        day=st.integers(1, 60),
        until=st.none() | st.integers(1, 90),
    ),
    max_size=5,
)
cells = st.lists(
    st.builds(
        Mapping,
        st.sampled_from([QUIZ, TALK]),
        codes.map(old),
        st.integers(1, 5),
        st.sampled_from(MappingRole),
        st.none() | st.just(Fraction(4, 5)),
    ),
    unique_by=lambda cell: (cell.activity, cell.indicator),
)


@given(ledger=ledgers, judged=judged, mapping=cells, months=st.none() | st.just(1))
def test_where_nothing_changed_everybody_stands_as_before(
    ledger: list[Evidence], judged: list[Judgement], mapping: list[Mapping], months: int | None
) -> None:
    lines = [Line(Kind.SAME, (each.code,), (each.code,)) for each in OLD.indicators]
    bridge, rules, now = over(*lines), RuleSet(validity_months=months), AT + timedelta(days=70)
    before = stand(CoursePlan.of(OLD.shape(), mapping, rules), ledger, judged, now)

    moved = CoursePlan.of(NEW.shape(), mapping_over(bridge, mapping, rules.pass_mark), rules)
    after = stand(moved, evidence_over(bridge, ledger, {}), judgements_over(bridge, judged), now)

    for each in OLD.indicators:
        was, became = before.indicators[each.id], after.indicators[new(each.code)]
        assert (was.state, was.value, was.coverage, was.disputed, was.review_due) == (
            became.state,
            became.value,
            became.coverage,
            became.disputed,
            became.review_due,
        )
    here, there = OLD.competency("1.1").id, NEW.competency("1.1").id
    assert before.competencies[here].established == after.competencies[there].established
    assert before.competencies[here].progress == after.competencies[there].progress
