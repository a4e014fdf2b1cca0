"""A crosswalk confirmed, with the levels that follow: what was shown under one version counts under the other now.

Most courses stay as they are: only where somebody was in a course on another version, and the course reads levels from
the record of its people, can a level change. Those courses are left to a worker.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import crosswalks, recompute, version_store
from lti_tool.competency.framework import Framework
from lti_tool.grading import jobs
from lti_tool.ids import PersonId, PlatformId


def confirm_crosswalk(
    session: Session,
    platform_id: PlatformId,
    old: Framework,
    new: Framework,
    *,
    seen: int,
    by: PersonId | None,
    now: datetime,
) -> int:
    """What is drafted stands from now on; in how many courses levels are computed anew.

    Raises as `crosswalks.confirm`.
    """
    crosswalks.confirm(session, platform_id, old, new, seen=seen, by=by, now=now)
    beside = version_store.open_courses_beside_another(session, platform_id)
    concerned = recompute.resting_among(session, beside)
    jobs.compute_later(session, concerned, now)
    return len(concerned)
