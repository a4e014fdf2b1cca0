"""What closing a course certifies, and when a later mark asks for a decision (rules, section 7); pure.

Certified is what a course's own marks had established when it was closed: a level with all levels below. Whatever the
marks say afterwards, it stays until somebody decides otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding, CourseStanding
from lti_tool.ids import CompetencyId, CourseId, PersonId


class Certificate(NamedTuple):
    """One level of one competency that one person has for good."""

    person: PersonId
    competency: CompetencyId
    level: int


@dataclass(frozen=True, slots=True)
class CertifiedIn:
    """A level that a course has certified, be it in force or no longer."""

    course: CourseId
    course_title: str
    competency: CompetencyId
    code: str
    short_titles: Mapping[str, str]
    """Of the competency, by language: it may be one of another version of the requirements."""
    level: int
    certified_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None

    def holds_at(self, as_of: datetime) -> bool:
        """Whether it has neither ended nor expired."""
        return self.ended_at is None and (self.expires_at is None or as_of < self.expires_at)


class Outcome(StrEnum):
    """How the case of a later re-grade ended."""

    KEPT = "kept"
    """The frozen level stays; what the marks say does not count."""
    ADOPTED = "adopted"
    """What the marks say has become the level."""
    VANISHED = "vanished"
    """The marks say the frozen level again, or the course was reopened: nothing is left to decide."""


def certified_levels(standing: CompetencyStanding) -> tuple[int, ...]:
    """The numbers of the levels that closing certifies: the established one and all below it, as far as the
    course assessed them.

    A held level is met, but does not count yet, so nobody certifies it. A level that was read from the person's record
    is certified by the course that assessed it: a re-grade there must not be lost here.
    """
    return tuple(
        level.number
        for level in standing.levels
        if level.state is LevelState.MET and not level.from_record and level.number <= (standing.established or 0)
    )


def frozen(standing: CompetencyStanding) -> CompetencyStanding:
    """The standing as a closed course keeps it: the levels that count are marked as certified."""
    numbers = certified_levels(standing)
    levels = tuple(replace(each, certified=True) if each.number in numbers else each for each in standing.levels)
    return replace(standing, levels=levels)


def frozen_course(standing: CourseStanding) -> CourseStanding:
    """All of a person's standings in a course as it keeps them once closed."""
    competencies = {competency: frozen(each) for competency, each in standing.competencies.items()}
    return CourseStanding(standing.indicators, competencies)


def certificates_of(
    standings: Mapping[PersonId, CourseStanding], targeted: Iterable[CompetencyId]
) -> frozenset[Certificate]:
    """What closing a course with these standings certifies, in the competencies that it targets."""
    looked_at = tuple(targeted)
    return frozenset(
        Certificate(person, competency, level)
        for person, standing in standings.items()
        for competency in looked_at
        for level in certified_levels(standing.competencies[competency])
    )
