"""Tokens by which other systems read the API: made, found, counted, revoked.

A token is random and long, so a plain hash of it is kept and nothing else; it is shown once, where it is made.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.accounts import token_store
from lti_tool.accounts.token_model import (
    MOST_DAYS,
    MOST_IN_FORCE,
    MOST_RATE,
    NAME_LENGTH,
    RATE,
    ApiToken,
    MadeToken,
    TokenState,
)
from lti_tool.accounts.token_queries import as_token
from lti_tool.accounts.token_tables import ApiTokenRow
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PersonId, PlatformId

MARK = "ict_"
"""Every token begins so: whoever finds one in a file knows what it is, and so do scanners."""
SHOWN = 10
"""How many of its first characters are kept."""
LONGEST = 200
USE_STEP = timedelta(minutes=1)
"""How exactly the last use is kept."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a token is to be. `days`: how long it holds; None: until it is revoked."""

    name: str
    days: int | None = None
    rate: int = RATE


def make(
    session: Session, platform_id: PlatformId, wish: Wish, now: datetime, *, by: PersonId | None = None
) -> MadeToken:
    """A new token. Raises RuleBroken: token_name_faulty, token_days_faulty, token_rate_faulty, too_many_tokens."""
    name = " ".join(wish.name.split())
    _check(name, wish)
    if token_store.in_force(session, platform_id, now) >= MOST_IN_FORCE:
        raise RuleBroken("too_many_tokens", most=MOST_IN_FORCE)
    secret = MARK + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        platform_id=platform_id,
        name=name,
        start=secret[:SHOWN],
        token_hash=_hash(secret),
        created_at=now,
        created_by=by,
        expires_at=None if wish.days is None else now + timedelta(days=wish.days),
        rate=wish.rate,
    )
    token_store.add(session, row)
    return MadeToken(secret, as_token(row))


def _check(name: str, wish: Wish) -> None:
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise RuleBroken("token_name_faulty", most=NAME_LENGTH)
    if wish.days is not None and not 1 <= wish.days <= MOST_DAYS:
        raise RuleBroken("token_days_faulty", most=MOST_DAYS)
    if not 1 <= wish.rate <= MOST_RATE:
        raise RuleBroken("token_rate_faulty", most=MOST_RATE)


def find(session: Session, secret: str, now: datetime) -> ApiToken | None:
    """The token that somebody brings, where it opens anything now. Only reads."""
    if not secret.startswith(MARK) or len(secret) > LONGEST:
        return None
    row = token_store.by_hash(session, _hash(secret))
    if row is None:
        return None
    token = as_token(row)
    return token if token.state(now) is TokenState.IN_FORCE else None


def revoke(session: Session, platform_id: PlatformId, public_id: str, now: datetime) -> ApiToken:
    """Ends a token of this platform at once; ending one that has been revoked changes nothing. Raises NotFound."""
    row = token_store.of_platform(session, platform_id, public_id)
    if row is None:
        raise NotFound("token_unknown", id=public_id)
    return _revoke(row, now)


def revoke_any(session: Session, public_id: str, now: datetime) -> ApiToken:
    """The same for an operator, who answers for all platforms. Raises NotFound."""
    row = token_store.by_public_id(session, public_id)
    if row is None:
        raise NotFound("token_unknown", id=public_id)
    return _revoke(row, now)


def _revoke(row: ApiTokenRow, now: datetime) -> ApiToken:
    row.revoked_at = row.revoked_at or now
    return as_token(row)


@dataclass(frozen=True, slots=True)
class Portion:
    """Calls of one minute that a process has taken for itself."""

    minute: int
    """Counted since 1970; later than the asked one where another machine's clock is ahead."""
    granted: int
    left: int
    """What is left to all beside it."""


SHARE = 20


def portion_of(rate: int, taken: int, minute: int) -> Portion:
    """What to take next of a minute's calls: a twentieth of what is left, at least one; none where none is left.

    When a minute's calls run low they are taken one by one, so that none lie unused with one process while another
    refuses.
    """
    left = max(0, rate - taken)
    granted = min(left, max(1, left // SHARE))
    return Portion(minute, granted, left - granted)


def take_portion(session: Session, token_id: int, minute: int, now: datetime) -> Portion:
    """Takes a portion of the token's calls in this minute, for all processes to see. Notes the use.

    So the few processes of a tool agree on the limit with one write for many calls.
    """
    row = token_store.taken_row(session, token_id)
    if row.minute < minute:
        row.minute, row.taken = minute, 0
    portion = portion_of(row.rate, row.taken, row.minute)
    row.taken += portion.granted
    if row.used_at is None or now - row.used_at >= USE_STEP:
        row.used_at = now
    session.flush()
    return portion


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
