"""From scores to one indicator's value and state (rules, section 2).

All four ways of aggregation share the rules on required work, coverage and optional work; they are said once here.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from lti_tool.competency.exact import weighted_mean
from lti_tool.competency.model import ONE, ZERO, Evidence, IndicatorState, Mapping, MappingRole, Place, current
from lti_tool.competency.plan import CoursePlan, IndicatorPlan
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.standing import Contribution, IndicatorStanding
from lti_tool.ids import EvidenceId

BEFORE_ALL_WORK = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scored:
    """A score that counts now, and where it comes from."""

    score: Fraction
    worked_at: datetime | None = None
    evidence: EvidenceId | None = None


MISSED = Scored(ZERO)
"""Work that was never handed in, where the course says that this counts 0."""


class Scores:
    """One person's scores in one course at one moment: what each activity says of each indicator."""

    def __init__(self, plan: CoursePlan, entries: Iterable[Evidence], as_of: datetime) -> None:
        self._entries = current(entries)
        self._scored = {
            place: Scored(entry.mark.score, entry.worked_at, entry.id)
            for place, entry in self._entries.items()
            if entry.mark is not None and not _has_expired(entry.worked_at, plan.rules.validity_months, as_of)
        }
        self._validity = (plan.rules.validity_months, as_of)
        closed = plan.closes_at is not None and as_of >= plan.closes_at
        self._missing_is_zero = plan.rules.missing_is_zero and closed

    def of(self, mapping: Mapping) -> Scored | None:
        """The score of a mapped cell: its own mark, else the one of the whole activity; None = no evidence."""
        own, whole = _places(mapping)
        scored = self._scored.get(own) or self._scored.get(whole)
        if scored is None and self._was_missed(mapping):
            return MISSED
        return scored

    def has_expired(self, mapping: Mapping) -> bool:
        """Whether a mapped cell has no score because its mark is past its validity, and not for want of one."""
        if self._validity[0] is None:
            return False
        entries = (self._entries.get(place) for place in _places(mapping))
        marked = [each for each in entries if each is not None and each.mark is not None]
        return any(_has_expired(each.worked_at, *self._validity) for each in marked)

    def _was_missed(self, mapping: Mapping) -> bool:
        """Never handed in, and that counts. Withdrawn, excused or expired work was handed in; optional never harms."""
        if not self._missing_is_zero or mapping.is_optional:
            return False
        return not any(place in self._entries for place in _places(mapping))


def _places(mapping: Mapping) -> tuple[Place, Place]:
    """Where marks of a mapped cell stand in the ledger: its own, and those of the whole activity."""
    return (mapping.activity, mapping.indicator), (mapping.activity, None)


def _has_expired(worked_at: datetime, validity_months: int | None, as_of: datetime) -> bool:
    return validity_months is not None and as_of >= months_later(worked_at, validity_months)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day so many months on, or the last day of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


# --- Value ----------------------------------------------------------------------------------------------------------

Weighed = tuple[int, Scored]
"""Weight and score."""
Aggregate = Callable[[Sequence[Weighed]], Fraction]
"""One value of several scores, of at least one."""


def aggregation_of(rules: RuleSet) -> Aggregate:
    """How this rule set makes one value of several scores."""
    match rules.aggregation:
        case Aggregation.MEAN:
            return mean
        case Aggregation.BEST:
            return lambda parts: max(scored.score for _, scored in parts)
        case Aggregation.LATEST:
            return _latest
        case Aggregation.N_OF_M:
            return lambda parts: _nth_highest(parts, rules.n)


def mean(parts: Sequence[Weighed]) -> Fraction:
    """The weighted mean of the scores; `parts` must not be empty."""
    return weighted_mean([(weight, scored.score) for weight, scored in parts])


def _latest(parts: Sequence[Weighed]) -> Fraction:
    """The score of the newest work; of two at one moment the higher."""
    return max((scored.worked_at or BEFORE_ALL_WORK, scored.score) for _, scored in parts)[1]


def _nth_highest(parts: Sequence[Weighed], n: int) -> Fraction:
    """The n-th highest score, where missing ones are 0."""
    ranked = sorted((scored.score for _, scored in parts), reverse=True)
    return ranked[n - 1] if n <= len(ranked) else ZERO


def value_of(
    mappings: Sequence[Mapping], scored: Sequence[Scored | None], aggregate: Aggregate
) -> tuple[Fraction | None, Sequence[int]]:
    """a over the graded mappings, None where nothing is graded; and the positions of those that are part of it.

    Required and supporting scores make the value. Optional ones are tried from the highest down, and each joins
    if it is above the value so far. With nothing but optional scores the best alone is the value, whatever the
    aggregation.
    """
    graded = {at: (mappings[at].weight, found) for at, found in enumerate(scored) if found}
    joined = [at for at in graded if not mappings[at].is_optional]
    optional = [at for at in graded if mappings[at].is_optional]
    optional.sort(key=lambda at: graded[at][1].score, reverse=True)
    if not joined:
        best = optional[:1]
        return next((graded[at][1].score for at in best), None), best
    value = aggregate([graded[at] for at in joined])
    for at in optional:
        if graded[at][1].score > value:
            joined.append(at)
            value = aggregate([graded[each] for each in joined])
    return value, joined


# --- State ----------------------------------------------------------------------------------------------------------


def attain(plan: IndicatorPlan, scores: Scores, rules: RuleSet, aggregate: Aggregate) -> IndicatorStanding:
    """Where the evidence alone puts a person in one indicator; judgements come later."""
    if not plan.mappings:
        state = IndicatorState.NOT_MAPPED
        return IndicatorStanding(plan.indicator, state, state, None, None)
    scored = [scores.of(mapping) for mapping in plan.mappings]
    value, joined = value_of(plan.mappings, scored, aggregate)
    parts = tuple(
        _contribution(mapping, found, at in joined, rules, scores)
        for at, (mapping, found) in enumerate(zip(plan.mappings, scored, strict=True))
    )
    coverage = _coverage(parts, plan.mapped_weight)
    state = _state(parts, value, coverage, rules)
    return IndicatorStanding(plan.indicator, state, state, value, coverage, parts)


def _contribution(
    mapping: Mapping, found: Scored | None, counted: bool, rules: RuleSet, scores: Scores
) -> Contribution:
    pass_mark = rules.pass_mark if mapping.pass_mark is None else mapping.pass_mark
    if found is None:
        return Contribution(mapping, None, None, None, counted, pass_mark, scores.has_expired(mapping))
    return Contribution(mapping, found.score, found.worked_at, found.evidence, counted, pass_mark)


def _coverage(parts: Sequence[Contribution], mapped_weight: int) -> Fraction:
    awaited = sum(each.mapping.weight for each in parts if each.awaited)
    return ONE - Fraction(awaited, mapped_weight) if awaited else ONE


def _state(parts: Sequence[Contribution], value: Fraction | None, coverage: Fraction, rules: RuleSet) -> IndicatorState:
    if value is None:
        return IndicatorState.NO_EVIDENCE
    failed = any(each.failed for each in parts)
    awaited = [each.mapping.role for each in parts if each.awaited]
    enough = not failed and MappingRole.REQUIRED not in awaited and coverage >= rules.min_coverage
    if enough and _reaches(parts, value, rules):
        return IndicatorState.ATTAINED
    if failed or not awaited:
        return IndicatorState.NOT_ATTAINED
    return IndicatorState.IN_PROGRESS


def _reaches(parts: Sequence[Contribution], value: Fraction, rules: RuleSet) -> bool:
    """Whether a ≥ t. *n of m* counts activities, since the best optional score alone may be a, yet is one activity."""
    if rules.aggregation is Aggregation.N_OF_M:
        return sum(each.score is not None and each.score >= rules.pass_mark for each in parts) >= rules.n
    return value >= rules.pass_mark
