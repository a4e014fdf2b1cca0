"""A course moves to another version of the requirements: what was looked at happens, and moving back takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import crosswalks as stored
from lti_tool.competency import moving
from lti_tool.competency.crosswalk import Crosswalk
from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_draft import CellChange, CellValue, change_cells
from lti_tool.competency.model import MappingRole
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import AttainmentRow, MappingDraftRow, MappingRow
from lti_tool.grading.moving import accept_move
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
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
