"""SQL of the connections to Moodle's web services."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId
from lti_tool.moodle.tables import MoodleConnectionRow


def connection_row(session: Session, platform_id: PlatformId) -> MoodleConnectionRow | None:
    """The platform's connection, where it has one."""
    return session.scalar(select(MoodleConnectionRow).where(MoodleConnectionRow.platform_id == platform_id))


def forget_connection(session: Session, platform_id: PlatformId) -> None:
    """The address and the token go."""
    session.execute(delete(MoodleConnectionRow).where(MoodleConnectionRow.platform_id == platform_id))
