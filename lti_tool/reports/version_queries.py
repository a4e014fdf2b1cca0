"""On which versions of the requirements the courses of a platform are counted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import FrameworkVersionRow
from lti_tool.ids import FrameworkVersionId, PlatformId, PublicId
from lti_tool.reports.tables import MonthRollupRow


@dataclass(frozen=True, slots=True)
class CountedVersion:
    """A version that courses are on."""

    id: FrameworkVersionId
    public_id: PublicId
    framework: str
    """Which requirements: `kg-ict-teachers`."""
    version: str


def versions_counted(session: Session, platform_id: PlatformId) -> tuple[CountedVersion, ...]:
    """The versions that courses of the platform are on, the newest first."""
    version, months = FrameworkVersionRow, MonthRollupRow
    on_it = select(months.month).where(months.framework_version_id == version.id, months.platform_id == platform_id)
    query = select(version.id, version.public_id, version.framework, version.version).where(on_it.exists())
    return tuple(
        CountedVersion(FrameworkVersionId(id_), PublicId(public_id), framework, name)
        for id_, public_id, framework, name in session.execute(query.order_by(version.id.desc()))
    )
