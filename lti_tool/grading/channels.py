"""What people may change of the way to a platform: try it now, how much goes there at once, where it leads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.db import wake
from lti_tool.errors import RuleBroken
from lti_tool.grading import channel_store, line_item_store
from lti_tool.ids import PlatformId
from lti_tool.lti.model import Move

MOST_AT_ONCE = 64
MOST_A_SECOND = 10_000


def try_now(session: Session, platform_id: PlatformId, now: datetime) -> bool:
    """Lets a paused platform be probed at once; False where it is not paused.

    The pause ends by the probe's answer, not here: only then is its time not held against the rows that waited.
    """
    row = channel_store.channel(session, platform_id)
    if row.paused_until is None:
        return False
    row.paused_until, row.free_at = now, None
    session.flush()
    wake.workers(session)
    return True


def limit(session: Session, platform_id: PlatformId, limits: dict[str, int | None]) -> None:
    """Sets the platform's `concurrency` or `rate` (None: as fast as it goes); what is not named stays.

    Raises RuleBroken for a number that is outside of what can be.
    """
    row = channel_store.channel(session, platform_id)
    for name, most in (("concurrency", MOST_AT_ONCE), ("rate", MOST_A_SECOND)):
        if name in limits:
            value = limits[name]
            if not (value is None and name == "rate") and not (value is not None and 1 <= value <= most):
                raise RuleBroken("limit_outside", what=name, found=value, most=most)
            setattr(row, name, value)
    session.flush()


def move(session: Session, platform_id: PlatformId, asked: Move, now: datetime) -> int:
    """The platform's columns are at its new address from now on; how many. What waited for it is tried at once."""
    columns = line_item_store.move_urls(session, platform_id, asked)
    try_now(session, platform_id, now)
    return columns
