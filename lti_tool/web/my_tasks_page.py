"""*My tasks* in words: what to do, what is under way, what came back, and what is new since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from flask import url_for

from lti_tool.competency.model import Evidence
from lti_tool.people.model import ActivityKind, Course
from lti_tool.tasks.look import WorkState, work_state
from lti_tool.tasks.my_queries import CourseWork
from lti_tool.tasks.my_work import LevelChange, MyWork
from lti_tool.web import paging
from lti_tool.web.activity_pages import participants_page
from lti_tool.web.dates import moment, short_day
from lti_tool.web.explain import standing_name
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Mark
from lti_tool.web.paging import Pages
from lti_tool.web.participant_pages import mark_text
from lti_tool.web.states import judged_word
from lti_tool.web.task_page import OWN_PREFIX

PAGE = 40
MOST_NEWS = 20
ICONS = {
    WorkState.NOT_BEGUN: ("no_evidence", "no_evidence"),
    WorkState.DRAFT: ("in_progress", "in_progress"),
    WorkState.HANDED_IN: ("due", "in_progress"),
    WorkState.RETURNED: ("held", "record"),
    WorkState.ASSESSED: ("met", "met"),
}
"""Look and sign of each state; the word beside it says the same."""


class Part(IntEnum):
    """The parts of the page, in their order."""

    TO_DO = 0
    WAITING = 1
    DONE = 2
    OBSERVED = 3
    IN_LMS = 4


@dataclass(frozen=True, slots=True)
class NewsLine:
    """Something that has happened since the last look."""

    text: str
    url: str
    at: datetime | None
    """None for a level: it follows from what stands beside it."""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One activity."""

    title: str
    url: str
    """Empty where it is done in the LMS."""
    state: Mark | None
    """None where only a mark tells."""
    detail: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """One part of the list, as far as it is on this page."""

    key: str
    title: str
    about: str
    lines: tuple[WorkLine, ...]


@dataclass(frozen=True, slots=True)
class MyTasksPage:
    """The whole page."""

    since: datetime | None
    """Since when there is news; None at the first look."""
    news: tuple[NewsLine, ...]
    more_news: int
    groups: tuple[WorkGroup, ...]
    pages: Pages


def build(mine: MyWork, course: Course, asked: Mapping[str, str], now: datetime) -> MyTasksPage:
    """The page, or the part of a long list that `asked` names."""
    told = sorted(_lines(mine, course, now), key=lambda each: each[:3])
    shown, pages = paging.cut(asked, told, lambda page: _address(course, page), PAGE)
    news = list(_news(mine, course))
    return MyTasksPage(
        since=None if mine.is_first else mine.look.since,
        news=tuple(news[:MOST_NEWS]),
        more_news=max(0, len(news) - MOST_NEWS),
        groups=tuple(_groups(((part, line) for part, _due, _title, line in shown), is_closed=bool(course.closed_at))),
        pages=pages,
    )


def _address(course: Course, page: int) -> str:
    return url_for("my_tasks.show", course=course.public_id, page=page if page > 1 else None)


def _groups(lines: Iterable[tuple[Part, WorkLine]], *, is_closed: bool) -> Iterator[WorkGroup]:
    by_part: dict[Part, list[WorkLine]] = {}
    for part, line in lines:
        by_part.setdefault(part, []).append(line)
    for part, its in by_part.items():
        title, about = _part_words(part, is_closed=is_closed)
        yield WorkGroup(part.name.lower().replace("_", "-"), title, about, tuple(its))


def _part_words(part: Part, *, is_closed: bool) -> tuple[str, str]:
    return {
        Part.TO_DO: (_("Left undone") if is_closed else _("Still to do"), ""),
        Part.WAITING: (_("Handed in"), ""),
        Part.DONE: (_("Done"), ""),
        Part.OBSERVED: (_("Observed by trainers"), ""),
        Part.IN_LMS: (
            _("In the LMS"),
            _("These activities count for indicators too. They are done in the LMS, in the course itself."),
        ),
    }[part]


# --- The list -------------------------------------------------------------------------------------------------------

Sorted = tuple[Part, float, str, WorkLine]
LAST = float("inf")


def _lines(mine: MyWork, course: Course, now: datetime) -> Iterator[Sorted]:
    for each in mine.work:
        title = each.name.removeprefix(OWN_PREFIX)
        url = participants_page(each.kind, each.public_id, course)
        if each.kind is ActivityKind.EVIDENCE:
            yield _task(mine, each, title, url, now)
        elif each.kind is ActivityKind.SELF_ASSESSMENT:
            yield _self_assessment(mine, each, title, url)
        elif each.is_mapped:
            part = Part.OBSERVED if each.kind is ActivityKind.OBSERVATION else Part.IN_LMS
            is_new = mine.is_new(mine.told_at.get(each.id))
            yield part, LAST, title, WorkLine(title, url, None, _mark_words(mine, each), is_new)


def _task(mine: MyWork, work: CourseWork, title: str, url: str, now: datetime) -> Sorted:
    attempt, said = mine.attempts.get(work.id), mine.assessments.get(work.id)
    state = work_state(attempt.state if attempt else None, said)
    part = Part.TO_DO if state.is_open else Part.WAITING if state is WorkState.HANDED_IN else Part.DONE
    again = attempt.number if attempt and attempt.number > 1 else 0
    handed_in = attempt.handed_in_at if attempt else None
    detail = _joined(
        _("Attempt %(number)d", number=again) if again and state is WorkState.DRAFT else "",
        _due(work.due_at, now) if state in {WorkState.NOT_BEGUN, WorkState.DRAFT} else "",
        _("Handed in: %(when)s", when=short_day(handed_in)) if handed_in else "",
        _("Assessed: %(when)s", when=short_day(said.at)) if said else "",
    )
    line = WorkLine(title, url, _state(state), detail, mine.is_new(said.at if said else None))
    return part, work.due_at.timestamp() if work.due_at and part is Part.TO_DO else LAST, title, line


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _due(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return ""
    if due_at < now:
        return _("It was due %(when)s, and can still be handed in", when=moment(due_at))
    return _("Due %(when)s", when=moment(due_at))


def _self_assessment(mine: MyWork, work: CourseWork, title: str, url: str) -> Sorted:
    has_draft, times = mine.self_assessments.get(work.id, (False, ()))
    state = WorkState.DRAFT if has_draft else WorkState.ASSESSED if times else WorkState.NOT_BEGUN
    handed_in = _("Handed in: %(when)s", when=short_day(times[-1])) if times else ""
    mark = _state(WorkState.HANDED_IN if state is WorkState.ASSESSED else state)
    detail = _joined(_("Self-assessment"), handed_in)
    return Part.TO_DO if state.is_open else Part.DONE, LAST, title, WorkLine(title, url, mark, detail, False)


def _state(state: WorkState) -> Mark:
    words = {
        WorkState.NOT_BEGUN: _("Not begun"),
        WorkState.DRAFT: _("Draft"),
        WorkState.HANDED_IN: _("Handed in"),
        WorkState.RETURNED: _("Returned: another attempt can show more"),
        WorkState.ASSESSED: _("Assessed"),
    }
    return Mark(ICONS[state][0], words[state], ICONS[state][1])


def _mark_words(mine: MyWork, work: CourseWork) -> str:
    found = mine.marks.get(work.id)
    if work.kind is ActivityKind.OBSERVATION:
        told_at = mine.told_at.get(work.id)
        return _("Last observed: %(when)s", when=short_day(told_at)) if told_at else _("Nothing observed yet")
    if found is None or found.mark is None:
        return _("No mark yet")
    return _("Mark: %(mark)s, %(when)s", mark=_mark_text(found), when=short_day(found.worked_at))


def _mark_text(entry: Evidence) -> str:
    return mark_text(entry.mark, current_locale()) if entry.mark else ""


# --- What is new ----------------------------------------------------------------------------------------------------


def _news(mine: MyWork, course: Course) -> Iterator[NewsLine]:
    """Levels first, then what came in, the newest first."""
    if mine.is_first:
        return
    yield from (_level(each, mine, course) for each in mine.levels)
    dated = [*_work_news(mine, course), *_judgements(mine, course)]
    yield from sorted(dated, key=lambda each: each.at or mine.look.since, reverse=True)


def _level(change: LevelChange, mine: MyWork, course: Course) -> NewsLine:
    competency = mine.framework.competency_by_id(change.competency)
    text = _(
        "%(competency)s: “%(was)s” has become “%(now)s”.",
        competency=f"{competency.code} {competency.short_title(current_locale())}",
        was=_level_name(change.was, mine),
        now=_level_name(change.now, mine),
    )
    return NewsLine(text, url_for("participant.my_competency", course=course.public_id, code=competency.code), None)


def _level_name(number: int | None, mine: MyWork) -> str:
    return standing_name(number, lambda at: mine.framework.level(at).name(current_locale()))


def _work_news(mine: MyWork, course: Course) -> Iterator[NewsLine]:
    for each in mine.work:
        title, url = each.name.removeprefix(OWN_PREFIX), participants_page(each.kind, each.public_id, course)
        said, told_at = mine.assessments.get(each.id), mine.told_at.get(each.id)
        if said is not None and mine.is_new(said.at):
            comment = _("with a comment") if said.comment else ""
            text = _("Assessed: %(title)s", title=title)
            yield NewsLine(f"{text} ({comment})" if comment else text, url, said.at)
        elif mine.is_new(told_at) and each.kind is not ActivityKind.EVIDENCE:
            yield NewsLine(_marked(mine, each, title), url, told_at)


def _marked(mine: MyWork, work: CourseWork, title: str) -> str:
    entry = mine.marks[work.id]
    if work.kind is ActivityKind.OBSERVATION:
        return _("Observed: %(title)s", title=title)
    if entry.mark is None:
        return _("The mark was taken back: %(title)s", title=title)
    return _("New mark for “%(title)s”: %(mark)s", title=title, mark=_mark_text(entry))


def _judgements(mine: MyWork, course: Course) -> Iterator[NewsLine]:
    for each in mine.judged:
        if each.indicator in mine.framework.indicator_ids:
            indicator = mine.framework.indicator_by_id(each.indicator)
            said = judged_word(each.attained, decides=False)
            url = url_for("participant.my_competency", course=course.public_id, code=indicator.competency)
            yield NewsLine(_("A trainer judged %(code)s: %(said)s", code=indicator.code, said=said), url, each.at)
