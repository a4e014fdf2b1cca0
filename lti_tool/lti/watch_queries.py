"""What whoever watches the tool asks of platforms: which there are, what they allow, whose rosters cannot be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId, PublicId
from lti_tool.lti.model import Scope
from lti_tool.lti.tables import CourseServiceRow, PlatformRow, RegistrationRow


@dataclass(frozen=True, slots=True)
class PlatformName:
    """How a platform is called in figures: never by what its people call it."""

    id: PlatformId
    public_id: PublicId
    issuer: str


def platform_names(session: Session) -> tuple[PlatformName, ...]:
    """All platforms, in the order of their making."""
    query = select(PlatformRow.id, PlatformRow.public_id, PlatformRow.issuer).order_by(PlatformRow.id)
    return tuple(
        PlatformName(PlatformId(id_), PublicId(public), issuer) for id_, public, issuer in session.execute(query)
    )


def rosters_failing(session: Session) -> Mapping[PlatformId, int]:
    """How many courses' rosters could not be read the last time."""
    query = (
        select(RegistrationRow.platform_id, func.count())
        .join(CourseServiceRow, CourseServiceRow.registration_id == RegistrationRow.id)
        .where(CourseServiceRow.roster_failure.is_not(None), RegistrationRow.active)
        .group_by(RegistrationRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}


@dataclass(frozen=True, slots=True)
class Grants:
    """What a registration was allowed, by its own word and by the launches of its courses (Moodle overstates)."""

    declared: frozenset[str]
    """Scopes that the platform named when it registered; empty where it was added by hand."""
    courses: int
    """Courses whose launches named any service."""
    allowed: Mapping[str, int]
    """By scope: in how many of these courses. The roster's counts where a launch told its address, and nowhere else."""


def grants(session: Session) -> Mapping[PublicId, Grants]:
    """What every registration was allowed, by its public id."""
    row = CourseServiceRow
    alike = (row.registration_id, cast(row.scopes, Text), row.memberships_url.is_not(None))
    courses: Counter[int] = Counter()
    allowed: dict[int, Counter[str]] = {}
    for registration_id, scopes, has_roster, count in session.execute(select(*alike, func.count()).group_by(*alike)):
        courses[registration_id] += count
        named = {*json.loads(scopes)} - {Scope.MEMBERSHIP.value} | ({Scope.MEMBERSHIP.value} if has_roster else set())
        allowed.setdefault(registration_id, Counter()).update(dict.fromkeys(named, count))
    registrations = session.execute(select(RegistrationRow.id, RegistrationRow.public_id, RegistrationRow.scopes))
    return {
        PublicId(public_id): Grants(frozenset(declared), courses[id_], allowed.get(id_, {}))
        for id_, public_id, declared in registrations
    }
