"""Statistics as tables for files: levels by competency and aspect, indicators from the weakest on, and growth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lti_tool.competency import rules
from lti_tool.competency.framework import Framework
from lti_tool.errors import NotFound
from lti_tool.reports.table import Column, Kind, Note, Row, Table, Value, file_name
from lti_tool.reports.tally import Spread, Tally
from lti_tool.web import course_statistics, overview_page, statistics_view
from lti_tool.web.dates import period_name
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.overview_page import Choice


@dataclass(frozen=True, slots=True)
class Counted:
    """A tally, and what one should know of it."""

    framework: Framework
    tally: Tally
    whose: str
    """The course or the institute, for a title."""
    notes: tuple[Note, ...]


def of_course(asked: Asked) -> Table:
    """A part of the statistics of a course, or of one of its groups, as the worker counted it last."""
    course = asked.course
    if course is None:
        raise NotFound("course_unknown")
    found = course_statistics.read(asked.session, course, asked.query)
    tally, group = (found.tally, found.group_name) if found else (Tally(), "")
    notes = (
        Note(_("Course"), course.title),
        *((Note(_("Group in the LMS"), group),) if group else ()),
        as_of(found.as_of if found else asked.now),
    )
    framework = rules.rules_of(asked.session, course.id, asked.now).framework
    return _table(asked.values["part"], Counted(framework, tally, course.title, notes))


def of_institute(asked: Asked) -> Table:
    """A part of the overview's figures, of people or of the courses of a period."""
    choice = Choice.read(asked.query)
    found = overview_page.figures(asked.session, asked.platform_id, choice)
    counted = _("people, each once") if choice.people else _("participations in courses")
    notes = (
        Note(_("Count"), counted),
        Note(_("Period"), period_name(choice.period)),
        Note(_("Requirements"), found.looked_by.name),
        as_of(found.as_of or asked.now),
    )
    return _table(asked.values["part"], Counted(found.looked_by.framework, found.shown, _("Institute"), notes))


def _table(part: str, counted: Counted) -> Table:
    title, columns, rows = _parts(counted.framework)[statistics_view.part_of(part)]
    told = counted.tally.people > 0 and not counted.tally.is_small
    too_few = _(
        "Fewer than five people are counted here. Statistics of so few would speak of persons, so none are shown."
    )
    lines = list(rows(counted)) if told else []
    return Table(
        name=file_name(title, counted.whose),
        title=f"{title}: {counted.whose}",
        columns=columns,
        rows=lines,
        count=len(lines),
        notes=counted.notes if told else (*counted.notes, Note(_("Remarks"), too_few)),
        language=current_locale(),
    )


def _parts(framework: Framework) -> Mapping[str, tuple[str, tuple[Column, ...], Callable[[Counted], Iterator[Row]]]]:
    return {
        "levels": (_("Levels by competency"), _level_columns(framework), _levels),
        "weakest": (
            _("Indicators attained least often"),
            (
                Column(_("Code")),
                Column(_("Indicator")),
                Column(_("Attained"), Kind.PERCENT),
                Column(_("Decided"), Kind.WHOLE),
            ),
            _weakest,
        ),
        "growth": (
            _("Growth"),
            (
                Column(_("Code")),
                Column(_("Competency")),
                Column(_("People"), Kind.WHOLE),
                *(Column(title, Kind.DECIMAL, 1) for title in (_("Entry"), _("Exit"), _("Level shown"))),
            ),
            _growth,
        ),
    }


def _level_columns(framework: Framework) -> tuple[Column, ...]:
    said = statistics_view.heads(framework)
    heads = list(zip(("–", *map(str, range(len(said) - 1))), said, strict=True))
    counts = (Column(head, Kind.WHOLE, short=short) for short, head in heads)
    shares = (Column(_("%(level)s, share", level=head), Kind.PERCENT, short=f"{short} %") for short, head in heads)
    return (Column(_("Code")), Column(_("Competency or aspect")), Column(_("Counted"), Kind.WHOLE), *counts, *shares)


def _levels(counted: Counted) -> Iterator[Row]:
    """Aspects have a number for a code."""
    framework, locale = counted.framework, current_locale()
    for competency in framework.competencies:
        if competency.id in counted.tally.levels:
            spread = Spread.of([counted.tally.levels[competency.id]])
            yield _spread(framework, competency.code, competency.short_title(locale), spread)
    for aspect, spread in statistics_view.of_aspects(framework, counted.tally):
        yield _spread(framework, str(aspect.number), aspect.title(locale), spread)


def _spread(framework: Framework, code: str, title: str, spread: Spread) -> Row:
    numbers = statistics_view.in_order(framework, spread)
    shares: list[Value] = [Fraction(each, spread.people) if spread.people else None for each in numbers]
    return (code, title, spread.people, *numbers, *shares)


def _weakest(counted: Counted) -> Iterator[Row]:
    """All of them; the page shows the first ten."""
    everything = len(counted.tally.indicators)
    for indicator, share, decided in statistics_view.from_the_weakest(counted.framework, counted.tally, everything):
        yield (indicator.code, indicator.text(current_locale()), share, decided)


def _growth(counted: Counted) -> Iterator[Row]:
    for each in statistics_view.grown(counted.framework, counted.tally):
        title = each.competency.short_title(current_locale())
        yield (each.competency.code, title, each.people, each.entry, each.exit, each.level)
