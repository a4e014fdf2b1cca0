"""The public pages of the requirements: overview, aspect, competency, indicator, level, glossary, search, document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lti_tool.catalogue.searching import Found, Kind
from lti_tool.competency.framework import Aspect, Competency, Indicator, Level
from lti_tool.web.catalogue_reading import LevelView, Reader
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import FrameworkText, Link, TermView


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator in a list."""

    code: str
    url: str
    text: FrameworkText
    is_key: bool


@dataclass(frozen=True, slots=True)
class LevelBlock:
    """The indicators of one level of one competency."""

    level: LevelView
    indicators: tuple[IndicatorLine, ...]
    number: int
    count: str
    """The number in words."""


@dataclass(frozen=True, slots=True)
class CompetencyBlock:
    """A competency with what stands under it."""

    code: str
    title: str
    title_lang: str
    url: str
    text: FrameworkText
    levels: tuple[LevelBlock, ...]


@dataclass(frozen=True, slots=True)
class AspectBlock:
    """An aspect with its competencies."""

    number: int
    title: FrameworkText
    url: str
    competencies: tuple[CompetencyBlock, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The ways up and to both sides."""

    crumbs: tuple[Link, ...]
    previous: Link | None = None
    following: Link | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All aspects and levels."""

    title: FrameworkText
    counts: str
    levels: tuple[tuple[LevelView, FrameworkText], ...]
    aspects: tuple[AspectBlock, ...]


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One indicator with where it belongs."""

    line: IndicatorLine
    level: LevelView
    competency: CompetencyBlock
    beside: tuple[IndicatorLine, ...]
    """The others of the same level of its competency."""


@dataclass(frozen=True, slots=True)
class LevelPage:
    """One level across all competencies."""

    level: LevelView
    text: FrameworkText
    count: str
    aspects: tuple[AspectBlock, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found."""

    kind: str
    label: str
    url: str
    parts: tuple[tuple[str, bool], ...]
    """(text, whether it was looked for)"""
    lang: str


def overview(reader: Reader) -> Overview:
    """The first page. Numbers of indicators stand for their texts."""
    framework = reader.framework
    return Overview(
        title=reader.wording(framework.titles),
        counts=_counts(reader),
        levels=tuple((reader.level(level), reader.wording(level.descriptions)) for level in framework.levels),
        aspects=tuple(aspect(reader, each) for each in framework.aspects),
    )


def _counts(reader: Reader) -> str:
    framework = reader.framework
    parts = [
        ngettext("%(num)d aspect", "%(num)d aspects", len(framework.aspects)),
        ngettext("%(num)d competency", "%(num)d competencies", len(framework.competencies)),
        ngettext("%(num)d level", "%(num)d levels", len(framework.levels)),
        indicator_count(len(framework.indicators)),
    ]
    return ", ".join(parts)


def indicator_count(number: int) -> str:
    """How many indicators."""
    return ngettext("%(num)d indicator", "%(num)d indicators", number)


def aspect(reader: Reader, each: Aspect, only: Level | None = None) -> AspectBlock:
    """An aspect with its competencies; the indicators of one level if wanted, else how many there are."""
    blocks = tuple(
        competency(reader, found, [only]) if only else competency(reader, found, brief=True)
        for found in each.competencies
    )
    shown = tuple(block for block in blocks if only is None or block.levels)
    return AspectBlock(each.number, reader.wording(each.titles), reader.part(each.number), shown)


def competency(
    reader: Reader, each: Competency, levels: Sequence[Level] | None = None, *, brief: bool = False
) -> CompetencyBlock:
    """A competency with its levels, those without indicators left out; `brief`: without the indicators' texts."""
    levels = reader.framework.levels if levels is None else levels
    return CompetencyBlock(
        code=each.code,
        title=each.short_title(reader.language),
        title_lang=each.short_titles.served(reader.language),
        url=reader.part(each.code),
        text=reader.wording(each.texts),
        levels=tuple(_level(reader, each, level, brief) for level in levels if each.of_level(level.number)),
    )


def _level(reader: Reader, each: Competency, level: Level, brief: bool) -> LevelBlock:
    found = each.of_level(level.number)
    lines = () if brief else tuple(_line(reader, one) for one in found)
    return LevelBlock(reader.level(level), lines, len(found), indicator_count(len(found)))


def _line(reader: Reader, each: Indicator) -> IndicatorLine:
    return IndicatorLine(each.code, reader.part(each.code), reader.wording(each.texts), each.is_key)


def indicator(reader: Reader, each: Indicator) -> IndicatorPage:
    """One indicator."""
    above = reader.framework.competency(each.competency)
    beside = (other for other in above.of_level(each.level) if other is not each)
    return IndicatorPage(
        line=_line(reader, each),
        level=reader.level(reader.framework.level(each.level)),
        competency=competency(reader, above, brief=True),
        beside=tuple(_line(reader, other) for other in beside),
    )


def level(reader: Reader, each: Level) -> LevelPage:
    """One level, competency by competency."""
    blocks = (aspect(reader, found, each) for found in reader.framework.aspects)
    number = sum(one.level == each.number for one in reader.framework.indicators)
    return LevelPage(
        level=reader.level(each),
        text=reader.wording(each.descriptions),
        count=indicator_count(number),
        aspects=tuple(block for block in blocks if block.competencies),
    )


def glossary(reader: Reader) -> tuple[TermView, ...]:
    """All terms."""
    return tuple(reader.texts.term(term) for term in reader.framework.glossary)


# ── ways ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def around_aspect(reader: Reader, here: Aspect) -> Neighbours:
    """Up to the overview, and to the aspects beside."""
    links = [
        Link(_("Aspect %(number)d", number=each.number), reader.part(each.number)) for each in reader.framework.aspects
    ]
    return _beside(links, reader.framework.aspects.index(here), _home(reader))


def around_competency(reader: Reader, here: Competency) -> Neighbours:
    """Up to the aspect, and to the competencies beside."""
    all_of_them = reader.framework.competencies
    links = [Link(f"{each.code} {each.short_title(reader.language)}", reader.part(each.code)) for each in all_of_them]
    return _beside(links, all_of_them.index(here), (*_home(reader), _aspect_link(reader, here.aspect)), here.code)


def around_indicator(reader: Reader, here: Indicator) -> Neighbours:
    """Up to the competency, and to the indicators beside."""
    above = reader.framework.competency(here.competency)
    links = [Link(each.code, reader.part(each.code)) for each in above.indicators]
    up = (*_home(reader), _aspect_link(reader, above.aspect), Link(above.code, reader.part(above.code)))
    return _beside(links, above.indicators.index(here), up)


def around_level(reader: Reader, here: Level) -> Neighbours:
    """Up to the overview, and to the levels beside."""
    views = [reader.level(each) for each in reader.framework.levels]
    return _beside([Link(view.name, view.url) for view in views], reader.framework.levels.index(here), _home(reader))


def _home(reader: Reader) -> tuple[Link, ...]:
    return (Link(_("Requirements"), reader.address("overview")),)


def _aspect_link(reader: Reader, number: int) -> Link:
    return Link(_("Aspect %(number)d", number=number), reader.part(number))


def _beside(links: list[Link], at: int, up: tuple[Link, ...], name: str = "") -> Neighbours:
    here = Link(name or links[at].label, links[at].url, current=True)
    return Neighbours(
        crumbs=(*up, here),
        previous=links[at - 1] if at else None,
        following=links[at + 1] if at + 1 < len(links) else None,
    )


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def hits(reader: Reader, found: Iterable[Found]) -> tuple[Hit, ...]:
    """What was found, with the words that were looked for marked."""
    return tuple(_hit(reader, each) for each in found)


def _hit(reader: Reader, found: Found) -> Hit:
    entry, text = found.entry, found.entry.texts.text(found.language)
    words = {
        Kind.ASPECT: (_("Aspect"), entry.code),
        Kind.COMPETENCY: (_("Competency"), entry.code),
        Kind.LEVEL: (_("Level"), entry.code),
        Kind.INDICATOR: (_("Indicator"), entry.code),
        Kind.TERM: (_("Term"), ""),
    }
    kind, label = words[entry.kind]
    return Hit(kind, label, _address(reader, found), _parts(text, found.places), found.language)


def _address(reader: Reader, found: Found) -> str:
    match found.entry.kind:
        case Kind.TERM:
            return reader.address("glossary", _anchor=f"term-{found.entry.code}")
        case Kind.LEVEL:
            return reader.address("level", number=found.entry.level)
        case _:
            return reader.part(found.entry.code)


def _parts(text: str, places: Iterable[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    parts, done = [], 0
    for begin, end in places:
        parts += [(text[done:begin], False), (text[begin:end], True)]
        done = end
    return tuple(part for part in (*parts, (text[done:], False)) if part[0])
