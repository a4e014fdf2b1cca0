"""Which versions of the requirements are stored: one small question, asked for every answer that is kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import FrameworkVersionRow
from lti_tool.ids import FrameworkVersionId


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a framework by name, without its content."""

    id: FrameworkVersionId
    framework: str
    version: str
    imported_at: datetime


def stored_versions(session: Session) -> Sequence[StoredVersion]:
    """All of them, the newest import first, as `competency.publishing.versions` has them."""
    rows = session.execute(
        select(
            FrameworkVersionRow.id,
            FrameworkVersionRow.framework,
            FrameworkVersionRow.version,
            FrameworkVersionRow.imported_at,
        ).order_by(FrameworkVersionRow.imported_at.desc(), FrameworkVersionRow.id.desc())
    )
    return tuple(StoredVersion(FrameworkVersionId(row), name, version, at) for row, name, version, at in rows)
