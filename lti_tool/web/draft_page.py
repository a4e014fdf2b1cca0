"""The preview of a drafted mapping: which cells change, whose levels follow, and what the check says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import preview
from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_check import check
from lti_tool.competency.mapping_draft import Clash, DraftedCell, draft_of
from lti_tool.ids import ActivityId
from lti_tool.people import activities
from lti_tool.people.model import Activity, Course
from lti_tool.web.cell_text import cell_name, in_words
from lti_tool.web.i18n import gettext as _
from lti_tool.web.mapping_remarks import remarks
from lti_tool.web.page_data import Link
from lti_tool.web.preview_words import PreviewWords
from lti_tool.web.preview_words import in_words as preview_in_words


@dataclass(frozen=True, slots=True)
class DraftedLine:
    """One cell that changes."""

    sentence: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The whole page."""

    cells: tuple[DraftedLine, ...]
    words: PreviewWords
    remarks: tuple[Link, ...]
    seen: str
    """The draft that this page is about, to be published as it was seen."""


def build(session: Session, course: Course, now: datetime) -> DraftPage:
    """The page for the draft as it stands."""
    draft = draft_of(session, course.id)
    seen = preview.of_mapping(session, course.id, draft.wanted, now)
    framework, listed = seen.scope.rules.framework, activities.activities_of(session, course.id)
    known = {activity.id: activity for activity in listed}
    return DraftPage(
        cells=tuple(_line(each, known, framework) for each in draft.cells),
        words=preview_in_words(session, course.id, framework, seen),
        remarks=remarks(course, framework, listed, check(seen.scope.plan)),
        seen=draft.fingerprint,
    )


def clash_lines(
    clashes: tuple[Clash, ...], listed: tuple[Activity, ...], framework: Framework
) -> tuple[tuple[str, str, Clash], ...]:
    """(name of the cell's field, what to tell its author, the clash) for each change that was not taken."""
    known = {activity.id: activity for activity in listed}
    return tuple(_clash(each, known[each.change.activity], framework) for each in clashes)


def _clash(clash: Clash, activity: Activity, framework: Framework) -> tuple[str, str, Clash]:
    code = framework.indicator_by_id(clash.change.indicator).code
    sentence = _(
        "%(activity)s, %(code)s: %(who)s has put “%(stands)s” here meanwhile; your “%(wanted)s” was not stored.",
        activity=activity.name,
        code=code,
        who=clash.by or _("somebody else"),
        stands=in_words(clash.stands),
        wanted=in_words(clash.change.wanted),
    )
    return cell_name(activity, code), sentence, clash


def _line(cell: DraftedCell, known: dict[ActivityId, Activity], framework: Framework) -> DraftedLine:
    sentence = _(
        "%(activity)s, %(code)s: %(before)s → %(after)s",
        activity=known[cell.activity].name,
        code=framework.indicator_by_id(cell.indicator).code,
        before=in_words(cell.published),
        after=in_words(cell.drafted),
    )
    return DraftedLine(sentence, cell.by or _("the tool"), cell.at)
