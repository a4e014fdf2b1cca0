"""The draft of a course's mapping: kept cell by cell while trainers edit, and counting for nobody until published.

A course has one draft, which all its trainers share. A change says what its author saw in the cell; where somebody
else has put something else there meanwhile, theirs stays and the author is told. Publishing is a use case of
`grading.gradebook`, for grades follow from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency import draft_store
from lti_tool.competency.mapping import Place, mapping_of, stored_pass_mark
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import MappingDraftRow
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.people import activities, roster


@dataclass(frozen=True, slots=True)
class CellValue:
    """What a cell says: how an activity shows an indicator."""

    weight: int
    role: MappingRole


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell as its author saw it and as they want it; None = empty."""

    activity: ActivityId
    indicator: IndicatorId
    seen: CellValue | None
    wanted: CellValue | None


@dataclass(frozen=True, slots=True)
class Clash:
    """A change that was not taken, because somebody else was there first."""

    change: CellChange
    stands: CellValue | None
    """What is in the cell now."""
    by: str | None
    """Who put it there, where that is known."""


@dataclass(frozen=True, slots=True)
class DraftedCell:
    """A cell that differs from what is published."""

    activity: ActivityId
    indicator: IndicatorId
    published: Mapping | None
    drafted: Mapping | None
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A course's mapping as it is published and as it is to become."""

    published: tuple[Mapping, ...]
    wanted: tuple[Mapping, ...]
    """By activity and indicator; the published one where nothing is drafted."""
    cells: tuple[DraftedCell, ...]
    """What differs, oldest change first."""

    @property
    def fingerprint(self) -> str:
        """What is published and what is wanted, in few letters: whoever saw these saw this draft."""
        told = repr([list(map(_told, self.published)), list(map(_told, self.wanted))])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def draft_of(session: Session, course_id: CourseId) -> Draft:
    """The draft of a course; one that changes nothing where nobody drafts."""
    published = {_place(cell): cell for cell in mapping_of(session, course_id)}
    wanted, differing = dict(published), []
    for row, name in draft_store.draft_rows(session, course_id):
        place = (row.activity_id, row.indicator_id)
        was, drafted = published.get(place), _as_mapping(row)
        if was == drafted:
            continue
        differing.append(
            DraftedCell(ActivityId(place[0]), IndicatorId(place[1]), was, drafted, row.drafted_at, name or None)
        )
        if drafted is None:
            del wanted[place]
        else:
            wanted[place] = drafted
    return Draft(tuple(published.values()), tuple(wanted[place] for place in sorted(wanted)), tuple(differing))


def change_cells(
    session: Session, course_id: CourseId, changes: Iterable[CellChange], *, by: PersonId | None, now: datetime
) -> tuple[Clash, ...]:
    """Puts these changes into the draft, all but those whose cell somebody else has changed since it was seen.

    A cell's own pass mark stays with it. Raises RuleBroken for a weight outside 1 to 5, an activity of another course
    or an indicator of another framework; then nothing is stored.
    """
    changes = tuple(changes)
    _check(session, course_id, changes, now)
    # Only this course: what is drafted has no part in anybody's levels.
    roster.take_courses(session, course_id, ())
    draft = draft_of(session, course_id)
    stands = {_place(cell): cell for cell in draft.wanted}
    authors = {(cell.activity, cell.indicator): cell.by for cell in draft.cells}
    clashes, rows = [], []
    for change in changes:
        place = (change.activity, change.indicator)
        here = _value(stands.get(place))
        if here not in {change.seen, change.wanted}:
            clashes.append(Clash(change, here, authors.get(place)))
        elif here != change.wanted:
            rows.append(_row(course_id, change, stands.get(place), by, now))
    draft_store.save_draft(session, rows)
    return tuple(clashes)


def draft_whole(
    session: Session, course_id: CourseId, cells: Iterable[Mapping], *, merge: bool, by: PersonId | None, now: datetime
) -> Draft:
    """The draft becomes these cells (`merge`: has these cells too), whatever was drafted before; for files.

    Raises RuleBroken like `change_cells`.
    """
    roster.take_courses(session, course_id, ())
    draft = draft_of(session, course_id)
    target = {_place(cell): cell for cell in (*(draft.wanted if merge else ()), *cells)}
    stands = {_place(cell): cell for cell in draft.wanted}
    places = [place for place in sorted(target.keys() | stands.keys()) if target.get(place) != stands.get(place)]
    changes = [_change(place, stands.get(place), target.get(place)) for place in places]
    _check(session, course_id, changes, now)
    rows = [_row(course_id, change, target.get(place), by, now) for place, change in zip(places, changes, strict=True)]
    draft_store.save_draft(session, rows)
    return draft_of(session, course_id)


def discard(session: Session, course_id: CourseId) -> None:
    """Throws the draft away; what is published stays."""
    draft_store.forget_draft(session, course_id)


def _change(place: Place, stands: Mapping | None, target: Mapping | None) -> CellChange:
    return CellChange(ActivityId(place[0]), IndicatorId(place[1]), _value(stands), _value(target))


def _check(session: Session, course_id: CourseId, changes: Iterable[CellChange], now: datetime) -> None:
    own = {activity.id for activity in activities.activities_of(session, course_id)}
    known = {indicator.id for indicator in rules_of(session, course_id, now).framework.indicators}
    for change in changes:
        if change.activity not in own:
            raise RuleBroken("activity_unknown", activity=change.activity)
        if change.indicator not in known:
            raise RuleBroken("indicator_unknown", indicator=change.indicator)
        if change.wanted is not None:
            Mapping(change.activity, change.indicator, change.wanted.weight, change.wanted.role)


def _row(
    course_id: CourseId, change: CellChange, like: Mapping | None, by: PersonId | None, now: datetime
) -> MappingDraftRow:
    """The drafted cell; the pass mark is that of the cell it is like."""
    row = MappingDraftRow(course_id=course_id, activity_id=change.activity, indicator_id=change.indicator)
    row.drafted_at, row.drafted_by = now, by
    row.weight = row.role = row.pass_mark = None
    if change.wanted is not None:
        row.weight, row.role = change.wanted.weight, change.wanted.role
        row.pass_mark = None if like is None or like.pass_mark is None else stored_pass_mark(like.pass_mark)
    return row


def _as_mapping(row: MappingDraftRow) -> Mapping | None:
    if row.weight is None or row.role is None:
        return None
    own = None if row.pass_mark is None else Fraction(row.pass_mark)
    return Mapping(ActivityId(row.activity_id), IndicatorId(row.indicator_id), row.weight, MappingRole(row.role), own)


def _value(cell: Mapping | None) -> CellValue | None:
    return None if cell is None else CellValue(cell.weight, cell.role)


def _place(cell: Mapping) -> Place:
    return cell.activity, cell.indicator


def _told(cell: Mapping) -> tuple[object, ...]:
    return (cell.activity, cell.indicator, cell.weight, cell.role.value, str(cell.pass_mark))
