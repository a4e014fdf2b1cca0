"""Loads and saves of the LTI package: registrations, services of courses, access tokens.

Nothing here commits: the edge does. No business rules either; a use case says what is right, this module keeps it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db.prepared import Found, Prepared
from lti_tool.ids import CourseId, PlatformId, PublicId, RegistrationId
from lti_tool.lti.model import AccessToken, CourseServices, Registering, Registration, Services
from lti_tool.lti.tables import (
    AccessTokenRow,
    CourseServiceRow,
    DeepLinkRow,
    DeploymentRow,
    PlatformRow,
    RegistrationRow,
)

# --- services: how to reach a course's platform, and the tokens for it ---


def course_services(session: Session, course_id: CourseId) -> CourseServices | None:
    """How to reach the services of a course; None where no launch has named any."""
    query = (
        select(CourseServiceRow, RegistrationRow, PlatformRow.issuer)
        .join(RegistrationRow, RegistrationRow.id == CourseServiceRow.registration_id)
        .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
        .where(CourseServiceRow.course_id == course_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, registration, issuer = found
    return CourseServices(
        registration=as_registration(registration, issuer),
        line_items_url=row.line_items_url,
        memberships_url=row.memberships_url,
        scopes=frozenset(row.scopes),
    )


def as_registration(row: RegistrationRow, issuer: str) -> Registration:
    """The value of a registration's row."""
    return Registration(
        id=RegistrationId(row.id),
        platform_id=PlatformId(row.platform_id),
        issuer=issuer,
        client_id=row.client_id,
        authorization_url=row.authorization_url,
        token_url=row.token_url,
        token_audience=row.token_audience,
        jwks_url=row.jwks_url,
        scopes=frozenset(row.scopes),
        active=row.active,
    )


def access_token(session: Session, registration_id: RegistrationId, scopes: str, now: datetime) -> AccessToken | None:
    """The kept token for exactly these scopes (sorted, space-separated) that is still to be used, else None."""
    row = session.get(AccessTokenRow, (registration_id, scopes), populate_existing=True)
    if row is None or row.expires_at <= now:
        return None
    return AccessToken(row.token, row.granted, row.expires_at)


def take_asking(session: Session, registration_id: RegistrationId, scopes: str, now: datetime, until: datetime) -> bool:
    """Whether this process may ask the platform for a token: nobody else does until then."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    free = or_(AccessTokenRow.asking_until.is_(None), AccessTokenRow.asking_until <= now)
    key = {"registration_id": registration_id, "scopes": scopes}
    statement = dialect.insert(AccessTokenRow).values(**key, token="", expires_at=now, asking_until=until)
    taken = statement.on_conflict_do_update(index_elements=list(key), set_={"asking_until": until}, where=free)
    return session.scalar(taken.returning(AccessTokenRow.registration_id)) is not None


def end_asking(session: Session, registration_id: RegistrationId, scopes: str) -> None:
    """No token came of it; whoever wants one may ask."""
    _change_token(session, registration_id, scopes, asking_until=None)


def save_access_token(session: Session, registration_id: RegistrationId, scopes: str, token: AccessToken) -> None:
    """Keeps a token in place of the former one for the same scopes; the asking is over."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    kept = {"token": token.value, "granted": token.granted, "expires_at": token.expires_at, "asking_until": None}
    statement = dialect.insert(AccessTokenRow).values(registration_id=registration_id, scopes=scopes, **kept)
    session.execute(statement.on_conflict_do_update(index_elements=["registration_id", "scopes"], set_=kept))


def drop_access_token(
    session: Session, registration_id: RegistrationId, scopes: str, value: str, now: datetime
) -> None:
    """This very token is not used any more; one that somebody fetched meanwhile stays."""
    _change_token(session, registration_id, scopes, AccessTokenRow.token == value, expires_at=now)


def _change_token(
    session: Session, registration_id: RegistrationId, scopes: str, *where: ColumnElement[bool], **values: object
) -> None:
    mine = (AccessTokenRow.registration_id == registration_id, AccessTokenRow.scopes == scopes)
    session.execute(update(AccessTokenRow).where(*mine, *where).values(values))


# --- registrations ---


def save_registration(session: Session, agreed: Registering, now: datetime) -> tuple[RegistrationId, bool]:
    """Stores what was agreed; returns the registration and whether it is new.

    An existing registration of the same issuer and client id gets the new addresses and scopes and the new state.
    """
    platform = _saved_platform(session, agreed, now)
    row = session.scalar(
        select(RegistrationRow).where(
            RegistrationRow.platform_id == platform.id, RegistrationRow.client_id == agreed.client_id
        )
    )
    is_new = row is None
    if row is None:
        row = RegistrationRow(platform_id=platform.id, client_id=agreed.client_id, created_at=now)
        session.add(row)
    row.authorization_url = agreed.authorization_url
    row.token_url = agreed.token_url
    row.token_audience = agreed.token_audience
    row.jwks_url = agreed.jwks_url
    row.scopes = list(agreed.scopes)
    row.active = agreed.active
    session.flush()
    registration_id = RegistrationId(row.id)
    if agreed.deployment_id:
        add_deployment(session, registration_id, agreed.deployment_id, now)
    return registration_id, is_new


def _saved_platform(session: Session, agreed: Registering, now: datetime) -> PlatformRow:
    row = session.scalar(select(PlatformRow).where(PlatformRow.issuer == agreed.issuer))
    if row is None:
        row = PlatformRow(issuer=agreed.issuer, created_at=now)
        session.add(row)
    row.name = agreed.name or row.name or ""
    row.product = agreed.product or row.product
    row.product_version = agreed.product_version or row.product_version
    session.flush()
    return row


def find_registration(session: Session, public_id: str) -> RegistrationId | None:
    """The registration with this public id, else None."""
    found = session.scalar(select(RegistrationRow.id).where(RegistrationRow.public_id == public_id))
    return None if found is None else RegistrationId(found)


def public_id_of(session: Session, registration_id: RegistrationId) -> PublicId:
    """The public id of a stored registration."""
    return PublicId(
        session.scalars(select(RegistrationRow.public_id).where(RegistrationRow.id == registration_id)).one()
    )


def set_active(session: Session, registration_id: RegistrationId, *, active: bool) -> None:
    """Switches a registration on or off; switched off, its tokens are forgotten."""
    session.execute(update(RegistrationRow).where(RegistrationRow.id == registration_id).values(active=active))
    if not active:
        session.execute(delete(AccessTokenRow).where(AccessTokenRow.registration_id == registration_id))


def add_deployment(session: Session, registration_id: RegistrationId, deployment_id: str, now: datetime) -> bool:
    """Adds a deployment; False where it was there already."""
    if _deployment(session, registration_id, deployment_id) is not None:
        return False
    session.add(DeploymentRow(registration_id=registration_id, deployment_id=deployment_id, created_at=now))
    session.flush()
    return True


def name_deployment(session: Session, registration_id: RegistrationId, deployment_id: str, name: str) -> bool:
    """Calls a deployment so; False where there was none."""
    row = _deployment(session, registration_id, deployment_id)
    if row is None:
        return False
    row.name = name
    session.flush()
    return True


def remove_deployment(session: Session, registration_id: RegistrationId, deployment_id: str) -> bool:
    """Removes a deployment; False where there was none."""
    row = _deployment(session, registration_id, deployment_id)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def _deployment(session: Session, registration_id: RegistrationId, deployment_id: str) -> DeploymentRow | None:
    query = select(DeploymentRow).where(
        DeploymentRow.registration_id == registration_id, DeploymentRow.deployment_id == deployment_id
    )
    return session.scalar(query)


# --- what launches tell of courses, and who may frame our pages ---


def note_course_services(
    session: Session, course_id: CourseId, registration_id: RegistrationId, told: Services, now: datetime
) -> bool:
    """Keeps which services a launch named for its course; what it did not name stays. Whether grades gained a way.

    All of a course's services are one registration's, for no token opens another's: a second registration of the
    platform takes over with nothing of the first one's, and only where it does not take the way of grades away.
    """
    known = _SERVICES.first(session, course_id=course_id)
    if known is not None and not _service_news(known, registration_id, told):
        return False
    if known is None:
        _begin_services(session, course_id, registration_id, now)
    row = session.get_one(CourseServiceRow, course_id)
    before = (row.registration_id, row.line_items_url, row.scopes)
    if row.registration_id != registration_id:
        if row.line_items_url and not told.line_items_url and _is_active(session, row.registration_id):
            return False
        _forget_services(row)
    row.registration_id = registration_id
    if told.line_items_url:
        row.line_items_url, row.scopes = told.line_items_url, sorted(told.scopes)
    if told.memberships_url:
        row.memberships_url = told.memberships_url
    session.flush()
    return before != (row.registration_id, row.line_items_url, row.scopes)


def _begin_services(session: Session, course_id: CourseId, registration_id: RegistrationId, now: datetime) -> None:
    # A class that opens the course in one moment is told of its services by each launch: one of them begins them.
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(CourseServiceRow).values(
        course_id=course_id, registration_id=registration_id, scopes=[], seen_at=now
    )
    session.execute(new.on_conflict_do_nothing())


def _service_news(known: Found, registration_id: RegistrationId, told: Services) -> bool:
    """Whether a launch tells of other services than those that are known."""
    registration, line_items_url, scopes, memberships_url = known
    return (
        registration != registration_id
        or (told.line_items_url and (told.line_items_url, sorted(told.scopes)) != (line_items_url, scopes))
        or told.memberships_url not in (None, memberships_url)
    )


_SERVICES = Prepared(
    select(
        CourseServiceRow.registration_id,
        CourseServiceRow.line_items_url,
        CourseServiceRow.scopes,
        CourseServiceRow.memberships_url,
    ).where(CourseServiceRow.course_id == bindparam("course_id"))
)


def _is_active(session: Session, registration_id: int) -> bool:
    return session.get_one(RegistrationRow, registration_id).active


def _forget_services(row: CourseServiceRow) -> None:
    row.line_items_url, row.memberships_url, row.scopes = None, None, []


# Put together once: every page asks it.
_FACE = Prepared(
    select(PlatformRow.locale, PlatformRow.locales, PlatformRow.issuer, RegistrationRow.authorization_url)
    .outerjoin(RegistrationRow, RegistrationRow.platform_id == PlatformRow.id)
    .where(PlatformRow.id == bindparam("platform_id"))
)
_FACES = "faces of platforms"


@dataclass(frozen=True, slots=True)
class PlatformFace:
    """What a platform shows on every page: its institute's languages as they are stored, and where it lives."""

    locale: str | None
    locales: str | None
    addresses: tuple[str, ...]
    """Issuer and authorization endpoints: what its pages are served from."""


def platform_face(session: Session, platform_id: PlatformId) -> PlatformFace:
    """The face of a platform that is known to exist; asked for once in a session, for a page needs it three times."""
    faces: dict[PlatformId, PlatformFace] = session.info.setdefault(_FACES, {})
    if platform_id not in faces:
        rows = _FACE.all(session, platform_id=platform_id)
        locale, locales, issuer, _authorization = rows[0]
        faces[platform_id] = PlatformFace(locale, locales, (issuer, *(row[3] for row in rows if row[3])))
    return faces[platform_id]


def set_locales(session: Session, platform_id: PlatformId, locale: str, locales: str) -> None:
    """Keeps the languages of a platform's institute."""
    row = session.get_one(PlatformRow, platform_id)
    row.locale, row.locales = locale, locales
    session.flush()
    session.info.pop(_FACES, None)


def take_roster_due(
    session: Session, tried_before: datetime, now: datetime, but: Collection[PlatformId]
) -> CourseId | None:
    """Marks the course whose roster has waited longest since it was tried as tried now; none of these platforms."""
    query = (
        select(CourseServiceRow)
        .join(RegistrationRow, RegistrationRow.id == CourseServiceRow.registration_id)
        .where(
            CourseServiceRow.memberships_url.is_not(None),
            RegistrationRow.active,
            RegistrationRow.platform_id.not_in(but),
            or_(CourseServiceRow.roster_tried_at.is_(None), CourseServiceRow.roster_tried_at < tried_before),
        )
        .order_by(CourseServiceRow.roster_tried_at.is_not(None), CourseServiceRow.roster_tried_at)
        .limit(1)
        .with_for_update(of=CourseServiceRow, skip_locked=True)
    )
    row = session.scalar(query)
    if row is None:
        return None
    row.roster_tried_at = now
    return CourseId(row.course_id)


def may_ask_for_roster(session: Session, course_id: CourseId, tried_before: datetime) -> bool:
    """Whether there is a roster, and nobody has tried to read it since then."""
    row = session.get(CourseServiceRow, course_id)
    if row is None or row.memberships_url is None:
        return False
    return row.roster_tried_at is None or row.roster_tried_at < tried_before


def note_roster_tried(session: Session, course_id: CourseId, now: datetime) -> None:
    """Somebody is about to read it."""
    row = session.get(CourseServiceRow, course_id)
    if row is not None:
        row.roster_tried_at = now


def note_roster_read(session: Session, course_id: CourseId, joined: int, left: int) -> None:
    """It was read, and has brought and missed so many."""
    row = session.get(CourseServiceRow, course_id)
    if row is not None:
        row.roster_failure, row.roster_joined, row.roster_left = None, joined, left


def note_roster_failure(session: Session, course_id: CourseId, failure: str) -> None:
    """It could not be read."""
    row = session.get(CourseServiceRow, course_id)
    if row is not None:
        row.roster_failure = failure[:60]


# --- deep-linking requests under way ---


def add_deep_link(session: Session, row: DeepLinkRow, now: datetime) -> PublicId:
    """Keeps a request, and forgets those that nobody answered in time."""
    session.execute(delete(DeepLinkRow).where(DeepLinkRow.expires_at < now))
    session.add(row)
    session.flush()
    return PublicId(row.public_id)


def deep_link(session: Session, public_id: str, now: datetime) -> tuple[DeepLinkRow, Registration] | None:
    """A request that still waits, with its registration; None where there is none."""
    query = (
        select(DeepLinkRow, RegistrationRow, PlatformRow.issuer)
        .join(RegistrationRow, RegistrationRow.id == DeepLinkRow.registration_id)
        .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
        .where(DeepLinkRow.public_id == public_id, DeepLinkRow.expires_at > now)
    )
    found = session.execute(query).one_or_none()
    return (found[0], as_registration(found[1], found[2])) if found else None
