"""A preview says whose level would change, and publishing then does exactly that; looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_tool.competency import preview
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.competency.preview import LevelChange, Preview
from lti_tool.competency.recompute import scope_of
from lti_tool.competency.rules import rules_of
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import RuleBroken
from lti_tool.grading import gradebook
from lti_tool.ids import CompetencyId, CourseId, PersonId
from tests.factories.schoolroom import Schoolroom, open_schoolroom
from tests.factories.world import NOW, Told, World, cells, ledgers, make_world

FIRST = 0

rule_options = st.fixed_dictionaries(
    {},
    optional={
        "aggregation": st.sampled_from(["mean", "best", "latest", "n_of_m"]),
        "n": st.integers(1, 3),
        "pass_mark": st.sampled_from(["0", "1/4", "1/2", "7/10", "1"]),
        "min_coverage": st.sampled_from(["0", "1/2", "1"]),
        "validity_months": st.sampled_from([1, 12]),
    },
)


@dataclass(frozen=True)
class Standing:
    """What is stored of a course: levels by person and competency, and the competencies it assesses."""

    levels: dict[tuple[PersonId, CompetencyId], int | None]
    targeted: set[CompetencyId]


def _course(world: World) -> CourseId:
    return CourseId(world.courses[FIRST].id)


def _standing(world: World) -> Standing:
    levels = {
        (PersonId(world.people[person].id), CompetencyId(competency)): row["established"]
        for (course, person, competency), row in world.standings().items()
        if course == FIRST
    }
    scope = scope_of(world.session, _course(world), NOW)
    return Standing(levels, {plan.shape.id for plan in scope.targeted})


def _differences(before: Standing, after: Standing) -> set[LevelChange]:
    places = before.levels.keys() | after.levels.keys()
    told = ((place, before.levels.get(place), after.levels.get(place)) for place in places)
    return {LevelChange(*place, was, becomes) for place, was, becomes in told if was != becomes}


def _hold(world: World, look: Callable[[], Preview], publish: Callable[[], object]) -> None:
    before = _standing(world)
    seen = look()
    assert _standing(world) == before, "looking changes nothing"

    publish()

    after = _standing(world)
    assert set(seen.changes) == _differences(before, after)
    assert len(seen.changes) == len(set(seen.changes))
    assert set(seen.gained) == after.targeted - before.targeted
    assert set(seen.lost) == before.targeted - after.targeted
    world.session.close()


@settings(max_examples=40)
@given(mapping=cells, ledger=ledgers, wanted=cells)
def test_publishing_a_mapping_does_what_its_preview_said(
    mapping: list[tuple[int, int, int, int, MappingRole]],
    ledger: list[Told],
    wanted: list[tuple[int, int, int, int, MappingRole]],
) -> None:
    world = make_world(mapping, ledger)
    proposed = world.mapping(FIRST, wanted)

    _hold(
        world,
        lambda: preview.of_mapping(world.session, _course(world), proposed, NOW),
        lambda: gradebook.accept_mapping(world.session, _course(world), proposed, by=None, now=NOW),
    )


@settings(max_examples=40)
@given(mapping=cells, ledger=ledgers, options=rule_options)
def test_publishing_rules_does_what_their_preview_said(
    mapping: list[tuple[int, int, int, int, MappingRole]],
    ledger: list[Told],
    options: dict[str, object],
) -> None:
    world = make_world(mapping, ledger)

    _hold(
        world,
        lambda: preview.of_rules(world.session, _course(world), options, NOW),
        lambda: gradebook.accept_rules(world.session, _course(world), options, by=None, now=NOW),
    )


@pytest.fixture
def room(sessions: SessionFactory, now: datetime) -> Schoolroom:
    """Competency 1.1 with a quiz for level 1; the first of two people has 70 of 100."""
    room = open_schoolroom(sessions, now)
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    return room


def _seen(room: Schoolroom, look: Callable[[Session], Preview]) -> Preview:
    return room.do(look)


def test_a_harder_pass_mark_takes_the_level_of_who_is_below_it(room: Schoolroom) -> None:
    seen = _seen(room, lambda s: preview.of_rules(s, room.course_id, {"pass_mark": "4/5"}, room.now))

    competency = room.framework.competency("1.1").id
    assert seen.changes == (LevelChange(room.people[0], competency, 1, 0),)
    assert seen.persons == 2


def test_rules_that_change_nobody_say_so(room: Schoolroom) -> None:
    seen = _seen(room, lambda s: preview.of_rules(s, room.course_id, {"pass_mark": "7/10"}, room.now))

    assert (seen.changes, seen.gained, seen.lost, seen.persons) == ((), (), (), 2)


def test_an_emptied_mapping_loses_its_competencies_and_levels(room: Schoolroom) -> None:
    seen = _seen(room, lambda s: preview.of_mapping(s, room.course_id, [], room.now))

    competency = room.framework.competency("1.1").id
    assert (seen.gained, seen.lost) == ((), (competency,))
    assert seen.changes == (LevelChange(room.people[0], competency, 1, None),)


def test_a_wider_mapping_gains_a_competency(room: Schoolroom) -> None:
    def look(session: Session) -> Preview:
        held = mapping_of(session, room.course_id)
        more = [Mapping(held[0].activity, each) for each in room.indicators("1.2", 1)]
        return preview.of_mapping(session, room.course_id, [*held, *more], room.now)

    seen = _seen(room, look)

    competency = room.framework.competency("1.2").id
    assert (seen.gained, seen.lost) == ((competency,), ())
    assert seen.changes == (LevelChange(room.people[0], competency, None, 1),)


def test_who_takes_no_part_is_not_looked_at(room: Schoolroom) -> None:
    room.set_role(0, "trainer")

    seen = _seen(room, lambda s: preview.of_rules(s, room.course_id, {"pass_mark": "4/5"}, room.now))

    assert (seen.persons, seen.changes) == (1, ())


@pytest.mark.parametrize("options", [{"pass_mark": "2"}, {"pass_marks": "1/2"}, {"aggregation": "median"}, {"n": 0}])
def test_options_that_the_rules_do_not_know_are_refused(room: Schoolroom, options: dict[str, object]) -> None:
    with pytest.raises(RuleBroken):
        _seen(room, lambda s: preview.of_rules(s, room.course_id, options, room.now))

    assert room.do(lambda s: rules_of(s, room.course_id, room.now)).version == 1


def test_a_preview_knows_what_was_shown_in_other_courses() -> None:
    own, elsewhere, supporting = 0, 1, MappingRole.SUPPORTING
    level_2 = [(own, 0, 3, 1, supporting), (own, 0, 4, 1, supporting)]
    level_1_elsewhere = [(elsewhere, 0, 0, 1, supporting), (elsewhere, 0, 1, 1, supporting)]
    marks = [Told(elsewhere, 0, 0, 90, 1), Told(own, 0, 0, 90, 2)]
    world = make_world([*level_2, *level_1_elsewhere], marks)
    wider = world.mapping(own, [*level_2, (own, 0, 5, 1, supporting)])

    seen = preview.of_mapping(world.session, _course(world), wider, NOW)

    (change,) = seen.changes
    assert (change.person, change.before, change.after) == (world.people[0].id, 2, 3)
    world.session.close()
