"""Where a person stands over all courses of their platform: the record that they carry away (rules, section 7).

Worked out from what the courses have stored, under the requirements and the rules of the course where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import crossing, level_queries, rollup
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.certifying import Attested
from lti_tool.competency.framework import Framework
from lti_tool.competency.ledger_store import results_elsewhere
from lti_tool.competency.record import record_of
from lti_tool.competency.rules import rules_of
from lti_tool.competency.standing import CompetencyStanding, Profile
from lti_tool.ids import CompetencyId, CourseId, PersonId


@dataclass(frozen=True, slots=True)
class OverCourses:
    """A person's record over courses, as levels."""

    framework: Framework
    standings: dict[CompetencyId, CompetencyStanding]
    """Every competency, in the order of the framework."""
    profile: Profile
    attested: tuple[Attested, ...]
    """All that hold, with the courses that gave them; those of other versions of the requirements too."""


def over_courses(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> OverCourses:
    """The record of a person, by the version and the rules of this course. A fixed number of queries."""
    rules = rules_of(session, course_id, as_of)
    version = rules.framework
    said = results_elsewhere(session, [person_id], without=None)
    results = crossing.results(session, course_id, version, said).get(person_id, {})
    attested = level_queries.attested_of(session, person_id, as_of)
    levels = {(each.competency, each.level) for each in attested}
    certified = crossing.certified(session, course_id, version, {person_id: levels})[person_id]
    record = record_of(results.values(), certified=certified)
    standings = stand_in_record(version.shape(), record, rules.rule_set.pass_mark)
    profile = rollup.profile(version.shape(), rollup.established_levels(standings), rules.rule_set.overall_needed)
    return OverCourses(version, standings, profile, attested)
