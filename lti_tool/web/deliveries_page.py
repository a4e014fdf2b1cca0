"""The page of grades sent: per participant and column what is wanted, what the LMS confirmed, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from babel.numbers import format_decimal
from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import queries
from lti_tool.grading.model import Answer, DeliveryState, ToDo
from lti_tool.grading.queries import DeliveryView, LineItemView
from lti_tool.people.model import Course
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link, Mark


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the LMS's gradebook that is ours."""

    label: str
    maximum: str
    mark: Mark
    note: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One person × column."""

    person: str
    url: str
    column: str
    wanted: str
    sent: str
    mark: Mark
    since: datetime
    why: str
    send_again: str | None
    """Where the button posts to; None where sending again cannot help or is not allowed."""


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """The whole page."""

    columns: tuple[ColumnLine, ...]
    lines: tuple[DeliveryLine, ...]
    alert: str
    """Why nothing goes to the LMS at all now; else empty."""
    empty: EmptyState | None


def build(session: Session, course: Course, *, may_edit: bool) -> DeliveriesPage:
    """The page of a course: what is not delivered comes first."""
    views = queries.deliveries_of(session, course.id)
    ordered = sorted(views, key=lambda view: view.state is DeliveryState.SENT)
    pause = queries.pause_of(session, course.platform_id)
    columns = tuple(_column(view) for view in queries.line_items_of(session, course.id))
    empty = EmptyState(
        title=_("No grades to send yet"),
        why=_(
            "A grade is sent as soon as somebody has an established level in a competency that this course assesses."
        ),
        link=Link(_("Open the group"), url_for("trainer.group", course=course.public_id)),
    )
    return DeliveriesPage(
        columns=columns,
        lines=tuple(_line(course, view, may_edit) for view in ordered),
        alert=_why(pause.reason) if pause else "",
        empty=None if views or columns else empty,
    )


def _column(view: LineItemView) -> ColumnLine:
    if not view.targeted:
        mark, note = Mark("not_assessable", _("Switched off"), "not_assessable"), _("its grades are withdrawn")
    elif view.ready_at is not None:
        mark, note = Mark("sent", _("In the gradebook"), "met"), ""
    else:
        mark = Mark("due", _("To be made"), "in_progress")
        note = _why(view.answer) if view.answer else _("the worker makes it in a moment")
    return ColumnLine(view.label, _number(view.score_maximum), mark, note)


def _line(course: Course, view: DeliveryView, may_edit: bool) -> DeliveryLine:
    stuck = view.state in {DeliveryState.HELD, DeliveryState.DEAD}
    again = url_for("trainer.send_again", course=course.public_id, delivery=view.public_id)
    return DeliveryLine(
        person=view.person_name or _("Name not shared"),
        url=url_for("participant.somebody", course=course.public_id, person=view.person),
        column=view.label,
        wanted=_score(view.wanted, view.wanted_maximum),
        sent=_score(view.sent, view.sent_maximum) if view.sent_at else _("nothing yet"),
        mark=_mark(view.state),
        since=view.since,
        why=_reason(view),
        send_again=again if stuck and may_edit else None,
    )


def _score(given: Decimal | None, maximum: Decimal | None) -> str:
    if given is None or maximum is None:
        return _("no grade")
    return _("%(given)s of %(maximum)s", given=_number(given), maximum=_number(maximum))


def _number(value: Decimal) -> str:
    return format_decimal(value, format="0.##", locale=current_locale())


def _mark(state: DeliveryState) -> Mark:
    return {
        DeliveryState.SENT: Mark("sent", _("Delivered"), "met"),
        DeliveryState.DUE: Mark("due", _("On its way"), "in_progress"),
        DeliveryState.HELD: Mark("held", _("Held"), "held"),
        DeliveryState.DEAD: Mark("dead", _("Given up"), "not_met"),
    }[state]


def _reason(view: DeliveryView) -> str:
    if view.state is DeliveryState.SENT:
        return ""
    what = {
        ToDo.CHECK_ROLE: _("Enrol the person as a student in the LMS's course."),
        ToDo.UNLOCK: _("Unlock the grade or its column in the LMS's gradebook."),
        ToDo.DECIDE: _("Somebody put a newer grade there; it is left as it is."),
        ToDo.RESTORE_COLUMN: _("The column was deleted; it is made again when the grade changes."),
        ToDo.TELL_ADMIN: _("Ask the LMS's administrator to allow the tool's services."),
        ToDo.SEND_AGAIN: _("It is tried again once a day."),
    }.get(view.to_do, "")
    return " ".join(part for part in (_why(view.answer) if view.answer else "", what) if part)


def _why(answer: Answer) -> str:
    return {
        Answer.REFUSED: _("The LMS does not take a grade for this person."),
        Answer.PERHAPS_LOCKED: _("The LMS could not store the grade; perhaps it is locked."),
        Answer.NEWER_THERE: _("Something newer stands in the gradebook."),
        Answer.LINE_ITEM_GONE: _("The column is no longer in the gradebook."),
        Answer.FORBIDDEN: _("The LMS does not allow the tool to send grades."),
        Answer.OUTAGE: _("The LMS does not answer; everything waits and nothing is lost."),
        Answer.FAILED: _("The last try failed."),
        Answer.UNCONFIRMED: _("The LMS's answer was unclear; it is tried again."),
        Answer.OUTDATED: _("The LMS took it for older; it is sent again."),
    }.get(answer, "")
