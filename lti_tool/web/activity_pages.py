"""The page on which the launch of an own activity lands, by its kind and by who comes."""

from __future__ import annotations

from flask import url_for

from lti_tool.people.model import Activity, ActivityKind, Course, CourseRole

PAGES = {
    (ActivityKind.OBSERVATION, CourseRole.TRAINER): "observation.checklist",
    (ActivityKind.OBSERVATION, CourseRole.PARTICIPANT): "observation.observed",
    (ActivityKind.SELF_ASSESSMENT, CourseRole.TRAINER): "self_assessment.group",
    (ActivityKind.SELF_ASSESSMENT, CourseRole.PARTICIPANT): "self_assessment.show",
}


def page_of(activity: Activity | None, course: Course, role: CourseRole | None) -> str | None:
    """The address of the activity's own page; None where its launch leads where all others do."""
    if activity is None or role is None or (activity.kind, role) not in PAGES:
        return None
    return url_for(PAGES[activity.kind, role], course=course.public_id, activity=activity.public_id)
