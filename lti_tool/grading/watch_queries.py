"""What whoever watches the tool asks of grades: what has not arrived, per platform; never who it is about.

Asked at every scrape, so every answer is one statement that reads no row that has arrived (`ix_delivery_unsettled`).
States and answers stay texts: while two versions run side by side, one may meet a word of the other's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.grading.channel_store import is_paused
from lti_tool.grading.model import Answer
from lti_tool.grading.tables import (
    UNSETTLED,
    DeliveryAttemptRow,
    DeliveryRow,
    DeliveryTallyRow,
    JobRow,
    LineItemRow,
    PlatformChannelRow,
)
from lti_tool.ids import PlatformId
from lti_tool.people.tables import CourseRow


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
    until: datetime
    """When a worker will see whether it answers again."""


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
        .where(UNSETTLED)
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
    query = select(row.platform_id, row.reason, row.paused_since, row.paused_until).where(row.paused_until.is_not(None))
    return {
        PlatformId(key): Paused(reason or Answer.OUTAGE.value, since or until, until)
        for key, reason, since, until in session.execute(query)
        if until is not None
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


def tries(session: Session) -> Mapping[PlatformId, Mapping[str, int]]:
    """How many tries to send a grade came to each answer, by platform."""
    found: dict[PlatformId, dict[str, int]] = {}
    for row in session.scalars(select(DeliveryTallyRow)):
        found.setdefault(PlatformId(row.platform_id), {})[row.answer] = row.count
    return found


# --- for somebody who looks once: what may read a little more


def left_lying(session: Session, before: datetime, now: datetime) -> Mapping[PlatformId, int]:
    """How many grades and columns a worker could have taken up since `before` and did not, by platform.

    None of a platform that is paused, and no grade whose column does not stand yet.
    """
    row = DeliveryRow
    grades = (
        select(row.platform_id, func.count())
        .join(LineItemRow, LineItemRow.id == row.line_item_id)
        .where(UNSETTLED, row.due_at <= before, LineItemRow.url.is_not(None), ~is_paused(row.platform_id))
        .where(or_(row.lease_until.is_(None), row.lease_until <= now))
        .group_by(row.platform_id)
    )
    columns = (
        select(CourseRow.platform_id, func.count())
        .join(LineItemRow, LineItemRow.course_id == CourseRow.id)
        .where(LineItemRow.due_at <= before, ~is_paused(CourseRow.platform_id))
        .group_by(CourseRow.platform_id)
    )
    found: Counter[PlatformId] = Counter()
    for query in (grades, columns):
        found.update({PlatformId(key): count for key, count in session.execute(query)})
    return found


def worker_seen(session: Session, since: datetime, now: datetime) -> bool:
    """Whether a worker has a grade in its hands now, or has tried one since then."""
    leased = select(DeliveryRow.id).where(UNSETTLED, DeliveryRow.lease_until > now).limit(1)
    newest = select(DeliveryAttemptRow.tried_at).order_by(DeliveryAttemptRow.id.desc()).limit(1)
    tried_at = session.scalar(newest)
    return session.scalar(leased) is not None or (tried_at is not None and tried_at >= since)
