"""Why an indicator has its state: the marks, what failed, what is awaited, who decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from lti_tool.competency.model import IndicatorState, Judgement, Mapping, MappingRole
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.standing import Contribution, IndicatorStanding
from lti_tool.ids import ActivityId, EvidenceId, IndicatorId, PersonId
from lti_tool.web.explain_indicators import contribution_note, rules_in_a_sentence, why_indicator

pytestmark = pytest.mark.usefixtures("in_english")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
I1 = IndicatorId(1)
PASS = Fraction(3, 5)
NAMES = {1: "Quiz", 2: "Essay"}


def _part(
    activity: int = 1,
    score: Fraction | None = None,
    role: MappingRole = MappingRole.SUPPORTING,
    *,
    counted: bool = True,
    evidence: int | None = 7,
) -> Contribution:
    return Contribution(
        mapping=Mapping(ActivityId(activity), I1, role=role),
        score=score,
        worked_at=NOW if score is not None else None,
        evidence=None if score is None or evidence is None else EvidenceId(evidence),
        counted=counted,
        pass_mark=PASS,
    )


def _standing(
    state: IndicatorState,
    value: Fraction | None,
    *parts: Contribution,
    coverage: Fraction = Fraction(1),
    judgement: Judgement | None = None,
    disputed: bool = False,
    review_due: bool = False,
) -> IndicatorStanding:
    return IndicatorStanding(I1, state, state, value, coverage, parts, judgement, disputed, review_due)


def _said(standing: IndicatorStanding, rules: RuleSet | None = None) -> str:
    return why_indicator(standing, rules or RuleSet(), lambda part: NAMES[part.mapping.activity])


def test_a_value_is_set_beside_the_pass_mark() -> None:
    said = _said(_standing(IndicatorState.ATTAINED, Fraction(19, 30)))

    assert said == "Weighted mean of the marks: 63.3\N{NO-BREAK SPACE}%; pass mark: 60\N{NO-BREAK SPACE}%."


@pytest.mark.parametrize(
    ("rules", "begins"),
    [
        (RuleSet(aggregation=Aggregation.BEST), "Best mark: "),
        (RuleSet(aggregation=Aggregation.LATEST), "Latest mark: "),
        (RuleSet(aggregation=Aggregation.N_OF_M, n=2), "2 activities must reach the pass mark"),
    ],
)
def test_the_sentence_follows_the_rules_of_the_course(rules: RuleSet, begins: str) -> None:
    assert _said(_standing(IndicatorState.ATTAINED, Fraction(1)), rules).startswith(begins)


def test_a_failed_required_activity_is_named() -> None:
    failed = _part(2, Fraction(1, 2), MappingRole.REQUIRED)

    said = _said(_standing(IndicatorState.NOT_ATTAINED, Fraction(19, 30), _part(1, Fraction(9, 10)), failed))

    assert "“Essay” is required and has 50\N{NO-BREAK SPACE}%, below its pass mark" in said
    assert "Quiz" not in said


def test_what_is_awaited_and_too_little_coverage_are_named() -> None:
    parts = (_part(1, Fraction(1)), _part(2))

    said = _said(_standing(IndicatorState.IN_PROGRESS, Fraction(1), *parts, coverage=Fraction(1, 3)))

    assert "So far 33.3\N{NO-BREAK SPACE}% of the weight is assessed, at least 50\N{NO-BREAK SPACE}%" in said
    assert said.endswith("Not assessed yet: Essay.")


def test_enough_coverage_is_not_complained_of() -> None:
    said = _said(_standing(IndicatorState.IN_PROGRESS, Fraction(1), _part(2), coverage=Fraction(1, 2)))

    assert "of the weight" not in said


def test_without_evidence_the_activities_that_can_show_it_are_named() -> None:
    said = _said(_standing(IndicatorState.NO_EVIDENCE, None, _part(1), _part(2)))

    assert said == "Nothing has been assessed yet. It can be shown in: Quiz, Essay."


def test_what_is_too_old_to_count_is_not_called_never_assessed() -> None:
    expired = replace(_part(1), expired=True)

    said = _said(_standing(IndicatorState.NO_EVIDENCE, None, expired, _part(2)))

    assert said == "What was assessed is too old to count. It can be shown again in: Quiz, Essay."


def test_an_uncovered_indicator_says_so() -> None:
    assert _said(_standing(IndicatorState.NOT_MAPPED, None)) == "No activity of this course covers this indicator."


def test_a_judgement_stands_beside_what_the_marks_say() -> None:
    judgement = Judgement(I1, PersonId(9), attained=True, judged_at=NOW)

    said = _said(_standing(IndicatorState.NOT_ATTAINED, Fraction(0), judgement=judgement, review_due=True))

    assert said.startswith("A trainer decided this. The marks alone say: Not attained.")
    assert said.endswith("it is due for review.")


def test_a_dispute_is_told() -> None:
    assert "Trainers disagree" in _said(_standing(IndicatorState.ATTAINED, Fraction(1), disputed=True))


@pytest.mark.parametrize(
    ("part", "gone", "said"),
    [
        (_part(score=Fraction(1)), False, ""),
        (_part(score=Fraction(1)), True, "The activity is no longer in the LMS; the mark counts on."),
        (_part(score=Fraction(1, 2), role=MappingRole.REQUIRED), False, "Required and below its pass mark."),
        (_part(counted=False), False, "Not assessed yet."),
        (
            replace(_part(counted=False), expired=True),
            False,
            "Its mark is older than evidence may be here, and counts no longer.",
        ),
        (_part(counted=False), True, "Not assessed yet."),
        (_part(role=MappingRole.OPTIONAL, counted=False), False, "Optional, not assessed."),
        (
            _part(score=Fraction(1, 5), role=MappingRole.OPTIONAL, counted=False),
            False,
            "Optional: not counted, for it would not raise the value.",
        ),
        (
            _part(score=Fraction(0), evidence=None),
            False,
            "Nothing was handed in before the course ended: counts 0.",
        ),
        (
            _part(score=Fraction(0), evidence=None, role=MappingRole.REQUIRED),
            False,
            "Nothing was handed in before the course ended: counts 0. Required and below its pass mark.",
        ),
    ],
)
def test_a_mark_says_what_is_special_about_it(part: Contribution, gone: bool, said: str) -> None:
    assert contribution_note(part, gone) == said


def test_the_rules_name_the_pass_mark_of_the_course() -> None:
    assert "pass mark of 75\N{NO-BREAK SPACE}%" in rules_in_a_sentence(RuleSet(pass_mark=Fraction(3, 4)))
