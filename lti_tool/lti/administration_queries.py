"""What the pages of the administration show of platforms, registrations and invitations, each narrowed to a scope.

A scope is one platform, or None: an operator sees all. What lies outside it is answered as if it did not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId, PublicId
from lti_tool.lti import store
from lti_tool.lti.model import Registration
from lti_tool.lti.tables import CourseServiceRow, DeploymentRow, InvitationRow, PlatformRow, RegistrationRow

MOST = 200
"""As many lines are shown of a list that nobody expects to be long."""


@dataclass(frozen=True, slots=True)
class PlatformLine:
    """A platform."""

    id: PlatformId
    public_id: PublicId
    name: str
    """What it calls itself; its issuer where it has not said."""
    issuer: str


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """A registration in the list."""

    public_id: PublicId
    platform: str
    issuer: str
    client_id: str
    active: bool
    deployments: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeploymentLine:
    """A deployment of a registration."""

    deployment_id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationDetail:
    """A registration, opened."""

    public_id: PublicId
    platform_id: PlatformId
    platform: str
    product: str
    registration: Registration
    created_at: datetime
    deployments: tuple[DeploymentLine, ...]
    courses: int
    """Courses that have come through it."""


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that can still be used."""

    id: int
    holds: bool
    created_at: datetime
    expires_at: datetime


def platforms(session: Session, scope: PlatformId | None = None) -> tuple[PlatformLine, ...]:
    """The platforms, in the order of their making."""
    query = select(PlatformRow).order_by(PlatformRow.id).limit(MOST)
    rows = session.scalars(query if scope is None else query.where(PlatformRow.id == scope))
    return tuple(
        PlatformLine(PlatformId(row.id), PublicId(row.public_id), row.name or row.issuer, row.issuer) for row in rows
    )


def platform(session: Session, public_id: str, scope: PlatformId | None) -> PlatformLine:
    """The platform with this id. Raises NotFound."""
    row = session.scalar(select(PlatformRow).where(PlatformRow.public_id == public_id))
    if row is None or (scope is not None and row.id != scope):
        raise NotFound("platform_unknown", id=public_id)
    return PlatformLine(PlatformId(row.id), PublicId(row.public_id), row.name or row.issuer, row.issuer)


def registrations(session: Session, scope: PlatformId | None) -> tuple[RegistrationLine, ...]:
    """The registrations, in the order of their making."""
    deployments = (
        select(func.count())
        .select_from(DeploymentRow)
        .where(DeploymentRow.registration_id == RegistrationRow.id)
        .scalar_subquery()
    )
    query = (
        select(RegistrationRow, PlatformRow, deployments)
        .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
        .order_by(RegistrationRow.id)
        .limit(MOST)
    )
    if scope is not None:
        query = query.where(RegistrationRow.platform_id == scope)
    return tuple(
        RegistrationLine(
            public_id=PublicId(row.public_id),
            platform=of.name or of.issuer,
            issuer=of.issuer,
            client_id=row.client_id,
            active=row.active,
            deployments=count,
            created_at=row.created_at,
        )
        for row, of, count in session.execute(query)
    )


def registration(session: Session, public_id: str, scope: PlatformId | None) -> RegistrationDetail:
    """The registration with this id. Raises NotFound."""
    found = session.execute(
        select(RegistrationRow, PlatformRow)
        .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
        .where(RegistrationRow.public_id == public_id)
    ).one_or_none()
    if found is None or (scope is not None and found[0].platform_id != scope):
        raise NotFound("registration_unknown", id=public_id)
    row, of = found
    courses = select(func.count()).select_from(CourseServiceRow).where(CourseServiceRow.registration_id == row.id)
    return RegistrationDetail(
        public_id=PublicId(row.public_id),
        platform_id=PlatformId(row.platform_id),
        platform=of.name or of.issuer,
        product=" ".join(filter(None, (of.product, of.product_version))),
        registration=store.as_registration(row, of.issuer),
        created_at=row.created_at,
        deployments=_deployments(session, row.id),
        courses=session.scalars(courses).one(),
    )


def _deployments(session: Session, registration_id: int) -> tuple[DeploymentLine, ...]:
    query = select(DeploymentRow).where(DeploymentRow.registration_id == registration_id).order_by(DeploymentRow.id)
    return tuple(
        DeploymentLine(row.deployment_id, row.name, row.created_at) for row in session.scalars(query.limit(MOST))
    )


def open_invitations(session: Session, now: datetime) -> tuple[InvitationLine, ...]:
    """The invitations that can still be used, oldest first."""
    query = (
        select(InvitationRow)
        .where(InvitationRow.used_at.is_(None), InvitationRow.expires_at > now)
        .order_by(InvitationRow.id)
        .limit(MOST)
    )
    return tuple(InvitationLine(row.id, row.holds, row.created_at, row.expires_at) for row in session.scalars(query))
