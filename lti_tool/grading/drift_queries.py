"""What pages show of comparisons: what differs now, when each column was read, and what was decided about a grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.grading.drift import Decision, Kind
from lti_tool.grading.model import Answer
from lti_tool.grading.tables import ComparisonRow, DriftEventRow, DriftRow, LineItemRow
from lti_tool.ids import CourseId, DeliveryId, LineItemId, PlatformId
from lti_tool.people.tables import CourseRow, PersonRow

MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """What the platform shows instead of what was sent; `given` None: nothing."""

    kind: Kind
    given: Decimal | None
    maximum: Decimal | None
    held_at: datetime | None
    """When it was put there, as the platform says."""
    found_at: datetime
    decision: Decision | None
    """None: it waits for a decision."""


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """How the comparing of one column stands."""

    compared_at: datetime | None
    """When the last reading began that could be compared; None: never."""
    fault: Answer | None
    """Why the last reading failed; None where it did not."""
    waits: bool
    """Somebody wants it read, and it has not been yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """What befell a delivery: "found", "alike", or a Decision."""

    what: str
    given: Decimal | None
    """What the platform showed then."""
    maximum: Decimal | None
    by: str | None
    """Who decided; empty for somebody without a name, None for nobody or an operator."""
    at: datetime


def differences_of(session: Session, course_id: CourseId) -> Mapping[DeliveryId, Difference]:
    """All that differs in a course, decided or not."""
    return {
        DeliveryId(row.delivery_id): Difference(
            kind=Kind(row.kind),
            given=row.given,
            maximum=row.maximum,
            held_at=row.held_at,
            found_at=row.found_at,
            decision=None if row.decision is None else Decision(row.decision),
        )
        for row in session.scalars(select(DriftRow).where(DriftRow.course_id == course_id))
    }


def comparisons_of(session: Session, course_id: CourseId) -> Mapping[LineItemId, ComparisonView]:
    """The course's columns that stand and were ever read, or are to be."""
    query = select(ComparisonRow).join(LineItemRow, LineItemRow.id == ComparisonRow.line_item_id)
    query = query.where(ComparisonRow.course_id == course_id, LineItemRow.url.is_not(None))
    return {
        LineItemId(row.line_item_id): ComparisonView(
            compared_at=row.compared_at,
            fault=None if row.fault is None else Answer(row.fault),
            waits=row.asked_at is not None,
        )
        for row in session.scalars(query)
    }


def events_of(session: Session, delivery_id: DeliveryId) -> tuple[Event, ...]:
    """What befell a delivery, the newest first, at most MOST_EVENTS."""
    query = (
        select(DriftEventRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == DriftEventRow.decided_by)
        .where(DriftEventRow.delivery_id == delivery_id)
        .order_by(DriftEventRow.at.desc(), DriftEventRow.id.desc())
        .limit(MOST_EVENTS)
    )
    return tuple(Event(row.what, row.given, row.maximum, name, row.at) for row, name in session.execute(query))


def courses_differing(session: Session, platform_id: PlatformId) -> Mapping[CourseId, int]:
    """The platform's courses with grades that wait for a decision, and how many."""
    query = (
        select(DriftRow.course_id, func.count())
        .join(CourseRow, CourseRow.id == DriftRow.course_id)
        .where(CourseRow.platform_id == platform_id, DriftRow.decision.is_(None))
        .group_by(DriftRow.course_id)
    )
    return {CourseId(key): count for key, count in session.execute(query)}


def open_by_platform(session: Session) -> Mapping[PlatformId, int]:
    """How many grades wait for a decision, by platform; platforms without any are not in it."""
    query = (
        select(CourseRow.platform_id, func.count())
        .join(DriftRow, DriftRow.course_id == CourseRow.id)
        .where(DriftRow.decision.is_(None))
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}


def unreadable_by_platform(session: Session) -> Mapping[PlatformId, int]:
    """How many columns could not be read back at the last try, by platform."""
    query = (
        select(CourseRow.platform_id, func.count())
        .join(ComparisonRow, ComparisonRow.course_id == CourseRow.id)
        .where(ComparisonRow.fault.is_not(None))
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}
