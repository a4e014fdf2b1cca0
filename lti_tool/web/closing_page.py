"""What the closing page shows: of an open course what closing does, of a closed one what is certified and waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import closing, closing_queries, decisions, mapping_draft, preview
from lti_tool.competency.certifying import Certificate, Outcome
from lti_tool.competency.closing import Closing
from lti_tool.competency.closing_queries import Case
from lti_tool.competency.decisions import Who
from lti_tool.competency.framework import Framework
from lti_tool.competency.preview import LevelChange
from lti_tool.competency.rules import rules_of
from lti_tool.grading import queries as grading_queries
from lti_tool.grading.model import DeliveryState
from lti_tool.ids import CompetencyId
from lti_tool.people import member_queries
from lti_tool.people.model import Course
from lti_tool.tasks import assessing
from lti_tool.web import explain, preview_words
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link


@dataclass(frozen=True, slots=True)
class CertifiedLine:
    """How many people are certified at each level of one competency."""

    code: str
    title: str
    counts: tuple[int, ...]
    """By level, lowest first."""


@dataclass(frozen=True, slots=True)
class ClosingLook:
    """What closing would do."""

    summary: str
    changes: tuple[str, ...]
    """Levels that change because work is over."""
    ended: tuple[str, ...]
    """Levels that an earlier closing certified and this one ends."""
    before: tuple[Link, ...]
    """What is better done first."""
    blocked: bool
    """It cannot be closed before that is done."""
    seen: str


@dataclass(frozen=True, slots=True)
class CaseItem:
    """The case of a later re-grade."""

    key: str
    """The case and what its marks say, for the form."""
    chosen: bool
    person: Link
    code: str
    said: str
    """What is certified and what the marks say."""
    opened_at: datetime
    outcome: str
    """Empty while it waits."""
    reason: str
    settled: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """The whole page."""

    may_decide: bool
    closed_at: datetime | None
    levels: tuple[str, ...]
    """Names of the levels, lowest first."""
    certified: tuple[CertifiedLine, ...]
    look: ClosingLook | None
    """Of an open course."""
    waiting: tuple[CaseItem, ...]
    settled: tuple[CaseItem, ...]
    reopening: preview_words.PreviewWords | None
    """Of a closed course, for who may reopen it: what that would do."""
    history: tuple[tuple[str, datetime, str], ...]
    """(what, when, who), the newest first."""


def build(session: Session, course: Course, who: Who, chosen: str | set[str], now: datetime) -> ClosingPage:
    """The page as things stand. `chosen`: which cases are ticked, by their keys, or "all", or "higher"."""
    framework = rules_of(session, course.id, now).framework
    found = None if course.closed_at else closing.look(session, course.id, now)
    counts = (
        Counter((each.competency, each.level) for each in found.granted | found.kept)
        if found
        else closing_queries.certified_counts(session, course.id)
    )
    may_decide = decisions.may_decide(session, course.id, who)
    cases = [_case(course, framework, each, chosen) for each in closing_queries.cases_of(session, course.id)]
    return ClosingPage(
        may_decide=may_decide,
        closed_at=course.closed_at,
        levels=tuple(level.name(current_locale()) for level in framework.levels),
        certified=_certified(framework, counts),
        look=_look(session, course, framework, found, now) if found else None,
        waiting=tuple(each for each in cases if not each.outcome),
        settled=tuple(each for each in cases if each.outcome),
        reopening=_reopening(session, course, framework, now) if course.closed_at and may_decide else None,
        history=tuple(
            (_("Closed") if each.closed else _("Reopened"), each.at, each.by or _("Name not shared"))
            for each in closing_queries.closures_of(session, course.id)
        ),
    )


def _certified(framework: Framework, counts: Counter[tuple[CompetencyId, int]]) -> tuple[CertifiedLine, ...]:
    concerned = {competency for competency, _level in counts}
    numbers = [level.number for level in framework.levels]
    return tuple(
        CertifiedLine(
            each.code, each.short_title(current_locale()), tuple(counts[each.id, number] for number in numbers)
        )
        for each in framework.competencies
        if each.id in concerned
    )


def _reopening(session: Session, course: Course, framework: Framework, now: datetime) -> preview_words.PreviewWords:
    return preview_words.in_words(session, course.id, framework, preview.of_reopening(session, course.id, now))


# ── an open course ───────────────────────────────────────────────────────────────────────────────────────────────


def _look(session: Session, course: Course, framework: Framework, found: Closing, now: datetime) -> ClosingLook:
    names = {each.id: each.name for each in member_queries.members_of(session, course.id)}
    ended = [LevelChange(each.person, each.competency, each.level, None) for each in sorted(found.ended)]
    return ClosingLook(
        summary=_summary(found.granted | found.kept, len(found.persons)),
        changes=tuple(preview_words.change_in_words(each, framework, names) for each in found.changes),
        ended=tuple(_ended(each, framework, names.get(each.person) or _("Name not shared")) for each in ended),
        before=_before(session, course, found.disputes),
        blocked=bool(found.disputes),
        seen=found.fingerprint,
    )


def _summary(certified: Collection[Certificate], persons: int) -> str:
    people = len({each.person for each in certified})
    if not people:
        return _("Nobody has an established level here: closing certifies nothing.")
    return _("Participants with certified levels: %(num)d of %(all)d.", num=people, all=persons)


def _ended(change: LevelChange, framework: Framework, name: str) -> str:
    return _(
        "%(person)s, %(competency)s: level %(level)d is certified no longer.",
        person=name,
        competency=framework.competency_by_id(change.competency).code,
        level=change.before,
    )


def _before(session: Session, course: Course, disputes: int) -> tuple[Link, ...]:
    waiting = len(assessing.waiting(session, course.id))
    drafted = len(mapping_draft.draft_of(session, course.id).cells)
    unsent = grading_queries.delivery_counts(session, course.id)
    unread = member_queries.roster_read_at(session, course.id) is None
    found = (
        (unread, _("The list of people has not been read from the LMS yet: who never came is missing"), "roster.show"),
        (
            disputes,
            ngettext("%(num)d dispute must be decided first", "%(num)d disputes must be decided first", disputes),
            "judging.matters",
        ),
        (
            waiting,
            ngettext("%(num)d submission waits to be assessed", "%(num)d submissions wait to be assessed", waiting),
            "assessing.queue",
        ),
        (
            drafted,
            ngettext(
                "%(num)d cell of the mapping is drafted and not published",
                "%(num)d cells of the mapping are drafted and not published",
                drafted,
            ),
            "mapping.preview",
        ),
        (
            unsent[DeliveryState.HELD] + unsent[DeliveryState.DEAD],
            _("Some grades have not reached the gradebook"),
            "trainer.deliveries",
        ),
    )
    return tuple(Link(label, url_for(endpoint, course=course.public_id)) for count, label, endpoint in found if count)


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _case(course: Course, framework: Framework, case: Case, chosen: str | set[str]) -> CaseItem:
    code = framework.competency_by_id(case.competency).code
    before, after = _level(case.frozen), _level(case.computed)
    address = url_for("participant.somebodys_competency", course=course.public_id, person=case.person, code=code)
    key = f"{case.public_id}:{'' if case.computed is None else case.computed}"
    return CaseItem(
        key=key,
        chosen=key in chosen if isinstance(chosen, set) else _is_asked_for(case, chosen),
        person=Link(case.person_name or _("Name not shared"), address),
        code=code,
        said=_("Closed with: %(before)s. The marks now say: %(after)s.", before=before, after=after),
        opened_at=case.opened_at,
        outcome=_outcome(case.outcome),
        reason=case.reason,
        settled=case.settled_by or _("Name not shared"),
        settled_at=case.settled_at,
    )


def _is_asked_for(case: Case, asked: str) -> bool:
    rises = (case.computed or 0) > (case.frozen or 0)
    return asked == "all" or (asked == "higher" and rises)


def _outcome(outcome: Outcome | None) -> str:
    words = {Outcome.KEPT: _("Kept"), Outcome.ADOPTED: _("Taken over")}
    return words.get(outcome, "") if outcome else ""


def _level(level: int | None) -> str:
    """Within a sentence, so without a capital letter."""
    name = explain.standing_name(level, lambda number: _("level %(level)d", level=number))
    return name[:1].lower() + name[1:]
