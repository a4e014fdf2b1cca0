"""What an institute has not delivered, or what differs in its LMS: by state and reason, and by course, worst first.

Reads no row that has arrived (`ix_delivery_unsettled`), and names only of the courses that are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.grading.choosing import STUCK
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import UNSETTLED, DeliveryRow
from lti_tool.ids import CourseId, PlatformId, PublicId
from lti_tool.people.tables import CourseRow


@dataclass(frozen=True, slots=True)
class Group:
    """Grades in one state with the same last answer."""

    state: DeliveryState
    answer: Answer | None
    count: int


@dataclass(slots=True)
class Behind:
    """A course whose gradebook is not as it should be."""

    stuck: int = 0
    due: int = 0
    oldest: datetime | None = None
    """Since when something waits; None: nothing does."""
    differing: int = 0
    """Grades of which the LMS holds another, and nobody has decided yet."""

    @property
    def weight(self) -> tuple[int, int, int]:
        """The larger, the worse."""
        return self.stuck, self.due, self.differing


@dataclass(frozen=True, slots=True)
class Undelivered:
    """All of a platform that has not arrived or differs."""

    groups: tuple[Group, ...]
    courses: Mapping[CourseId, Behind]
    """The worst first."""


def undelivered_of(session: Session, platform_id: PlatformId, differing: Mapping[CourseId, int]) -> Undelivered:
    """What of a platform has not arrived, in one query; `differing` as `drift_queries.courses_differing` gives it."""
    row = DeliveryRow
    query = (
        select(row.course_id, row.state, row.last_answer, func.count(), func.min(row.wanted_at))
        .where(row.platform_id == platform_id, UNSETTLED)
        .group_by(row.course_id, row.state, row.last_answer)
    )
    groups: Counter[tuple[str, str | None]] = Counter()
    courses: dict[CourseId, Behind] = {}
    for course, state, answer, count, oldest in session.execute(query):
        if state not in {*DeliveryState}:  # a word of the version after, which runs beside this one
            continue
        groups[state, answer] += count
        behind = courses.setdefault(CourseId(course), Behind())
        behind.stuck += count if state in STUCK else 0
        behind.due += count if state == DeliveryState.DUE else 0
        behind.oldest = min(behind.oldest or oldest, oldest)
    for course, count in differing.items():
        courses.setdefault(course, Behind()).differing = count
    return Undelivered(_groups(groups), _worst_first(courses))


def named(session: Session, courses: Collection[CourseId]) -> Mapping[CourseId, tuple[PublicId, str]]:
    """Public id and title of some courses."""
    query = select(CourseRow.id, CourseRow.public_id, CourseRow.title).where(CourseRow.id.in_(courses))
    return {CourseId(id_): (PublicId(public_id), title) for id_, public_id, title in session.execute(query)}


def _groups(counted: Mapping[tuple[str, str | None], int]) -> tuple[Group, ...]:
    def place(each: tuple[tuple[str, str | None], int]) -> tuple[str, int, str]:
        (state, answer), count = each
        return state, -count, answer or ""

    return tuple(
        Group(DeliveryState(state), Answer(answer) if answer and answer in {*Answer} else None, count)
        for (state, answer), count in sorted(counted.items(), key=place)
    )


def _worst_first(courses: Mapping[CourseId, Behind]) -> Mapping[CourseId, Behind]:
    def place(each: tuple[CourseId, Behind]) -> tuple[Iterable[int], CourseId]:
        course, behind = each
        return tuple(-part for part in behind.weight), course

    return dict(sorted(courses.items(), key=place))
