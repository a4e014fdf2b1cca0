"""Keeping the readiness checklist: an institute names its training sites and says what each has of the equipment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from lti_tool.catalogue import readiness_queries, readiness_store
from lti_tool.catalogue.readiness_model import Finding, Looked, changed, check_findings, site_name
from lti_tool.ids import PersonId, PlatformId


def add_site(session: Session, platform_id: PlatformId, typed: str, by: PersonId | None, now: datetime) -> str:
    """Adds a training site and gives its public id.

    Raises RuleBroken: site_name_missing, site_name_long, site_name_taken, too_many_sites.
    """
    return readiness_store.insert_site(session, platform_id, site_name(typed), by, now)


def remove_site(session: Session, platform_id: PlatformId, public_id: str) -> None:
    """Takes a training site away with what was found there. Raises NotFound("site_unknown")."""
    readiness_store.delete_site(session, platform_id, public_id)


def record_findings(
    session: Session, platform_id: PlatformId, public_id: str, found: Sequence[Finding], looked: Looked, today: date
) -> int:
    """Stores what differs from what stands there, and says how many items that were.

    Raises NotFound("site_unknown"), RuleBroken: site_note_long, site_note_without_state, site_date_ahead.
    """
    check_findings(found, looked.on, today)
    new = changed(readiness_queries.site(session, platform_id, public_id), found)
    readiness_store.store_findings(session, platform_id, public_id, new, looked)
    return len(new)
