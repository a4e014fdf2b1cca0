"""What whoever watches the tool asks of grades: what has not arrived, per platform; never who it is about.

Asked at every scrape, so every answer is one statement that reads no row that has arrived (`ix_delivery_unsettled`).
States and answers stay texts: while two versions run side by side, one may meet a word of the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from lti_tool.grading.model import DeliveryState
from lti_tool.grading.tables import DeliveryRow, JobRow, LineItemRow, PlatformChannelRow
from lti_tool.ids import PlatformId
from lti_tool.people.tables import CourseRow

# Written out, not bound: a partial index serves a statement only where its condition can be read in it.
_UNSETTLED = DeliveryRow.state != literal(DeliveryState.SENT.value, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Deliveries of one platform that have not arrived and had the same answer last."""

    state: str
    answer: str | None
    """None: not tried yet."""
    count: int
    due: int
    """How many of them a free worker would try now."""
    oldest: datetime
    """When the longest waiting of them was wished."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing goes to this platform now."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Jobs:
    """Courses of one platform that are being computed anew."""

    open: int = 0
    failing: int = 0
    """How many of them broke off at the last try."""


def unsettled(session: Session, now: datetime) -> Mapping[PlatformId, tuple[Unsettled, ...]]:
    """What has not arrived, by platform; platforms without any are not in it."""
    row = DeliveryRow
    due = func.sum(case((row.due_at <= now, 1), else_=0))
    query = (
        select(row.platform_id, row.state, row.last_answer, func.count(), due, func.min(row.wanted_at))
        .where(_UNSETTLED)
        .group_by(row.platform_id, row.state, row.last_answer)
        .order_by(row.platform_id, row.state, row.last_answer)
    )
    found: dict[PlatformId, tuple[Unsettled, ...]] = {}
    for platform_id, *told in session.execute(query):
        key = PlatformId(platform_id)
        found[key] = (*found.get(key, ()), Unsettled(*told))
    return found


def pauses(session: Session) -> Mapping[PlatformId, Paused]:
    """Why nothing goes to a platform, and since when; only those that are paused."""
    row = PlatformChannelRow
    query = select(row.platform_id, row.reason, row.paused_since).where(row.paused_since.is_not(None))
    return {
        PlatformId(key): Paused(reason or "outage", since) for key, reason, since in session.execute(query) if since
    }


def columns_not_ready(session: Session) -> Mapping[PlatformId, int]:
    """How many targeted columns the platform's gradebook does not have yet."""
    query = (
        select(CourseRow.platform_id, func.count())
        .join(LineItemRow, LineItemRow.course_id == CourseRow.id)
        .where(LineItemRow.ready_at.is_(None), LineItemRow.targeted)
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}


def jobs(session: Session) -> Mapping[PlatformId, Jobs]:
    """How many courses are being computed anew, and how many of these could not be."""
    failing = func.sum(case((JobRow.fault.is_not(None), 1), else_=0))
    query = (
        select(CourseRow.platform_id, func.count(), failing)
        .join(JobRow, JobRow.course_id == CourseRow.id)
        .where(JobRow.finished_at.is_(None))
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): Jobs(count, failed) for key, count, failed in session.execute(query)}
