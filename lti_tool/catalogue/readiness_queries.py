"""The training sites of a platform with what was found there; two statements, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.catalogue.readiness_model import MOST_SITES, Check, ItemState, Site
from lti_tool.catalogue.tables import SiteCheckRow, TrainingSiteRow
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.people.tables import PersonRow


def sites(session: Session, platform_id: PlatformId) -> tuple[Site, ...]:
    """All of a platform, by name."""
    query = select(TrainingSiteRow).where(TrainingSiteRow.platform_id == platform_id).order_by(TrainingSiteRow.name)
    return _with_checks(session, session.scalars(query.limit(MOST_SITES)).all())


def site(session: Session, platform_id: PlatformId, public_id: str) -> Site:
    """One of a platform. Raises NotFound("site_unknown")."""
    row = session.scalar(
        select(TrainingSiteRow).where(
            TrainingSiteRow.platform_id == platform_id, TrainingSiteRow.public_id == public_id
        )
    )
    if row is None:
        raise NotFound("site_unknown", site=public_id)
    return _with_checks(session, [row])[0]


def _with_checks(session: Session, rows: Iterable[TrainingSiteRow]) -> tuple[Site, ...]:
    found: dict[int, dict[str, Check]] = {row.id: {} for row in rows}
    query = (
        select(SiteCheckRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == SiteCheckRow.checked_by)
        .where(SiteCheckRow.site_id.in_(found))
    )
    for row, name in session.execute(query):
        found[row.site_id][row.item] = Check(ItemState(row.state), row.note, row.checked_on, name or "")
    return tuple(Site(row.public_id, row.name, found[row.id]) for row in rows)
