"""Links whose `indicators` parameter has changed since it was taken over: offered to the trainer, not taken by itself.

A link is changed by placing it anew in the LMS, or by hand in its custom parameters. Taking an offer puts it into the
draft of the mapping, where it is looked at and published like any other edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import declaration, mapping_draft
from lti_tool.competency.mapping_draft import draft_of
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.errors import NotFound
from lti_tool.ids import CourseId, PersonId
from lti_tool.people import activities
from lti_tool.people.model import Activity


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link says now, and what its row of the matrix is."""

    activity: Activity
    parameter: str
    cells: tuple[Mapping, ...]
    """What the parameter says."""
    unreadable: tuple[str, ...]
    """Parts of it that name nothing."""
    stands: tuple[Mapping, ...]
    """The activity's cells in the draft."""


def offers_of(session: Session, course_id: CourseId, now: datetime) -> tuple[Offer, ...]:
    """What the links of a course offer."""
    offered = activities.offered(session, course_id)
    if not offered:
        return ()
    framework, draft = rules_of(session, course_id, now).framework, draft_of(session, course_id)
    found = []
    for activity in activities.activities_of(session, course_id):
        if activity.id in offered:
            declared = declaration.read(offered[activity.id], framework, activity.id)
            stands = tuple(cell for cell in draft.wanted if cell.activity == activity.id)
            found.append(Offer(activity, offered[activity.id], declared.mappings, declared.unreadable, stands))
    return tuple(found)


def settle(
    session: Session, course_id: CourseId, public_id: str, *, take: bool, by: PersonId | None, now: datetime
) -> Offer:
    """Takes what a link offers into the draft, as the whole row of its activity; or leaves the row as it is.

    Either way the link's parameter is known from now on, and offered again only once it changes. Raises NotFound
    where nothing is offered (any more).
    """
    offer = next((each for each in offers_of(session, course_id, now) if each.activity.public_id == public_id), None)
    if offer is None:
        raise NotFound("offer_unknown")
    if take:
        others = [cell for cell in draft_of(session, course_id).wanted if cell.activity != offer.activity.id]
        mapping_draft.draft_whole(session, course_id, [*others, *_with_pass_marks(offer)], merge=False, by=by, now=now)
    activities.note_declared(session, offer.activity.id, offer.parameter)
    return offer


def _with_pass_marks(offer: Offer) -> list[Mapping]:
    """The offered cells; a cell's own pass mark, of which the parameter cannot speak, stays with it."""
    own = {cell.indicator: cell.pass_mark for cell in offer.stands}
    return [
        Mapping(cell.activity, cell.indicator, cell.weight, cell.role, own.get(cell.indicator)) for cell in offer.cells
    ]
