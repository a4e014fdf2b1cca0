"""Persons, and one person's levels over all courses."""

from __future__ import annotations

from typing import Any

from lti_tool.competency import level_queries
from lti_tool.competency.best_levels import best_levels
from lti_tool.competency.framework import Framework
from lti_tool.competency.level_queries import PersonStandings
from lti_tool.competency.rules import frameworks_of
from lti_tool.db.keyset import Cut
from lti_tool.grading import export
from lti_tool.ids import CompetencyId, CourseId
from lti_tool.people import paging_queries
from lti_tool.people.paging_queries import Attended, PersonEntry, PersonWanted
from lti_tool.web.api import answers, pages
from lti_tool.web.api.answers import AttendedCourse, BestLevel, BestLevels, Listed, PersonDetail
from lti_tool.web.api.calls import Call
from lti_tool.web.api.courses import name_of, standing
from lti_tool.web.api.parameters import PersonsQuery, Query
from lti_tool.web.api.problems import Refused


def persons(call: Call, query: PersonsQuery) -> Listed[answers.Person]:
    """All persons of the platform."""
    wanted = PersonWanted(query.updated_since, query.email, query.id_number, query.lms_id)
    cut = Cut(query.limit, pages.position(call.endpoint, query.cursor))
    found = paging_queries.persons_page(call.session, call.platform_id, wanted, cut)
    return pages.by_position(call.endpoint, query.limit, found, lambda each: answers.Person(**_told(each)))


def person(call: Call, _query: Query) -> PersonDetail:
    """One person with their levels."""
    if call.person is None:
        raise Refused("not-found")
    here = call.person
    standings = level_queries.standings_everywhere(call.session, here.id)
    everywhere = paging_queries.courses_of_person(call.session, here.id, call.now)
    attended = [each for each in everywhere if each.participates or each.course.id in standings]
    frameworks = frameworks_of(call.session, [each.course.id for each in attended])
    best = _best(call, here, attended, standings)
    return PersonDetail(
        **_told(here),
        best=[_best_by(framework, best) for framework in {each.id: each for each in frameworks.values()}.values()],
        courses=[_attended(here, each, frameworks[each.course.id], standings) for each in attended],
    )


def _best(
    call: Call, here: PersonEntry, attended: list[Attended], standings: PersonStandings
) -> dict[CompetencyId, int]:
    established: dict[CourseId, dict[CompetencyId, int | None]] = {
        course: {competency: each.established for competency, each in of_course.items()}
        for course, of_course in standings.items()
    }
    closed = [each.course.id for each in attended if each.course.closed_at is not None]
    certified = level_queries.certified_of(call.session, here.id, call.now)
    return best_levels(established, closed, [(each.competency, each.level) for each in certified])


def _best_by(framework: Framework, best: dict[CompetencyId, int]) -> BestLevels:
    levels = [BestLevel(competency=each.code, level=best.get(each.id)) for each in framework.competencies]
    return BestLevels(requirements=name_of(framework), competencies=levels)


def _attended(
    here: PersonEntry, attended: Attended, framework: Framework, standings: PersonStandings
) -> AttendedCourse:
    course, stored = attended.course, standings.get(attended.course.id, {})
    rows = [export.row_of(here.person, each, stored.get(each.id)) for each in framework.competencies]
    return AttendedCourse(
        id=course.public_id,
        title=course.title,
        active=attended.active,
        closed_at=course.closed_at,
        requirements=name_of(framework),
        competencies=[standing(row) for row in rows],
    )


def _told(entry: PersonEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "lms_id": entry.sub,
        "name": entry.name,
        "given_name": entry.given_name,
        "family_name": entry.family_name,
        "email": entry.email,
        "id_number": entry.id_number,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    }
