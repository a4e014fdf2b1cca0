"""Loads and saves what trainers placed by deep linking."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId
from lti_tool.lti.tables import PickedItemRow


def picked_rows(session: Session, course_id: CourseId, uids: Collection[str]) -> dict[str, PickedItemRow]:
    """What was placed in a course under these names of ours, by name."""
    query = select(PickedItemRow).where(PickedItemRow.course_id == course_id, PickedItemRow.uid.in_(sorted(uids)))
    return {row.uid: row for row in session.scalars(query)}
