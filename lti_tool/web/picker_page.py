"""What the picker shows: the activity that is being chosen, the indicators narrowed, and what waits beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.competency import declaration
from lti_tool.competency.framework import Competency, Framework, Indicator
from lti_tool.competency.mapping import mapping_of
from lti_tool.ids import CourseId
from lti_tool.lti.picked_queries import placed_items
from lti_tool.people import activities
from lti_tool.people.model import Activity, ActivitySource
from lti_tool.web import placed
from lti_tool.web.checklist_page import title_of
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.picking_form import Choice, Picking, kind_words, weights_and_roles, written

FILTERS = ("aspect", "competency", "level", "search")


@dataclass(frozen=True, slots=True)
class IndicatorChoice:
    """One indicator to tick."""

    code: str
    text: str
    lang: str
    level: str
    level_name: str
    chosen: bool
    weight: str
    role: str
    hidden: bool
    """The filter leaves it out; what is chosen stays chosen all the same."""


@dataclass(frozen=True, slots=True)
class CompetencyChoice:
    """A competency with its indicators."""

    code: str
    label: str
    aspect: str
    open: bool
    hidden: bool
    indicators: tuple[IndicatorChoice, ...]


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An activity that waits to be placed."""

    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class PickerPage:
    """The whole form with what was typed."""

    current: Choice
    kinds: tuple[tuple[str, str], ...]
    competencies: tuple[CompetencyChoice, ...]
    chosen: str
    """Codes of what is chosen, in one line."""
    filters: Mapping[str, str]
    aspects: tuple[tuple[str, str], ...]
    competency_names: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    waiting: tuple[WaitingItem, ...]
    waiting_field: str
    """The waiting activities as the form carries them."""
    own: tuple[tuple[str, str], ...]
    """Activities of the course that can be started from: public id and title."""
    placed: tuple[placed.PlacedLine, ...]
    none_fits: bool


def build(
    session: Session, course_id: CourseId, framework: Framework, picking: Picking, asked: Mapping[str, str]
) -> PickerPage:
    """The form as it was left, or new."""
    locale = current_locale()
    filters = {name: asked.get(name, "").strip()[:100] for name in FILTERS}
    chosen = weights_and_roles(picking.current, framework)
    competencies = tuple(_competency(each, framework, chosen, filters) for each in framework.competencies)
    return PickerPage(
        current=picking.current,
        kinds=tuple((kind.value, word) for kind, word in kind_words().items()),
        competencies=competencies,
        chosen=", ".join(chosen),
        filters=filters,
        aspects=tuple((str(each.number), each.title(locale)) for each in framework.aspects),
        competency_names=tuple((each.code, each.short_title(locale)) for each in framework.competencies),
        levels=tuple((str(each.number), each.name(locale)) for each in framework.levels),
        roles=(("", _("supporting")), ("r", _("required")), ("o", _("optional"))),
        waiting=tuple(_waiting(each, framework) for each in picking.waiting),
        waiting_field=written(picking.waiting),
        own=tuple((each.public_id, title_of(each)) for each in own_activities(session, course_id)),
        placed=placed.placed_lines(session, course_id),
        none_fits=all(each.hidden for each in competencies),
    )


def own_activities(session: Session, course_id: CourseId) -> tuple[Activity, ...]:
    """The tool's own activities of a course."""
    listed = activities.activities_of(session, course_id)
    return tuple(each for each in listed if each.source is ActivitySource.LTI)


def like(session: Session, course_id: CourseId, framework: Framework, public_id: str) -> Choice | None:
    """An activity of the course as a choice to go on from; None where there is none of this id."""
    found = next((each for each in own_activities(session, course_id) if each.public_id == public_id), None)
    if found is None:
        return None
    cells = tuple(cell for cell in mapping_of(session, course_id) if cell.activity == found.id)
    item = next((each for each in placed_items(session, course_id) if each.activity == found.id), None)
    held = item.points if item else found.mark_max
    return Choice(
        kind=found.kind.value,
        title=title_of(found),
        points=str(held) if held is not None else Choice().points,
        indicators=declaration.write(cells, framework),
        uid=item.uid if item else "",
    )


def _competency(
    competency: Competency, framework: Framework, chosen: Mapping[str, tuple[str, str]], filters: Mapping[str, str]
) -> CompetencyChoice:
    narrowed = any(filters.values())
    offered = tuple(
        _indicator(each, framework, chosen, _fits(each, competency, filters)) for each in competency.indicators
    )
    return CompetencyChoice(
        code=competency.code,
        label=competency.short_title(current_locale()),
        aspect=str(competency.aspect),
        open=narrowed or any(each.chosen for each in offered),
        hidden=all(each.hidden for each in offered),
        indicators=offered,
    )


def _indicator(
    indicator: Indicator, framework: Framework, chosen: Mapping[str, tuple[str, str]], fits: bool
) -> IndicatorChoice:
    weight, role = chosen.get(indicator.code, ("1", ""))
    return IndicatorChoice(
        code=indicator.code,
        text=indicator.text(current_locale()),
        lang=indicator.texts.served(current_locale()),
        level=str(indicator.level),
        level_name=framework.level(indicator.level).name(current_locale()),
        chosen=indicator.code in chosen,
        weight=weight,
        role=role,
        hidden=not fits,
    )


def _fits(indicator: Indicator, competency: Competency, filters: Mapping[str, str]) -> bool:
    searched = f"{indicator.code} {indicator.text(current_locale())} {indicator.text('ky')}".casefold()
    return (
        filters["aspect"] in {"", str(competency.aspect)}
        and filters["competency"] in {"", competency.code}
        and filters["level"] in {"", str(indicator.level)}
        and filters["search"].casefold() in searched
    )


def _waiting(choice: Choice, framework: Framework) -> WaitingItem:
    words = {kind.value: word for kind, word in kind_words().items()}
    count = len(weights_and_roles(choice, framework))
    kind = words.get(choice.kind, choice.kind)
    detail = f"{kind}, " + ngettext("%(num)d indicator", "%(num)d indicators", count) if count else kind
    return WaitingItem(choice.title or kind, detail)
