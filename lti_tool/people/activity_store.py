"""Loads activities for the use cases of this package; beside `store.py`, which keeps people and courses."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.db.prepared import Prepared
from lti_tool.ids import ActivityId, CourseId, PublicId
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow

_ACTIVITY_BY_SOURCE = (
    ActivityRow.course_id == bindparam("course_id"),
    ActivityRow.source == bindparam("source"),
    ActivityRow.external_id == bindparam("external_id"),
)
_ACTIVITY = tuple(getattr(ActivityRow, each.name) for each in fields(Activity))
_KNOWN_ACTIVITY = Prepared(select(*_ACTIVITY).where(*_ACTIVITY_BY_SOURCE))
_ACTIVITIES = Prepared(
    select(*_ACTIVITY).where(ActivityRow.course_id == bindparam("course_id")).order_by(ActivityRow.id)
)
_DECLARED = Prepared(
    select(ActivityRow.declared, ActivityRow.offered).where(ActivityRow.id == bindparam("activity_id"))
)


def as_activity(row: ActivityRow) -> Activity:
    """The row as the value that leaves this package."""
    return _as_activity(*(getattr(row, each.name) for each in fields(Activity)))


def known_activity(session: Session, course_id: CourseId, source: ActivitySource, external_id: str) -> Activity | None:
    """The activity that the source knows by that id, as a value."""
    found = _KNOWN_ACTIVITY.first(session, course_id=course_id, source=source.value, external_id=external_id)
    return None if found is None else _as_activity(*found)


def _as_activity(
    key: int,
    public_id: str,
    of_course: int,
    kind: str,
    known_by: str,
    external: str,
    name: str,
    mark_max: Decimal | None,
) -> Activity:
    return Activity(
        ActivityId(key),
        PublicId(public_id),
        CourseId(of_course),
        ActivityKind(kind),
        ActivitySource(known_by),
        external,
        name,
        mark_max,
    )


def declared_and_offered(session: Session, activity_id: ActivityId) -> tuple[str, str | None]:
    """The `indicators` parameter of an activity as it was taken over, and a changed one that waits."""
    found = _DECLARED.first(session, activity_id=activity_id)
    return (found[0], found[1]) if found else ("", None)


def activity_by_source(
    session: Session, course_id: CourseId, source: ActivitySource, external_id: str
) -> ActivityRow | None:
    """The activity that the source knows by that id."""
    asked = {"course_id": course_id, "source": source, "external_id": external_id}
    return session.scalar(select(ActivityRow).where(*_ACTIVITY_BY_SOURCE), asked)


def activities(session: Session, course_id: CourseId) -> tuple[Activity, ...]:
    """All activities of a course, in the order in which it came to know them."""
    return tuple(_as_activity(*columns) for columns in _ACTIVITIES.all(session, course_id=course_id))


def offers(session: Session, course_id: CourseId) -> dict[ActivityId, str]:
    """The changed `indicators` parameters of a course's activities that wait for somebody's decision."""
    query = select(ActivityRow.id, ActivityRow.offered).where(ActivityRow.course_id == course_id)
    rows = session.execute(query.where(ActivityRow.offered.is_not(None)).order_by(ActivityRow.id))
    return {ActivityId(activity): offered for activity, offered in rows if offered is not None}
