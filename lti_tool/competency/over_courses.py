"""Where a person stands over all courses of their platform: the record that they carry away (rules, section 7).

Worked out from what the courses have stored, under the requirements and the rules of the course where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import person_record, rollup
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.framework import Framework
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
    certified: tuple[CertifiedIn, ...]
    """All levels that hold, the oldest first, with the courses that gave them; those of other versions too."""


def over_courses(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> OverCourses:
    """The record of a person, by the version and the rules of this course. A fixed number of queries."""
    rules = rules_of(session, course_id, as_of)
    version = rules.framework
    sources = person_record.sources_of(session, course_id, version, person_id, as_of)
    standings = stand_in_record(version.shape(), sources.record, rules.rule_set.pass_mark)
    profile = rollup.profile(version.shape(), rollup.established_levels(standings), rules.rule_set.overall_needed)
    certified = tuple(each for each in reversed(sources.certificates) if each.holds_at(as_of))
    return OverCourses(version, standings, profile, certified)
