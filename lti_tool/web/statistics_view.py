"""A tally in words and pictures: who stands where by competency and aspect, what is weakest, what has grown.

Used by the institute's overview and by a course's own statistics; the ways from a figure to its rows are theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from babel.numbers import format_decimal

from lti_tool.competency.framework import Competency, Framework, Indicator
from lti_tool.reports.tally import Growth, Spread, Tally, attained_share, weakest
from lti_tool.web import charts
from lti_tool.web.charts import Path, Segment
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText
from lti_tool.web.paging import count
from lti_tool.web.participant_pages import framework_text

WEAKEST = 10
STEPS = 3
"""The highest step of a self-assessment, and the highest level: both scales begin at 0."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """How many people stand somewhere."""

    count: str
    share: str
    """Of all who are counted in the row."""
    shade: int
    """0 to 5."""
    url: str
    """To the rows that it counts; empty where there is nobody."""
    label: str
    """What it says where the heads are not heard."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A competency or an aspect."""

    code: str
    title: str
    people: str
    cells: tuple[HeatCell, ...]
    """Not established, then level 0, 1, 2 …"""
    bar: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class WeakLine:
    """An indicator that few attain."""

    code: str
    text: FrameworkText
    share: str
    people: str
    """Of how many it is known."""
    told: str
    """The same, in words."""
    width: float
    url: str


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """How people see themselves at the entry and at the exit, and the level that they have shown."""

    code: str
    title: str
    people: str
    entry: str
    exit: str
    level: str
    path: Path


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that is said of one tally."""

    heads: tuple[str, ...]
    """Over the cells of the heat map."""
    competencies: tuple[HeatRow, ...]
    aspects: tuple[HeatRow, ...]
    weakest: tuple[WeakLine, ...]
    growth: tuple[GrowthLine, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """Addresses of the rows behind figures."""

    cell: Callable[[Competency, int | None], str]
    indicator: Callable[[Indicator], str]


def statistics(framework: Framework, tally: Tally, ways: Ways) -> Statistics:
    """The statistics of a tally that is not small (`Tally.is_small`)."""
    return Statistics(
        heads=heads(framework),
        competencies=tuple(
            _competency(framework, each, tally, ways) for each in framework.competencies if each.id in tally.levels
        ),
        aspects=tuple(_aspects(framework, tally)),
        weakest=tuple(_weak(framework, tally, ways)),
        growth=tuple(_growth(framework, tally)),
    )


def heads(framework: Framework) -> tuple[str, ...]:
    """What stands over the cells: not established, and each level from 0."""
    levels = [_("Level %(level)d", level=level) for level in range(len(framework.levels) + 1)]
    return (_("Not yet established"), *levels)


def percent(share: Fraction | None) -> str:
    """A share as whole per cent, rounded down so that nothing is said to be whole that is not; "–" for none."""
    return "–" if share is None else f"{int(share * 100)}\N{NO-BREAK SPACE}%"


def decimal(number: Fraction | None) -> str:
    """A mean with one decimal place, rounded down; "–" for none."""
    return "–" if number is None else format_decimal(int(number * 10) / 10, "0.0", locale=current_locale())


def _competency(framework: Framework, competency: Competency, tally: Tally, ways: Ways) -> HeatRow:
    spread = Spread.of([tally.levels[competency.id]])
    title = competency.short_title(current_locale())
    return _row(framework, competency.code, title, spread, lambda level: ways.cell(competency, level))


def _aspects(framework: Framework, tally: Tally) -> Iterable[HeatRow]:
    for aspect in framework.aspects:
        rows = [tally.levels[each.id] for each in aspect.competencies if each.id in tally.levels]
        if rows:
            title = aspect.title(current_locale())
            yield _row(framework, str(aspect.number), title, Spread.of(rows), lambda _level: "")


def _row(framework: Framework, code: str, title: str, spread: Spread, way: Callable[[int | None], str]) -> HeatRow:
    levels = len(framework.levels) + 1
    at = (*spread.at, *(0 for _level in range(levels - len(spread.at))))
    standing: list[tuple[int | None, int]] = [(None, spread.unknown), *enumerate(at)]
    words = heads(framework)
    return HeatRow(
        code=code,
        title=title,
        people=count(spread.people),
        cells=tuple(
            _cell(number, spread.people, way(level) if number else "", f"{code}, {word}")
            for (level, number), word in zip(standing, words, strict=True)
        ),
        bar=charts.stacked([("unknown" if level is None else str(level), number) for level, number in standing]),
    )


def _cell(number: int, of: int, url: str, label: str) -> HeatCell:
    share = Fraction(number, of) if of else None
    return HeatCell(count(number), percent(share), charts.shade(share), url, f"{label}: {count(number)}")


def _weak(framework: Framework, tally: Tally, ways: Ways) -> Iterable[WeakLine]:
    for indicator_id, share in weakest(tally, WEAKEST):
        indicator = framework.indicator_by_id(indicator_id)
        row = tally.indicators[indicator_id]
        known = row[0] + row[2]
        yield WeakLine(
            code=indicator.code,
            text=framework_text(indicator.texts, current_locale()),
            share=percent(attained_share(row)),
            people=count(known),
            told=ngettext("known of %(num)d person", "known of %(num)d people", known),
            width=float(share * charts.WIDTH),
            url=ways.indicator(indicator),
        )


def _growth(framework: Framework, tally: Tally) -> Iterable[GrowthLine]:
    for competency in framework.competencies:
        told = [tally.growth[each.id] for each in competency.indicators if each.id in tally.growth]
        together = sum(told, Growth())
        means = together.means()
        if means is None:
            continue
        level = Spread.of([tally.levels[competency.id]]).mean() if competency.id in tally.levels else None
        yield GrowthLine(
            code=competency.code,
            title=competency.short_title(current_locale()),
            people=count(max(each.people for each in told)),
            entry=decimal(means[0]),
            exit=decimal(means[1]),
            level=decimal(level),
            path=charts.path(*means, level, STEPS),
        )
