"""The mapping of a course: which activity shows which indicator, from launches, from the matrix, from files.

Changing it changes nobody's level by itself: the caller has the course computed anew (`evidence.recompute`) in the
same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency import declaration, ledger_store
from lti_tool.competency.declaration import Declared
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import MappingRow
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people import activities
from lti_tool.people.model import Activity

PLACES = 5
"""Decimal places of a pass mark, as those of a mark."""
Place = tuple[int, int]
"""Activity and indicator: a cell of the matrix."""


@dataclass(frozen=True, slots=True)
class MappingChange:
    """How many cells a change added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def mapping_of(session: Session, course_id: CourseId) -> tuple[Mapping, ...]:
    """All cells of a course's matrix, by activity and indicator."""
    return ledger_store.mapping(session, course_id)


def replace_mapping(
    session: Session, course_id: CourseId, cells: Iterable[Mapping], *, by: PersonId | None, now: datetime
) -> MappingChange:
    """The course's matrix becomes exactly these cells.

    Raises RuleBroken for a cell named twice, an activity of another course, an indicator of another framework.
    """
    return _apply(session, course_id, cells, {row.activity_id for row in _rows(session, course_id)}, by, now)


def merge_mapping(
    session: Session, course_id: CourseId, cells: Iterable[Mapping], *, by: PersonId | None, now: datetime
) -> MappingChange:
    """Adds these cells to the matrix or changes them in it; all others stay. Raises like `replace_mapping`."""
    return _apply(session, course_id, cells, set(), by, now)


def map_activity(
    session: Session,
    course_id: CourseId,
    activity_id: ActivityId,
    cells: Iterable[Mapping],
    *,
    by: PersonId | None,
    now: datetime,
) -> MappingChange:
    """One activity's row of the matrix becomes exactly these cells. Raises like `replace_mapping`."""
    return _apply(session, course_id, cells, {activity_id}, by, now)


def adopt_declared(
    session: Session, activity: Activity, parameter: str, *, is_new: bool, by: PersonId | None, now: datetime
) -> tuple[Declared, MappingChange]:
    """Takes the `indicators` parameter of a launched link: over at its first launch, as an offer when it changed.

    A link that a mapping file knew before it was launched keeps that mapping; the parameter is an offer then, too.

    Returns what it says and what it changed in the mapping.
    """
    parameter = parameter.replace("\0", "")  # which PostgreSQL cannot keep
    declared = declaration.read(parameter, rules_of(session, activity.course_id, now).framework, activity.id)
    mapped = any(row.activity_id == activity.id for row in _rows(session, activity.course_id))
    if is_new and not mapped:
        change = map_activity(session, activity.course_id, activity.id, declared.mappings, by=by, now=now)
        activities.note_declared(session, activity.id, parameter)
        return declared, change
    changed = parameter != activities.declared(session, activity.id)
    activities.note_offered(session, activity.id, parameter if changed else None)
    return declared, MappingChange()


def stored_pass_mark(pass_mark: Fraction) -> Decimal:
    """The decimal that is this fraction itself; one beyond five places would read back as another pass mark."""
    steps = pass_mark * 10**PLACES
    if steps.denominator != 1:
        raise RuleBroken("pass_mark_inexact", pass_mark=pass_mark, places=PLACES)
    return Decimal(steps.numerator).scaleb(-PLACES)


def _rows(session: Session, course_id: CourseId) -> list[MappingRow]:
    return ledger_store.mapping_rows(session, course_id)


def _apply(
    session: Session,
    course_id: CourseId,
    cells: Iterable[Mapping],
    emptied: set[int],
    by: PersonId | None,
    now: datetime,
) -> MappingChange:
    """Stores the cells; whatever else stands in the rows of the `emptied` activities is removed."""
    wanted = _by_place(cells)
    _check(session, course_id, wanted, now)
    held = {(row.activity_id, row.indicator_id): row for row in _rows(session, course_id)}
    removed = [row for place, row in held.items() if place not in wanted and row.activity_id in emptied]
    changed = [cell for place, cell in wanted.items() if place in held and ledger_store.as_mapping(held[place]) != cell]
    added = [cell for place, cell in wanted.items() if place not in held]
    ledger_store.delete_mappings(session, removed)
    for cell in changed:
        _write(held[cell.activity, cell.indicator], cell)
    for cell in added:
        row = MappingRow(course_id=course_id, activity_id=cell.activity, indicator_id=cell.indicator)
        row.created_at, row.created_by = now, by
        _write(row, cell)
        session.add(row)
    session.flush()
    return MappingChange(len(added), len(changed), len(removed))


def _by_place(cells: Iterable[Mapping]) -> dict[Place, Mapping]:
    wanted: dict[Place, Mapping] = {}
    for cell in cells:
        if (cell.activity, cell.indicator) in wanted:
            raise RuleBroken("mapping_twice", activity=cell.activity, indicator=cell.indicator)
        wanted[cell.activity, cell.indicator] = cell
    return wanted


def _check(session: Session, course_id: CourseId, wanted: dict[Place, Mapping], now: datetime) -> None:
    own = {activity.id for activity in activities.activities_of(session, course_id)}
    known = {indicator.id for indicator in rules_of(session, course_id, now).framework.indicators}
    for (activity, indicator), cell in wanted.items():
        if cell.pass_mark is not None:
            stored_pass_mark(cell.pass_mark)
        if activity not in own:
            raise RuleBroken("activity_unknown", activity=activity)
        if indicator not in known:
            raise RuleBroken("indicator_unknown", indicator=indicator)


def _write(row: MappingRow, cell: Mapping) -> None:
    row.weight, row.role = cell.weight, cell.role
    row.pass_mark = None if cell.pass_mark is None else stored_pass_mark(cell.pass_mark)
