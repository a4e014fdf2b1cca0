"""What the pages of moving courses show: all courses with their figures, and one course person by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import moving
from lti_tool.competency.framework import Framework
from lti_tool.competency.impact import Impact
from lti_tool.competency.moving import Look, MovedLevel
from lti_tool.errors import RuleBroken, ToolError
from lti_tool.grading import impacts
from lti_tool.ids import PersonId, PlatformId
from lti_tool.people import roster
from lti_tool.people.model import Course
from lti_tool.web import paging, preview_words
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import Link, ProgressView
from lti_tool.web.paging import Pages
from lti_tool.web.refusals import told

SIZE = 50
MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course that can move."""

    public_id: str
    link: Link
    persons: str
    losing: str
    gaining: str
    state: str
    movable: bool


@dataclass(frozen=True, slots=True)
class MovesPage:
    """All courses."""

    title: str
    progress: ProgressView | None
    """None where nothing waits."""
    summary: str
    lines: tuple[CourseLine, ...]
    pages: Pages
    moved: tuple[Link, ...]
    """Courses that were moved here and can be moved back."""


def build(
    session: Session, platform_id: PlatformId, version: Framework, new: str, asked: Mapping[str, str]
) -> MovesPage:
    """The page of a version."""
    found = impacts.impacts_of(session, platform_id)
    here = [each for each in found.courses if each.to == version.id]
    shown, pages = paging.cut(asked, here, lambda page: url_for("requirements.courses", new=new, page=page), SIZE)
    known = [each for each in here if each.computed_at is not None]
    waiting = sum(each.computed_at is None or each.move for each in here)
    return MovesPage(
        title=_("Move courses to version %(version)s", version=version.version),
        progress=_progress(waiting, len(here)) if waiting else None,
        summary=_summary(known),
        lines=tuple(_line(each, new) for each in shown),
        pages=pages,
        moved=tuple(
            Link(each.title, url_for("requirements.course", new=each.old, course=each.course))
            for each in moving.moved_to(session, platform_id, version.id)
        ),
    )


def _progress(waiting: int, of: int) -> ProgressView:
    told = ngettext("%(num)d course waits for a worker.", "%(num)d courses wait for a worker.", waiting)
    return ProgressView(told, done=of - waiting, total=of)


def _summary(known: Iterable[Impact]) -> str:
    listed = tuple(known)
    if not listed:
        return ""
    persons, gaining, losing = (paging.count(each) for each in impacts.totals(listed))
    return _(
        "Participants in these courses: %(persons)s. A level falls for %(losing)s of them, and rises for %(gaining)s.",
        persons=persons,
        losing=losing,
        gaining=gaining,
    )


def _line(impact: Impact, new: str) -> CourseLine:
    known = impact.computed_at is not None
    return CourseLine(
        public_id=impact.public_id,
        link=Link(impact.title, url_for("requirements.course", new=new, course=impact.public_id)),
        persons=paging.count(impact.persons) if known else "–",
        losing=paging.count(impact.losing) if known else "–",
        gaining=paging.count(impact.gaining) if known else "–",
        state=_state(impact),
        movable=known and not impact.move and impact.fault in {None, impacts.CHANGED},
    )


def _state(impact: Impact) -> str:
    if impact.move:
        return _("is being moved")
    if impact.computed_at is None:
        return _("is being looked at")
    return told(ToolError(impact.fault)) if impact.fault else ""


# ── one course ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MovePage:
    """One course."""

    title: str
    refused: str
    """Why it cannot move; empty where it can."""
    summary: str
    losing: tuple[str, ...]
    gaining: tuple[str, ...]
    more: str
    """Where not everybody is listed."""
    also: tuple[str, ...]
    """What else changes: columns, the mapping."""
    seen: str
    back: bool


def look(session: Session, course: Course, version: Framework, now: datetime) -> MovePage:
    """What moving this course would do."""
    title = _("%(course)s: to version %(version)s", course=course.title, version=version.version)
    try:
        found = moving.look(session, course.id, version.id, now)
    except RuleBroken as refused:
        return MovePage(title, told(refused), "", (), (), "", (), "", back=False)
    names = {person.id: person.name for person in roster.participants(session, course.id, now)}
    losses, gains = ([each for each in found.changes if each.is_loss is loss] for loss in (True, False))
    return MovePage(
        title=title,
        refused="",
        summary=_told(found),
        losing=tuple(_change(each, names) for each in losses[:MOST_CHANGES]),
        gaining=tuple(_change(each, names) for each in gains[:MOST_CHANGES]),
        more=_("Of each list the first %(num)s are shown.", num=MOST_CHANGES)
        if max(len(losses), len(gains)) > MOST_CHANGES
        else "",
        also=tuple(_also(found)),
        seen=found.fingerprint,
        back=found.back,
    )


def _told(found: Look) -> str:
    if not found.changes:
        return _("Nobody's level changes.")
    return _(
        "Participants: %(persons)s. A level falls for %(losing)s of them, and rises for %(gaining)s.",
        persons=paging.count(found.persons),
        losing=paging.count(len(found.losing)),
        gaining=paging.count(len(found.gaining)),
    )


def _change(change: MovedLevel, names: Mapping[PersonId, str]) -> str:
    return _(
        "%(person)s, %(competency)s: %(before)s → %(after)s",
        person=names.get(change.person) or _("Name not shared"),
        competency=change.code,
        before=preview_words.level(change.before),
        after=preview_words.level(change.after),
    )


def _also(found: Look) -> Iterable[str]:
    for pair in found.gained:
        yield _("%(competency)s gets a grade of its own in the gradebook from now on.", competency=pair.code)
    for pair in found.lost:
        yield _("%(competency)s is no longer assessed here: its grades are withdrawn.", competency=pair.code)
    if found.adrift:
        codes = ", ".join(found.adrift)
        yield _("The mapping of these indicators leads nowhere in the other version: %(codes)s.", codes=codes)
    if found.edited:
        yield ngettext(
            "%(num)d cell of the mapping was changed since the move; that is taken back, too.",
            "%(num)d cells of the mapping were changed since the move; that is taken back, too.",
            found.edited,
        )
