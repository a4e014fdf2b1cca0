"""What is new to somebody: since the last look of the visit before, for the whole of this one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lti_tool.competency.model import ObservationStep
from lti_tool.ids import IndicatorId, PersonId
from lti_tool.tasks.look import Look, WorkState, changed_levels, is_to_be_noted, next_look, work_state
from lti_tool.tasks.model import Assessment, SubmissionState

LEVELS = {"2.1 (1)": 1, "4.1 (1)": None}
HIGHER = {"2.1 (1)": 2, "4.1 (1)": 1}


def _minutes(now: datetime, number: int) -> datetime:
    return now + timedelta(minutes=number)


def test_at_the_first_look_nothing_is_new(now: datetime) -> None:
    look = next_look(None, LEVELS, now)

    assert look.since == now
    assert changed_levels(look) == {}


def test_what_came_after_the_last_look_of_the_visit_before_is_new(now: datetime) -> None:
    first = next_look(None, LEVELS, now)

    look = next_look(first, HIGHER, _minutes(now, 60))

    assert look.since == now
    assert changed_levels(look) == {"2.1 (1)": (1, 2), "4.1 (1)": (None, 1)}


def test_it_stays_new_however_often_the_page_is_opened_in_one_visit(now: datetime) -> None:
    look = next_look(next_look(None, LEVELS, now), HIGHER, _minutes(now, 60))

    for minute in (61, 80, 109, 130):
        look = next_look(look, HIGHER, _minutes(now, minute))

    assert look.since == now
    assert changed_levels(look) == {"2.1 (1)": (1, 2), "4.1 (1)": (None, 1)}


def test_in_the_next_visit_only_what_came_after_the_last_look_is_new(now: datetime) -> None:
    look = next_look(next_look(None, LEVELS, now), HIGHER, _minutes(now, 60))

    later = next_look(look, HIGHER, _minutes(now, 90))

    assert later.since == _minutes(now, 60)
    assert changed_levels(later) == {}


def test_a_clock_that_was_set_back_makes_nothing_new_again(now: datetime) -> None:
    look = next_look(next_look(None, LEVELS, now), LEVELS, _minutes(now, 60))

    again = next_look(look, LEVELS, _minutes(now, 50))

    assert (again.at, again.since) == (look.at, look.since)


def test_a_level_of_another_version_has_not_changed(now: datetime) -> None:
    first = next_look(None, LEVELS, now)

    look = next_look(first, {"2.1 (2)": 2}, _minutes(now, 60))

    assert changed_levels(look) == {}


def test_a_level_that_is_unknown_now_is_not_said(now: datetime) -> None:
    look = next_look(next_look(None, LEVELS, now), {"2.1 (1)": None}, _minutes(now, 60))

    assert changed_levels(look) == {}


@pytest.mark.parametrize(("seconds", "noted"), [(0, False), (59, False), (60, True), (4000, True)])
def test_looks_close_after_another_are_not_written_again(now: datetime, seconds: int, noted: bool) -> None:
    look = Look(now, now, LEVELS, LEVELS)

    assert is_to_be_noted(look, now + timedelta(seconds=seconds)) is noted
    assert is_to_be_noted(None, now)


def _said(*steps: ObservationStep) -> Assessment:
    now = datetime(2026, 11, 23)  # noqa: DTZ001  no time is looked at here
    return Assessment({IndicatorId(at): step for at, step in enumerate(steps)}, "", PersonId(1), now, 1)


@pytest.mark.parametrize(
    ("newest", "said", "state"),
    [
        (None, None, WorkState.NOT_BEGUN),
        (SubmissionState.DRAFT, None, WorkState.DRAFT),
        (SubmissionState.DRAFT, _said(ObservationStep.SHOWN), WorkState.DRAFT),
        (SubmissionState.HANDED_IN, None, WorkState.HANDED_IN),
        (SubmissionState.ASSESSED, _said(ObservationStep.SHOWN, ObservationStep.CONVINCING), WorkState.ASSESSED),
        (SubmissionState.ASSESSED, _said(ObservationStep.SHOWN, ObservationStep.EMERGING), WorkState.RETURNED),
        (SubmissionState.ASSESSED, _said(), WorkState.ASSESSED),
    ],
)
def test_the_state_follows_from_the_newest_attempt(
    newest: SubmissionState | None, said: Assessment | None, state: WorkState
) -> None:
    assert work_state(newest, said) is state


def test_it_is_the_participants_turn_until_work_is_handed_in_or_good() -> None:
    assert {each for each in WorkState if not each.is_open} == {WorkState.HANDED_IN, WorkState.ASSESSED}
