"""What a token for the API is and when it holds; no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool.ids import PlatformId, PublicId

NAME_LENGTH = 100
MOST_DAYS = 3650
MOST_IN_FORCE = 50
"""How many tokens of one platform may hold at a time: more than that nobody keeps in view."""
RATE = 600
MOST_RATE = 6000


class TokenState(StrEnum):
    """Whether a token opens anything."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as lists show it; the token itself is known to who was given it, and to nobody else."""

    id: int
    public_id: PublicId
    platform_id: PlatformId
    name: str
    start: str
    """Its first characters, to recognise it by."""
    created_at: datetime
    made_by: str
    """Who made it; empty for an operator."""
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    """None: never used."""
    rate: int
    """Calls a minute."""

    def state(self, now: datetime) -> TokenState:
        """Whether it opens anything now; the moment at which it expires is already outside."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        return TokenState.EXPIRED if self.expires_at is not None and self.expires_at <= now else TokenState.IN_FORCE


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token: the only moment at which it can be read."""

    secret: str
    token: ApiToken

    def __repr__(self) -> str:
        return f"MadeToken(***, {self.token.start!r})"
