"""Loads and saves tokens for the API; flushes, never commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.token_tables import ApiTokenRow
from lti_tool.ids import PlatformId


def add(session: Session, row: ApiTokenRow) -> None:
    """Keeps a new token."""
    session.add(row)
    session.flush()


def of_platform(session: Session, platform_id: PlatformId, public_id: str) -> ApiTokenRow | None:
    """The token of this platform with this public id."""
    query = select(ApiTokenRow).where(ApiTokenRow.platform_id == platform_id, ApiTokenRow.public_id == public_id)
    return session.scalar(query)


def by_public_id(session: Session, public_id: str) -> ApiTokenRow | None:
    """The token with this public id, of whatever platform."""
    return session.scalar(select(ApiTokenRow).where(ApiTokenRow.public_id == public_id))


def in_force(session: Session, platform_id: PlatformId, now: datetime) -> int:
    """How many tokens of the platform open something now."""
    query = select(func.count()).where(
        ApiTokenRow.platform_id == platform_id,
        ApiTokenRow.revoked_at.is_(None),
        ApiTokenRow.expires_at.is_(None) | (ApiTokenRow.expires_at > now),
    )
    return session.scalar(query) or 0


def taken_row(session: Session, token_id: int) -> ApiTokenRow:
    """The token, locked until the end of the transaction: whoever counts calls does so one after the other."""
    return session.get_one(ApiTokenRow, token_id, with_for_update=True)


def by_hash(session: Session, token_hash: str) -> ApiTokenRow | None:
    """The token with this hash."""
    return session.scalar(select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash))
