"""A tally in words and pictures: who stands where by competency and aspect, what is weakest, what has grown.

Used by the institute's overview and by a course's own statistics; the ways from a figure to its rows are theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from babel.numbers import format_decimal

from lti_tool.competency.framework import Aspect, Competency, Framework, Indicator
from lti_tool.errors import NotFound
from lti_tool.reports.tally import Growth, Spread, Tally, weakest
from lti_tool.web import charts
from lti_tool.web.charts import Path, Segment
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText
from lti_tool.web.paging import count

PARTS = ("levels", "weakest", "growth")
"""What of it can be had as a file."""
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


@dataclass(frozen=True, slots=True)
class Grown:
    """How those who assessed themselves twice see one competency, and the mean level that was shown."""

    competency: Competency
    people: int
    entry: Fraction
    exit: Fraction
    level: Fraction | None
    """None: nobody's level is established."""


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


def part_of(asked: str) -> str:
    """A part by its name in an address. Raises NotFound."""
    if asked not in PARTS:
        raise NotFound("file_kind_unknown", part=asked)
    return asked


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


def of_aspects(framework: Framework, tally: Tally) -> Iterable[tuple[Aspect, Spread]]:
    """Each aspect of which something is counted: one person stands there once for each competency."""
    for aspect in framework.aspects:
        rows = [tally.levels[each.id] for each in aspect.competencies if each.id in tally.levels]
        if rows:
            yield aspect, Spread.of(rows)


def _aspects(framework: Framework, tally: Tally) -> Iterable[HeatRow]:
    for aspect, spread in of_aspects(framework, tally):
        title = aspect.title(current_locale())
        yield _row(framework, str(aspect.number), title, spread, lambda _level: "")


def in_order(framework: Framework, spread: Spread) -> tuple[int, ...]:
    """The counts under `heads`."""
    levels = len(framework.levels) + 1
    return (spread.unknown, *spread.at, *(0 for _level in range(levels - len(spread.at))))


def _row(framework: Framework, code: str, title: str, spread: Spread, way: Callable[[int | None], str]) -> HeatRow:
    unknown, *at = in_order(framework, spread)
    standing: list[tuple[int | None, int]] = [(None, unknown), *enumerate(at)]
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


def from_the_weakest(framework: Framework, tally: Tally, number: int) -> Iterable[tuple[Indicator, Fraction, int]]:
    """So many indicators, the one that the fewest attain first; its share, of how many for whom it is decided."""
    for indicator_id, share in weakest(tally, number):
        attained, _in_progress, not_attained, _nothing = tally.indicators[indicator_id]
        yield framework.indicator_by_id(indicator_id), share, attained + not_attained


def _weak(framework: Framework, tally: Tally, ways: Ways) -> Iterable[WeakLine]:
    for indicator, share, known in from_the_weakest(framework, tally, WEAKEST):
        yield WeakLine(
            code=indicator.code,
            text=framework_text(indicator.texts, current_locale(), framework),
            share=percent(share),
            people=count(known),
            told=ngettext("known of %(num)d person", "known of %(num)d people", known),
            width=float(share * charts.WIDTH),
            url=ways.indicator(indicator),
        )


def grown(framework: Framework, tally: Tally) -> Iterable[Grown]:
    """The competencies of which somebody gave a self-assessment at the entry and at the exit."""
    for competency in framework.competencies:
        told = [tally.growth[each.id] for each in competency.indicators if each.id in tally.growth]
        means = sum(told, Growth()).means()
        if means is not None:
            level = Spread.of([tally.levels[competency.id]]).mean() if competency.id in tally.levels else None
            yield Grown(competency, max(each.people for each in told), *means, level)


def _growth(framework: Framework, tally: Tally) -> Iterable[GrowthLine]:
    for each in grown(framework, tally):
        yield GrowthLine(
            code=each.competency.code,
            title=each.competency.short_title(current_locale()),
            people=count(each.people),
            entry=decimal(each.entry),
            exit=decimal(each.exit),
            level=decimal(each.level),
            path=charts.path(each.entry, each.exit, each.level, STEPS),
        )
