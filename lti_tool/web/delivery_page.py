"""The history of one grade: what is wished, what was confirmed, and what came of each try, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.errors import NotFound
from lti_tool.grading import delivery_queries, drift_queries, queries
from lti_tool.grading.choosing import STUCK
from lti_tool.grading.delivery_queries import MOST_TRIES, History, Try
from lti_tool.grading.drift_queries import Event
from lti_tool.people.model import Course
from lti_tool.web import delivery_words as words
from lti_tool.web import drift_page
from lti_tool.web.dates import moment
from lti_tool.web.drift_page import Deciding
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link, Mark


@dataclass(frozen=True, slots=True)
class TryLine:
    """One try."""

    at: str
    version: int
    given: str
    came_to: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """A comparison that found something, or a decision."""

    at: str
    what: str
    shown: str
    """What the LMS showed then."""
    by: str


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """The whole page."""

    title: str
    crumbs: tuple[Link, ...]
    person: Link
    column: str
    mark: Mark
    why: str
    next_try: str
    wanted: str
    sent: str
    shown: str
    """What the LMS shows, as it was read last."""
    events: tuple[EventLine, ...]
    tries: tuple[TryLine, ...]
    cut: str
    """That older tries are left out; empty where none is."""
    alert: words.PauseWords | None
    send_again: str | None
    deciding: Deciding | None


def build(session: Session, course: Course, public_id: str, *, may_edit: bool, now: datetime) -> DeliveryPage:
    """The page of one delivery. Raises NotFound where the course has no such delivery."""
    found = delivery_queries.history_of(session, course.id, public_id)
    if found is None:
        raise NotFound("delivery_unknown", delivery=public_id)
    view = found.view
    pause = words.pause_in_words(queries.pause_of(session, course.platform_id), now)
    name = view.person_name or _("Name not shared")
    again = url_for("trainer.send_again", course=course.public_id, delivery=view.public_id)
    differs = drift_queries.differences_of(session, course.id).get(view.id)
    read = drift_queries.comparisons_of(session, course.id).get(view.line_item_id)
    standing = delivery_queries.standing_of(differs)
    return DeliveryPage(
        title=_("%(person)s: %(column)s", person=name, column=view.label),
        crumbs=(
            Link(_("Grades sent"), url_for("trainer.deliveries", course=course.public_id)),
            Link(name, "", current=True),
        ),
        person=Link(name, url_for("participant.somebody", course=course.public_id, person=view.person)),
        column=view.label,
        mark=words.differing(standing) if standing else words.mark(view.state),
        why=words.difference(differs, view) if differs and standing else words.reason(view, paused=pause is not None),
        next_try="" if standing else words.next_try(view, now, paused=pause is not None),
        wanted=_wanted(found),
        sent=_sent(found),
        shown=drift_page.shown(view, differs, read),
        events=tuple(_event(each) for each in drift_queries.events_of(session, view.id)),
        tries=tuple(_try(each) for each in found.tries),
        cut=_("Only the newest %(count)d tries are shown.", count=MOST_TRIES) if len(found.tries) == MOST_TRIES else "",
        alert=pause,
        send_again=again if view.state in STUCK and may_edit and standing is None else None,
        deciding=drift_page.deciding(course, view, differs) if may_edit else None,
    )


def _wanted(found: History) -> str:
    return _(
        "%(score)s (version %(version)d, %(time)s)",
        score=words.score(found.view.wanted, found.view.wanted_maximum),
        version=found.version,
        time=moment(found.wanted_at),
    )


def _sent(found: History) -> str:
    if found.view.sent_at is None:
        return _("nothing yet")
    return _(
        "%(score)s (version %(version)d, %(time)s)",
        score=words.score(found.view.sent, found.view.sent_maximum),
        version=found.sent_version,
        time=moment(found.view.sent_at),
    )


def _event(each: Event) -> EventLine:
    shown = words.score(each.given, each.maximum)
    by = "" if each.by is None else each.by or _("Name not shared")
    return EventLine(moment(each.at), words.event(each.what), "" if each.what == "alike" else shown, by)


def _try(each: Try) -> TryLine:
    given = _("no grade") if each.given is None else words.number(each.given)
    return TryLine(moment(each.at), each.version, given, words.came_to(each.answer))
