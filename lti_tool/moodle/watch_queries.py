"""What whoever watches the tool asks of marks that Moodle's web service gives: where they do not come."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId
from lti_tool.moodle.tables import NativePullRow
from lti_tool.people.tables import CourseRow


def pulls_failing(session: Session) -> Mapping[PlatformId, int]:
    """How many courses' marks could not be read the last time."""
    query = (
        select(CourseRow.platform_id, func.count())
        .join(NativePullRow, NativePullRow.course_id == CourseRow.id)
        .where(NativePullRow.fault.is_not(None))
        .group_by(CourseRow.platform_id)
    )
    return {PlatformId(key): count for key, count in session.execute(query)}
