"""The institute's report for print: who stands where, month by month, what is weakest, what has grown.

Its figures are roll-ups, read as the overview reads them. Of fewer people than `tally.SMALL` nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency, Framework
from lti_tool.ids import FrameworkVersionId, PlatformId
from lti_tool.lti.queries import issuers
from lti_tool.reports import queries
from lti_tool.reports.institute_report import InstituteReport, MonthFigures
from lti_tool.reports.report import (
    Cell,
    PrintedColumn,
    PrintedTable,
    Report,
    Section,
    ShareCell,
    Signature,
    StackCell,
)
from lti_tool.reports.table import Note, file_name
from lti_tool.reports.tally import Row, Spread, total
from lti_tool.web import statistics_view, version_choice
from lti_tool.web.dates import month_name, period_name
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.overview_page import Choice
from lti_tool.web.paging import count
from lti_tool.web.statistics_view import Statistics, Ways, percent

UNKNOWN = 4
"""The shade of "not established"."""
NOWHERE = Ways(lambda _competency, _level: "", lambda _indicator: "")


def report(asked: Asked) -> Report:
    """The report of the institute and the period that are asked for."""
    looked_by = version_choice.read(asked.session, asked.platform_id, asked.query)
    figures = read(asked.session, asked.platform_id, looked_by.id, Choice.read(asked.query))
    return document(looked_by.framework, figures)


def read(session: Session, platform_id: PlatformId, version: FrameworkVersionId, choice: Choice) -> InstituteReport:
    """The figures; what is read does not grow with the number of people or courses."""
    gathered = queries.months(session, platform_id, version, choice.period)
    tally = total(each.tally for each in gathered.values())
    everyone = queries.people(session, platform_id) if choice.people else None
    if everyone is not None:
        # Indicators and growth are known by course only.
        tally = replace(everyone.tally, indicators=tally.indicators, growth=tally.growth)
    moments = [each.as_of for each in gathered.values() if each.as_of is not None]
    return InstituteReport(
        platform=issuers(session).get(platform_id, ""),
        period=choice.period,
        people=everyone.tally.people if everyone else None,
        courses=sum(each.courses for each in gathered.values()),
        tally=tally,
        months=tuple(MonthFigures(month, each.courses, each.tally) for month, each in gathered.items()),
        as_of=min(moments, default=None),
    )


def document(framework: Framework, figures: InstituteReport) -> Report:
    """The figures in words, as they are printed."""
    stands = as_of(figures.as_of) if figures.as_of else Note(_("As of"), "–")
    title = _("Institute report")
    return Report(
        name=file_name(title, *(str(each) for each in (figures.period.begin, figures.period.end) if each)),
        language=current_locale(),
        kicker=_("ICT competencies of teachers"),
        title=title,
        facts=(*_facts(framework, figures), stands),
        sections=tuple(_sections(framework, figures)),
        footer=f"{title}. {stands.label}: {stands.text}",
        signatures=(Signature(_("Prepared by")), Signature(_("Head of the institute"))),
    )


def _facts(framework: Framework, figures: InstituteReport) -> Iterator[Note]:
    word = _("LMS")
    yield Note(word[:1].upper() + word[1:], figures.platform)
    yield Note(_("Period"), period_name(figures.period))
    yield Note(_("Requirements"), version_choice.name_of(framework.framework, framework.version))
    if figures.people is not None:
        yield Note(_("People"), count(figures.people))
    yield Note(_("Courses"), count(figures.courses))
    yield Note(_("Participations"), count(sum(each.tally.people for each in figures.months)))


def _sections(framework: Framework, figures: InstituteReport) -> Iterator[Section]:
    counted = _("Levels of people, each counted once.") if figures.people is not None else ""
    counted = counted or _("Levels of participations: who takes part in two courses is counted in each.")
    unknown = _("Not yet established means that nothing is known yet. It is not a zero.")
    if figures.tally.people == 0 or figures.tally.is_small:
        yield Section(_("Levels of each competency"), (_("So few people are counted that nothing is said of them."),))
        return
    said = statistics_view.statistics(framework, figures.tally, NOWHERE)
    levels = figures.tally.levels
    competencies = [(_title(each), [levels[each.id]]) for each in framework.competencies if each.id in levels]
    aspects = [
        (f"{each.number}. {each.title(current_locale())}", rows)
        for each in framework.aspects
        if (rows := [levels[one.id] for one in each.competencies if one.id in levels])
    ]
    yield Section(_("Levels of each competency"), (counted, unknown), _spread(_("Competency"), competencies))
    yield Section(_("Levels of each aspect"), table=_spread(_("Aspect"), aspects))
    yield _weakest(said)
    if said.growth:
        yield _growth(said)
    yield _months(framework, figures)


def _title(competency: Competency) -> str:
    return f"{competency.code} {competency.short_title(current_locale())}"


def _spread(head: str, rows: Iterable[tuple[str, list[Row]]]) -> PrintedTable:
    levels = [PrintedColumn(str(level), 0, "right", level) for level in range(UNKNOWN)]
    columns = (
        PrintedColumn(head, 3),
        PrintedColumn(_("Distribution"), 2),
        *levels,
        PrintedColumn(_("Not yet"), 0, "right", UNKNOWN),
    )
    return PrintedTable(columns, tuple((title, *_parts(Spread.of(each))) for title, each in rows))


def _parts(spread: Spread) -> tuple[Cell, ...]:
    at = (*spread.at, *(0,) * UNKNOWN)[:UNKNOWN]
    numbers = (*at, spread.unknown)
    return (StackCell(tuple(each / max(spread.people, 1) for each in numbers)), *map(count, numbers))


def _weakest(said: Statistics) -> Section:
    columns = (
        PrintedColumn(_("Code"), 0),
        PrintedColumn(_("Indicator"), 5),
        PrintedColumn(_("People"), 0, "right"),
        PrintedColumn(_("Attained"), 0),
    )
    rows = tuple(
        (each.code, each.text.text, each.people, ShareCell(each.share, each.width / 100)) for each in said.weakest
    )
    return Section(_("Indicators attained least often"), table=PrintedTable(columns, rows))


def _growth(said: Statistics) -> Section:
    columns = (
        PrintedColumn(_("Competency"), 4),
        PrintedColumn(_("People"), 0, "right"),
        PrintedColumn(_("At the entry"), 0, "right"),
        PrintedColumn(_("At the exit"), 0, "right"),
        PrintedColumn(_("Level shown"), 0, "right"),
    )
    rows = tuple((f"{each.code} {each.title}", each.people, each.entry, each.exit, each.level) for each in said.growth)
    told = _("Means of self-assessments from 0 to 3, and of the levels that were shown. Self-assessments never count.")
    return Section(_("Growth"), (told,), PrintedTable(columns, rows))


def _months(framework: Framework, figures: InstituteReport) -> Section:
    shown = [each for each in framework.competencies if each.id in figures.tally.levels]
    columns = (
        PrintedColumn(_("Begins"), 4),
        PrintedColumn(_("Courses"), 0, "right"),
        PrintedColumn(_("Participations"), 0, "right"),
        *(PrintedColumn(each.code, 1, "right") for each in shown),
    )
    rows = tuple(_month(each, shown) for each in figures.months)
    told = _("Of those whose level is known, how many have reached level 1. Months of few participations say nothing.")
    codes = "   ".join(_title(each) for each in shown)
    return Section(_("By month"), (told,), PrintedTable(columns, rows), below=codes, landscape=True)


def _month(figures: MonthFigures, shown: Iterable[Competency]) -> tuple[Cell, ...]:
    tally = figures.tally
    shares = ("" if tally.is_small else _reached(tally.levels.get(each.id)) for each in shown)
    return (month_name(figures.month), count(figures.courses), count(tally.people), *shares)


def _reached(row: Row | None) -> str:
    share: Fraction | None = Spread.of([row]).share_from(1) if row else None
    return percent(share)
