"""Saves training sites and what was found there; flushes, never commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.catalogue.readiness_model import MOST_SITES, Finding, ItemState, Looked
from lti_tool.catalogue.tables import SiteCheckRow, TrainingSiteRow
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PersonId, PlatformId


def insert_site(session: Session, platform_id: PlatformId, name: str, by: PersonId | None, now: datetime) -> str:
    """Adds a site and gives its public id. Raises RuleBroken: site_name_taken, too_many_sites (most)."""
    own = TrainingSiteRow.platform_id == platform_id
    if (session.scalar(select(func.count()).select_from(TrainingSiteRow).where(own)) or 0) >= MOST_SITES:
        raise RuleBroken("too_many_sites", most=MOST_SITES)
    row = TrainingSiteRow(platform_id=platform_id, name=name, created_at=now, created_by=by)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise RuleBroken("site_name_taken", name=name) from error
    return row.public_id


def delete_site(session: Session, platform_id: PlatformId, public_id: str) -> None:
    """Takes a site away with what was found there. Raises NotFound("site_unknown")."""
    row = _site(session, platform_id, public_id)
    session.execute(delete(SiteCheckRow).where(SiteCheckRow.site_id == row.id))
    session.delete(row)
    session.flush()


def store_findings(
    session: Session, platform_id: PlatformId, public_id: str, found: Iterable[Finding], looked: Looked
) -> None:
    """What was found replaces what stood there. Raises NotFound("site_unknown")."""
    row = _site(session, platform_id, public_id)
    for each in found:
        if each.state is ItemState.NOT_CHECKED:
            session.execute(delete(SiteCheckRow).where(SiteCheckRow.site_id == row.id, SiteCheckRow.item == each.item))
            continue
        check = session.get(SiteCheckRow, (row.id, each.item)) or SiteCheckRow(site_id=row.id, item=each.item)
        check.state, check.note = each.state.value, each.note
        check.checked_on, check.checked_by, check.changed_at = looked.on, looked.by, looked.at
        session.add(check)
    session.flush()


def _site(session: Session, platform_id: PlatformId, public_id: str) -> TrainingSiteRow:
    """Locked, so that two who save at once come one after the other."""
    row = session.scalar(
        select(TrainingSiteRow)
        .where(TrainingSiteRow.platform_id == platform_id, TrainingSiteRow.public_id == public_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("site_unknown", site=public_id)
    return row
