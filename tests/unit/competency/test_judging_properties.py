"""Whatever trainers judge, withdraw, decide and void, in whatever order: what holds of every history (section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.certifying import certified_levels, frozen
from lti_tool.competency.judging import judged, resolve
from lti_tool.competency.model import Evidence, IndicatorState, Judgement, LevelState, Mark, current
from lti_tool.competency.standing import CompetencyStanding, IndicatorStanding, LevelStanding
from lti_tool.ids import ActivityId, CompetencyId, EvidenceId, IndicatorId, PersonId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INDICATOR = IndicatorId(1)


def _at(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def _numbered(judgements: list[Judgement]) -> list[Judgement]:
    return [replace(each, id=number) for number, each in enumerate(judgements, 1)]


judgement = st.builds(
    Judgement,
    indicator=st.just(INDICATOR),
    by=st.sampled_from([PersonId(1), PersonId(2), PersonId(3)]),
    attained=st.booleans(),
    judged_at=st.integers(-5, 0).map(_at),
    until=st.none() | st.integers(-3, 3).map(_at),
    decides=st.sampled_from([False, False, False, True]),
    withdrawn=st.booleans(),
)
histories = st.lists(judgement, max_size=7).map(_numbered)


@given(histories, st.randoms())
def test_the_order_in_which_judgements_are_read_never_matters(history: list[Judgement], luck: Random) -> None:
    shuffled = list(history)
    luck.shuffle(shuffled)

    assert resolve(shuffled, NOW) == resolve(history, NOW)


@given(histories)
def test_what_is_withdrawn_or_over_is_as_if_never_said(history: list[Judgement]) -> None:
    counting = [each for each in history if not each.withdrawn and (each.until is None or each.until > NOW)]

    assert resolve(history, NOW) == resolve(counting, NOW)


@given(histories, judgement)
def test_a_judgement_taken_back_leaves_what_stood_before(history: list[Judgement], said: Judgement) -> None:
    taken_back = replace(said, id=len(history) + 1, withdrawn=True)

    assert resolve([*history, taken_back], NOW) == resolve(history, NOW)


@given(histories)
def test_disputed_means_that_trainers_disagree_and_nobody_has_decided(history: list[Judgement]) -> None:
    verdict = resolve(history, NOW)

    counting = [each for each in history if each.counts_at(NOW)]
    last = {
        by: max((each for each in counting if each.by == by), key=lambda each: (each.judged_at, each.id)).attained
        for by in {each.by for each in counting}
    }
    decided = any(each.decides for each in counting)
    assert verdict.disputed == (not decided and len(set(last.values())) == 2)
    assert (verdict.standing is None) == (verdict.disputed or not counting)


@given(histories, judgement)
def test_a_decision_ends_every_dispute(history: list[Judgement], said: Judgement) -> None:
    decision = replace(said, id=len(history) + 1, decides=True, withdrawn=False, until=None, judged_at=_at(1))

    verdict = resolve([*history, decision], NOW)

    assert (verdict.standing, verdict.disputed) == (decision, False)


@given(histories, st.sampled_from(IndicatorState))
def test_the_computed_state_and_value_stay_beside_any_judgement(
    history: list[Judgement], state: IndicatorState
) -> None:
    computed = IndicatorStanding(INDICATOR, state, state, Fraction(1, 2), Fraction(1))

    found = judged(computed, history, NOW)

    assert (found.computed, found.value, found.coverage) == (computed.computed, computed.value, computed.coverage)
    if found.judgement is None:
        assert found.state is state
    else:
        assert found.state is (IndicatorState.ATTAINED if found.judgement.attained else IndicatorState.NOT_ATTAINED)


evidence = st.builds(
    Evidence,
    id=st.just(EvidenceId(0)),
    activity=st.sampled_from([ActivityId(1), ActivityId(2)]),
    indicator=st.none() | st.just(INDICATOR),
    mark=st.none() | st.integers(0, 10).map(lambda given: Mark(Decimal(given), Decimal(0), Decimal(10))),
    worked_at=st.integers(-3, 0).map(_at),
    recorded_at=st.integers(-3, 0).map(_at),
    voided=st.booleans(),
)
ledgers = st.lists(evidence, max_size=6).map(
    lambda entries: [replace(each, id=EvidenceId(number)) for number, each in enumerate(entries, 1)]
)


@given(ledgers)
def test_a_voided_mark_is_as_if_never_given(ledger: list[Evidence]) -> None:
    assert current(ledger) == current(each for each in ledger if not each.voided)


@given(ledgers, st.integers(0, 5))
def test_voiding_and_taking_back_into_account_changes_nothing(ledger: list[Evidence], which: int) -> None:
    before = current(ledger)
    voided = [replace(each, voided=True) if number == which else each for number, each in enumerate(ledger)]

    back = [replace(each, voided=ledger[number].voided) for number, each in enumerate(voided)]

    assert current(back) == before
    assert not set(current(voided).values()) & {each for each in voided if each.voided}


level = st.builds(
    LevelStanding,
    number=st.just(0),
    state=st.sampled_from(LevelState),
    attained=st.just(0),
    mapped=st.just(0),
    total=st.just(1),
    needed=st.just(1),
    from_record=st.booleans(),
)


@given(st.lists(level, min_size=3, max_size=3), st.none() | st.integers(0, 3))
def test_only_own_met_levels_up_to_the_established_one_are_certified(
    levels: list[LevelStanding], established: int | None
) -> None:
    numbered = tuple(replace(each, number=number) for number, each in enumerate(levels, 1))
    standing = CompetencyStanding(CompetencyId(1), numbered, established, Fraction(0))

    certified = certified_levels(standing)

    for each in numbered:
        counts = each.number <= (established or 0) and each.state is LevelState.MET and not each.from_record
        assert (each.number in certified) == counts
    assert certified_levels(frozen(standing)) == certified, "freezing twice is freezing once"
    assert tuple(each.number for each in frozen(standing).levels if each.certified) == certified
