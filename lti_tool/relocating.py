"""An LMS at another address: everything that knows where it is learns it at once, or nothing does.

Beside `lti/moving.py`, which judges a move, because grades and marks keep addresses, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.grading import channels
from lti_tool.lti import moving
from lti_tool.lti.moving import Begun
from lti_tool.moodle import connections
from lti_tool.people import sessions


@dataclass(frozen=True, slots=True)
class Relocated:
    """What has another address now, by number; `left`: addresses that lay elsewhere and stay."""

    registrations: int
    courses: int
    columns: int
    web_services: int
    sessions_ended: int
    left: tuple[str, ...]


def relocate(session: Session, begun: Begun, now: datetime) -> Relocated:
    """Moves a platform. Its people's sessions end: they lead back to the former address.

    Raises RuleBroken where people of another platform have come from the new address.
    """
    moved = moving.move_registrations(session, begun)
    return Relocated(
        registrations=moved.registrations,
        courses=moved.courses,
        columns=channels.move(session, begun.platform_id, begun.move, now),
        web_services=int(connections.move(session, begun.platform_id, begun.move)),
        sessions_ended=sessions.end_all_at(session, begun.platform_id),
        left=moved.left,
    )
