"""Deliveries: what should stand in the LMS's gradebooks, and what does."""

from __future__ import annotations

from lti_tool.db.keyset import Position
from lti_tool.errors import RuleBroken
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.paging_queries import DeliveryCut, DeliveryEntry, DeliveryWanted, deliveries_page
from lti_tool.people import paging_queries
from lti_tool.web.api import answers, cursors, pages
from lti_tool.web.api.answers import Listed
from lti_tool.web.api.calls import Call
from lti_tool.web.api.parameters import DeliveriesQuery
from lti_tool.web.api.problems import Refused

OPEN = (DeliveryState.DUE, DeliveryState.HELD, DeliveryState.DEAD)
"""Only what has not arrived has a reason."""


def deliveries(call: Call, query: DeliveriesQuery) -> Listed[answers.Delivery]:
    """All deliveries of the platform, by state."""
    wanted = _wanted(call, query)
    after = pages.opened(lambda: _position(call.endpoint, query.cursor))
    cut = DeliveryCut(query.limit, *after) if after else DeliveryCut(query.limit)
    found = deliveries_page(call.session, call.platform_id, wanted, cut)
    return pages.cut(query.limit, found, _told, lambda last: _cursor(call.endpoint, last))


def _wanted(call: Call, query: DeliveriesQuery) -> DeliveryWanted:
    course = query.course and paging_queries.course_of_platform(call.session, call.platform_id, query.course)
    person = query.person and paging_queries.person_of_platform(call.session, call.platform_id, query.person)
    if (query.course and not course) or (query.person and not person):
        raise Refused("not-found")
    states = tuple(DeliveryState) if query.state is None else (query.state,)
    return DeliveryWanted(
        states=states if query.reason is None else tuple(state for state in states if state in OPEN),
        answer=query.reason,
        course_id=course.id if course else None,
        person_id=person.id if person else None,
        wanted_since=query.wanted_since,
    )


def _cursor(kind: str, last: DeliveryEntry) -> str:
    return cursors.sealed(kind, last.state.value, *cursors.of_position(last.position))


def _position(kind: str, cursor: str | None) -> tuple[DeliveryState, Position] | None:
    if cursor is None:
        return None
    state, *place = cursors.opened(kind, cursor, 3)
    if state not in {*DeliveryState}:
        raise RuleBroken("cursor_faulty")
    return DeliveryState(state), cursors.as_position(*place)


def _told(entry: DeliveryEntry) -> answers.Delivery:
    return answers.Delivery(
        id=entry.public_id,
        course=entry.course,
        person=entry.person,
        competency=entry.competency,
        column=entry.label,
        state=entry.state,
        reason=entry.reason,
        wanted=entry.wanted,
        wanted_maximum=entry.wanted_maximum,
        wanted_at=entry.wanted_at,
        sent=entry.sent,
        sent_maximum=entry.sent_maximum,
        sent_at=entry.sent_at,
        attempts=entry.attempts,
        next_try_at=entry.next_try,
    )
