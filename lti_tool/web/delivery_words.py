"""Words for grades on their way to the LMS: states, what an answer meant, what to do, when it is tried next.

A platform that takes nothing is said once, in the page's alert (`pause_in_words`), never at each grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from babel.numbers import format_decimal

from lti_tool.grading.choosing import Differing
from lti_tool.grading.drift import Decision, Kind
from lti_tool.grading.drift_queries import Difference
from lti_tool.grading.model import Answer, DeliveryState, ToDo
from lti_tool.grading.queries import DeliveryView, PauseView
from lti_tool.web.dates import moment
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Mark

OF_THE_PLATFORM = {Answer.OUTAGE, Answer.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class PauseWords:
    """Why nothing goes to the LMS now."""

    why: str
    when: str
    """Since when, and when it is tried next."""
    what: str
    """What to do."""


def pause_in_words(pause: PauseView | None, now: datetime) -> PauseWords | None:
    """The alert of a page; None where grades may go."""
    if pause is None:
        return None
    what = {
        Answer.OUTAGE: _("It goes on by itself when the LMS answers. Nobody has to send anything again."),
        Answer.FORBIDDEN: _("Ask the LMS's administrator to allow the tool's services."),
    }.get(pause.reason, "")
    return PauseWords(why(pause.reason), _pause_times(pause, now), what)


def _pause_times(pause: PauseView, now: datetime) -> str:
    following = _next(pause.next_try, now)
    if pause.since is None:
        return following
    return " ".join((_("Since %(time)s.", time=moment(pause.since)), following))


def _next(at: datetime | None, now: datetime) -> str:
    if at is None or at <= now:
        return _("Next try: in a moment.")
    return _("Next try: %(time)s.", time=moment(at))


def next_try(view: DeliveryView, now: datetime, *, paused: bool) -> str:
    """When the worker tries next; empty where that is said of the whole platform, or nothing is left to do."""
    if view.state is DeliveryState.DEAD:
        return _("It is tried no more by itself.")
    if view.state is DeliveryState.HELD and view.next_try is None:
        return _("It is not tried again by itself.")
    if view.state not in {DeliveryState.DUE, DeliveryState.HELD} or paused:
        return ""
    return _next(view.next_try, now)


def mark(state: DeliveryState) -> Mark:
    """A state as a mark."""
    return {
        DeliveryState.SENT: Mark("sent", _("Delivered"), "met"),
        DeliveryState.DUE: Mark("due", _("On its way"), "in_progress"),
        DeliveryState.HELD: Mark("held", _("Held back"), "held"),
        DeliveryState.DEAD: Mark("dead", _("Given up"), "not_met"),
        DeliveryState.DETACHED: Mark("not_assessable", _("Detached"), "not_assessable"),
    }[state]


def score(given: Decimal | None, maximum: Decimal | None) -> str:
    """A grade with its full mark."""
    if given is None or maximum is None:
        return _("no grade")
    return _("%(given)s of %(maximum)s", given=number(given), maximum=number(maximum))


def number(value: Decimal) -> str:
    """A mark as the page's language writes it."""
    return format_decimal(value, format="0.##", locale=current_locale())


def reason(view: DeliveryView, *, paused: bool) -> str:
    """Why a grade is not there, and what to do; empty where the platform's alert says it, or nothing is wrong."""
    if view.state is DeliveryState.SENT or view.answer is None:
        return ""
    if paused and view.answer in OF_THE_PLATFORM and view.state is DeliveryState.DUE:
        return ""
    return " ".join(part for part in (why(view.answer), _what_to_do(view)) if part)


def _what_to_do(view: DeliveryView) -> str:
    if view.answer is Answer.DIFFERS:
        return _("Nothing goes over it until you decide.")
    if view.to_do is ToDo.SEND_AGAIN and view.state is DeliveryState.DEAD:
        return _("Send it again once the cause is mended.")
    return {
        ToDo.CHECK_ROLE: _("Enrol the person as a student in the LMS's course."),
        ToDo.UNLOCK: _("Unlock the grade or its column in the LMS's gradebook."),
        ToDo.DECIDE: _("Somebody put a newer grade there; it is left as it is."),
        ToDo.RESTORE_COLUMN: _("The column was deleted; it is made again when the grade changes or is sent again."),
        ToDo.TELL_ADMIN: _("Ask the LMS's administrator to allow the tool's services."),
        ToDo.SEND_AGAIN: _("It is tried again once a day."),
    }.get(view.to_do, "")


def why(answer: Answer) -> str:
    """What an answer meant, where it was not good; empty where it was."""
    return {
        Answer.REFUSED: _("The LMS does not take a grade for this person."),
        Answer.PERHAPS_LOCKED: _("The LMS could not store the grade; perhaps it is locked."),
        Answer.NEWER_THERE: _("Something newer stands in the gradebook."),
        Answer.DIFFERS: _("The gradebook shows another grade than the one that was sent."),
        Answer.LINE_ITEM_GONE: _("The column is no longer in the gradebook."),
        Answer.FORBIDDEN: _("The LMS does not allow the tool to send grades."),
        Answer.OUTAGE: _("The LMS does not answer; everything waits and nothing is lost."),
        Answer.FAILED: _("The last try failed."),
        Answer.UNCONFIRMED: _("The LMS's answer was unclear; it is tried again."),
        Answer.OUTDATED: _("The LMS took it for older; it is sent again."),
    }.get(answer, "")


def came_to(answer: Answer | None) -> str:
    """What one try of the past came to."""
    if answer is None:
        return _("An answer that this version does not know.")
    return {
        Answer.ACCEPTED: _("The LMS took it."),
        Answer.CONFIRMED: _("Found in the gradebook when it was read."),
        Answer.OUTAGE: _("The LMS did not answer."),
        Answer.FAILED: _("The try failed."),
        Answer.UNCONFIRMED: _("The LMS's answer was unclear, and the gradebook does not show it."),
        Answer.OUTDATED: _("The LMS took it for older."),
    }.get(answer) or why(answer)


# --- grades that differ


def differing(standing: Differing) -> Mark:
    """A grade whose column shows something else, as a mark."""
    if standing is Differing.OPEN:
        return Mark("held", _("Differs in the LMS"), "warn")
    return Mark("sent", _("The LMS's grade accepted"), "met")


def since(differs: Difference) -> str:
    """When it was found."""
    return _("found %(time)s", time=moment(differs.found_at))


def difference(differs: Difference, view: DeliveryView) -> str:
    """What differs, and what that means for a grade that was worked out anew meanwhile."""
    told = [_difference(differs)]
    if view.state is DeliveryState.HELD:
        told.append(_("It has been worked out anew since, and waits for your decision."))
    return " ".join(told)


def _difference(differs: Difference) -> str:
    if differs.kind is Kind.KEPT:
        return _(
            "Ours was sent again and taken, and the LMS still shows its own: a teacher has overridden it there."
            " In Moodle's grader report open the grade and take the tick from “Overridden”, or accept it here."
        )
    if differs.kind is Kind.GONE:
        return _("The LMS shows no grade here.")
    if differs.held_at is None:
        return _("The LMS shows another grade.")
    return _("The LMS shows another grade, given %(time)s.", time=moment(differs.held_at))


def unread(fault: Answer) -> str:
    """Why a column could not be read back."""
    return {
        Answer.FORBIDDEN: _("The LMS does not let the tool read grades back; its administrator can allow it."),
        Answer.LINE_ITEM_GONE: _("The column is no longer in the gradebook."),
        Answer.OUTAGE: _("The LMS did not answer; the column is read as soon as it does."),
    }.get(fault, _("The LMS answered something that is no list of grades."))


def event(what: str) -> str:
    """What befell a grade beside tries to send it."""
    return {
        "found": _("Found to differ in the LMS."),
        "alike": _("Alike again."),
        Decision.RESEND.value: _("Decided: ours goes again."),
        Decision.ACCEPT.value: _("Decided: the LMS's grade is accepted."),
        Decision.REOPEN.value: _("Accepting was taken back."),
        Decision.DETACH.value: _("Decided: detached, nothing is sent any more."),
        Decision.ATTACH.value: _("Attached again."),
    }.get(what, "")
