"""A course copied as Moodle does it: activities, columns, custom parameters come over with new ids, grades do not."""

from __future__ import annotations

from dataclasses import replace

from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Course, Link


def copy_course(lms: DemoLms, course_id: str) -> Course:
    """Copies a course with its people and their roles; the copy names its origins, the nearest first."""
    with lms.lock:
        origin = lms.courses[course_id]
        number = 1 + sum(course_id in each.history.split(",") for each in lms.courses.values())
        copy = replace(
            origin,
            id=str(max(map(int, lms.courses)) + 1),
            label=f"{origin.label} copy {number}",
            title=f"{origin.title} ({number}-көчүрмө)",
            id_number="",
            history=",".join(filter(None, (origin.id, origin.history))),
        )
        lms.courses[copy.id] = copy
        lms.enrolments += [replace(each, course_id=copy.id) for each in lms.enrolments if each.course_id == origin.id]
        links = {
            each.id: lms.place_link(replace(each, course_id=copy.id))
            for each in list(lms.links.values())
            if each.course_id == origin.id
        }
        for column in lms.gradebook.columns(origin.id):
            lms.gradebook.add(_copied(column, copy, links))
        return copy


def _copied(column: Column, copy: Course, links: dict[str, Link]) -> Column:
    """Coupling, resource id and tag survive; the grades stay where they are."""
    return Column(
        copy.id,
        column.label,
        column.maximum,
        column.module,
        tool_id=column.tool_id,
        link_id=links[column.link_id].id if column.link_id in links else None,
        resource_id=column.resource_id,
        tag=column.tag,
        review=column.review,
    )
