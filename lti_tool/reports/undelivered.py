"""What an institute has not delivered, counted every few seconds: its page costs the same at ten times the grades.

A grade that has not arrived must be seen within a minute. While the worker's count is younger than that, pages show it;
else (a worker that stands still, an institute that was never counted) they count for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import drift_queries, undelivered_queries
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.undelivered_queries import Behind, Group, Undelivered
from lti_tool.ids import CourseId, PlatformId
from lti_tool.reports import store
from lti_tool.reports.store import Listed

FRESH = timedelta(seconds=45)
"""What is older is counted anew by the page: together with the time to read it, it stays within the promised minute."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What has not arrived, as of a moment."""

    what: Undelivered
    as_of: datetime


def undelivered(session: Session, platform_id: PlatformId, now: datetime) -> Seen:
    """What of a platform has not arrived or differs in its LMS."""
    kept = store.undelivered_kept(session, platform_id, now - FRESH)
    if kept is None:
        return Seen(_counted(session, platform_id), now)
    groups, courses, as_of = kept
    return Seen(from_json(groups, courses), as_of)


def keep(sessions: SessionFactory, platform_id: PlatformId, now: datetime) -> None:
    """Counts a platform's undelivered grades without keeping a writer waiting, and stores what came out."""
    with unit_of_work(sessions, writes=False) as session:
        groups, courses = to_json(_counted(session, platform_id))
    with unit_of_work(sessions) as session:
        store.put_undelivered(session, platform_id, groups, courses, now)


def _counted(session: Session, platform_id: PlatformId) -> Undelivered:
    differing = drift_queries.courses_differing(session, platform_id)
    return undelivered_queries.undelivered_of(session, platform_id, differing)


def to_json(what: Undelivered) -> tuple[Listed, Listed]:
    """Groups and courses as they are kept, in their order."""
    return (
        [[each.state, each.answer, each.count] for each in what.groups],
        [
            [course, each.stuck, each.due, each.oldest and each.oldest.isoformat(), each.differing]
            for course, each in what.courses.items()
        ],
    )


def from_json(groups: Listed, courses: Listed) -> Undelivered:
    """What was kept so."""
    return Undelivered(
        tuple(Group(DeliveryState(state), answer and Answer(answer), count) for state, answer, count in groups),
        Kept(courses),
    )


class Kept(Mapping[CourseId, Behind]):
    """Courses as they are kept, the worst first; a page makes values of those only that it shows."""

    def __init__(self, lines: Listed) -> None:
        self._lines = {line[0]: line for line in lines}

    def __getitem__(self, course: CourseId) -> Behind:
        _course, stuck, due, oldest, differing = self._lines[course]
        return Behind(stuck, due, oldest and datetime.fromisoformat(oldest), differing)

    def __iter__(self) -> Iterator[CourseId]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)
