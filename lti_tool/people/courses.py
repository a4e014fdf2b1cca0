"""Courses as launches bring them in, and as pages and commands ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy.orm import Session

from lti_tool.errors import NotFound
from lti_tool.ids import CourseId, PlatformId
from lti_tool.people import store
from lti_tool.people.model import Course
from lti_tool.people.store import KnownCourse
from lti_tool.people.tables import CourseRow

TITLES, TIMES = ("label", "title", "history"), ("begins_at", "ends_at")
"""What a launch may say of a course anew."""
ORIGINS = 20
"""How many of the courses in a history are looked for: a course is copied every year, not every day."""


@dataclass(frozen=True, slots=True)
class SeenCourse:
    """What a launch says of its course; None = nothing said, what is known stays."""

    context_id: str
    label: str | None = None
    title: str | None = None
    history: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def note_course(session: Session, platform_id: PlatformId, seen: SeenCourse, now: datetime) -> Course:
    """The course of a launch, made at its first and kept up to date afterwards."""
    known = store.known_course(session, platform_id, seen.context_id)
    if known is not None and not _news(known, seen):
        return known.course
    row = store.course_by_context(session, platform_id, seen.context_id) if known else None
    if row is None:
        made = CourseRow(platform_id=platform_id, context_id=seen.context_id, created_at=now)
        made.title = seen.title or seen.label or seen.context_id
        row = store.insert_or_find(
            session, made, lambda: store.course_by_context(session, platform_id, seen.context_id)
        )
    for name, told in _told(seen):
        if told != getattr(row, name):
            setattr(row, name, told)
    return store.as_course(row)


def _told(seen: SeenCourse) -> list[tuple[str, object]]:
    named = ((name, getattr(seen, name)) for name in (*TITLES, *TIMES))
    return [(name, told) for name, told in named if told is not None]


def _news(known: KnownCourse, seen: SeenCourse) -> bool:
    return any(told != getattr(known if name in TIMES else known.course, name) for name, told in _told(seen))


def origins_of(session: Session, course: Course) -> tuple[Course, ...]:
    """The courses of the same platform that this one was copied from, as far as they are known; the nearest first.

    The platform tells context ids, percent-encoded (LTI 1.3 custom parameters, `Context.id.history`).
    """
    told = (course.history or "").split(",")
    ids = dict.fromkeys(unquote(each.strip()) for each in told[:ORIGINS])
    found = (store.course_by_context(session, course.platform_id, each) for each in ids if each)
    return tuple(store.as_course(row) for row in found if row is not None and row.id != course.id)


def settle_locale(session: Session, course_id: CourseId, locale: str) -> None:
    """The first trainer's locale becomes the course's: the language of its line items (rules, section 5)."""
    row = store.course_row(session, course_id)
    row.locale = row.locale or locale


def find_course(session: Session, public_id: str) -> Course:
    """The course with this public id; NotFound where there is none."""
    row = store.course_by_public_id(session, public_id)
    if row is None:
        raise NotFound("course_unknown", course=public_id)
    return store.as_course(row)


def get_course(session: Session, course_id: CourseId) -> Course:
    """A course that is known to exist."""
    return store.course(session, course_id)
