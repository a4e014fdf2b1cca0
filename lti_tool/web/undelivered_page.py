"""What an institute admin sees of undelivered grades: one alert for a paused LMS, reasons, and courses, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import queries, undelivered_queries
from lti_tool.grading.choosing import Differing
from lti_tool.grading.undelivered_queries import Behind
from lti_tool.ids import PlatformId, PublicId
from lti_tool.reports import undelivered as counting
from lti_tool.web import delivery_words as words
from lti_tool.web import paging
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link, Mark
from lti_tool.web.paging import Pages


@dataclass(frozen=True, slots=True)
class GroupLine:
    """How many grades stand so for the same reason."""

    mark: Mark
    reason: str
    count: str


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course with undelivered grades."""

    link: Link
    stuck: str
    due: str
    oldest: str
    """Empty where nothing waits."""
    differing: Link | None
    """How many grades differ in the LMS, with the way to them; None where none does."""


@dataclass(frozen=True, slots=True)
class UndeliveredPage:
    """The whole page."""

    alert: words.PauseWords | None
    groups: tuple[GroupLine, ...]
    courses: tuple[CourseLine, ...]
    pages: Pages
    as_of: str
    empty: EmptyState | None


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str], now: datetime) -> UndeliveredPage:
    """The page of a platform."""
    seen = counting.undelivered(session, platform_id, now)
    found = seen.what
    shown, pages = paging.cut(asked, tuple(found.courses), lambda page: url_for("admin.deliveries", page=page), size=50)
    named = undelivered_queries.named(session, shown)
    empty = EmptyState(
        title=_("Every grade is in the gradebook"),
        why=_("Nothing waits, nothing is held. What changes is sent by itself."),
    )
    return UndeliveredPage(
        alert=words.pause_in_words(queries.pause_of(session, platform_id), now),
        groups=tuple(
            GroupLine(
                words.mark(each.state),
                words.why(each.answer) if each.answer else _("not tried yet"),
                paging.count(each.count),
            )
            for each in found.groups
        ),
        courses=tuple(_course(*named[each], found.courses[each]) for each in shown),
        pages=pages,
        as_of=_("As of %(time)s.", time=moment(seen.as_of)),
        empty=None if found.courses else empty,
    )


def _course(course: PublicId, title: str, each: Behind) -> CourseLine:
    waits = each.stuck or each.due
    return CourseLine(
        link=Link(title, url_for("trainer.deliveries", course=course, state="waiting" if waits else None)),
        stuck=paging.count(each.stuck),
        due=paging.count(each.due),
        oldest=moment(each.oldest) if each.oldest else "",
        differing=_differing(course, each.differing) if each.differing else None,
    )


def _differing(course: PublicId, count: int) -> Link:
    return Link(paging.count(count), url_for("trainer.deliveries", course=course, state=Differing.OPEN.value))
