"""A person's record over all courses of their platform, with where each part of it comes from (rules, section 7).

`record.py` says how results are joined; here they are read, and stay beside the course that gave them, so that pages
can say which course showed which indicator, and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import crossing, record_queries
from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import IndicatorState
from lti_tool.competency.record import RANK, record_of
from lti_tool.competency.record_queries import CourseResults
from lti_tool.competency.standing import IndicatorResult, PersonRecord
from lti_tool.ids import CompetencyId, CourseId, IndicatorId, PersonId


@dataclass(frozen=True, slots=True)
class Source:
    """What one course says of an indicator."""

    course: CourseId
    title: str
    result: IndicatorResult


@dataclass(frozen=True, slots=True)
class Granted:
    """Which course has certified a level, and when."""

    course: CourseId
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sources:
    """A person's record under one version of the requirements, course by course."""

    by_course: Mapping[CourseId, CourseResults] = field(default_factory=dict)
    certified: frozenset[tuple[CompetencyId, int]] = frozenset()
    """Competency and level of all certified levels that hold, those included that other versions' levels come to."""
    certificates: tuple[CertifiedIn, ...] = ()
    """All that was ever certified, the newest first."""
    granted: Mapping[tuple[CompetencyId, int], Granted] = field(default_factory=dict)
    """The newest course that certified each; one to which only several courses together come is not here."""

    @property
    def record(self) -> PersonRecord:
        """All of it joined, as the rules take it."""
        return record_of((each.results for each in self.by_course.values()), certified=self.certified)

    def states_in(self, course: CourseId) -> dict[IndicatorId, IndicatorState]:
        """What one of the courses says of each indicator that it maps."""
        of_course = self.by_course.get(course)
        return {} if of_course is None else {each: result.state for each, result in of_course.results.items()}

    def of(self, indicator: IndicatorId, *, undecided: bool = False) -> tuple[Source, ...]:
        """What each course says of an indicator that it knows something of, the best first.

        `undecided`: with those that map it and have no evidence yet, which counts for what can still be reached.
        """
        least = 0 if undecided else RANK[IndicatorState.NO_EVIDENCE]
        found = [
            Source(course, each.title, each.results[indicator])
            for course, each in self.by_course.items()
            if indicator in each.results and RANK[each.results[indicator].state] > least
        ]
        return tuple(sorted(found, key=_worth, reverse=True))


NOWHERE = Sources()


def _worth(source: Source) -> tuple[int, bool, object]:
    """The first state in the order of the record; of equal ones the best value."""
    value = source.result.value
    return RANK[source.result.state], value is not None, value or 0


def sources_of(
    session: Session,
    course_id: CourseId,
    version: Framework,
    person_id: PersonId,
    as_of: datetime,
    *,
    without: CourseId | None = None,
) -> Sources:
    """A person's record under the version of a course; two queries where all their courses are on that version.

    `without` leaves the results of one course out (what it has certified stays): a course knows its own ones anew.
    """
    found = record_queries.results_of(session, person_id, without)
    results = crossing.results(
        session, course_id, version, {person_id: {course: each.results for course, each in found.items()}}
    )
    certificates = record_queries.certificates_of(session, person_id)
    held = [each for each in certificates if each.holds_at(as_of)]
    return Sources(
        by_course={course: CourseResults(each.title, results[person_id][course]) for course, each in found.items()},
        certified=frozenset(crossing.certified(session, course_id, version, {person_id: _places(held)})[person_id]),
        certificates=certificates,
        granted=_granted(session, course_id, version, held),
    )


def sources_beside(
    session: Session, course_id: CourseId, version: Framework, person_id: PersonId, as_of: datetime
) -> Sources:
    """The same, but without what the course itself says where no other one says anything: most people have one."""
    elsewhere = sources_of(session, course_id, version, person_id, as_of, without=course_id)
    if not elsewhere.by_course and not elsewhere.certified:
        return elsewhere
    return sources_of(session, course_id, version, person_id, as_of)


def times_of(
    session: Session, course_id: CourseId, version: Framework, person_id: PersonId, course_ids: Collection[CourseId]
) -> Mapping[CourseId, Mapping[IndicatorId, datetime]]:
    """When each of these courses last learned something of a person's indicators, under the version of a course."""
    said = record_queries.times_of(session, person_id, course_ids)
    return crossing.times(session, course_id, version, said)


def _places(held: Iterable[CertifiedIn]) -> set[tuple[CompetencyId, int]]:
    return {(each.competency, each.level) for each in held}


def _granted(
    session: Session, course_id: CourseId, version: Framework, held: list[CertifiedIn]
) -> dict[tuple[CompetencyId, int], Granted]:
    """By the level under this version the newest course that alone has certified it."""
    by_course: dict[int, list[CertifiedIn]] = {}
    for each in reversed(held):
        by_course.setdefault(each.course, []).append(each)
    told = {course: _places(each) for course, each in by_course.items()}
    over = crossing.certified(session, course_id, version, told)
    found: dict[tuple[CompetencyId, int], Granted] = {}
    for course, certificates in by_course.items():
        newest = {(each.competency, each.level): each for each in certificates}
        for place in over[course]:
            of = newest.get(place, certificates[-1])
            if place not in found or found[place].at <= of.certified_at:
                found[place] = Granted(of.course, of.course_title, of.certified_at)
    return found
