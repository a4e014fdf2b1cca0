"""What next in words: which activities complete the next level, what each shows, and why where nothing does.

As everywhere beside a standing no "you" is said, for trainers read the same about others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import going_on
from lti_tool.competency.going_on import Ahead, Blocked, GoingOn
from lti_tool.competency.next_step_queries import ToDo
from lti_tool.competency.next_steps import Gap, NextStep
from lti_tool.competency.profile import Explanation
from lti_tool.ids import ActivityId, IndicatorId, PersonId
from lti_tool.people.model import ActivityKind, Course
from lti_tool.tasks import my_queries
from lti_tool.tasks.model import SubmissionState
from lti_tool.web.activity_pages import participants_page
from lti_tool.web.explain import listed, percent, sentences
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.task_page import OWN_PREFIX

MOST_REWARDING = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator that an activity shows."""

    code: str
    is_key: bool
    is_required: bool
    """It cannot be attained without this activity."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """One activity."""

    title: str
    url: str
    """Empty where it is done in the LMS."""
    where: str
    shows: tuple[Shown, ...]
    note: str
    """That it would be done again, or waits for its assessment."""


@dataclass(frozen=True, slots=True)
class WhatNext:
    """What completes the next level of one competency, or why nothing does."""

    code: str
    title: str
    url: str
    """The page of the competency; empty on that page itself."""
    heading: str
    why: str
    lead: str
    steps: tuple[StepLine, ...]
    remarks: tuple[str, ...]
    everything: str = ""
    """Address of the page of all competencies; empty for who reads about somebody else."""


@dataclass(frozen=True, slots=True)
class Rewarding:
    """One activity that completes one level or several alone."""

    step: StepLine
    completes: str


@dataclass(frozen=True, slots=True)
class WhatNextPage:
    """All competencies, the nearest first."""

    rewarding: tuple[Rewarding, ...]
    levels: tuple[WhatNext, ...]
    nowhere: tuple[WhatNext, ...]
    """Those of which no open course completes the next level: the same is to be said of all of them, so it is said
    once."""
    reached: str
    """The competencies of which the highest level is reached."""
    why_nowhere: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences need to know beside the facts."""

    course: Course
    found: GoingOn
    waiting: Collection[ActivityId]
    """The tasks that are handed in and not yet assessed."""
    own: bool
    """Whether the person reads about themselves: then there are ways to what they can do."""

    def code(self, indicator: IndicatorId) -> str:
        """What an indicator is called."""
        return self.found.framework.indicator_by_id(indicator).code

    def level(self, number: int) -> str:
        """The name of a level."""
        return self.found.framework.level(number).name(current_locale())


def panel(session: Session, course: Course, why: Explanation, person_id: PersonId, *, own: bool) -> WhatNext:
    """What next in the competency that has just been explained, for its page."""
    found = going_on.in_one(session, why, person_id, why.as_of)
    words = _Words(course, found, _waiting(session, person_id, found), own)
    return _what_next(found.levels[0], words, "")


def build(session: Session, course: Course, found: GoingOn, person_id: PersonId) -> WhatNextPage:
    """The page of all competencies: first what completes most alone, then each competency, the nearest first."""
    words = _Words(course, found, _waiting(session, person_id, found), own=True)
    rewards = _rewards(found)
    places = {each.competency.code: at for at, each in enumerate(found.levels)}

    def distance(each: Ahead) -> tuple[int, int, int]:
        steps = each.steps.steps if each.steps else ()
        most = max((len(rewards.get(step.activity, ())) for step in steps), default=0)
        return len(steps) or 99, -most, places[each.competency.code]

    address = _addresses(course)
    ahead = sorted((each for each in found.levels if each.gap is not None), key=distance)
    done = [each.competency.code for each in found.levels if each.gap is None]
    told = [(each.blocked, _what_next(each, words, address(each.competency.code))) for each in ahead]
    return WhatNextPage(
        rewarding=_rewarding(rewards, words),
        levels=tuple(each for blocked, each in told if blocked is not Blocked.NOWHERE),
        nowhere=tuple(each for blocked, each in told if blocked is Blocked.NOWHERE),
        reached=listed(done),
        why_nowhere=_nowhere(),
    )


def _addresses(course: Course) -> Callable[[str], str]:
    return lambda code: url_for("participant.my_competency", course=course.public_id, code=code)


def _waiting(session: Session, person_id: PersonId, found: GoingOn) -> Collection[ActivityId]:
    named = {step.activity for each in found.levels if each.steps for step in each.steps.steps}
    own_tasks = {each for each in named if _is_own_task(found.to_do[each], found)}
    if not own_tasks:
        return ()
    newest = my_queries.newest_attempts(session, found.course, person_id)
    return {each for each, it in newest.items() if each in own_tasks and it.state is SubmissionState.HANDED_IN}


def _is_own_task(it: ToDo, found: GoingOn) -> bool:
    return it.kind is ActivityKind.EVIDENCE and it.course == found.course


# --- One competency -------------------------------------------------------------------------------------------------


def _what_next(ahead: Ahead, words: _Words, url: str) -> WhatNext:
    competency = ahead.competency
    steps = ahead.steps.steps if ahead.steps else ()
    return WhatNext(
        code=competency.code,
        title=competency.short_title(current_locale()),
        url=url,
        heading=_heading(ahead.gap, words),
        why=_why(ahead.gap, words) if ahead.gap else "",
        lead=_lead(ahead, words),
        steps=tuple(_step(each, words, ahead.gap) for each in steps),
        remarks=tuple(_remarks(ahead, words)),
        everything=url_for("what_next.show", course=words.course.public_id) if words.own and not url else "",
    )


def _heading(gap: Gap | None, words: _Words) -> str:
    if gap is None:
        return _("The highest level is reached.")
    return _("What next: %(level)s", level=words.level(gap.level.number))


def _why(gap: Gap, words: _Words) -> str:
    """How many indicators are missing, and which keys."""
    missing = ngettext("%(num)d more indicator is needed.", "%(num)d more indicators are needed.", gap.missing)
    codes = listed(words.code(each) for each in gap.level.indicators if each in gap.keys)
    keys = _("Key indicators among them: %(codes)s.", codes=codes) if gap.missing else ""
    keys = keys or _("A key indicator is still open: %(codes)s.", codes=codes)
    return sentences(missing if gap.missing else "", keys if codes else "")


def _lead(ahead: Ahead, words: _Words) -> str:
    """What completes the level, or why nothing does."""
    if ahead.steps is not None:
        return ngettext(
            "%(num)d activity completes this level:",
            "%(num)d activities complete this level together:",
            len(ahead.steps.steps),
        )
    codes = listed(words.code(each) for each in ahead.judged)
    reasons = {
        Blocked.JUDGED: lambda: _(
            "A trainer decided that this is not attained: %(codes)s. No activity changes that; ask the trainer.",
            codes=codes,
        ),
        Blocked.GONE: lambda: _(
            "No activity of this course that can still be done completes the level. Ask the trainer."
        ),
        Blocked.NOWHERE: _nowhere,
    }
    return reasons[ahead.blocked]() if ahead.blocked else ""


def _nowhere() -> str:
    return _(
        "Neither this course nor another open course of the institute has the activities for it. Ask the trainer or the"
        " institute."
    )


def _remarks(ahead: Ahead, words: _Words) -> Iterable[str]:
    if ahead.gap is None:
        return
    if words.found.is_closed:
        yield _("This course is closed; what is shown in other courses counts on.")
    elif ahead.gap.by_record:
        yield _("This course alone cannot assess the level: it is read from all courses together.")
    homes = {each.course for each in ahead.steps.steps} if ahead.steps else set()
    if any(not words.found.others[each].is_member for each in homes if each in words.found.others):
        yield _("To be let into another course, ask the trainer or the institute.")
    if ahead.steps is not None and not ahead.steps.proven:
        yield _("There may be a shorter way.")


# --- One activity ---------------------------------------------------------------------------------------------------


def _step(step: NextStep, words: _Words, gap: Gap | None) -> StepLine:
    keys = gap.keys if gap else frozenset()
    shows = tuple(Shown(words.code(each), each in keys, each in step.required_for) for each in step.shows)
    return _line(words.found.to_do[step.activity], words, shows, _note(step, words))


def _note(step: NextStep, words: _Words) -> str:
    if step.activity in words.waiting:
        return _("Handed in; waits for its assessment.")
    if step.again_from is not None:
        return _("Assessed already, with %(score)s: a better mark is needed.", score=percent(step.again_from))
    return ""


def _line(it: ToDo, words: _Words, shows: tuple[Shown, ...], note: str) -> StepLine:
    is_here = words.own and it.course == words.found.course
    url = participants_page(it.kind, it.public_id, words.course) if is_here else ""
    return StepLine(it.name.removeprefix(OWN_PREFIX), url, _where(it, words), shows, note)


def _where(it: ToDo, words: _Words) -> str:
    if it.course != words.found.course:
        return _("in the course “%(title)s”, in the LMS", title=words.found.others[it.course].title)
    if it.kind is ActivityKind.NATIVE:
        return _("in the LMS")
    return _("a trainer observes it") if it.kind is ActivityKind.OBSERVATION else ""


# --- What completes most --------------------------------------------------------------------------------------------


def _rewards(found: GoingOn) -> Mapping[ActivityId, tuple[Ahead, ...]]:
    """The levels that each activity completes alone."""
    alone = {activity for each in found.levels for activity in each.alone}
    return {each: tuple(ahead for ahead in found.levels if each in ahead.alone) for each in alone}


def _rewarding(rewards: Mapping[ActivityId, tuple[Ahead, ...]], words: _Words) -> tuple[Rewarding, ...]:
    """Only what completes several: one level alone is said where that level is."""
    known = words.found.to_do
    several = [each for each, levels in rewards.items() if len(levels) > 1]
    several.sort(key=lambda each: (-len(rewards[each]), known[each].course != words.found.course, known[each].name))
    return tuple(
        Rewarding(_line(known[each], words, (), ""), listed(_level_words(ahead, words) for ahead in rewards[each]))
        for each in several[:MOST_REWARDING]
    )


def _level_words(ahead: Ahead, words: _Words) -> str:
    number = ahead.gap.level.number if ahead.gap else 0
    return f"{ahead.competency.code} ({words.level(number)})"
