"""What a comment can tell, and which of it travels by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding, LevelStanding
from lti_tool.grading.comments import facts_of, next_level, score_facts, withdrawn
from lti_tool.grading.model import Answer, DeliveryState, ToDo, WithdrawalReason, what_to_do
from lti_tool.ids import CompetencyId
from lti_tool.lti.model import Score

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def standing(established: int | None, *states: LevelState) -> CompetencyStanding:
    """Each level has one indicator more than its number, one less than that attained."""
    levels = tuple(
        LevelStanding(number, state, attained=number, mapped=number + 1, total=number + 1, needed=number)
        for number, state in enumerate(states, 1)
    )
    return CompetencyStanding(CompetencyId(1), levels, established, Fraction(0))


MET, RUNNING, EMPTY = LevelState.MET, LevelState.IN_PROGRESS, LevelState.TRANSPARENT


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (standing(None, RUNNING, RUNNING, RUNNING), 1),
        (standing(0, LevelState.NOT_MET, RUNNING, RUNNING), 1),
        (standing(1, MET, RUNNING, RUNNING), 2),
        (standing(1, MET, EMPTY, RUNNING), 3),
        (standing(3, MET, MET, MET), 3),
        (standing(2, MET, MET, EMPTY), 2),
    ],
)
def test_a_comment_speaks_of_the_next_level_that_asks_for_anything(given: CompetencyStanding, number: int) -> None:
    level = next_level(given)

    assert level is not None
    assert level.number == number


def test_a_competency_without_any_indicator_has_no_next_level() -> None:
    assert next_level(standing(None, EMPTY, EMPTY, EMPTY)) is None
    assert facts_of("1.1", standing(None, EMPTY)) == {"code": "1.1", "level": None}


def test_facts_come_back_from_storage_as_they_went_in() -> None:
    stored = facts_of("1.1", standing(1, MET, RUNNING, RUNNING))

    facts = score_facts(stored, "course", "person", NOW)

    assert (facts.code, facts.level, facts.state, facts.attained, facts.indicators) == ("1.1", 1, "in_progress", 2, 3)
    assert (facts.withdrawn, facts.decided_at) == (None, NOW)


def test_level_zero_and_no_level_are_told_apart() -> None:
    zero = score_facts(facts_of("1.1", standing(0, LevelState.NOT_MET)), "c", "p", NOW)
    unknown = score_facts(facts_of("1.1", standing(None, RUNNING)), "c", "p", NOW)

    assert (zero.level, unknown.level) == (0, None)


def test_a_withdrawal_carries_its_reason() -> None:
    facts = score_facts(withdrawn({"code": "1.1"}, WithdrawalReason.NOT_TARGETED), "c", "p", NOW)

    assert facts.withdrawn is WithdrawalReason.NOT_TARGETED


@pytest.mark.parametrize(
    ("state", "answer", "to_do"),
    [
        (DeliveryState.SENT, Answer.ACCEPTED, ToDo.NOTHING),
        (DeliveryState.DUE, Answer.PERHAPS_LOCKED, ToDo.WAIT),
        (DeliveryState.HELD, Answer.PERHAPS_LOCKED, ToDo.UNLOCK),
        (DeliveryState.HELD, Answer.REFUSED, ToDo.CHECK_ROLE),
        (DeliveryState.HELD, Answer.NEWER_THERE, ToDo.DECIDE),
        (DeliveryState.HELD, Answer.LINE_ITEM_GONE, ToDo.RESTORE_COLUMN),
        (DeliveryState.DEAD, Answer.FAILED, ToDo.SEND_AGAIN),
        (DeliveryState.DEAD, None, ToDo.SEND_AGAIN),
    ],
)
def test_every_delivery_says_what_helps_it_on(state: DeliveryState, answer: Answer | None, to_do: ToDo) -> None:
    assert what_to_do(state, answer) is to_do


@pytest.mark.parametrize(("given", "maximum"), [("-1", "3"), ("4", "3"), ("1", None), ("1", "0")])
def test_an_impossible_score_cannot_be_made(given: str, maximum: str | None) -> None:
    with pytest.raises(ValueError, match="maximum"):
        Score("7", Decimal(given), None if maximum is None else Decimal(maximum), "", NOW)


@pytest.mark.parametrize("odd", [NOW.replace(tzinfo=None), NOW.replace(microsecond=1)])
def test_a_score_without_a_zone_or_with_parts_of_a_second_cannot_be_made(odd: datetime) -> None:
    """Moodle compares whole seconds: a part of one would make an equal time look later."""
    with pytest.raises(ValueError, match="time stamp"):
        Score("7", Decimal(2), Decimal(3), "", odd)
