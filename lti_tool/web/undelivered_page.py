"""What an institute admin sees of undelivered grades: one alert for a paused LMS, reasons, and courses, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import drift_queries, queries, undelivered_queries
from lti_tool.grading.choosing import Differing
from lti_tool.grading.drift_queries import CourseDiffering
from lti_tool.grading.undelivered_queries import Behind
from lti_tool.ids import PlatformId, PublicId
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
    empty: EmptyState | None


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str], now: datetime) -> UndeliveredPage:
    """The page of a platform."""
    groups = undelivered_queries.groups_of(session, platform_id)
    behind = undelivered_queries.courses_behind(session, platform_id)
    differing = drift_queries.courses_differing(session, platform_id)
    lines = [_course(each, differing) for each in behind]
    known = {each.course for each in behind}
    lines += [_only_differing(key, each) for key, each in differing.items() if key not in known]
    shown, pages = paging.cut(asked, lines, lambda page: url_for("admin.deliveries", page=page), size=50)
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
            for each in groups
        ),
        courses=tuple(shown),
        pages=pages,
        empty=None if groups or lines else empty,
    )


def _course(each: Behind, differing: Mapping[PublicId, CourseDiffering]) -> CourseLine:
    address = url_for("trainer.deliveries", course=each.course, state="waiting")
    return CourseLine(
        link=Link(each.title, address),
        stuck=paging.count(each.stuck),
        due=paging.count(each.due),
        oldest=moment(each.oldest),
        differing=_differing(each.course, differing[each.course]) if each.course in differing else None,
    )


def _only_differing(course: PublicId, each: CourseDiffering) -> CourseLine:
    link = Link(each.title, url_for("trainer.deliveries", course=course))
    return CourseLine(link, paging.count(0), paging.count(0), "", _differing(course, each))


def _differing(course: PublicId, each: CourseDiffering) -> Link:
    return Link(paging.count(each.count), url_for("trainer.deliveries", course=course, state=Differing.OPEN.value))
