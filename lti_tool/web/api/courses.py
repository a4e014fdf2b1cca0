"""Courses and their gradebooks."""

from __future__ import annotations

from typing import Any

from lti_tool.competency.framework import Framework
from lti_tool.competency.rules import frameworks_of
from lti_tool.db.keyset import Cut
from lti_tool.grading import export
from lti_tool.grading.queries import standings_of
from lti_tool.people import paging_queries
from lti_tool.people.model import Person
from lti_tool.people.paging_queries import CourseEntry, CourseWanted, PersonEntry
from lti_tool.web.api import answers, pages
from lti_tool.web.api.answers import CourseDetail, FrameworkName, GradebookRow, Listed
from lti_tool.web.api.calls import Call
from lti_tool.web.api.parameters import CoursesQuery, ListQuery, Query
from lti_tool.web.api.problems import Refused


def courses(call: Call, query: CoursesQuery) -> Listed[answers.Course]:
    """All courses of the platform."""
    wanted = CourseWanted(
        closed=None if query.closed is None else query.closed == "true",
        created_since=query.created_since,
        context_id=query.lms_id,
    )
    cut = Cut(query.limit, pages.position(call.endpoint, query.cursor))
    found = paging_queries.courses_page(call.session, call.platform_id, wanted, cut)
    return pages.by_position(call.endpoint, query.limit, found, course_of)


def course(call: Call, _query: Query) -> CourseDetail:
    """One course."""
    here = course_named(call)
    present = paging_queries.present_in(call.session, here.id, call.now)
    return CourseDetail(
        **_told(here),
        participants=present.participants,
        trainers=present.staff,
        requirements=name_of(frameworks_of(call.session, [here.id])[here.id]),
    )


def gradebook(call: Call, query: ListQuery) -> Listed[GradebookRow]:
    """The participants of a course with every competency."""
    here = course_named(call)
    behind = pages.person(call.endpoint, query.cursor)
    people = paging_queries.participants_page(call.session, here.id, query.limit, behind, call.now)
    framework = frameworks_of(call.session, [here.id])[here.id]
    standings = standings_of(call.session, here.id, [person.id for person in people[: query.limit]])

    def row(entry: PersonEntry) -> GradebookRow:
        person = entry.person
        rows = (export.row_of(person, each, standings.get((person.id, each.id))) for each in framework.competencies)
        return GradebookRow(person=_participant(person), competencies=[standing(each) for each in rows])

    return pages.by_person(call.endpoint, query.limit, people, row)


def course_named(call: Call) -> CourseEntry:
    """The course that the address names."""
    if call.course is None:
        raise Refused("not-found")
    return call.course


def course_of(entry: CourseEntry) -> answers.Course:
    """A course as it is told."""
    return answers.Course(**_told(entry))


def standing(row: export.GradebookRow) -> answers.Standing:
    """A cell of a gradebook as it is told."""
    return answers.Standing(
        competency=row.competency,
        established=row.established,
        held=list(row.held),
        state=row.state,
        attained=row.attained,
        indicators=row.indicators,
        progress=row.progress,
    )


def name_of(framework: Framework) -> FrameworkName:
    """Which version of the requirements."""
    return FrameworkName(framework=framework.framework, version=framework.version)


def _participant(person: Person) -> answers.GradebookPerson:
    return answers.GradebookPerson(
        id=person.public_id, name=person.name, email=person.email, id_number=person.id_number
    )


def _told(entry: CourseEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "lms_id": entry.context_id,
        "title": entry.title,
        "label": entry.label,
        "begins_at": entry.begins_at,
        "ends_at": entry.ends_at,
        "created_at": entry.created_at,
        "closed_at": entry.closed_at,
        "roster_read_at": entry.roster_synced_at,
    }
