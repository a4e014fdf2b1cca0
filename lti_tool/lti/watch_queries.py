"""What whoever watches the tool asks of platforms: which there are, whose rosters cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId, PublicId
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
