"""What pages and watchers ask of errands that are open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PlatformId
from lti_tool.people.errand import Errand, ErrandKind, Stage, Steps, stage_of
from lti_tool.people.tables import CourseRow, ErrandRow


def errand_of(session: Session, course_id: CourseId, kind: ErrandKind, now: datetime) -> Errand | None:
    """The course's open errand of this kind."""
    row = session.get(ErrandRow, (course_id, kind), populate_existing=True)
    if row is None:
        return None
    stage = stage_of(row.token, row.free_at, now)
    waits = stage is Stage.WAITING and row.free_at is not None and row.free_at > now
    steps = Steps(row.answers, row.done, row.total)
    return Errand(kind, stage, row.asked_at, steps, row.free_at if waits else None)


def waiting(session: Session, since: datetime) -> Mapping[PlatformId, int]:
    """How many errands have been open since then or longer, by platform."""
    query = (
        select(CourseRow.platform_id, func.count())
        .join(ErrandRow, ErrandRow.course_id == CourseRow.id)
        .where(ErrandRow.asked_at <= since)
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}
