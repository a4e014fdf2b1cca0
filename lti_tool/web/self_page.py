"""Self-assessment in words: the form, what it said at entry and exit, and both beside what evidence has shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import self_assessing, self_queries
from lti_tool.competency.framework import Competency, Framework, Indicator
from lti_tool.competency.model import IndicatorState
from lti_tool.competency.rules import rules_of
from lti_tool.competency.self_assessing import SelfStep, SelfView
from lti_tool.errors import RuleBroken
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people import roster
from lti_tool.people.model import Activity, Course
from lti_tool.web.cell_text import PREFIX, shown_in
from lti_tool.web.checklist_page import ListedChecklist, title_of
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Mark
from lti_tool.web.states import indicator_mark


@dataclass(frozen=True, slots=True)
class Question:
    """One indicator of the form."""

    name: str
    code: str
    text: FrameworkText
    value: str


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The questions about one competency."""

    label: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class SelfLine:
    """One indicator as its person sees it, beside what evidence has shown."""

    code: str
    text: FrameworkText
    entry: str
    exit: str
    shown: Mark


@dataclass(frozen=True, slots=True)
class SelfPage:
    """The page of one self-assessment for the person who fills it in."""

    title: str
    public_id: str
    attempt: int
    """How often it was handed in before."""
    heading: str
    choices: tuple[tuple[str, str], ...]
    groups: tuple[QuestionGroup, ...]
    """Empty where it is handed in and not begun again."""
    shown: str
    """What the form held when it was made, as JSON by name."""
    times: tuple[datetime, ...]
    lines: tuple[SelfLine, ...]


@dataclass(frozen=True, slots=True)
class CompetencySelfLine:
    """One competency as its person sees it, in counts, beside what evidence has shown."""

    code: str
    title: str
    url: str
    entry: str
    exit: str
    shown: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """How far one participant is."""

    name: str
    url: str
    entry_at: datetime | None
    exit_at: datetime | None


def step_word(step: SelfStep | None) -> str:
    """What an answer is called; a dash where there is none."""
    words = {
        SelfStep.NOT_YET: _("not yet"),
        SelfStep.WITH_HELP: _("with help"),
        SelfStep.ALONE: _("on my own"),
        SelfStep.COULD_TEACH: _("I could teach it"),
    }
    return "–" if step is None else words[step]


def build(
    session: Session, course: Course, activity: Activity, person: PersonId, *, again: bool, now: datetime
) -> SelfPage:
    """The form, where there is something to fill in; else what was handed in, beside what was shown."""
    framework, state = rules_of(session, course.id, now).framework, self_assessing.state_of(session, activity, person)
    asked = self_assessing.asked_for(session, activity, framework)
    fills_in = state.draft is not None or again or not state.times
    groups = _groups(framework, asked, state.draft or {}) if fills_in else ()
    stands = {each.name: each.value for group in groups for each in group.questions if each.value}
    return SelfPage(
        title=title_of(activity),
        public_id=activity.public_id,
        attempt=len(state.times),
        heading=_("At the exit of the course") if state.times else _("At the entry into the course"),
        choices=(("", _("no answer")), *((str(step.value), step_word(step)) for step in SelfStep)),
        groups=groups,
        shown=json.dumps(stands, separators=(",", ":")),
        times=state.times,
        lines=_lines(session, course.id, person, framework, asked) if state.times and not groups else (),
    )


def changes_in(form: Mapping[str, str], asked: Iterable[Indicator]) -> dict[IndicatorId, SelfStep | None]:
    """What a sent form changes of what it showed. Raises RuleBroken for what no page offers."""
    shown, places = shown_in(form.get("shown", "")), {PREFIX + each.code: each.id for each in asked}
    changes: dict[IndicatorId, SelfStep | None] = {}
    for name, text in form.items():
        if not name.startswith(PREFIX) or text == shown.get(name, ""):
            continue
        if name not in places or text not in {"", "0", "1", "2", "3"}:
            raise RuleBroken("cell_unknown", cell=name[:60])
        changes[places[name]] = SelfStep(int(text)) if text else None
    return changes


def said_of(view: SelfView) -> str:
    """How a person sees themselves in one indicator, in one line."""
    if view.exit is None:
        return _("Self-assessment: %(entry)s.", entry=step_word(view.entry))
    return _("Self-assessment: %(entry)s → %(exit)s.", entry=step_word(view.entry), exit=step_word(view.exit))


def said_in(views: Mapping[IndicatorId, SelfView], competency: Competency) -> dict[str, str]:
    """Code → how the person sees themselves there, for the indicators of one competency of which they said it."""
    return {each.code: said_of(views[each.id]) for each in competency.indicators if each.id in views}


def beside(
    views: Mapping[IndicatorId, SelfView],
    states: Mapping[IndicatorId, IndicatorState],
    framework: Framework,
    address: Callable[[str], str],
) -> tuple[CompetencySelfLine, ...]:
    """Self-assessment beside what was shown, of each competency that the person has said something of."""
    lines = []
    for competency in framework.competencies:
        said = [each.id for each in competency.indicators if each.id in views]
        if said:
            entry = [views[each].entry for each in said]
            last = [step for each in said if (step := views[each].exit) is not None]
            attained = sum(states.get(each) is IndicatorState.ATTAINED for each in said)
            lines.append(
                CompetencySelfLine(
                    code=competency.code,
                    title=competency.short_title(current_locale()),
                    url=address(competency.code),
                    entry=_sure(entry),
                    exit=_sure(last) if last else _("not yet said again"),
                    shown=_("%(done)d of %(all)d attained", done=attained, all=len(said)),
                )
            )
    return tuple(lines)


def group(session: Session, course: Course, activity: Activity, now: datetime) -> tuple[GroupLine, ...]:
    """How far each participant is with one self-assessment."""
    times = self_queries.submission_times(session, course.id, activity.id)
    lines = []
    for person in roster.participants(session, course.id, now):
        mine = times.get(person.id, [])
        url = url_for("participant.somebody", course=course.public_id, person=person.public_id)
        name = person.name or _("Name not shared")
        lines.append(GroupLine(name, url, mine[0] if mine else None, mine[-1] if len(mine) > 1 else None))
    return tuple(lines)


def listed(session: Session, course: Course, now: datetime) -> tuple[ListedChecklist, ...]:
    """Every self-assessment of a course."""
    return tuple(
        ListedChecklist(
            title_of(each),
            url_for("self_assessment.group", course=course.public_id, activity=each.public_id),
            group_summary(group(session, course, each, now)),
        )
        for each in self_assessing.self_assessments_of(session, course.id)
    )


def group_summary(lines: Iterable[GroupLine]) -> str:
    """How many have handed it in."""
    told = list(lines)
    return ngettext(
        "%(num)d of %(all)d participants has handed it in.",
        "%(num)d of %(all)d participants have handed it in.",
        sum(line.entry_at is not None for line in told),
        all=len(told),
    )


def _sure(steps: list[SelfStep]) -> str:
    sure = sum(step >= SelfStep.ALONE for step in steps)
    return _("on my own: %(sure)d of %(all)d", sure=sure, all=len(steps))


def _groups(
    framework: Framework, asked: tuple[Indicator, ...], draft: Mapping[IndicatorId, SelfStep]
) -> tuple[QuestionGroup, ...]:
    groups = []
    for competency in framework.competencies:
        mine = tuple(
            _question(framework, each, draft.get(each.id)) for each in asked if each.competency == competency.code
        )
        if mine:
            groups.append(QuestionGroup(f"{competency.code} {competency.short_title(current_locale())}", mine))
    return tuple(groups)


def _question(framework: Framework, indicator: Indicator, step: SelfStep | None) -> Question:
    value = "" if step is None else str(step.value)
    text = framework_text(indicator.texts, current_locale(), framework)
    return Question(PREFIX + indicator.code, indicator.code, text, value)


def _lines(
    session: Session, course_id: CourseId, person: PersonId, framework: Framework, asked: tuple[Indicator, ...]
) -> tuple[SelfLine, ...]:
    views = self_assessing.views_of(session, course_id, person)
    states = self_queries.states_of(session, course_id, person)
    lines = []
    for each in asked:
        view = views.get(each.id)
        shown = indicator_mark(states.get(each.id, IndicatorState.NOT_MAPPED))
        entry, last = (view.entry, view.exit) if view else (None, None)
        text = framework_text(each.texts, current_locale(), framework)
        lines.append(SelfLine(each.code, text, step_word(entry), step_word(last), shown))
    return tuple(lines)
