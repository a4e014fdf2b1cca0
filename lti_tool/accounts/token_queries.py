"""What lists show of the tokens for the API. Values, never rows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.token_model import ApiToken
from lti_tool.accounts.token_tables import ApiTokenRow
from lti_tool.ids import PlatformId, PublicId
from lti_tool.people.tables import PersonRow

MOST = 200


def tokens_of(session: Session, platform_id: PlatformId) -> tuple[ApiToken, ...]:
    """The newest 200 tokens of a platform, those that have ended included, the newest first."""
    query = (
        select(ApiTokenRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == ApiTokenRow.created_by)
        .where(ApiTokenRow.platform_id == platform_id)
        .order_by(ApiTokenRow.id.desc())
        .limit(MOST)
    )
    return tuple(as_token(row, name or "") for row, name in session.execute(query))


def names_of(session: Session, public_ids: Collection[str]) -> dict[str, str]:
    """What tokens are for, by public id: for a record that keeps ids only."""
    query = select(ApiTokenRow.public_id, ApiTokenRow.name).where(ApiTokenRow.public_id.in_(public_ids))
    found: dict[str, str] = dict(session.execute(query).all())
    return found


def as_token(row: ApiTokenRow, made_by: str = "") -> ApiToken:
    """What may be shown of a token."""
    return ApiToken(
        id=row.id,
        public_id=PublicId(row.public_id),
        platform_id=PlatformId(row.platform_id),
        name=row.name,
        start=row.start,
        created_at=row.created_at,
        made_by=made_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
        rate=row.rate,
    )
