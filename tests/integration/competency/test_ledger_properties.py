"""Whatever marks arrive in whatever order: what is stored is what the ledger gives, and unknown is never zero."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.competency import recompute
from lti_tool.competency.model import MappingRole
from lti_tool.competency.tables import AttainmentRow
from lti_tool.grading import gradebook
from lti_tool.ids import CourseId, PersonId
from tests.factories.world import NOW, PEOPLE, Told, cells, ledgers, make_world


@settings(max_examples=25)
@given(mapping=cells, ledger=ledgers)
def test_what_is_stored_equals_a_recomputation_from_the_ledger(
    mapping: list[tuple[int, int, int, int, MappingRole]], ledger: list[Told]
) -> None:
    world = make_world(mapping, ledger)
    session = world.session

    for number, course in enumerate(world.courses):
        scope = recompute.scope_of(session, CourseId(course.id), NOW)
        people = [PersonId(person.id) for person in world.people]
        again = recompute.standings_now(session, scope, people, NOW)
        for index, person in enumerate(people):
            for competency, standing in again[person].competencies.items():
                stored = world.standings().get((number, index, competency))
                if stored is not None:
                    assert stored["established"] == standing.established
                    assert stored["progress"] == standing.progress
                    assert stored["levels"] == [recompute.level_to_json(level) for level in standing.levels]
        assert recompute.compute_course(session, CourseId(course.id), None, NOW).changed == frozenset()
        assert gradebook.refresh(session, CourseId(course.id), None, NOW) == 0
    session.close()


@settings(max_examples=25)
@given(mapping=cells, ledger=ledgers, data=st.data())
def test_the_order_of_arrival_never_matters(
    mapping: list[tuple[int, int, int, int, MappingRole]], ledger: list[Told], data: st.DataObject
) -> None:
    other_order = data.draw(st.permutations(ledger))

    one, other = make_world(mapping, ledger), make_world(mapping, other_order)

    assert one.standings() == other.standings()
    assert one.wanted() == other.wanted()
    one.session.close()
    other.session.close()


@settings(max_examples=25)
@given(mapping=cells, ledger=ledgers)
def test_who_never_worked_has_no_level_and_no_grade(
    mapping: list[tuple[int, int, int, int, MappingRole]], ledger: list[Told]
) -> None:
    world = make_world(mapping, ledger)

    idle = PEOPLE - 1
    assert {row["established"] for (_, person, _), row in world.standings().items() if person == idle} <= {None}
    assert not [place for place in world.wanted() if place[1] == idle]
    states = select(AttainmentRow.state).where(AttainmentRow.person_id == world.people[idle].id)
    assert set(world.session.scalars(states)) <= {"no_evidence"}
    world.session.close()


@settings(max_examples=25)
@given(mapping=cells, ledger=ledgers)
def test_a_withdrawal_of_everything_leaves_nothing_wanted(
    mapping: list[tuple[int, int, int, int, MappingRole]], ledger: list[Told]
) -> None:
    world = make_world(mapping, ledger)

    for number, told in enumerate(ledger):
        world.hear(Told(told.course, told.person, told.activity, None, 20_000 + number))

    assert world.wanted() == {}
    assert {row["established"] for row in world.standings().values()} <= {None}
    world.session.close()
