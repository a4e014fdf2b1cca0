"""What lists and pages show of platforms and registrations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PlatformId, PublicId
from lti_tool.lti.model import RegistrationSummary
from lti_tool.lti.tables import CourseServiceRow, DeploymentRow, PlatformRow, RegistrationRow


def issuers(session: Session) -> Mapping[PlatformId, str]:
    """The issuer of every platform."""
    return {PlatformId(id_): issuer for id_, issuer in session.execute(select(PlatformRow.id, PlatformRow.issuer))}


def platform_name(session: Session, platform_id: PlatformId) -> str:
    """What a platform calls itself; its issuer where it has not said."""
    row = session.get_one(PlatformRow, platform_id)
    return row.name or row.issuer


def only_platform_name(session: Session) -> str:
    """What the platform calls itself where there is just one; else empty."""
    found = session.scalars(select(PlatformRow).limit(2)).all()
    return (found[0].name or found[0].issuer) if len(found) == 1 else ""


def platform_named(session: Session, named: str) -> PlatformId | None:
    """The platform with this issuer or id, or with a registration of this id; None where there is none."""
    found = session.scalar(
        select(PlatformRow.id).where((PlatformRow.issuer == named) | (PlatformRow.public_id == named))
    )
    return platform_of_registration(session, named) if found is None else PlatformId(found)


def registrations(session: Session) -> tuple[RegistrationSummary, ...]:
    """All registrations, in the order of their making."""
    deployments = defaultdict(list)
    for registration_id, deployment_id in session.execute(
        select(DeploymentRow.registration_id, DeploymentRow.deployment_id).order_by(DeploymentRow.id)
    ):
        deployments[registration_id].append(deployment_id)
    rows = session.execute(
        select(RegistrationRow, PlatformRow)
        .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
        .order_by(RegistrationRow.id)
    )
    return tuple(_summary(row, platform, tuple(deployments[row.id])) for row, platform in rows)


@dataclass(frozen=True, slots=True)
class RosterState:
    """How reading a course's roster goes."""

    offered: bool
    """The platform has told where the roster is, and the registration is active."""
    tried_at: datetime | None
    """None: it is due at once."""
    failure: str | None
    """Code of the error that the last attempt ended with."""
    joined: int | None = None
    """How many became participants by the last one that was read."""
    left: int | None = None


def roster_state(session: Session, course_id: CourseId) -> RosterState:
    """How reading a course's roster goes."""
    row = CourseServiceRow
    query = (
        select(row.memberships_url, row.roster_tried_at, row.roster_failure, RegistrationRow.active)
        .add_columns(row.roster_joined, row.roster_left)
        .join(RegistrationRow, RegistrationRow.id == row.registration_id)
        .where(row.course_id == course_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return RosterState(offered=False, tried_at=None, failure=None)
    url, tried_at, failure, active, joined, left = found
    return RosterState(bool(url) and active, tried_at, failure, joined, left)


def _summary(row: RegistrationRow, platform: PlatformRow, deployments: tuple[str, ...]) -> RegistrationSummary:
    return RegistrationSummary(
        id=PublicId(row.public_id),
        platform=platform.name,
        issuer=platform.issuer,
        client_id=row.client_id,
        active=row.active,
        authorization_url=row.authorization_url,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        deployments=deployments,
        scopes=tuple(row.scopes),
    )


def platform_of_registration(session: Session, public_id: str) -> PlatformId | None:
    """The platform that a registration is with; None where there is no such registration."""
    found = session.scalar(select(RegistrationRow.platform_id).where(RegistrationRow.public_id == public_id))
    return None if found is None else PlatformId(found)
