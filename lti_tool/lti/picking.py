"""A deep-linking request between the launch that asked and the form that answers, for whom it was asked only.

The platform's return address carries a session key, so it is kept here and not in a page or a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.errors import LaunchRefused, NotFound
from lti_tool.ids import ActivityId, CourseId, PersonId, PublicId
from lti_tool.lti import picked_store, store
from lti_tool.lti.deep_linking import Addressee, PickedItem
from lti_tool.lti.model import DeepLinkingSettings, Launch
from lti_tool.lti.tables import DeepLinkRow, PickedItemRow

LIFE = timedelta(hours=2)
"""How long a trainer may take to choose."""


def begin(session: Session, launch: Launch, person_id: PersonId, course_id: CourseId, now: datetime) -> PublicId:
    """Keeps the request of a deep-linking launch. Raises LaunchRefused for one without settings."""
    settings = launch.deep_linking
    if settings is None:
        raise LaunchRefused("deep_linking_settings_missing", 400)
    row = DeepLinkRow(
        person_id=person_id,
        course_id=course_id,
        registration_id=launch.registration_id,
        deployment_id=launch.deployment_id,
        return_url=settings.return_url,
        accepts_resource_links=settings.accepts_resource_links,
        accepts_multiple=settings.accepts_multiple,
        data=settings.data,
        expires_at=now + LIFE,
    )
    return store.add_deep_link(session, row, now)


def asked(session: Session, public_id: str, person_id: PersonId, course_id: CourseId, now: datetime) -> Addressee:
    """To whom the answer goes. Raises NotFound for a request that is over, or was put to somebody else."""
    found = store.deep_link(session, public_id, now)
    if found is None or (found[0].person_id, found[0].course_id) != (person_id, course_id):
        raise NotFound("deep_linking_request_unknown")
    row, registration = found
    settings = DeepLinkingSettings(row.return_url, row.accepts_resource_links, row.accepts_multiple, row.data)
    return Addressee(registration, row.deployment_id, settings)


def note_picked(
    session: Session, course_id: CourseId, person_id: PersonId, items: Sequence[PickedItem], now: datetime
) -> None:
    """Keeps what goes to the platform, to be told from what the platform makes of it; over what it replaces."""
    known = picked_store.picked_rows(session, course_id, {item.uid for item in items})
    for item in items:
        row = known.get(item.uid) or PickedItemRow(course_id=course_id, uid=item.uid)
        row.kind, row.title, row.points = item.kind, item.title, item.points
        row.picked_by, row.picked_at = person_id, now
        session.add(row)
    session.flush()


def note_placed(session: Session, course_id: CourseId, uid: str, activity_id: ActivityId) -> None:
    """The link that carries this name of ours is this activity; what was placed in another course stays unknown."""
    row = picked_store.picked_rows(session, course_id, {uid}).get(uid)
    if row is not None and row.activity_id != activity_id:
        row.activity_id = activity_id
        session.flush()
