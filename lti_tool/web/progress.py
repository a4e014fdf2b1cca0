"""How far a worker is with something that people wait for, in words: one shape for all kinds, on every page alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import format_datetime
from sqlalchemy.orm import Session

from lti_tool.grading import jobs, queries
from lti_tool.ids import PlatformId
from lti_tool.people import errand_queries
from lti_tool.people.errand import Errand, ErrandKind, Stage, Steps
from lti_tool.people.model import Course
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import ProgressView

LEVELS = "levels"
"""Beside the kinds of errands: levels that follow a change."""
LONG = timedelta(minutes=2)
"""Who has waited longer is told what may be wrong."""


def levels(session: Session, course: Course) -> ProgressView | None:
    """How far the course's levels follow a change; None where none is under way."""
    progress = jobs.progress_of(session, course.id)
    if progress is None:
        return None
    url = _address(course, LEVELS)
    if progress.fault and progress.retry_at:
        told = _(
            "The levels could not follow the latest change yet (%(reason)s): %(done)d of %(total)d people are done. "
            "No mark is lost; it is tried again by itself, next at %(time)s.",
            reason=_why(progress.fault),
            done=progress.done,
            total=progress.total,
            time=moment(progress.retry_at),
        )
        return ProgressView(told, kind="warn", url=url)
    told = _("The levels are worked out anew after a change. Until then some of them are as they were before it.")
    people = _("%(done)d of %(total)d people are done.", done=progress.done, total=progress.total)
    return ProgressView(told, people, progress.done, progress.total, url=url)


def levels_followed() -> ProgressView:
    """What is said to whoever has waited for it."""
    return ProgressView(_("The levels have followed the change."), kind="good")


def errand(session: Session, course: Course, kind: ErrandKind, now: datetime) -> ProgressView | None:
    """How far an errand is; None where none is open."""
    found = errand_queries.errand_of(session, course.id, kind, now)
    if found is None:
        return None
    url = _address(course, kind.value)
    if found.stage is Stage.UNDER_WAY:
        told = _("The LMS is being read.")
        return ProgressView(told, _steps(found.steps), found.steps.done, found.steps.total or 0, url=url)
    return _waiting(found, _silent_until(session, course.platform_id, found, now), now, url)


def own_fault(code: str) -> str:
    """What is said where it was nobody's fault but this tool's; `code` names it, as the worker's log does."""
    return _("This tool failed over it (%(code)s). Tell whoever runs it: the worker's log says more.", code=code)


def _waiting(found: Errand, silent_until: datetime | None, now: datetime, url: str) -> ProgressView:
    if silent_until is not None:
        told = _(
            "The LMS does not answer just now. It is left alone until %(time)s and read then, by itself.",
            time=_clock(silent_until),
        )
        return ProgressView(told, kind="warn", url=url)
    return waiting(found.since, now, url)


def waiting(since: datetime, now: datetime, url: str) -> ProgressView:
    """What is said of something that no worker has taken up yet."""
    if now - since > LONG:
        told = _(
            "It has waited for its turn since %(time)s. If that goes on, tell whoever runs this tool: no worker may be"
            " running.",
            time=_clock(since),
        )
        return ProgressView(told, kind="warn", url=url)
    return ProgressView(_("It waits for its turn, which comes within seconds."), url=url)


def _silent_until(session: Session, platform_id: PlatformId, found: Errand, now: datetime) -> datetime | None:
    pause = queries.pause_of(session, platform_id)
    ends = [found.not_before, pause.next_try if pause else None]
    return max((end for end in ends if end is not None and end > now), default=None)


def _steps(steps: Steps) -> str:
    if steps.total:
        return _("%(done)d of %(total)d people", done=steps.done, total=steps.total)
    if not steps.answers:
        return ""
    pages = ngettext("%(num)d page", "%(num)d pages", steps.answers)
    people = ngettext("%(num)d person", "%(num)d people", steps.done)
    return f"{pages}, {people}"


def _address(course: Course, what: str) -> str:
    return url_for("following.progress", course=course.public_id, errand=what)


def _clock(at: datetime) -> str:
    return str(format_datetime(at, "HH:mm"))


def _why(fault: str) -> str:
    if fault in {"OperationalError", "InterfaceError", "TimeoutError"}:
        return _("the database did not answer")
    return _("a fault of this tool, %(code)s", code=fault)
