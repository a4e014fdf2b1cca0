"""Activities of a course: the tool's own links and everything else that its gradebook lists."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import ActivityId, CourseId
from lti_tool.people import activity_store, store
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow

NAME_LENGTH = 400
MARK_STEP = Decimal("0.00001")
LARGEST_MARK = Decimal(10) ** 9


def activities_of(session: Session, course_id: CourseId) -> tuple[Activity, ...]:
    """All activities of a course, in the order in which it came to know them."""
    return activity_store.activities(session, course_id)


def ensure_activity(
    session: Session,
    course_id: CourseId,
    kind: ActivityKind,
    source: ActivitySource,
    external_id: str,
    name: str,
    now: datetime,
    mark_max: Decimal | None = None,
) -> Activity:
    """The activity that `source` knows as `external_id`, made if the course does not have it: see `note_activity`."""
    return note_activity(session, course_id, kind, source, external_id, name, now, mark_max)[0]


def note_activity(
    session: Session,
    course_id: CourseId,
    kind: ActivityKind,
    source: ActivitySource,
    external_id: str,
    name: str,
    now: datetime,
    mark_max: Decimal | None = None,
) -> tuple[Activity, bool]:
    """The activity that `source` knows as `external_id`, made if need be, and whether the source is new to the course.

    A name or a maximum told anew replaces the old one. A link that a file named before its first launch is that
    activity, which gets its kind now; otherwise the kind never changes. Raises RuleBroken for a name that is empty or
    longer than 400 characters, or for a maximum that is not above 0.
    """
    if not name.strip() or len(name) > NAME_LENGTH or len(external_id) > NAME_LENGTH:
        raise RuleBroken("activity_name_faulty", length=len(name), maximum=NAME_LENGTH)
    mark_max = None if mark_max is None else _kept(mark_max)
    known = activity_store.known_activity(session, course_id, source, external_id)
    if known is not None and known.name == name and mark_max in (None, known.mark_max):
        return known, False
    row = activity_store.activity_by_source(session, course_id, source, external_id) if known else None
    is_new = row is None
    if row is None and source is ActivitySource.LTI:
        # Two activities of one name would make every later file ambiguous.
        row = activity_store.activity_by_source(session, course_id, ActivitySource.GRADEBOOK, name)
        if row is not None:
            row.kind, row.source, row.external_id = kind, source, external_id
    if row is None:
        made = ActivityRow(course_id=course_id, kind=kind, source=source, external_id=external_id, created_at=now)
        made.name, made.mark_max = name, mark_max
        row = store.insert_or_find(
            session, made, lambda: activity_store.activity_by_source(session, course_id, source, external_id)
        )
    if row.name != name:
        row.name = name
    if mark_max is not None and row.mark_max != mark_max:
        row.mark_max = mark_max
    return activity_store.as_activity(row), is_new


def note_mark_max(session: Session, course_id: CourseId, activity_id: ActivityId, mark_max: Decimal) -> None:
    """Keeps what a full mark of an activity is, as read back from the platform; to five decimals. Raises RuleBroken."""
    row = session.get_one(ActivityRow, activity_id)
    if row.course_id != course_id:
        raise NotFound("activity_unknown", activity=activity_id)
    row.mark_max = _kept(mark_max)


def _kept(mark_max: Decimal) -> Decimal:
    """The maximum as a gradebook can hold it; a platform that computes with floats tells 33.333333333333336."""
    if not mark_max.is_finite() or not 0 < mark_max < LARGEST_MARK or not (kept := mark_max.quantize(MARK_STEP)):
        raise RuleBroken("mark_maximum_faulty", maximum=mark_max)
    return kept


def declared(session: Session, activity_id: ActivityId) -> str:
    """The `indicators` parameter as it stood when it was last taken over; empty where there was none."""
    return session.get_one(ActivityRow, activity_id).declared


def is_settled(session: Session, activity_id: ActivityId, parameter: str) -> bool:
    """Whether this `indicators` parameter was taken over already, and no other waits for the trainer's decision."""
    return activity_store.declared_and_offered(session, activity_id) == (parameter, None)


def offered(session: Session, course_id: CourseId) -> dict[ActivityId, str]:
    """The changed `indicators` parameters that wait for the trainer's decision."""
    return activity_store.offers(session, course_id)


def note_declared(session: Session, activity_id: ActivityId, parameter: str) -> None:
    """Keeps the `indicators` parameter that was taken over; what was offered before it is settled."""
    row = session.get_one(ActivityRow, activity_id)
    row.declared, row.offered = parameter, None


def note_offered(session: Session, activity_id: ActivityId, parameter: str | None) -> None:
    """Keeps a changed `indicators` parameter until the trainer decides (None: nothing to decide any more)."""
    row = session.get_one(ActivityRow, activity_id)
    if row.offered != parameter:
        row.offered = parameter
