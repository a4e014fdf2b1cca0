"""SQL of the marks that are read by web service: which courses are due, what their gradebooks list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PlatformId
from lti_tool.moodle.grade_items import Item, ItemFault
from lti_tool.moodle.tables import NativeItemRow, NativePullRow
from lti_tool.people.tables import CourseRow


def pull_row(session: Session, course_id: CourseId) -> NativePullRow | None:
    """How the reading of a course stands; None before anybody asked for it."""
    return session.get(NativePullRow, course_id)


def item_rows(session: Session, course_id: CourseId) -> Sequence[NativeItemRow]:
    """What the course's gradebook listed, in its order."""
    query = select(NativeItemRow).where(NativeItemRow.course_id == course_id)
    return session.scalars(query.order_by(NativeItemRow.place, NativeItemRow.key)).all()


def take_due(session: Session, now: datetime, next_at: datetime) -> CourseId | None:
    """The course that has waited longest, which is due again at `next_at`: nobody else takes it meanwhile."""
    query = (
        select(NativePullRow)
        .where(NativePullRow.due_at <= now)
        .order_by(NativePullRow.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalar(query)
    if row is None:
        return None
    row.due_at = next_at
    return CourseId(row.course_id)


def postpone_platform(session: Session, platform_id: PlatformId, until: datetime) -> None:
    """No course of this platform is due before `until`: one that waited for nothing is enough."""
    courses = select(CourseRow.id).where(CourseRow.platform_id == platform_id)
    query = update(NativePullRow).where(NativePullRow.course_id.in_(courses), NativePullRow.due_at < until)
    session.execute(query.values(due_at=until))


def note_items(
    session: Session,
    course_id: CourseId,
    items: Sequence[Item],
    completable: Sequence[Item] | None,
    own: frozenset[str],
) -> None:
    """The list becomes what Moodle lists now; a chosen one that is gone is kept, to say so.

    `own` are keys of the tool's own columns; with `completable` None what can be completed stays as it was.
    """
    known = {row.key: row for row in item_rows(session, course_id)}
    for place, item in enumerate([*items, *(completable or ())]):
        row = known.pop(item.key, None)
        if row is None:
            row = NativeItemRow(course_id=course_id, key=item.key)
            session.add(row)
        row.name, row.module, row.instance = item.name, item.module, item.instance
        row.mark_min, row.mark_max, row.place, row.gone = item.minimum, item.maximum, place, False
        row.fault = ItemFault.OWN_COLUMN if item.key in own else item.fault
    for key, row in known.items():
        if completable is None and key.startswith("completion:"):
            continue
        if row.activity_id is None:
            session.delete(row)
        else:
            row.gone = True
    session.flush()
