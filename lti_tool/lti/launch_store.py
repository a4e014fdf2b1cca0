"""Loads and saves of the launch path: registrations as messages need them, logins under way, key sets, the tool's keys.

Beside `store.py`, which keeps registering and services. Functions take the caller's session and flush; the edge
commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.db.prepared import Found, Prepared
from lti_tool.ids import PlatformId, RegistrationId
from lti_tool.lti.model import KeyState, LaunchGround, LoginUnderWay, Registration, StoredKeySet, ToolKey
from lti_tool.lti.tables import (
    DeploymentRow,
    JwksRow,
    OidcLoginRow,
    ParkedLaunchRow,
    PlatformRow,
    RegistrationRow,
    ToolKeyRow,
)

# --- Registrations, as launches need them ---

# Built once: putting these together costs more than the database's answer, and every launch asks them.
_REGISTERED = (
    RegistrationRow.id,
    RegistrationRow.platform_id,
    PlatformRow.issuer,
    RegistrationRow.client_id,
    RegistrationRow.authorization_url,
    RegistrationRow.token_url,
    RegistrationRow.token_audience,
    RegistrationRow.jwks_url,
    RegistrationRow.scopes,
    RegistrationRow.active,
)
_HAS_DEPLOYMENT = exists().where(
    DeploymentRow.registration_id == bindparam("registration_id"),
    DeploymentRow.deployment_id == bindparam("deployment_id"),
)
_HAS_DEPLOYMENT_OF = exists().where(
    DeploymentRow.registration_id == RegistrationRow.id,
    DeploymentRow.deployment_id == bindparam("deployment_id"),
)
_GROUND = Prepared(
    select(*_REGISTERED, _HAS_DEPLOYMENT, JwksRow.document, JwksRow.fetched_at, JwksRow.tried_at)
    .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
    .outerjoin(JwksRow, JwksRow.url == RegistrationRow.jwks_url)
    .where(RegistrationRow.id == bindparam("registration_id"))
)
_OF_ISSUER = (
    select(*_REGISTERED, _HAS_DEPLOYMENT_OF)
    .join(PlatformRow, PlatformRow.id == RegistrationRow.platform_id)
    .where(PlatformRow.issuer == bindparam("issuer"))
    .limit(literal_column("100"))
)
_REGISTRATIONS = Prepared(_OF_ISSUER)
_REGISTRATION = Prepared(_OF_ISSUER.where(RegistrationRow.client_id == bindparam("client_id")))
_LOGIN = ("state_hash", "nonce_hash", "registration_id", "browser_hash", "expires_at")
_SAVE_LOGIN = Prepared(insert(OidcLoginRow).values({name: bindparam(name) for name in _LOGIN}))
_TAKE_LOGIN = Prepared(
    delete(OidcLoginRow)
    .where(OidcLoginRow.state_hash == bindparam("state"))
    .returning(
        OidcLoginRow.registration_id, OidcLoginRow.nonce_hash, OidcLoginRow.browser_hash, OidcLoginRow.expires_at
    )
)


def registrations_of(
    session: Session, issuer: str, client_id: str | None = None, deployment_id: str = ""
) -> list[tuple[Registration, bool]]:
    """The registrations of an issuer, switched off ones included, each with whether it has this deployment.

    `client_id` narrows them to at most one.
    """
    if client_id is None:
        found = _REGISTRATIONS.all(session, issuer=issuer, deployment_id=deployment_id)
    else:
        found = _REGISTRATION.all(session, issuer=issuer, deployment_id=deployment_id, client_id=client_id)
    return [(_registration(row), bool(row[len(_REGISTERED)])) for row in found]


def ground(session: Session, registration_id: RegistrationId, deployment_id: str) -> LaunchGround | None:
    """A registration with its key set as last fetched, and whether it has this deployment; one question for all."""
    found = _GROUND.first(session, registration_id=registration_id, deployment_id=deployment_id)
    if found is None:
        return None
    knows_deployment, document, fetched_at, tried_at = found[len(_REGISTERED) :]
    stored = StoredKeySet(document, fetched_at, tried_at) if tried_at else None
    return LaunchGround(_registration(found), bool(knows_deployment), stored)


def _registration(row: Found) -> Registration:
    key, platform, issuer, client_id, authorization, token, audience, jwks, scopes, active, *_more = row
    return Registration(
        id=RegistrationId(key),
        platform_id=PlatformId(platform),
        issuer=issuer,
        client_id=client_id,
        authorization_url=authorization,
        token_url=token,
        token_audience=audience,
        jwks_url=jwks,
        scopes=frozenset(scopes),
        active=active,
    )


# --- Logins under way and parked launches: each is taken once ---


def save_login(session: Session, state_hash: str, login: LoginUnderWay, expires_at: datetime) -> None:
    """Keeps a login until its answer comes."""
    _SAVE_LOGIN.run(
        session,
        state_hash=state_hash,
        nonce_hash=login.nonce_hash,
        registration_id=login.registration_id,
        browser_hash=login.browser_hash,
        expires_at=expires_at,
    )


def take_login(session: Session, state_hash: str, now: datetime) -> LoginUnderWay | None:
    """Removes a login and gives it to the one caller who removed it; None for all others and where it is too old."""
    taken = _TAKE_LOGIN.first(session, state=state_hash)
    if taken is None:
        return None
    registration_id, nonce_hash, browser_hash, expires_at = taken
    return LoginUnderWay(RegistrationId(registration_id), nonce_hash, browser_hash) if expires_at > now else None


def save_parked(session: Session, code_hash: str, launch: Mapping[str, Any], expires_at: datetime) -> None:
    """Keeps a verified launch under the hash of a one-time code."""
    session.add(ParkedLaunchRow(code_hash=code_hash, launch=dict(launch), expires_at=expires_at))
    session.flush()


def parked(session: Session, code_hash: str, now: datetime) -> dict[str, Any] | None:
    """A parked launch that is still there, left where it is."""
    row = session.get(ParkedLaunchRow, code_hash)
    return row.launch if row is not None and row.expires_at > now else None


def take_parked(session: Session, code_hash: str, now: datetime) -> dict[str, Any] | None:
    """Removes a parked launch and gives it to the one caller who removed it."""
    taken = session.execute(
        delete(ParkedLaunchRow)
        .where(ParkedLaunchRow.code_hash == code_hash)
        .returning(ParkedLaunchRow.launch, ParkedLaunchRow.expires_at)
    ).first()
    return taken.launch if taken is not None and taken.expires_at > now else None


def forget_expired(session: Session, now: datetime) -> int:
    """Removes logins and parked launches that nobody can use any more; how many."""
    gone = 0
    for table in (OidcLoginRow, ParkedLaunchRow):
        gone += len(session.scalars(delete(table).where(table.expires_at <= now).returning(table.expires_at)).all())
    return gone


# --- Key sets of platforms ---


def key_set(session: Session, url: str) -> StoredKeySet | None:
    """A platform's key set as last fetched."""
    row = session.execute(
        select(JwksRow.document, JwksRow.fetched_at, JwksRow.tried_at).where(JwksRow.url == url)
    ).first()
    return StoredKeySet(row.document, row.fetched_at, row.tried_at) if row else None


def claim_key_fetch(session: Session, url: str, now: datetime, pause: timedelta) -> bool:
    """Whether this caller may fetch the key set: nobody else has tried within `pause`. The try is noted."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    claimed = session.scalar(
        insert(JwksRow)
        .values(url=url, tried_at=now)
        .on_conflict_do_update(
            index_elements=[JwksRow.url], set_={"tried_at": now}, where=JwksRow.tried_at <= now - pause
        )
        .returning(JwksRow.url)
    )
    return claimed is not None


def save_key_set(session: Session, url: str, document: Mapping[str, Any], now: datetime) -> None:
    """Keeps a fetched key set."""
    session.execute(update(JwksRow).where(JwksRow.url == url).values(document=dict(document), fetched_at=now))


def key_sets_fetched_before(session: Session, moment: datetime) -> list[str]:
    """Addresses of key sets of active registrations that were not fetched since `moment`."""
    wanted = (
        select(RegistrationRow.jwks_url)
        .distinct()
        .outerjoin(JwksRow, JwksRow.url == RegistrationRow.jwks_url)
        .where(RegistrationRow.active, (JwksRow.fetched_at.is_(None)) | (JwksRow.fetched_at < moment))
    )
    return list(session.scalars(wanted))


# --- The tool's own keys ---


def tool_keys(session: Session) -> list[ToolKey]:
    """The tool's keys, newest first."""
    wanted = select(ToolKeyRow).order_by(ToolKeyRow.created_at.desc(), ToolKeyRow.kid)
    return [
        ToolKey(row.kid, row.public_jwk, KeyState(row.state), row.created_at, row.retired_at)
        for row in session.scalars(wanted)
    ]


def signing_kid(session: Session) -> str | None:
    """Which key signs now: the newest that is to sign (two first starts at once may have made two)."""
    wanted = select(ToolKeyRow.kid).where(ToolKeyRow.state == KeyState.SIGNING)
    return session.scalar(wanted.order_by(ToolKeyRow.created_at.desc(), ToolKeyRow.kid).limit(1))


def add_tool_key(session: Session, kid: str, public_jwk: Mapping[str, Any], now: datetime) -> None:
    """Adds a key that signs from now on."""
    session.add(ToolKeyRow(kid=kid, public_jwk=dict(public_jwk), state=KeyState.SIGNING, created_at=now))
    session.flush()


def change_tool_keys(session: Session, before: KeyState, after: KeyState, now: datetime, keep: str = "") -> None:
    """Moves all keys of one state, but `keep`, into another."""
    retired_at = now if after is KeyState.RETIRED else None
    session.execute(
        update(ToolKeyRow)
        .where(ToolKeyRow.state == before, ToolKeyRow.kid != keep)
        .values(state=after, retired_at=retired_at)
    )
