"""A course moves to another version of the requirements: what was looked at happens, and moving back takes it back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import crosswalks as stored
from lti_tool.competency import decisions, moving, observing, self_assessing
from lti_tool.competency.crosswalk import Crosswalk
from lti_tool.competency.decisions import Said
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_draft import CellChange, CellValue, change_cells
from lti_tool.competency.model import IndicatorState, Mapping, MappingRole
from lti_tool.competency.observing import SOURCE
from lti_tool.competency.profile import explain
from lti_tool.competency.rules import rules_of
from lti_tool.competency.self_assessing import SelfStep
from lti_tool.competency.store import import_framework, load_framework
from lti_tool.competency.tables import AttainmentRow, MappingDraftRow, MappingRow
from lti_tool.grading import gradebook
from lti_tool.grading.moving import accept_move
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.people.activity_store import as_activity
from tests.factories.catalogues import next_catalogue
from tests.factories.crosswalks import NEW_SHAPE, crosswalks
from tests.factories.make import Make
from tests.factories.world import NOW, Told, World, cells, ledgers, make_world

Drawn = list[tuple[int, int, int, int, MappingRole]]
LATER = NOW + timedelta(hours=1)


def _versions(world: World, lines: Crosswalk) -> tuple[Framework, Framework]:
    """The version that the courses are on, and a next one with a crosswalk from it."""
    old = rules_of(world.session, _course(world), NOW).framework
    new = Make(world.session, NOW - timedelta(days=1)).small_framework(NEW_SHAPE, "2")
    platform = PlatformId(world.courses[0].platform_id)
    stored.store_confirmed(world.session, platform, old, new, lines, None, NOW)
    return old, new


def _course(world: World) -> CourseId:
    return CourseId(world.courses[0].id)


def _go(world: World, to: Framework) -> moving.Look:
    """What was looked at, and then done."""
    looked = moving.look(world.session, _course(world), to.id, LATER)
    accept_move(world.session, _course(world), to.id, looked.fingerprint, by=None, now=LATER)
    world.session.expire_all()
    return looked


def _rows(session: Session, table: type[Any], *without: str) -> list[tuple[object, ...]]:
    names = [column.name for column in table.__table__.columns if column.name not in without]
    return sorted(
        (tuple(getattr(row, name) for name in names) for row in session.scalars(select(table))),
        key=repr,
    )


def _whole(world: World) -> dict[str, object]:
    """Everything that people's levels and grades rest on, and these themselves."""
    session = world.session
    return {
        "mapping": _rows(session, MappingRow),
        "draft": _rows(session, MappingDraftRow),
        "attainments": _rows(session, AttainmentRow),
        "standings": world.standings(),
        "wanted": world.wanted(),
        "columns": {row.resource_id for row in session.scalars(select(LineItemRow)) if row.targeted},
        "options": rules_of(session, _course(world), NOW).options,
    }


def _draft_something(world: World) -> None:
    """One cell emptied, one filled."""
    session, course, activity = world.session, _course(world), ActivityId(world.activities[0][0].id)
    held = {row.indicator_id: row for row in session.scalars(select(MappingRow)) if row.activity_id == activity}
    changes = [
        CellChange(
            activity,
            each.id,
            CellValue(held[each.id].weight, MappingRole(held[each.id].role)) if each.id in held else None,
            None if each.id in held else CellValue(3, MappingRole.REQUIRED),
        )
        for each in world.indicators[:3]
    ]
    assert change_cells(session, course, changes, by=None, now=NOW) == ()


@settings(max_examples=20)
@given(mapping=cells, ledger=ledgers, lines=crosswalks(), drafts=st.booleans())
def test_a_move_and_a_move_back_change_nothing(
    mapping: Drawn, ledger: list[Told], lines: Crosswalk, drafts: bool
) -> None:
    world = make_world(mapping, ledger)
    old, new = _versions(world, lines)
    if drafts:
        _draft_something(world)
    before = _whole(world)

    _go(world, new)
    assert rules_of(world.session, _course(world), NOW).framework == new
    back = _go(world, old)

    assert back.back
    assert back.edited == 0
    assert _whole(world) == before
    world.session.close()


@settings(max_examples=20)
@given(mapping=cells, ledger=ledgers, lines=crosswalks())
def test_a_move_does_what_was_looked_at(mapping: Drawn, ledger: list[Told], lines: Crosswalk) -> None:
    world = make_world(mapping, ledger)
    old, new = _versions(world, lines)
    before = _levels(world, old)

    looked = _go(world, new)

    after = _levels(world, new)
    pairs = {each.code: each for each in moving.pairs_of(lines, old, new)}
    told = {(each.person, each.code): (each.before, each.after) for each in looked.changes}
    for person in (PersonId(each.id) for each in world.people):
        for code, pair in pairs.items():
            was = before.get((person, pair.old.code)) if pair.old else None
            became = after.get((person, pair.new.code)) if pair.new else None
            assert told.get((person, code), (was, was) if was == became else None) == (was, became)
    assert looked.losing.isdisjoint(looked.gaining)
    world.session.close()


def _levels(world: World, version: Framework) -> dict[tuple[PersonId, str], int | None]:
    people = [PersonId(each.id) for each in world.people]
    return {
        (people[person], version.competency_by_id(competency).code): row["established"]  # type: ignore[arg-type,misc]
        for (course, person, competency), row in world.standings().items()
        if course == 0
    }


@settings(max_examples=10)
@given(mapping=cells, ledger=ledgers, lines=crosswalks())
def test_looking_changes_nothing(mapping: Drawn, ledger: list[Told], lines: Crosswalk) -> None:
    world = make_world(mapping, ledger)
    _old, new = _versions(world, lines)
    before = _whole(world)

    moving.look(world.session, _course(world), new.id, LATER)

    assert _whole(world) == before
    world.session.close()


def test_what_was_seen_and_said_before_a_move_stands_on_the_pages_after_it(session: Session) -> None:
    """Of 4.1.1.a, reworded, and 4.1.1.b, split: an observation and a self-assessment of each."""
    make = Make(session, NOW)
    old, row = make.framework(), make.platform()
    course, person = make.course(row), make.person(row)
    make.membership(course, person)
    course_id, person_id = CourseId(course.id), PersonId(person.id)
    checklist = as_activity(make.activity(course, "Checklist", kind="observation"))
    about = as_activity(make.activity(course, "Self", kind="self_assessment"))
    seen = [old.indicator("4.1.1.a").id, old.indicator("4.1.1.b").id]
    cells = [Mapping(checklist.id, each) for each in seen]
    gradebook.accept_mapping(session, course_id, cells, by=None, now=NOW)
    marks = [
        NewEvidence(person_id, checklist.id, each, Decimal("0.7"), Decimal(0), Decimal(1), SOURCE, NOW) for each in seen
    ]
    gradebook.accept_results(session, course_id, marks, by=None, now=NOW)
    steps = dict.fromkeys(seen, SelfStep.ALONE)
    self_assessing.save(session, about, person_id, steps, attempt=0, submit=True, now=NOW)
    self_assessing.save(session, about, person_id, steps, attempt=1, submit=False, now=LATER)
    new = load_framework(session, import_framework(session, next_catalogue(), NOW))
    stored.confirm(session, PlatformId(row.id), old, new, seen=0, by=None, now=NOW)

    looked = moving.look(session, course_id, new.id, LATER)
    accept_move(session, course_id, new.id, looked.fingerprint, by=None, now=LATER)

    reworded, parts = new.indicator("4.1.1.a").id, {new.indicator(code).id for code in ("4.1.1.b", "4.1.1.j")}
    observed = observing.observed(session, checklist, [person_id])
    assert observed[person_id, reworded].score == Fraction(7, 10)
    views = self_assessing.views_of(session, course_id, person_id)
    assert views[reworded].entry is SelfStep.ALONE
    draft = self_assessing.state_of(session, about, person_id).draft
    assert draft is not None
    assert draft[reworded] is SelfStep.ALONE
    assert parts.isdisjoint({indicator for _person, indicator in observed} | views.keys() | draft.keys())


def test_a_judgement_from_before_a_move_is_read_and_answered_after_it(session: Session) -> None:
    make = Make(session, NOW)
    old, row = make.framework(), make.platform()
    course, person, trainer, other = make.course(row), make.person(row), make.person(row), make.person(row)
    make.membership(course, person)
    course_id, person_id = CourseId(course.id), PersonId(person.id)
    rules_of(session, course_id, NOW)
    before = Said(person_id, old.indicator("4.1.1.a").id, attained=True, reason="Сабакта көрсөттү.")
    decisions.judge(session, course_id, before, seen=0, by=PersonId(trainer.id), now=NOW)
    new = load_framework(session, import_framework(session, next_catalogue(), NOW))
    stored.confirm(session, PlatformId(row.id), old, new, seen=0, by=None, now=NOW)
    looked = moving.look(session, course_id, new.id, LATER)
    accept_move(session, course_id, new.id, looked.fingerprint, by=None, now=LATER)

    why = explain(session, course_id, person_id, "4.1", LATER)
    reworded = new.indicator("4.1.1.a").id
    assert why.indicators[reworded].state is IndicatorState.ATTAINED
    assert [each.reason for each in why.judgements[reworded]] == ["Сабакта көрсөттү."]

    after = Said(person_id, reworded, attained=False, reason="Кайра каралды.")
    decisions.judge(session, course_id, after, seen=1, by=PersonId(other.id), now=LATER)
    again = explain(session, course_id, person_id, "4.1", LATER)
    assert again.indicators[reworded].disputed
    assert [each.reason for each in again.judgements[reworded]] == ["Кайра каралды.", "Сабакта көрсөттү."]
