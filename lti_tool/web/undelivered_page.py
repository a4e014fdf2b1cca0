"""What an institute admin sees of undelivered grades: one alert for a paused LMS, reasons, and courses, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import queries, undelivered_queries
from lti_tool.grading.undelivered_queries import Behind
from lti_tool.ids import PlatformId
from lti_tool.web import delivery_words as words
from lti_tool.web import paging
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
    shown, pages = paging.cut(asked, behind, lambda page: url_for("admin.deliveries", page=page), size=50)
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
        courses=tuple(_course(each) for each in shown),
        pages=pages,
        empty=None if groups else empty,
    )


def _course(each: Behind) -> CourseLine:
    address = url_for("trainer.deliveries", course=each.course, state="waiting")
    return CourseLine(
        Link(each.title, address), paging.count(each.stuck), paging.count(each.due), words.moment(each.oldest)
    )
