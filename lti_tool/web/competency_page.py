"""One competency of one person down to the marks: each level with its why, each indicator with what it rests on.

Everything that the level was worked out from stands on the page: marks with their range, weights, roles, pass marks,
judgements, what other courses say where the level rests on that, and the rules. A test rebuilds the level from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lti_tool.competency.decision_queries import JudgementEntry
from lti_tool.competency.framework import Framework, Indicator
from lti_tool.competency.model import IndicatorState
from lti_tool.competency.profile import Explanation
from lti_tool.competency.queries import LedgerEntry
from lti_tool.competency.standing import Contribution, IndicatorResult, IndicatorStanding, LevelStanding
from lti_tool.web import dates, explain, explain_indicators, explain_rules, page_data
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import gettext as _
from lti_tool.web.participant_pages import Surroundings, level_names, mark_text, steps
from lti_tool.web.states import indicator_mark, judged_word, level_flags, level_mark, role_word, source_word

TRAINER = "trainer"
"""The source of marks that somebody of the course gave by hand."""
UNSEEN = IndicatorResult(IndicatorState.NOT_MAPPED, None)


def competency_page(
    why: Explanation, around: Surroundings, grade: page_data.SentGrade | None = None
) -> page_data.CompetencyPage:
    """One competency of one person down to the marks."""
    names = level_names(why.framework, around.locale)
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
        steps=steps(why.standing),
        levels=tuple(
            _section(level, now, why, names, around)
            for level, now in zip(why.standing.levels, why.computed.levels, strict=True)
        ),
        grade=grade,
        rules=explain_indicators.rules_in_a_sentence(why.rules),
        facts=explain_rules.facts(why),
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


# --- A level --------------------------------------------------------------------------------------------------------


def _section(
    level: LevelStanding, now: LevelStanding, why: Explanation, names: explain.LevelName, around: Surroundings
) -> page_data.LevelSection:
    """`level` is what counts; `now` what the marks say, which in a closed course may have become something else."""
    indicators = why.competency.of_level(level.number)
    return page_data.LevelSection(
        number=level.number,
        name=names(level.number),
        mark=level_mark(level.state),
        flags=level_flags(level, why.standing.established),
        why=_why(level, indicators, why),
        indicators=tuple(_item(each, now, why, around) for each in indicators),
        now=_since_closing(level, now, indicators, why),
    )


def _since_closing(level: LevelStanding, now: LevelStanding, indicators: Sequence[Indicator], why: Explanation) -> str:
    if (level.state, level.attained, level.mapped) == (now.state, now.attained, now.mapped):
        return ""
    said = _why(now, indicators, why)
    return _("By the marks that stand now: %(state)s. %(why)s", state=level_mark(now.state).label, why=said)


def _why(level: LevelStanding, indicators: Sequence[Indicator], why: Explanation) -> str:
    results = [_result(each, level, why) for each in indicators]
    judged = sum(each.by_judgement and each.state is IndicatorState.NOT_ATTAINED for each in results)
    return explain.why_level(level, *_keys(level, indicators, why), certified=_certified(level, why), judged=judged)


def _certified(level: LevelStanding, why: Explanation) -> str:
    """Which course has certified a level, and when; empty where no single one did."""
    if not level.certified:
        return ""
    if not level.from_record:
        closed_at = why.closed_at
        return _("Certified when this course was closed on %(when)s.", when=dates.day(closed_at)) if closed_at else ""
    granted = why.elsewhere.granted.get((why.competency.id, level.number))
    if granted is None:
        return ""
    return _(
        "Certified when the course “%(course)s” was closed on %(when)s.",
        course=granted.title,
        when=dates.day(granted.at),
    )


def _keys(level: LevelStanding, indicators: Iterable[Indicator], why: Explanation) -> tuple[list[str], list[str]]:
    """Codes of the level's key indicators that are not attained, and of those that are not yet decided."""
    missing = [each for each in indicators if each.id in level.keys_missing]
    failed = [each.code for each in missing if _result(each, level, why).state is IndicatorState.NOT_ATTAINED]
    return failed, [each.code for each in missing if each.code not in failed]


# --- An indicator ---------------------------------------------------------------------------------------------------


def _result(indicator: Indicator, level: LevelStanding, why: Explanation) -> IndicatorResult:
    """What counts of an indicator for its level: the course's own, or the record's where the level is read there."""
    if level.from_record:
        return why.record.results.get(indicator.id, UNSEEN)
    return why.indicators[indicator.id].result


def _item(
    indicator: Indicator, level: LevelStanding, why: Explanation, around: Surroundings
) -> page_data.IndicatorItem:
    standing, locale = why.indicators[indicator.id], around.locale
    result = _result(indicator, level, why)
    return page_data.IndicatorItem(
        code=indicator.code,
        text=framework_text(indicator.texts, locale, why.framework),
        is_key=indicator.is_key,
        mark=indicator_mark(result.state),
        value="" if result.value is None else explain.percent(result.value),
        why=explain_indicators.why_indicator(standing, why.rules, lambda part: _activity(part, why)),
        evidence=tuple(_evidence_line(part, why, locale) for part in standing.contributions),
        judgements=_judgements(standing, why.judgements.get(indicator.id, ()), why),
        elsewhere=_elsewhere(indicator, why) if level.from_record else (),
        decide=around.decide(indicator.code) if around.decide else "",
    )


def _elsewhere(indicator: Indicator, why: Explanation) -> tuple[page_data.ElsewhereLine, ...]:
    return tuple(
        page_data.ElsewhereLine(
            each.title,
            indicator_mark(each.result.state),
            "" if each.result.value is None else explain.percent(each.result.value),
        )
        for each in why.elsewhere.of(indicator.id, undecided=True)
    )


def _judgements(
    standing: IndicatorStanding, entries: Iterable[JudgementEntry], why: Explanation
) -> tuple[page_data.JudgementLine, ...]:
    """Those that have neither ended nor been withdrawn: the others are history, which the trainers' page shows."""
    in_force = [each for each in entries if each.judgement.counts_at(why.as_of)]
    return tuple(
        page_data.JudgementLine(
            said=judged_word(each.judgement.attained, each.judgement.decides),
            by=each.by_name or _("Name not shared"),
            at=each.judgement.judged_at,
            reason=each.reason,
            until=each.judgement.until,
            note=_judgement_note(standing, each, in_force[:place]),
        )
        for place, each in enumerate(in_force)
    )


def _judgement_note(standing: IndicatorStanding, entry: JudgementEntry, newer: list[JudgementEntry]) -> str:
    """What became of one of several judgements; `newer` are those that were given after it."""
    if standing.judgement is not None:
        stands = (entry.judgement.judged_at, entry.judgement.id) == (
            standing.judgement.judged_at,
            standing.judgement.id,
        )
        return "" if stands else _("Not counted: another judgement stands over it.")
    replaced = entry.judgement.by in {each.judgement.by for each in newer}
    return (
        _("Not counted: the same trainer has judged anew.") if replaced else _("Disputed: not counted until decided.")
    )


def _activity(part: Contribution, why: Explanation) -> str:
    return why.activities[part.mapping.activity].name


def _evidence_line(part: Contribution, why: Explanation, locale: str) -> page_data.EvidenceLine:
    entry = why.entries.get(part.evidence) if part.evidence is not None else None
    activity = why.activities[part.mapping.activity]
    return page_data.EvidenceLine(
        activity=activity.name,
        score="–" if part.score is None else explain.percent(part.score),
        mark=mark_text(entry.mark, locale) if entry else "",
        weight=part.mapping.weight,
        role=role_word(part.mapping.role),
        pass_mark=explain.percent_exact(part.pass_mark),
        worked_at=part.worked_at,
        source=_source(entry) if entry else "",
        note=explain_indicators.contribution_note(part, activity.gone),
        counts=part.counted,
    )


def _source(entry: LedgerEntry) -> str:
    """Where a mark came from: who assessed, or since when it is here."""
    word = source_word(entry.source)
    if entry.source == TRAINER:
        return f"{word}: {entry.recorded_by or _('Name not shared')}"
    return _("%(source)s, here since %(when)s", source=word, when=dates.short_day(entry.recorded_at))
