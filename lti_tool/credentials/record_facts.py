"""What a record states, frozen when it was made: levels by code, who gave them and when; no word of whose they are.

Pure. Texts of the requirements are not among the facts: a published version never changes, so its name is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.framework import Framework
from lti_tool.competency.standing import CompetencyStanding, Profile
from lti_tool.ids import CompetencyId


@dataclass(frozen=True, slots=True)
class CertifiedFact:
    """A level that a closed course has certified."""

    level: int
    course: str
    """The course's title then; empty where the level stems from another version of the requirements."""
    on: datetime | None
    """None where `course` is empty."""
    until: datetime | None
    """None: it does not expire."""


@dataclass(frozen=True, slots=True)
class CompetencyFact:
    """Where the person stood in one competency."""

    code: str
    level: int | None
    """None: not established, which is not level 0."""
    certified: tuple[CertifiedFact, ...] = ()
    """The lowest level first."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Everything that a record states."""

    issuer: str
    framework: str
    version: str
    overall: int | None
    provisional: bool
    """Not all competencies are assessed."""
    competencies: tuple[CompetencyFact, ...]

    @property
    def assessed(self) -> int:
        """How many competencies have an established level."""
        return sum(each.level is not None for each in self.competencies)

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "issuer": self.issuer,
            "framework": self.framework,
            "version": self.version,
            "overall": self.overall,
            "provisional": self.provisional,
            "competencies": [
                {"code": each.code, "level": each.level, "certified": [_stored(one) for one in each.certified]}
                for each in self.competencies
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RecordFacts:
        """As it was stored."""
        return cls(
            issuer=stored["issuer"],
            framework=stored["framework"],
            version=stored["version"],
            overall=stored["overall"],
            provisional=stored["provisional"],
            competencies=tuple(
                CompetencyFact(each["code"], each["level"], tuple(_certified(one) for one in each["certified"]))
                for each in stored["competencies"]
            ),
        )


def facts_of(
    framework: Framework,
    standings: Mapping[CompetencyId, CompetencyStanding],
    profile: Profile,
    certified: Iterable[CertifiedIn],
    issuer: str,
) -> RecordFacts:
    """What a record states of somebody who stands like this."""
    best: dict[tuple[CompetencyId, int], CertifiedIn] = {}
    for each in certified:
        place = (each.competency, each.level)
        best[place] = _longer(best[place], each) if place in best else each
    return RecordFacts(
        issuer=issuer,
        framework=framework.framework,
        version=framework.version,
        overall=profile.level,
        provisional=profile.provisional,
        competencies=tuple(
            CompetencyFact(each.code, standings[each.id].established, tuple(_levels(standings[each.id], best)))
            for each in framework.competencies
        ),
    )


def _longer(one: CertifiedIn, other: CertifiedIn) -> CertifiedIn:
    """The one that holds longer; of two that hold as long, the one that was given first."""
    if one.expires_at is None or (other.expires_at is not None and one.expires_at >= other.expires_at):
        return one
    return other


def _levels(
    standing: CompetencyStanding, best: Mapping[tuple[CompetencyId, int], CertifiedIn]
) -> Iterable[CertifiedFact]:
    for level in standing.levels:
        if not level.certified:
            continue
        found = best.get((standing.competency, level.number))
        if found is None:
            yield CertifiedFact(level.number, "", None, None)
        else:
            yield CertifiedFact(level.number, found.course_title, found.certified_at, found.expires_at)


def _stored(fact: CertifiedFact) -> dict[str, Any]:
    return {
        "level": fact.level,
        "course": fact.course,
        "on": fact.on.isoformat() if fact.on else None,
        "until": fact.until.isoformat() if fact.until else None,
    }


def _certified(stored: Mapping[str, Any]) -> CertifiedFact:
    return CertifiedFact(stored["level"], stored["course"], _moment(stored["on"]), _moment(stored["until"]))


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)
