"""The page on which the launch of an own activity lands, by its kind and by who comes."""

from __future__ import annotations

from typing import Any

from flask import url_for

from lti_tool.people.model import Activity, ActivityKind, Course, CourseRole

PAGES = {
    (ActivityKind.EVIDENCE, CourseRole.TRAINER): ("assessing.queue", ""),
    (ActivityKind.EVIDENCE, CourseRole.PARTICIPANT): ("task.show", "task"),
    (ActivityKind.OBSERVATION, CourseRole.TRAINER): ("observation.checklist", "activity"),
    (ActivityKind.OBSERVATION, CourseRole.PARTICIPANT): ("observation.observed", "activity"),
    (ActivityKind.SELF_ASSESSMENT, CourseRole.TRAINER): ("self_assessment.group", "activity"),
    (ActivityKind.SELF_ASSESSMENT, CourseRole.PARTICIPANT): ("self_assessment.show", "activity"),
}
"""Endpoint, and what its address calls the activity; empty where the page is of all of them."""


def page_of(activity: Activity | None, course: Course, role: CourseRole | None) -> str | None:
    """The address of the activity's own page; None where its launch leads where all others do."""
    if activity is None or role is None:
        return None
    return _address(activity.kind, activity.public_id, course, role)


def participants_page(kind: ActivityKind, public_id: str, course: Course) -> str:
    """The address where a participant does an activity of this course; empty where that is in the LMS."""
    return _address(kind, public_id, course, CourseRole.PARTICIPANT) or ""


def _address(kind: ActivityKind, public_id: str, course: Course, role: CourseRole) -> str | None:
    if (kind, role) not in PAGES:
        return None
    endpoint, called = PAGES[kind, role]
    values: dict[str, Any] = {called: public_id} if called else {}
    return url_for(endpoint, course=course.public_id, **values)
