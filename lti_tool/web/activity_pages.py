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
    if activity is None or role is None or (activity.kind, role) not in PAGES:
        return None
    endpoint, called = PAGES[activity.kind, role]
    values: dict[str, Any] = {called: activity.public_id} if called else {}
    return url_for(endpoint, course=course.public_id, **values)
