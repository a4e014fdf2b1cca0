"""What was placed in a course by deep linking, and what the platform made of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ids import ActivityId, CourseId
from lti_tool.lti.tables import PickedItemRow
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An activity as it was asked for, and as it is."""

    uid: str
    kind: ActivityKind
    title: str
    points: int | None
    activity: ActivityId | None
    """None until its link was opened for the first time."""
    held: Decimal | None
    """The full mark as read back from the platform; None where that has not happened."""


def placed_items(session: Session, course_id: CourseId) -> tuple[PlacedItem, ...]:
    """Everything that was placed in a course, newest first."""
    query = (
        select(PickedItemRow, ActivityRow.mark_max)
        .outerjoin(ActivityRow, ActivityRow.id == PickedItemRow.activity_id)
        .where(PickedItemRow.course_id == course_id)
        .order_by(PickedItemRow.id.desc())
    )
    return tuple(
        PlacedItem(
            row.uid,
            ActivityKind(row.kind),
            row.title,
            row.points,
            None if row.activity_id is None else ActivityId(row.activity_id),
            held,
        )
        for row, held in session.execute(query)
    )
