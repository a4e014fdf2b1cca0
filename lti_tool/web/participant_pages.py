"""From one person's standing to the page that shows it: all competencies. `competency_page.py` shows one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal

from lti_tool.competency import rollup
from lti_tool.competency.framework import Aspect, Competency, Framework
from lti_tool.competency.model import LevelState, Mark
from lti_tool.competency.profile import PersonProfile
from lti_tool.competency.standing import AspectStanding, CompetencyStanding, LevelStanding
from lti_tool.web import explain, page_data
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import gettext as _
from lti_tool.web.states import legend, level_flags, level_mark

UNKNOWN = frozenset({LevelState.NO_EVIDENCE, LevelState.NOT_ASSESSABLE, LevelState.TRANSPARENT})
STEP_WIDTH = 25
STEP_HEIGHTS = (6, 12, 18)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a page stands: whose it is, in which language, and the addresses of its neighbours."""

    title: str
    person_name: str
    locale: str
    address: Callable[[str], str]
    """Address of the page of the competency with this code."""
    overview: str
    """Address of the page of all competencies."""
    decide: Callable[[str], str] | None = None
    """Address of the page where an indicator is judged; None where the reader may not go there."""
    crumbs: tuple[page_data.Link, ...] = ()
    """What lies above the overview (a trainer comes from the group)."""
    beside: tuple[page_data.Link, ...] = ()
    """Pages about the same person over all courses; none where the reader sees this course only."""


# --- All competencies -----------------------------------------------------------------------------------------------


def profile_page(profile: PersonProfile, around: Surroundings) -> page_data.ProfilePage:
    """*My competencies*, or the same of somebody else for their trainer."""
    framework, locale = profile.framework, around.locale
    names = level_names(framework, locale)
    whole = rollup.profile(
        framework.shape(), rollup.established_levels(profile.standings), profile.rules.overall_needed
    )
    aspects = {each.aspect: each for each in whole.aspects}
    return page_data.ProfilePage(
        title=around.title,
        person_name=around.person_name,
        summary=explain.overall(whole, names),
        why=explain.why_overall(whole, profile.rules.overall_needed),
        level_names=tuple(level.name(locale) for level in framework.levels),
        groups=tuple(_group(each, aspects[each.number], profile, around) for each in framework.aspects),
        legend=legend(),
        framework_title=framework_text(framework.titles, locale),
        computed_at=profile.computed_at,
        empty=_empty(profile.standings.values()),
        crumbs=around.crumbs,
    )


@lru_cache(maxsize=64)
def level_names(framework: Framework, locale: str) -> explain.LevelName:
    """What each level of a version is called."""
    return {level.number: level.name(locale) for level in framework.levels}.__getitem__


def _group(
    aspect: Aspect, standing: AspectStanding, profile: PersonProfile, around: Surroundings
) -> page_data.AspectGroup:
    names = level_names(profile.framework, around.locale)
    return page_data.AspectGroup(
        number=aspect.number,
        title=framework_text(aspect.titles, around.locale),
        level=explain.aspect_level(standing, names),
        lines=tuple(_line(each, profile, around) for each in aspect.competencies),
    )


def _line(competency: Competency, profile: PersonProfile, around: Surroundings) -> page_data.CompetencyLine:
    shown = _shown(profile.framework, competency.code, profile.standings[competency.id], around.locale)
    return replace(shown, url=around.address(competency.code))


# Many people stand alike in one competency: what is said of it is worked out once.
@lru_cache(maxsize=4096)
def _shown(framework: Framework, code: str, standing: CompetencyStanding, locale: str) -> page_data.CompetencyLine:
    competency, names = framework.competency(code), level_names(framework, locale)
    return page_data.CompetencyLine(
        code=code,
        title=competency.short_title(locale),
        url="",
        standing=explain.standing_name(standing.established, names),
        is_known=standing.established is not None,
        steps=steps(standing),
        cells=tuple(
            page_data.LevelCell(
                level=names(level.number),
                mark=level_mark(level.state),
                count=explain.level_count(level),
                flags=level_flags(level, standing.established),
            )
            for level in standing.levels
        ),
    )


def steps(standing: CompetencyStanding) -> tuple[page_data.Step, ...]:
    """The small picture of a standing: one rising step a level. The words beside it say the same."""
    return tuple(
        page_data.Step(_step_key(level), x=1 + STEP_WIDTH * place, y=STEP_HEIGHTS[-1] - height, height=height)
        for place, (level, height) in enumerate(zip(standing.levels, STEP_HEIGHTS, strict=False))
    )


def _step_key(level: LevelStanding) -> str:
    if level.held:
        return "held"
    keys = {LevelState.MET: "met", LevelState.IN_PROGRESS: "part", LevelState.NOT_MET: "open"}
    return keys.get(level.state, "open" if level.state is LevelState.NO_EVIDENCE else "out")


def _empty(standings: Iterable[CompetencyStanding]) -> page_data.EmptyState | None:
    """Said above the grid while nothing at all has been assessed; None otherwise."""
    states = {level.state for standing in standings for level in standing.levels}
    if states - UNKNOWN:
        return None
    if LevelState.NO_EVIDENCE in states:
        return page_data.EmptyState(
            title=_("Nothing has been assessed yet"),
            why=_(
                "The course assesses the levels marked “No evidence yet” below, but no mark has arrived so far. That is"
                " not a zero."
            ),
            next_steps=(
                _("Do the activities of the course in the LMS."),
                _("As soon as they are assessed, the levels appear here by themselves."),
                _("Open a competency below to see which activities count for it."),
            ),
        )
    return page_data.EmptyState(
        title=_("This course does not assess competencies yet"),
        why=_("It has not been said yet which activity of the course shows which indicators."),
        next_steps=(
            _("The trainer does this on the page “Mapping”. Participants need do nothing."),
            _("Marks that are given before then are not lost: they count as soon as that is done."),
        ),
    )


def mark_text(mark: Mark, locale: str) -> str:
    """A mark with its range, as numbers are written in the language."""
    given, top = _number(mark.given, locale), _number(mark.maximum, locale)
    if mark.minimum == 0:
        return _("%(mark)s of %(maximum)s", mark=given, maximum=top)
    low = _number(mark.minimum, locale)
    return _("%(mark)s on a scale from %(minimum)s to %(maximum)s", mark=given, minimum=low, maximum=top)


def _number(value: Decimal, locale: str) -> str:
    return format_decimal(value, format="0.#####", locale=locale)
