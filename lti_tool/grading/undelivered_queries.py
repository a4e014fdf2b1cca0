"""What an institute has not delivered: by state and reason, and by course, the worst first.

Reads no row that has arrived (`ix_delivery_unsettled`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from lti_tool.grading.choosing import STUCK
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import UNSETTLED, DeliveryRow
from lti_tool.ids import PlatformId, PublicId
from lti_tool.people.tables import CourseRow


@dataclass(frozen=True, slots=True)
class Group:
    """Grades in one state with the same last answer."""

    state: DeliveryState
    answer: Answer | None
    count: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A course whose gradebook is not as it should be."""

    course: PublicId
    title: str
    stuck: int
    due: int
    oldest: datetime


def groups_of(session: Session, platform_id: PlatformId) -> tuple[Group, ...]:
    """The platform's undelivered grades, by state and last answer."""
    row = DeliveryRow
    query = select(row.state, row.last_answer, func.count()).where(row.platform_id == platform_id, UNSETTLED)
    found = session.execute(query.group_by(row.state, row.last_answer).order_by(row.state, func.count().desc()))
    return tuple(
        Group(DeliveryState(state), Answer(answer) if answer and answer in {*Answer} else None, count)
        for state, answer, count in found
    )


def courses_behind(session: Session, platform_id: PlatformId) -> tuple[Behind, ...]:
    """The platform's courses with undelivered grades: most held or given up first, then most waiting."""
    stuck = func.sum(case((DeliveryRow.state.in_([state.value for state in STUCK]), 1), else_=0))
    due = func.sum(case((DeliveryRow.state == DeliveryState.DUE.value, 1), else_=0))
    oldest = func.min(DeliveryRow.wanted_at)
    query = (
        select(CourseRow.public_id, CourseRow.title, stuck, due, oldest)
        .join(CourseRow, CourseRow.id == DeliveryRow.course_id)
        .where(DeliveryRow.platform_id == platform_id, UNSETTLED)
        .group_by(CourseRow.id, CourseRow.public_id, CourseRow.title)
        .order_by(stuck.desc(), due.desc(), CourseRow.id)
    )
    return tuple(Behind(PublicId(id_), *told) for id_, *told in session.execute(query))
