"""The map of levels as a table for files: months or courses by competencies, all of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lti_tool.competency.framework import Competency
from lti_tool.reports import queries
from lti_tool.reports.table import Column, Kind, Note, Row, Table, Value, file_name
from lti_tool.reports.tally import Spread, Tally
from lti_tool.web import levels_map_page, version_choice
from lti_tool.web.dates import month_name, period_name
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.levels_map_page import MapChoice

AT_A_TIME = 100


def levels(asked: Asked) -> Table:
    """Each cell of the page in two columns: the share that has reached the level, and of how many a level is known."""
    choice = levels_map_page.read(asked.query, version_choice.read(asked.session, asked.platform_id, asked.query))
    return Table(
        name=file_name(_("Map of levels")),
        title=_("Map of levels"),
        columns=(
            Column(_("Course") if choice.by_courses else _("Month")),
            Column(_("Participations"), Kind.WHOLE, short="n"),
            *(column for each in choice.looked_by.framework.competencies for column in _columns(each)),
        ),
        rows=_rows(asked, choice),
        count=_how_many(asked, choice),
        notes=tuple(_notes(asked, choice)),
        language=current_locale(),
    )


def _columns(competency: Competency) -> tuple[Column, Column]:
    title = f"{competency.code} {competency.short_title(current_locale())}"
    known = _("%(code)s: level known", code=competency.code)
    return Column(title, Kind.PERCENT, short=competency.code), Column(known, Kind.WHOLE, short="n")


def _notes(asked: Asked, choice: MapChoice) -> Iterator[Note]:
    reached = _(
        "Each cell says which share has reached level %(level)d or a higher one, of those whose level is known.",
        level=choice.level,
    )
    yield Note(_("Level reached"), f"{choice.level}. {reached}")
    yield Note(_("Period"), period_name(choice.period))
    yield Note(_("Requirements"), choice.looked_by.name)
    if choice.by_courses and choice.text:
        yield Note(_("Title contains"), choice.text)
    yield as_of(asked.now)


def _how_many(asked: Asked, choice: MapChoice) -> int:
    if not choice.by_courses:
        return len(queries.months(asked.session, asked.platform_id, choice.looked_by.id, choice.period))
    return queries.courses(asked.session, asked.platform_id, choice.courses, skip=0, number=1, now=asked.now)[1]


def _rows(asked: Asked, choice: MapChoice) -> Iterator[Row]:
    counted = _courses(asked, choice) if choice.by_courses else _months(asked, choice)
    for label, tally in counted:
        yield _row(label, tally, choice.looked_by.framework.competencies, choice.level)


def _months(asked: Asked, choice: MapChoice) -> Iterator[tuple[str, Tally]]:
    months = queries.months(asked.session, asked.platform_id, choice.looked_by.id, choice.period)
    yield from ((month_name(month), each.tally) for month, each in months.items())


def _courses(asked: Asked, choice: MapChoice) -> Iterator[tuple[str, Tally]]:
    skip, everything = 0, 1
    while skip < everything:
        found, everything = queries.courses(
            asked.session, asked.platform_id, choice.courses, skip=skip, number=AT_A_TIME, now=asked.now
        )
        tallies = queries.tallies_of(asked.session, [each.id for each in found])
        yield from ((each.title, tallies.get(each.id, Tally())) for each in found)
        skip += AT_A_TIME


def _row(label: str, tally: Tally, competencies: Sequence[Competency], level: int) -> Row:
    if tally.is_small:
        return (label, _("fewer than 5"), *(None for _each in competencies for _column in range(2)))
    cells: list[Value] = []
    for each in competencies:
        spread = Spread.of([tally.levels[each.id]]) if each.id in tally.levels else None
        cells += [spread.share_from(level), spread.established] if spread else [None, None]
    return (label, tally.people, *cells)
