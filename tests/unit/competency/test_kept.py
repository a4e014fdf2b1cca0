"""The mapping that a course had before it was moved: stored and read back unchanged, and led over with its people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.bridge import Bridge
from lti_tool.competency.kept import Kept, KeptCell, KeptDraft, led_over
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.ids import ActivityId, IndicatorId, PersonId

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
QUIZ, TALK = ActivityId(1), ActivityId(2)
A, B, GONE = IndicatorId(1), IndicatorId(2), IndicatorId(3)
NEW_A, BOTH = IndicatorId(11), IndicatorId(12)
AHEAD = Bridge({NEW_A: ((A,),), BOTH: ((A, B),)})
"""A is still itself; A and B have become one beside; the third leads nowhere."""
AIGUL, BAKYT = PersonId(1), PersonId(2)
HALF = Fraction(3, 5)


def cell(activity: ActivityId, indicator: IndicatorId, day: int = 0, by: PersonId = AIGUL, weight: int = 1) -> KeptCell:
    return KeptCell(Mapping(activity, indicator, weight), AT + timedelta(days=day), by)


def drafted(
    activity: ActivityId, indicator: IndicatorId, weight: int | None, day: int = 5, by: PersonId = BAKYT
) -> KeptDraft:
    wanted = None if weight is None else Mapping(activity, indicator, weight)
    return KeptDraft((activity, indicator), wanted, AT + timedelta(days=day), by)


def changes(kept: Kept) -> dict[tuple[ActivityId, IndicatorId], int | None]:
    """What the draft wants: the weight of a cell, None where it is to be emptied."""
    return {each.place: each.mapping.weight if each.mapping else None for each in kept.draft}


mappings = st.builds(
    Mapping,
    st.sampled_from([QUIZ, TALK]),
    st.sampled_from([A, B, GONE]),
    st.integers(1, 5),
    st.sampled_from(MappingRole),
    st.none() | st.fractions(0, 1, max_denominator=100),
)
times = st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda span: AT + span)
people = st.none() | st.sampled_from([AIGUL, BAKYT])
kept_cells = st.lists(st.builds(KeptCell, mappings, times, people), max_size=5).map(tuple)


@st.composite
def kept_drafts(draw: st.DrawFn) -> KeptDraft:
    wanted = draw(mappings)
    return KeptDraft(
        (wanted.activity, wanted.indicator), draw(st.sampled_from([wanted, None])), draw(times), draw(people)
    )


@given(kept_cells, st.lists(kept_drafts(), max_size=5).map(tuple))
def test_what_is_stored_comes_back_unchanged(cells: tuple[KeptCell, ...], draft: tuple[KeptDraft, ...]) -> None:
    kept = Kept(cells, draft)

    assert Kept.from_json(json.loads(json.dumps(kept.to_json()))) == kept


def test_a_cell_is_as_old_as_the_oldest_that_it_comes_from_and_that_ones() -> None:
    """Who made the first mapping leads the course: a move makes nobody else the first."""
    led = led_over(AHEAD, Kept((cell(QUIZ, A, day=2, by=BAKYT), cell(QUIZ, B, day=1, by=AIGUL))), HALF)

    told = {each.mapping.indicator: (each.at - AT, each.by) for each in led.cells}
    assert told == {NEW_A: (timedelta(days=2), BAKYT), BOTH: (timedelta(days=1), AIGUL)}
    assert led.draft == ()


def test_a_draft_that_fills_a_cell_fills_what_it_has_become() -> None:
    led = led_over(AHEAD, Kept((), (drafted(TALK, A, 4),)), HALF)

    # Of two that count together one alone is asked for, so the merged cell is there too.
    assert (led.cells, changes(led)) == ((), {(TALK, NEW_A): 4, (TALK, BOTH): 4})


def test_a_draft_that_empties_a_cell_empties_what_it_has_become() -> None:
    led = led_over(AHEAD, Kept((cell(QUIZ, A), cell(TALK, A)), (drafted(QUIZ, A, None),)), HALF)

    assert [(each.mapping.activity, each.mapping.indicator) for each in led.cells] == [
        (QUIZ, NEW_A),
        (QUIZ, BOTH),
        (TALK, NEW_A),
        (TALK, BOTH),
    ]
    assert {place: wanted for place, wanted in changes(led).items() if place[0] == QUIZ} == {
        (QUIZ, NEW_A): None,
        (QUIZ, BOTH): None,
    }
    assert {(each.at - AT, each.by) for each in led.draft if each.mapping is None} == {(timedelta(days=5), BAKYT)}


def test_a_draft_that_comes_to_what_stands_anyway_is_no_draft() -> None:
    led = led_over(AHEAD, Kept((cell(QUIZ, A), cell(QUIZ, GONE)), (drafted(QUIZ, GONE, 3),)), HALF)

    assert led.draft == ()
    assert {each.mapping.indicator for each in led.cells} == {NEW_A, BOTH}


@given(kept_cells, st.lists(kept_drafts(), max_size=4, unique_by=lambda each: each.place).map(tuple))
def test_what_is_led_over_speaks_of_the_version_after_alone(
    cells: tuple[KeptCell, ...], draft: tuple[KeptDraft, ...]
) -> None:
    led = led_over(AHEAD, Kept(cells, draft), HALF)

    assert {each.mapping.indicator for each in led.cells} <= {NEW_A, BOTH}
    assert {each.place[1] for each in led.draft} <= {NEW_A, BOTH}
    assert {each.by for each in led.cells} <= {each.by for each in cells}
