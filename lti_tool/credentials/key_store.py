"""Loads and saves the public halves of the keys that sign badges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.credentials.model import CredentialKey
from lti_tool.credentials.tables import CredentialKeyRow


def keys(session: Session) -> list[CredentialKey]:
    """All keys that have ever signed badges, newest first."""
    wanted = select(CredentialKeyRow).order_by(CredentialKeyRow.created_at.desc(), CredentialKeyRow.kid)
    return [CredentialKey(row.kid, row.public_jwk, row.created_at, row.retired_at) for row in session.scalars(wanted)]


def signing_kid(session: Session) -> str | None:
    """Which key signs now: the newest that is not retired (two first badges at once may have made two)."""
    wanted = select(CredentialKeyRow.kid).where(CredentialKeyRow.retired_at.is_(None))
    return session.scalar(wanted.order_by(CredentialKeyRow.created_at.desc(), CredentialKeyRow.kid).limit(1))


def add_key(session: Session, public_jwk: Mapping[str, Any], now: datetime) -> None:
    """Adds a key that signs from now on."""
    session.add(CredentialKeyRow(kid=str(public_jwk["kid"]), public_jwk=dict(public_jwk), created_at=now))
    session.flush()


def retire_others(session: Session, kid: str, now: datetime) -> None:
    """No key but this one signs from now on."""
    others = (CredentialKeyRow.kid != kid, CredentialKeyRow.retired_at.is_(None))
    session.execute(update(CredentialKeyRow).where(*others).values(retired_at=now))
