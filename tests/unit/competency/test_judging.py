"""Trainers' judgements beside the computed state (rules, section 6)."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest

from lti_tool.competency.judging import resolve
from lti_tool.competency.model import IndicatorState, Judgement
from lti_tool.ids import PersonId
from tests.factories.paper import NOW, PaperCourse, day, indicator, shape_of

X, Y, LEAD = PersonId(1), PersonId(2), PersonId(3)


def judgement(
    by: PersonId,
    attained: bool,
    on: int = 0,
    *,
    until: datetime | None = None,
    decides: bool = False,
    withdrawn: bool = False,
    id: int = 0,
) -> Judgement:
    return Judgement(indicator("i1"), by, attained, day(on), until, decides, withdrawn, id)


def test_without_judgements_nothing_stands() -> None:
    verdict = resolve([], NOW)

    assert (verdict.standing, verdict.disputed) == (None, False)


def test_of_two_trainers_on_the_same_side_the_newer_stands() -> None:
    older, newer = judgement(X, True, -2), judgement(Y, True, -1)

    assert resolve([newer, older], NOW).standing is newer


def test_a_trainer_who_says_it_again_is_the_newer_one() -> None:
    again = judgement(X, True, -1)

    assert resolve([judgement(X, True, -3), judgement(Y, True, -2), again], NOW).standing is again


def test_of_two_judgements_of_one_moment_the_later_stored_stands() -> None:
    first, second = judgement(X, True, id=1), judgement(Y, True, id=2)

    assert resolve([second, first], NOW).standing is second


def test_trainers_on_opposite_sides_are_in_dispute() -> None:
    verdict = resolve([judgement(X, True), judgement(Y, False, -5)], NOW)

    assert (verdict.standing, verdict.disputed) == (None, True)


def test_a_trainer_who_thinks_again_is_not_in_dispute_with_themselves() -> None:
    again = judgement(X, False, -1)

    assert resolve([judgement(X, True, -2), again], NOW).standing is again


def test_a_trainer_who_changes_sides_ends_the_dispute() -> None:
    agreed = judgement(Y, True, -1)

    assert resolve([judgement(X, True, -3), judgement(Y, False, -2), agreed], NOW).standing is agreed


def test_a_decision_stands_over_both_sides_and_over_what_comes_later() -> None:
    decided = judgement(LEAD, False, -2, decides=True)

    verdict = resolve([judgement(X, True, -3), decided, judgement(Y, True, -1)], NOW)

    assert (verdict.standing, verdict.disputed) == (decided, False)


def test_the_newest_of_several_decisions_stands() -> None:
    newest = judgement(X, True, -1, decides=True)

    assert resolve([newest, judgement(LEAD, False, -2, decides=True)], NOW).standing is newest


def test_a_withdrawn_side_or_decision_does_not_count() -> None:
    stands = judgement(Y, True, -3)

    assert resolve([judgement(X, False, withdrawn=True), stands], NOW).standing is stands
    assert resolve([judgement(LEAD, False, decides=True, withdrawn=True), stands], NOW).standing is stands


def test_a_judgement_ends_at_its_end() -> None:
    ending = judgement(X, True, until=day(10))

    assert resolve([ending], day(9)).standing is ending
    assert resolve([ending], day(10)).standing is None


def test_the_order_of_judgements_never_matters() -> None:
    all_ = [judgement(X, True, -3), judgement(Y, False, -2), judgement(Y, True, -1), judgement(X, True, 0)]

    assert len({resolve(order, NOW) for order in itertools.permutations(all_)}) == 1


@pytest.mark.parametrize(("attained", "state"), [(True, "attained"), (False, "not_attained")])
def test_a_judgement_sets_the_state_and_never_the_value(attained: bool, state: str) -> None:
    course = PaperCourse().shows("i1", "0.40").maps("essay", "i1")

    found = course.judges("i1", attained).stand().indicator("i1")

    assert (found.state, found.computed) == (state, IndicatorState.IN_PROGRESS)
    assert found.value == course.stand().indicator("i1").value
    assert found.judgement is not None


def test_a_judgement_stands_without_any_evidence() -> None:
    found = PaperCourse().judges("i1", True).stand().indicator("i1")

    assert (found.state, found.computed, found.value) == ("attained", "not_mapped", None)


def test_evidence_newer_than_the_judgement_asks_for_a_review_and_changes_nothing() -> None:
    course = PaperCourse().shows("i1", "0.90").judges("i1", False, at=day(1))
    course.marks("for i1", "0.80", at=day(1))
    assert not course.stand(day(9)).indicator("i1").review_due

    course.marks("for i1", "1", at=day(2))

    assert course.stand(day(9)).indicator("i1").review_due
    assert course.stand(day(9)).state("i1") is IndicatorState.NOT_ATTAINED


def test_a_dispute_leaves_the_computed_state_and_says_so() -> None:
    course = PaperCourse().shows("i1", "0.90").judges("i1", False, by="X").judges("i1", True, by="Y")

    found = course.stand().indicator("i1")

    assert (found.state, found.disputed, found.judgement, found.review_due) == ("attained", True, None, False)
    assert course.stand().competency().disputed


def test_a_dispute_in_one_competency_leaves_others_alone() -> None:
    course = PaperCourse(shape_of({"C": [["i1"]], "D": [["d1"]]})).shows("i1", "1").shows("d1", "1")

    stood = course.judges("d1", True, by="X").judges("d1", False, by="Y").stand()

    assert (stood.competency("C").disputed, stood.competency("D").disputed) == (False, True)
