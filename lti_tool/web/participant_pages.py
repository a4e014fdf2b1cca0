"""From one person's standing to the two pages that show it: all competencies, and one of them down to the marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal

from lti_tool.competency import rollup
from lti_tool.competency.framework import Aspect, Competency, Framework, Indicator
from lti_tool.competency.model import IndicatorState, LevelState, Mark
from lti_tool.competency.profile import Explanation, PersonProfile
from lti_tool.competency.standing import (
    AspectStanding,
    CompetencyStanding,
    Contribution,
    IndicatorStanding,
    LevelStanding,
)
from lti_tool.web import explain, explain_indicators, page_data
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import gettext as _
from lti_tool.web.states import indicator_mark, judged_word, legend, level_flags, level_mark, role_word, source_word

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


# --- All competencies -----------------------------------------------------------------------------------------------


def profile_page(profile: PersonProfile, around: Surroundings) -> page_data.ProfilePage:
    """*My competencies*, or the same of somebody else for their trainer."""
    framework, locale = profile.framework, around.locale
    names = _level_names(framework, locale)
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


def _level_names(framework: Framework, locale: str) -> explain.LevelName:
    return {level.number: level.name(locale) for level in framework.levels}.__getitem__


def _group(
    aspect: Aspect, standing: AspectStanding, profile: PersonProfile, around: Surroundings
) -> page_data.AspectGroup:
    names = _level_names(profile.framework, around.locale)
    return page_data.AspectGroup(
        number=aspect.number,
        title=framework_text(aspect.titles, around.locale),
        level=explain.aspect_level(standing, names),
        lines=tuple(_line(each, profile.standings[each.id], names, around) for each in aspect.competencies),
    )


def _line(
    competency: Competency, standing: CompetencyStanding, names: explain.LevelName, around: Surroundings
) -> page_data.CompetencyLine:
    return page_data.CompetencyLine(
        code=competency.code,
        title=competency.short_title(around.locale),
        url=around.address(competency.code),
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


# --- One competency -------------------------------------------------------------------------------------------------


def competency_page(
    why: Explanation, around: Surroundings, grade: page_data.SentGrade | None = None
) -> page_data.CompetencyPage:
    """One competency of one person down to the marks."""
    names = _level_names(why.framework, around.locale)
    title = why.competency.short_title(around.locale)
    codes = [each.code for each in why.framework.competencies]
    place = codes.index(why.competency.code)
    return page_data.CompetencyPage(
        code=why.competency.code,
        title=title,
        text=framework_text(why.competency.texts, around.locale, why.framework),
        person_name=around.person_name,
        summary=explain.sentences(
            explain.competency_summary(why.standing, names),
            explain.since_closing(why.standing, why.computed, names),
        ),
        next_step=explain.next_step(why.standing, names),
        steps=steps(why.standing),
        levels=tuple(_section(level, why, names, around) for level in why.standing.levels),
        grade=grade,
        rules=explain_indicators.rules_in_a_sentence(why.rules),
        crumbs=(
            *around.crumbs,
            page_data.Link(around.title, around.overview),
            page_data.Link(f"{why.competency.code} {title}", "", current=True),
        ),
        previous=_neighbour(codes[place - 1 : place], why.framework, around),
        following=_neighbour(codes[place + 1 : place + 2], why.framework, around),
    )


def _neighbour(codes: list[str], framework: Framework, around: Surroundings) -> page_data.Link | None:
    for code in codes:
        return page_data.Link(f"{code} {framework.competency(code).short_title(around.locale)}", around.address(code))
    return None


def _section(
    level: LevelStanding, why: Explanation, names: explain.LevelName, around: Surroundings
) -> page_data.LevelSection:
    indicators = why.competency.of_level(level.number)
    return page_data.LevelSection(
        number=level.number,
        name=names(level.number),
        mark=level_mark(level.state),
        flags=level_flags(level, why.standing.established),
        why=explain.why_level(level, *_keys(level, indicators, why)),
        indicators=tuple(_item(each, why, around) for each in indicators),
    )


def _keys(level: LevelStanding, indicators: Iterable[Indicator], why: Explanation) -> tuple[list[str], list[str]]:
    """Codes of the level's key indicators that are not attained, and of those that are not yet decided."""
    missing = [each for each in indicators if each.id in level.keys_missing]
    failed = [each.code for each in missing if why.indicators[each.id].state is IndicatorState.NOT_ATTAINED]
    return failed, [each.code for each in missing if each.code not in failed]


def _item(indicator: Indicator, why: Explanation, around: Surroundings) -> page_data.IndicatorItem:
    standing, locale = why.indicators[indicator.id], around.locale
    return page_data.IndicatorItem(
        code=indicator.code,
        text=framework_text(indicator.texts, locale, why.framework),
        is_key=indicator.is_key,
        mark=indicator_mark(standing.state),
        value="" if standing.value is None else explain.percent(standing.value),
        why=explain_indicators.why_indicator(standing, why.rules, lambda part: _activity(part, why)),
        evidence=_evidence(standing, why, locale),
        judgements=_judgements(indicator, why),
        decide=around.decide(indicator.code) if around.decide else "",
    )


def _judgements(indicator: Indicator, why: Explanation) -> tuple[page_data.JudgementLine, ...]:
    """Those that are in force: the others are history, which the trainers' page shows."""
    return tuple(
        page_data.JudgementLine(
            said=judged_word(each.judgement.attained, each.judgement.decides),
            by=each.by_name or _("Name not shared"),
            at=each.judgement.judged_at,
            reason=each.reason,
            until=each.judgement.until,
        )
        for each in why.judgements.get(indicator.id, ())
        if each.judgement.counts_at(why.as_of)
    )


def _activity(part: Contribution, why: Explanation) -> str:
    return why.activities[part.mapping.activity].name


def _evidence(standing: IndicatorStanding, why: Explanation, locale: str) -> tuple[page_data.EvidenceLine, ...]:
    return tuple(_evidence_line(part, why, locale) for part in standing.contributions)


def _evidence_line(part: Contribution, why: Explanation, locale: str) -> page_data.EvidenceLine:
    entry = why.entries.get(part.evidence) if part.evidence is not None else None
    activity = why.activities[part.mapping.activity]
    return page_data.EvidenceLine(
        activity=activity.name,
        score="–" if part.score is None else explain.percent(part.score),
        mark=mark_text(entry.mark, locale) if entry else "",
        weight=part.mapping.weight,
        role=role_word(part.mapping.role),
        pass_mark=explain.percent(part.pass_mark),
        worked_at=part.worked_at,
        source=source_word(entry.source) if entry else "",
        note=explain_indicators.contribution_note(part, activity.gone),
        counts=part.counted,
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
