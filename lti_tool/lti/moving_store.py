"""SQL of a platform's move: its issuer, its registrations, what its courses were told of services."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.db.prefix import lies_below, put_below
from lti_tool.ids import PlatformId
from lti_tool.lti.model import Move
from lti_tool.lti.tables import AccessTokenRow, CourseServiceRow, DeploymentRow, JwksRow, PlatformRow, RegistrationRow
from lti_tool.people.tables import CourseRow, PersonRow

_NO_SYNC = {"synchronize_session": False}


def platform_rows(session: Session, issuers: Iterable[str]) -> dict[str, PlatformRow]:
    """The platforms with these issuers, locked in one order: two moves at once wait for each other."""
    query = select(PlatformRow).where(PlatformRow.issuer.in_(issuers)).order_by(PlatformRow.id).with_for_update()
    return {row.issuer: row for row in session.scalars(query)}


def is_used(session: Session, platform_id: int) -> bool:
    """Whether anybody has come from this platform, or any course."""
    people = select(PersonRow.id).where(PersonRow.platform_id == platform_id).limit(1)
    courses = select(CourseRow.id).where(CourseRow.platform_id == platform_id).limit(1)
    return session.scalar(people) is not None or session.scalar(courses) is not None


def registration_rows(session: Session, platform_id: int) -> list[RegistrationRow]:
    """All registrations of a platform."""
    query = select(RegistrationRow).where(RegistrationRow.platform_id == platform_id).order_by(RegistrationRow.id)
    return list(session.scalars(query))


def forget_tokens(session: Session, registration_ids: list[int]) -> None:
    """Access tokens were given out at the former address."""
    session.execute(delete(AccessTokenRow).where(AccessTokenRow.registration_id.in_(registration_ids)))


def known_kids(session: Session, urls: Iterable[str]) -> frozenset[str]:
    """The keys that a platform was known by, at these addresses."""
    documents = session.scalars(select(JwksRow.document).where(JwksRow.url.in_(urls)))
    return frozenset(str(key.get("kid")) for document in documents if document for key in document["keys"])


def move_services(session: Session, platform_id: PlatformId, move: Move) -> int:
    """Changes where courses' services are; of how many courses."""
    courses = select(CourseRow.id).where(CourseRow.platform_id == platform_id).scalar_subquery()
    columns: dict[str, InstrumentedAttribute[str | None]] = {
        "line_items_url": CourseServiceRow.line_items_url,
        "memberships_url": CourseServiceRow.memberships_url,
    }
    counts = []
    for name, column in columns.items():
        where = (CourseServiceRow.course_id.in_(courses), lies_below(column, move.former))
        statement = update(CourseServiceRow).where(*where).values({name: put_below(column, move.former, move.new)})
        done = session.execute(statement, execution_options=_NO_SYNC)
        counts.append(done.rowcount if isinstance(done, CursorResult) else 0)
    return max(counts)


def give_deployments(session: Session, giver: RegistrationRow, taker: RegistrationRow) -> None:
    """What one registration has been deployed as, the other has, too."""
    query = select(DeploymentRow.deployment_id).where(DeploymentRow.registration_id == taker.id)
    known = set(session.scalars(query))
    for row in session.scalars(select(DeploymentRow).where(DeploymentRow.registration_id == giver.id)):
        if row.deployment_id not in known:
            row.registration_id = taker.id
    session.flush()
