"""What happened to a person, in words, the newest first: marks, judgements, self-assessments, closings and the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import record_queries, rules, timeline_queries
from lti_tool.competency.timeline_queries import CertifiedLevel, Given, Moment, Said, SelfSaid, What
from lti_tool.ids import PersonId
from lti_tool.people.model import Course
from lti_tool.web import dates, explain
from lti_tool.web.competency_page import TRAINER
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.paging import Pages, number_asked
from lti_tool.web.participant_pages import level_names, mark_text
from lti_tool.web.states import judged_word, source_word

SIZE = 25
ICONS = {
    What.MARK: "grade",
    What.VOIDED: "not_met",
    What.JUDGED: "person",
    What.SELF_ASSESSED: "compass",
    What.CERTIFIED: "established",
    What.CLOSED: "info",
    What.REGRADED: "warn",
    What.SETTLED: "good",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened."""

    at: datetime
    icon: str
    said: str
    course: str
    """Empty where the person has only one."""
    by: str
    """Who did it, or where it came from; empty where nobody is known."""
    more: tuple[str, ...] = ()
    """Reasons and remarks."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of it."""

    happenings: tuple[Happening, ...]
    pages: Pages


Told = tuple[str, str, tuple[str, ...]]
"""What happened, by whom, reasons and remarks."""
Teller = Callable[[int], Told]


def build(session: Session, course: Course, person_id: PersonId, asked: Mapping[str, str]) -> TimelinePage:
    """The part of the timeline that an address asks for."""
    courses = {each.id: each.title for each in record_queries.courses_of(session, person_id)}
    skip = (number_asked(asked) - 1) * SIZE
    found = timeline_queries.moments_of(session, person_id, list(courses), skip, SIZE + 1)
    shown = found[:SIZE]
    tellers = _tellers(session, course, shown)
    return TimelinePage(
        happenings=tuple(
            Happening(
                each.at,
                ICONS[each.what],
                *_parts(tellers[each.what](each.key), courses[each.course] if len(courses) > 1 else ""),
            )
            for each in shown
        ),
        pages=_ways(course, skip, more=len(found) > SIZE),
    )


def _parts(told: Told, course: str) -> tuple[str, str, str, tuple[str, ...]]:
    said, by, more = told
    return said, course, by, more


def _ways(course: Course, skip: int, *, more: bool) -> Pages:
    page = skip // SIZE + 1
    address = partial(url_for, "my_record.timeline", course=course.public_id)
    return Pages(
        said="",
        previous=address(page=page - 1) if page > 1 else None,
        following=address(page=page + 1) if more else None,
    )


def _tellers(session: Session, course: Course, shown: Collection[Moment]) -> dict[What, Teller]:
    """How each kind of thing is told; what is behind them is asked for kind by kind."""

    def keys(*kinds: What) -> list[int]:
        return sorted(each.key for each in shown if each.what in kinds)

    marks = timeline_queries.marks(session, keys(What.MARK))
    voidings = timeline_queries.voidings(session, keys(What.VOIDED))
    judgements = timeline_queries.judgements(session, keys(What.JUDGED))
    said = timeline_queries.self_assessments(session, keys(What.SELF_ASSESSED))
    certified = timeline_queries.certified(session, keys(What.CERTIFIED))
    closures = timeline_queries.closures(session, keys(What.CLOSED))
    cases = timeline_queries.cases(session, keys(What.REGRADED, What.SETTLED))
    names = level_names(rules.frameworks_of(session, [course.id])[course.id], current_locale())
    return {
        What.MARK: lambda key: _marked(marks[key]),
        What.VOIDED: lambda key: _voided(voidings[key]),
        What.JUDGED: lambda key: _judged(judgements[key]),
        What.SELF_ASSESSED: lambda key: _self_assessed(said[key]),
        What.CERTIFIED: lambda key: _certified(certified[key], names),
        What.CLOSED: lambda key: _closed(closures[key]),
        What.REGRADED: lambda key: _regraded(cases[key], names),
        What.SETTLED: lambda key: _settled(cases[key]),
    }


def _marked(given: Collection[Given]) -> Told:
    first = next(iter(given))
    whole = [each for each in given if not each.indicator]
    said = _whole(whole[0]) if whole else _by_indicator(first.activity, given)
    remarks = [_("Voided since.")] if any(each.voided for each in given) else []
    return said, _origin(first), tuple(remarks)


def _whole(given: Given) -> str:
    if given.mark is None:
        return _("Mark withdrawn in “%(activity)s”", activity=given.activity)
    mark = mark_text(given.mark, current_locale())
    return _("Mark in “%(activity)s”: %(mark)s", activity=given.activity, mark=mark)


def _by_indicator(activity: str, given: Iterable[Given]) -> str:
    marks = (f"{each.indicator} {explain.percent(each.mark.score) if each.mark else '–'}" for each in given)
    return _("Assessed in “%(activity)s”: %(marks)s", activity=activity, marks=explain.listed(marks))


def _origin(given: Given) -> str:
    """Who assessed; of marks that were only handed on, where they came from."""
    word = source_word(given.source)
    return f"{word}: {given.by}" if given.source == TRAINER and given.by else word


def _voided(said: Said) -> Told:
    told = (
        _("Mark taken back into account in “%(activity)s”", activity=said.about)
        if said.positive
        else _("Mark voided in “%(activity)s”", activity=said.about)
    )
    return told, said.by, (said.reason,)


def _judged(said: Said) -> Told:
    told = _("Judged, %(indicator)s: %(said)s", indicator=said.about, said=judged_word(said.positive, said.decides))
    ended = [_("Withdrawn on %(when)s.", when=dates.day(said.ended_at))] if said.ended_at else []
    return told, said.by, (said.reason, *ended)


def _self_assessed(said: SelfSaid) -> Told:
    sure = _("on my own: %(sure)d of %(all)d", sure=said.sure, all=said.answered)
    return _("Self-assessment handed in: “%(activity)s”", activity=said.activity), "", (sure,)


def _certified(levels: Iterable[CertifiedLevel], names: explain.LevelName) -> Told:
    """The highest of each competency, for the levels below go with it."""
    highest = {each.code: each for each in levels}
    told = explain.listed(f"{each.code} {names(each.level)}" for each in highest.values())
    ended = sorted({each.ended_at for each in highest.values() if each.ended_at})
    remarks = tuple(_("Some of it is certified no longer since %(when)s.", when=dates.day(at)) for at in ended)
    return _("Levels certified: %(levels)s", levels=told), "", remarks


def _closed(said: Said) -> Told:
    return (_("Course closed") if said.positive else _("Course opened again")), said.by, ()


def _regraded(said: Said, names: explain.LevelName) -> Told:
    told = _(
        "Marks have changed after the closing: %(competency)s was closed with “%(frozen)s”, by the marks it would be"
        " “%(computed)s”",
        competency=said.about,
        frozen=explain.standing_name(said.frozen, names),
        computed=explain.standing_name(said.computed, names),
    )
    return told, "", ()


def _settled(said: Said) -> Told:
    told = (
        _("Decided, %(competency)s: the later marks were taken over", competency=said.about)
        if said.positive
        else _("Decided, %(competency)s: the certified level stays", competency=said.about)
    )
    return told, said.by, (said.reason,)
