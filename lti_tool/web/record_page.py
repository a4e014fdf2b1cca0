"""A record over all courses: levels beside those of one course, which course showed what, and what is certified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import person_record, profile, record_queries
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.framework import Competency, Framework, Indicator, Localized
from lti_tool.competency.model import IndicatorState, LevelState
from lti_tool.competency.person_record import Source, Sources
from lti_tool.competency.profile import PersonProfile
from lti_tool.competency.record_queries import OpenCase, RecordCourse
from lti_tool.competency.standing import CompetencyStanding, LevelStanding
from lti_tool.ids import CompetencyId, CourseId, IndicatorId, PersonId
from lti_tool.people.model import Course
from lti_tool.web import dates, explain
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link, Mark
from lti_tool.web.participant_pages import Surroundings, level_names
from lti_tool.web.states import indicator_mark, level_mark

Times = Mapping[CourseId, Mapping[IndicatorId, datetime]]


@dataclass(frozen=True, slots=True)
class AcrossLine:
    """A competency in which all courses together say more than this one."""

    link: Link
    everywhere: str
    here: str


@dataclass(frozen=True, slots=True)
class Across:
    """What *My competencies* says of other courses, with the ways to the whole of it."""

    lines: tuple[AcrossLine, ...]
    ways: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course of the record."""

    title: str
    note: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class RecordLevel:
    """A level over all courses."""

    name: str
    mark: Mark
    count: str
    certified: str
    """Which course has certified it, and when; else empty."""


@dataclass(frozen=True, slots=True)
class RecordCompetency:
    """A competency over all courses, beside this one."""

    link: Link
    everywhere: str
    is_known: bool
    here: str
    levels: tuple[RecordLevel, ...]


@dataclass(frozen=True, slots=True)
class RecordIndicator:
    """An indicator with the course that showed it best."""

    code: str
    text: FrameworkText
    mark: Mark
    value: str
    course: str
    at: datetime | None
    """Of the newest work or judgement behind it; None where that is not known."""
    judged: bool
    others: str
    """What other courses say of it; else empty."""


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """The indicators of one competency."""

    title: str
    summary: str
    indicators: tuple[RecordIndicator, ...]
    unknown: str
    """Codes of those of which no course knows anything; else empty."""


@dataclass(frozen=True, slots=True)
class CertifiedLine:
    """A certified level: with all levels below, so only the highest of a course stands here."""

    competency: str
    level: str
    course: str
    at: datetime
    note: str
    """That it has expired, or is certified no longer; until when it holds; else empty."""
    holds: bool


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A later re-grade that waits for a decision."""

    said: str
    course: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The whole page."""

    courses: tuple[CourseLine, ...]
    competencies: tuple[RecordCompetency, ...]
    groups: tuple[IndicatorGroup, ...]
    certified: tuple[CertifiedLine, ...]
    cases: tuple[CaseLine, ...]


def across(found: PersonProfile, sources: Sources, course: CourseId, around: Surroundings) -> Across | None:
    """Where other courses say more than this one; None for a reader who sees this course only."""
    if not around.beside:
        return None
    if not sources.certified and not set(sources.by_course) - {course}:
        return Across((), around.beside)
    names, everywhere = level_names(found.framework, around.locale), _everywhere(found, sources)
    return Across(
        tuple(
            AcrossLine(
                Link(f"{each.code} {each.short_title(around.locale)}", around.address(each.code)),
                explain.standing_name(everywhere[each.id].established, names),
                explain.standing_name(found.standings[each.id].established, names),
            )
            for each in found.framework.competencies
            if (everywhere[each.id].established or 0) > (found.standings[each.id].established or 0)
        ),
        around.beside,
    )


def build(session: Session, course: Course, person_id: PersonId, now: datetime) -> RecordPage:
    """The record of a person, by the version of the requirements that this course is on."""
    found = profile.profile_of(session, course.id, person_id, now)
    sources = person_record.sources_of(session, course.id, found.framework, person_id, now)
    courses = record_queries.courses_of(session, person_id)
    ids = [each.id for each in courses]
    framework = found.framework
    times = person_record.times_of(session, course.id, framework, person_id, ids)
    everywhere = _everywhere(found, sources)
    return RecordPage(
        courses=tuple(_course(each, course.id) for each in courses),
        competencies=tuple(
            _competency(each, everywhere[each.id], found, sources, course)
            for each in framework.competencies
            if _says_anything(everywhere[each.id])
        ),
        groups=tuple(group for each in framework.competencies if (group := _group(each, sources, times)).indicators),
        certified=_certified(framework, sources.certificates, now),
        cases=tuple(_case(each, framework) for each in record_queries.open_cases_of(session, person_id, ids)),
    )


def _everywhere(found: PersonProfile, sources: Sources) -> dict[CompetencyId, CompetencyStanding]:
    return stand_in_record(found.framework.shape(), sources.record, found.rules.pass_mark)


def _says_anything(standing: CompetencyStanding) -> bool:
    nothing = {LevelState.TRANSPARENT, LevelState.NOT_ASSESSABLE, LevelState.NO_EVIDENCE}
    return any(level.state not in nothing for level in standing.levels)


def _course(course: RecordCourse, here: CourseId) -> CourseLine:
    said = []
    if course.closed_at is not None:
        said.append(_("closed on %(when)s", when=dates.day(course.closed_at)))
    if not course.active:
        said.append(_("no longer enrolled"))
    return CourseLine(course.title, ", ".join(said), course.id == here)


# --- Levels ---------------------------------------------------------------------------------------------------------


def _competency(
    competency: Competency, standing: CompetencyStanding, found: PersonProfile, sources: Sources, course: Course
) -> RecordCompetency:
    locale = current_locale()
    names = level_names(found.framework, locale)
    address = url_for("participant.my_competency", course=course.public_id, code=competency.code)
    return RecordCompetency(
        link=Link(f"{competency.code} {competency.short_title(locale)}", address),
        everywhere=explain.standing_name(standing.established, names),
        is_known=standing.established is not None,
        here=explain.standing_name(found.standings[competency.id].established, names),
        levels=tuple(_level(each, competency, names, sources) for each in standing.levels),
    )


def _level(level: LevelStanding, competency: Competency, names: explain.LevelName, sources: Sources) -> RecordLevel:
    granted = sources.granted.get((competency.id, level.number))
    unknown = Mark("not_assessable", _("In no course yet"), "not_assessable")
    return RecordLevel(
        name=names(level.number),
        mark=unknown if level.state is LevelState.NOT_ASSESSABLE else level_mark(level.state),
        count="" if level.certified else explain.level_count(level),
        certified=_("certified: %(course)s, %(when)s", course=granted.title, when=dates.day(granted.at))
        if granted
        else "",
    )


def _certified(framework: Framework, certificates: Iterable[CertifiedIn], now: datetime) -> tuple[CertifiedLine, ...]:
    """The highest level of each competency that each closing of a course has certified."""
    highest: dict[tuple[CourseId, CompetencyId, bool, datetime], CertifiedIn] = {}
    for each in certificates:
        place = (each.course, each.competency, each.holds_at(now), each.certified_at)
        if place not in highest or highest[place].level < each.level:
            highest[place] = each
    names, locale = level_names(framework, current_locale()), current_locale()
    return tuple(
        CertifiedLine(
            competency=f"{each.code} {Localized(**each.short_titles).text(locale)}",
            level=names(each.level),
            course=each.course_title,
            at=each.certified_at,
            note=_holding(each, now),
            holds=each.holds_at(now),
        )
        for each in highest.values()
    )


def _holding(certificate: CertifiedIn, now: datetime) -> str:
    if certificate.ended_at is not None:
        return _("no longer certified since %(when)s", when=dates.day(certificate.ended_at))
    if certificate.expires_at is None:
        return ""
    when = dates.day(certificate.expires_at)
    return _("valid until %(when)s", when=when) if now < certificate.expires_at else _("expired on %(when)s", when=when)


def _case(case: OpenCase, framework: Framework) -> CaseLine:
    names = level_names(framework, current_locale())
    known = {each.id: each.code for each in framework.competencies}
    said = _(
        "%(competency)s: closed with “%(frozen)s”, by later marks it would be “%(computed)s”. It stays until the lead"
        " trainer decides.",
        competency=known.get(case.competency, ""),
        frozen=explain.standing_name(case.frozen, names),
        computed=explain.standing_name(case.computed, names),
    )
    return CaseLine(said, case.course_title, case.opened_at)


# --- Indicators -----------------------------------------------------------------------------------------------------


def _group(competency: Competency, sources: Sources, times: Times) -> IndicatorGroup:
    known = {each.id: found for each in competency.indicators if (found := sources.of(each.id))}
    attained = sum(found[0].result.state is IndicatorState.ATTAINED for found in known.values())
    return IndicatorGroup(
        title=f"{competency.code} {competency.short_title(current_locale())}",
        summary=ngettext(
            "%(attained)d of %(num)d indicator attained",
            "%(attained)d of %(num)d indicators attained",
            len(competency.indicators),
            attained=attained,
        ),
        indicators=tuple(_indicator(each, known[each.id], times) for each in competency.indicators if each.id in known),
        unknown=explain.listed(each.code for each in competency.indicators if each.id not in known),
    )


def _indicator(indicator: Indicator, found: tuple[Source, ...], times: Times) -> RecordIndicator:
    best, others = found[0], found[1:]
    return RecordIndicator(
        code=indicator.code,
        text=framework_text(indicator.texts, current_locale()),
        mark=indicator_mark(best.result.state),
        value=_value(found),
        course=best.title,
        at=times.get(best.course, {}).get(indicator.id),
        judged=best.result.by_judgement,
        others=explain.listed(f"{each.title}: {_in_words(each)}" for each in others),
    )


def _value(found: Iterable[Source]) -> str:
    """The best value of all courses, which counts apart from the state."""
    values = [each.result.value for each in found if each.result.value is not None]
    return explain.percent(max(values)) if values else ""


def _in_words(source: Source) -> str:
    label = indicator_mark(source.result.state).label
    return label if source.result.value is None else f"{label}, {explain.percent(source.result.value)}"
